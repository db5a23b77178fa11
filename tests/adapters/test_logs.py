"""Log lines: one event a line, in UTC, without what strangers must not read."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest

from adapters.logs import JsonLines, News, TextLines, masked
from tests.factories import ADDRESS

PROOF = "OutProofV2" + "a" * 132


@pytest.fixture
def stream() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def logger(stream: io.StringIO) -> Iterator[logging.Logger]:
    made = logging.getLogger("test_logs")
    made.propagate = False
    made.setLevel(logging.DEBUG)
    made.handlers[:] = [logging.StreamHandler(stream)]
    yield made
    made.handlers.clear()


def test_a_line_is_time_level_event_and_fields(logger: logging.Logger, stream: io.StringIO) -> None:
    logger.handlers[0].setFormatter(TextLines())

    logger.info("transfer.begun", extra={"wallet": "hot", "words": "2 outputs"})

    time, rest = stream.getvalue().split(" ", 1)
    assert time.endswith("Z")
    assert rest == 'info transfer.begun wallet=hot words="2 outputs"\n'


def test_a_json_line_holds_the_same_as_fields(logger: logging.Logger, stream: io.StringIO) -> None:
    logger.handlers[0].setFormatter(JsonLines())

    logger.warning("rates.failing source=%s", "kraken", extra={"why": "it is\ndown"})
    body = json.loads(stream.getvalue())

    assert (body["event"], body["level"], body["source"], body["why"]) == (
        *("rates.failing", "warning", "kraken", "it is\ndown"),
    )


@pytest.mark.parametrize("form", [TextLines(), JsonLines()])
def test_no_address_proof_or_login_is_ever_written_at_info(
    logger: logging.Logger, stream: io.StringIO, form: logging.Formatter
) -> None:
    logger.handlers[0].setFormatter(form)
    secret = f"to {ADDRESS} proof {PROOF} at postgresql://payout:s3cret@db/x"

    logger.info(secret)
    logger.info("an.event", extra={"words": secret})
    try:
        raise ValueError(secret)
    except ValueError:
        logger.exception("it broke")

    said = stream.getvalue()
    assert ADDRESS not in said
    assert PROOF not in said
    assert "s3cret" not in said
    assert f"{ADDRESS[:6]}..{ADDRESS[-6:]}" in said


def test_whoever_hunts_something_sees_addresses_but_no_secrets(logger: logging.Logger, stream: io.StringIO) -> None:
    logger.handlers[0].setFormatter(TextLines())

    logger.debug("%s %s", ADDRESS, PROOF)

    assert ADDRESS in stream.getvalue()
    assert PROOF not in stream.getvalue()


def test_a_txid_is_not_taken_for_an_address() -> None:
    txid = "7413d2ab" * 8

    assert masked(f"transfer {txid}") == f"transfer {txid}"


def test_nobody_can_forge_a_second_line(logger: logging.Logger, stream: io.StringIO) -> None:
    logger.handlers[0].setFormatter(TextLines())

    logger.info("said %s", "x\n2026-01-01T00:00:00Z info forged\x1b[2J")

    assert stream.getvalue().count("\n") == 1
    assert "\x1b" not in stream.getvalue()


def test_news_are_told_when_they_change_and_not_while_they_last(logger: logging.Logger, stream: io.StringIO) -> None:
    news = News(logger)

    for _ in range(5):
        news.bad("database", "refused")
    news.bad("database", "timed out")
    for _ in range(5):
        news.good("database")
    news.bad("database", "refused")

    assert stream.getvalue().splitlines() == [
        *("database.failing", "database.failing", "database.recovered", "database.failing"),
    ]
