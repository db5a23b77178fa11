"""How the API answers: every problem in one shape, our own faults without their story, and one line in the log."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any, cast

import pytest

from adapters.console.api.problems import CODES, MEDIA_TYPE, problem_of
from payout import errors
from payout.errors import PayoutError
from payout.ports import Store
from tests.adapters.console.counter import API, Counter


def test_a_fault_of_our_own_is_told_without_its_story_and_logged_with_it(
    counter: Counter, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken:
        def __getattr__(self, name: str) -> Any:
            return getattr(counter.store, name)

        def list_refunds(self, **_: Any) -> tuple[()]:
            raise ZeroDivisionError("the secret is 4711")

    counter.serve(replace(counter.parts, store=cast("Store", Broken())))
    with caplog.at_level(logging.INFO, "payout.api"):
        said = counter("GET", "/refunds")

    assert (said.status, said.code) == (500, "internal")
    assert b"4711" not in said.body
    assert b"Traceback" not in said.body
    fault = next(record for record in caplog.records if record.message == "api.fault")
    assert (
        said.json["instance"] == f"urn:uuid:{fault.__dict__['request']}" == f"urn:uuid:{said.headers['x-request-id']}"
    )


def test_every_answer_says_that_it_is_not_to_be_kept_nor_guessed_at(counter: Counter) -> None:
    for said in (counter("GET", "/refunds"), counter("GET", "/nowhere"), counter.caller("GET", f"{API}/health")):
        assert said.headers["cache-control"] == "no-store"
        assert said.headers["x-content-type-options"] == "nosniff"
        assert said.headers["x-request-id"]


def test_a_request_leaves_one_line_in_the_log_with_no_secret_and_no_address(
    counter: Counter, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "payout.api"):
        counter("GET", "/refunds/a-customers-name?x=1")

    (line,) = [record for record in caplog.records if record.message == "api.request"]
    told = {name: line.__dict__[name] for name in ("method", "route", "status", "key")}
    assert told == {"method": "GET", "route": f"{API}/refunds/{{key}}", "status": 422, "key": "panel"}
    assert "a-customers-name" not in str(line.__dict__)
    assert counter.panel.text not in str(line.__dict__)


def test_a_problem_has_the_same_shape_whatever_it_is_about(counter: Counter) -> None:
    for said in (counter("GET", "/nowhere"), counter("POST", "/refunds", {}), counter.caller("GET", f"{API}/refunds")):
        body = said.json
        assert said.headers["content-type"] == MEDIA_TYPE
        assert body["type"] == f"urn:payout:problem:{body['code']}"
        assert body["status"] == said.status == CODES[body["code"]].status
        assert body["title"] == CODES[body["code"]].title
        assert body["remedy"]
        assert body["instance"] == f"urn:uuid:{said.headers['x-request-id']}"


_REFUSALS = (errors.BadInput, errors.RefusedByRule, errors.StaleWrite, errors.KeyUsed)
"""What the caller may mend: all else is a fault of ours."""


def test_every_error_of_the_business_has_a_code_in_the_table() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, PayoutError)]
    assert len(kinds) > 20

    for kind in kinds:
        error = kind.__new__(kind)
        for name in ("field", "problem", "remedy"):
            error.__dict__[name] = "x"
        error.__dict__["differences"] = ()
        found = problem_of(error)
        assert found.code in CODES
        assert found.status_code >= 500 or issubclass(kind, _REFUSALS)
