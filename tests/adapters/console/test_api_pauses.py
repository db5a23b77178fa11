"""Pauses by the API: a key can stop money, and lift what it stopped itself; it never starts what others stopped."""

from __future__ import annotations

from typing import Any

import pytest

from payout.api_key import Scope
from payout.change import Change, Pause
from payout.refund import RefundStatus
from tests.adapters.console.counter import Counter
from tests.factories import NOW, WALLET, make_attempt, make_refund, make_transfer


def test_a_key_pauses_and_lifts_its_own_pause(counter: Counter) -> None:
    said = counter("PUT", "/pauses/all", {"why": "stolen laptop", "until": "2026-11-22T15:00:00+01:00"})
    listed = counter("GET", "/pauses").json
    lifted = counter("DELETE", "/pauses/all")
    again = counter("DELETE", "/pauses/all")

    assert (said.status, said.json["who"], said.json["until"]) == (200, "api:panel", "2026-11-22T14:00:00Z")
    assert said.json["still_going_out"] == {"transfers": [], "orders": []}
    assert [each["why"] for each in listed["data"]] == ["stolen laptop"]
    assert lifted.status == 200
    assert (again.status, again.code) == (404, "pause_not_found")
    assert counter.store.pauses() == ()


def test_a_pause_says_what_still_goes_out(counter: Counter) -> None:
    refund = make_refund(status=RefundStatus.APPROVED)
    counter.store.commit(Change(refunds=(refund,)))
    paying, transfer = refund.open_attempt(), make_transfer()
    counter.store.commit(Change(refunds=(paying,), transfers=(transfer,), attempts=(make_attempt(paying, transfer),)))

    said = counter("PUT", f"/pauses/{WALLET}", {"why": "w"}).json

    assert [each["tx_id"] for each in said["still_going_out"]["transfers"]] == [transfer.id]
    assert said["still_going_out"]["transfers"][0]["refunds"][0]["external_id"] == "E-1"


def test_a_key_never_lifts_what_a_person_or_another_key_paused(counter: Counter) -> None:
    other = counter.key("monitor", [Scope.ADMIN])
    counter.store.commit(Change(pauses=(Pause(scope="all", who="alice", why="theft", at=NOW),)))
    counter("PUT", f"/pauses/{WALLET}", {"why": "w"}, known=other)

    of_a_person = counter("DELETE", "/pauses/all")
    of_a_key = counter("DELETE", f"/pauses/{WALLET}")
    counter("PUT", "/pauses/all", {"why": "me too"})
    counter("DELETE", "/pauses/all")

    assert (of_a_person.status, of_a_person.code) == (403, "not_allowed")
    assert "alice" in of_a_person.json["detail"]
    assert (of_a_key.status, of_a_key.code) == (403, "not_allowed")
    assert {(each.scope, each.who) for each in counter.store.pauses()} == {("all", "alice"), (WALLET, "api:monitor")}


def test_a_pause_file_is_shown_and_no_key_can_lift_it(counter: Counter) -> None:
    counter.halts.append(Pause(scope="all", who="a pause file", why="by hand", at=NOW))

    listed = counter("GET", "/pauses").json["data"]
    said = counter("DELETE", "/pauses/all")

    assert [each["who"] for each in listed] == ["a pause file"]
    assert said.code == "pause_not_found"


@pytest.mark.parametrize(
    ("scope", "asked", "field"),
    [
        ("cold", {"why": "w"}, "scope"),
        ("all", {}, "why"),
        ("all", {"why": ""}, "why"),
        ("all", {"why": "w", "until": "tomorrow"}, "until"),
        ("all", {"why": "w", "until": "2026-11-23T12:00:00"}, "until"),
        ("all", {"why": "w", "until": "2026-11-21T12:00:00Z"}, "until"),
        ("all", {"why": "w", "until": "0001-01-01T00:00:00+14:00"}, "until"),
        ("all", {"why": "w", "until": 3600}, "until"),
        ("all", {"why": "w", "for": "2h"}, "for"),
    ],
)
def test_a_pause_that_is_wrong_is_not_set(counter: Counter, scope: str, asked: dict[str, Any], field: str) -> None:
    said = counter("PUT", f"/pauses/{scope}", asked)

    assert (said.status, said.code, said.json["field"]) == (422, "invalid", field)
    assert said.json["remedy"]
    assert counter.store.pauses() == ()


def test_a_scope_that_is_not_there_cannot_be_lifted(counter: Counter) -> None:
    said = counter("DELETE", "/pauses/cold")

    assert (said.status, said.json["field"]) == (422, "scope")
    assert f"all or {WALLET} or trocador" in said.json["remedy"]
