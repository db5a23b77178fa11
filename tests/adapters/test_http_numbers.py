"""Numbers leave for others as exactly as they arrive: no float on the way."""

from __future__ import annotations

from decimal import Decimal

import pytest

from adapters.http import parse_json
from tests.adapters.raw_server import RawServer, answering
from tests.adapters.test_http import client


def test_numbers_leave_exact() -> None:
    body = {
        "amount": Decimal("90071992547409.93"),
        "tiny": Decimal("1E-8"),
        "list": [1, None, True],
        "text": "0.1\u00e9",
    }
    with RawServer(answering("200 OK", b"{}")) as server:
        client(server).post_json("/pay", body)

    sent = server.requests[0].partition(b"\r\n\r\n")[2]
    assert b'"amount": 90071992547409.93' in sent
    assert b'"tiny": 0.00000001' in sent
    assert parse_json(sent) == body
    assert b"Content-Type: application/json" in server.requests[0]


@pytest.mark.parametrize("value", [Decimal("NaN"), float("inf"), b"bytes", {1, 2}], ids=str)
def test_what_json_has_no_word_for_is_never_sent(value: object) -> None:
    with RawServer(answering("200 OK", b"{}")) as server, pytest.raises((TypeError, ValueError)):
        client(server).post_json("/pay", {"amount": value})

    assert server.requests == []
