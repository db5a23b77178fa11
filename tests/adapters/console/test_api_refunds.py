"""Refunds by the API: handed in once, looked at, amended, canceled; each mistake told with its field and remedy."""

from __future__ import annotations

from typing import Any

import pytest

from payout.change import Change
from payout.refund import RefundStatus
from tests.adapters.console.counter import API, AUTOMATIC, OTHER, Counter
from tests.factories import ADDRESS, make_approval, make_attempt, make_refund, make_transfer


def test_a_refund_is_handed_in_once_and_known_from_then_on(counter: Counter) -> None:
    first, second = counter.owe(), counter.owe()

    assert (first.status, second.status) == (201, 200)
    assert first.json == second.json
    assert first.json["requested_by"] == "api:panel"
    assert first.json["status"] == "REQUESTED"
    assert counter.count == 1


def test_the_same_external_id_with_other_facts_is_refused(counter: Counter) -> None:
    counter.owe()

    said = counter.owe(usd="26.00")

    assert (said.status, said.code, said.json["field"]) == (409, "external_id_taken", "external_id")
    assert "amend" in said.json["remedy"]
    assert counter.count == 1


def test_every_mistake_in_a_refund_is_told_at_once(counter: Counter) -> None:
    said = counter.owe(usd="25,00", asset="DOGE", destination="x", paid_usd="40.00", external_id="")

    assert (said.status, said.code) == (422, "invalid")
    assert {each["field"] for each in said.json["errors"]} == {"usd", "asset", "paid_usd", "external_id"}
    assert said.json["field"] == said.json["errors"][0]["field"]


BAD: list[tuple[dict[str, Any], str, str]] = [
    ({"usd": 25.0}, "usd", "write it as text"),
    ({"usd": 25}, "usd", "write it as text"),
    ({"usd": None}, "usd", "write it as text"),
    ({"usd": "1e3"}, "usd", "plain digits"),
    ({"usd": "-1"}, "usd", "plain digits"),
    ({"usd": "25.001"}, "usd", "plain digits"),
    ({"usd": "NaN"}, "usd", "plain digits"),
    ({"paid_usd": 40, "payment_tx": "T"}, "paid_usd", "write it as text"),
    ({"amount_max": 0.1}, "amount_max", "write it as text"),
    ({"external_id": "E\x00"}, "external_id", "remove it"),
    ({"external_id": "E" * 200}, "external_id", "at most 128"),
    ({"external_id": ["E"]}, "external_id", "text"),
    ({"destination": "nowhere"}, "destination", "copy it again"),
    ({"destination": "4" * 2000}, "destination", "at most"),
    ({"asset": "USDT", "network": "eth"}, "network", "use TRX"),
    ({"memo": "\u202e"}, "memo", "remove it"),
    ({"reason": "x" * 501}, "reason", "at most 500"),
    ({"ammount_max": "1"}, "ammount_max", "amount_max"),
]


@pytest.mark.parametrize(("change", "field", "remedy"), BAD)
def test_a_field_that_is_wrong_is_named_with_what_to_do(
    counter: Counter, change: dict[str, Any], field: str, remedy: str
) -> None:
    said = counter.owe(**change)

    assert (said.status, said.code) == (422, "invalid")
    told = {each["field"]: each for each in said.json["errors"]}
    assert remedy in told[field]["remedy"]
    assert told[field]["problem"]
    assert counter.count == 0


@pytest.mark.parametrize("field", ["external_id", "usd", "asset", "destination"])
def test_a_field_that_is_missing_is_named(counter: Counter, field: str) -> None:
    facts = {"external_id": "E-1", "usd": "25.00", "asset": "XMR", "destination": ADDRESS}
    del facts[field]

    said = counter("POST", "/refunds", facts)

    assert said.status == 422
    assert said.json["errors"] == [{"field": field, "problem": "is missing", "remedy": "send it"}]


def test_a_limit_is_told_apart_from_a_mistake(counter: Counter) -> None:
    too_much = counter.owe(usd="501.00")
    counter.owe("E-1", payment_tx="T", paid_usd="30.00")
    beyond = counter.owe("E-2", payment_tx="T", paid_usd="30.00")

    assert (too_much.status, too_much.code, too_much.json["field"]) == (422, "limit_reached", "usd")
    assert "refund_max_usd" in too_much.json["detail"]
    assert (beyond.status, beyond.code) == (422, "limit_reached")
    assert counter.count == 1


def test_a_small_refund_is_approved_by_intake_where_the_rules_ask_for_nobody() -> None:
    counter = Counter(rules=AUTOMATIC)

    said = counter.owe(usd="20.00", replay="k")
    again = counter.owe(usd="20.00", replay="k")
    whole = counter("GET", "/refunds/E-1").json
    counter.close()

    assert said.json["status"] == again.json["status"] == "APPROVED"
    assert whole["approvals_needed"] == 0
    assert [(each["kind"], each["signer"]) for each in whole["approvals"]] == [("automatic", "policy")]


def test_one_refund_is_given_with_all_that_happened_to_it(counter: Counter) -> None:
    refund = make_refund("E-7", status=RefundStatus.APPROVED)
    counter.store.commit(Change(refunds=(refund,), approvals=(make_approval(refund, "bob"),)))
    paying, transfer = refund.open_attempt(), make_transfer()
    attempt = make_attempt(paying, transfer)
    counter.store.commit(Change(refunds=(paying,), transfers=(transfer,), attempts=(attempt,)))

    by_id, by_name = counter("GET", f"/refunds/{refund.id}"), counter("GET", "/refunds/E-7")

    assert by_id.json == by_name.json
    assert by_id.json["approvals"][0]["signer"] == "bob"
    assert "signature" not in by_id.json["approvals"][0]
    assert by_id.json["attempts"][0]["tx_id"] == transfer.id
    assert by_id.json["tx_ids"] == [transfer.id]
    assert by_id.json["amount"] == str(attempt.amount)


@pytest.mark.parametrize("path", ["/refunds/E-9", "/refunds/rf_0", "/refunds/E-9/amend", "/refunds/E-9/cancel"])
def test_a_refund_that_is_not_there_is_not_found(counter: Counter, path: str) -> None:
    body = {"destination": OTHER, "why": "w", "revision": 1} if "amend" in path else {"why": "w"}
    said = counter("POST", path, body) if path.count("/") > 2 else counter("GET", path)

    assert (said.status, said.code) == (404, "refund_not_found")


def test_pages_hold_every_refund_once_the_newest_first(counter: Counter) -> None:
    for number in range(7):
        counter.clock.move(seconds=1)
        counter.owe(f"E-{number}")
    seen, query = [], "limit=3"
    while query:
        page = counter("GET", f"/refunds?{query}").json
        assert len(page["data"]) <= 3
        seen += [each["external_id"] for each in page["data"]]
        query = f"limit=3&cursor={page['next_cursor']}" if page["next_cursor"] else ""

    assert seen == [f"E-{number}" for number in reversed(range(7))]


def test_a_list_can_be_narrowed_by_status_and_by_external_id(counter: Counter) -> None:
    counter.owe("E-1")
    counter.owe("a/b?c")
    counter("POST", "/refunds/E-1/cancel", {"why": "w"})

    def ids(query: str) -> list[str]:
        return sorted(each["external_id"] for each in counter("GET", f"/refunds?{query}").json["data"])

    assert ids("status=CANCELED") == ["E-1"]
    assert ids("status=REQUESTED&status=CANCELED") == ["E-1", "a/b?c"]
    assert ids("external_id=a%2Fb%3Fc") == ["a/b?c"]
    assert ids("external_id=a%2Fb%3Fc&status=PAID") == []
    assert ids("external_id=" + counter.store.list_refunds()[0].refund.id) == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=x", "limit"),
        ("status=LOST", "status.0"),
        ("cursor=%00", "cursor"),
        ("external_id=", "external_id"),
        ("colour=red", "colour"),
    ],
)
def test_a_parameter_that_is_wrong_is_named(counter: Counter, query: str, field: str) -> None:
    said = counter("GET", f"/refunds?{query}")

    assert (said.status, said.code, said.json["field"]) == (422, "invalid", field)


def test_an_amendment_makes_a_new_revision_and_a_stale_one_is_shown_the_difference(counter: Counter) -> None:
    counter.owe()
    asked = {"destination": OTHER, "why": "moved", "revision": 1}

    first, second = counter("POST", "/refunds/E-1/amend", asked), counter("POST", "/refunds/E-1/amend", asked)

    assert (first.status, first.json["revision"], first.json["destination"]) == (200, 2, OTHER)
    assert (second.status, second.code) == (409, "stale_revision")
    assert second.json["differences"] == [{"field": "destination", "seen": ADDRESS, "now": OTHER}]
    assert "api:panel" in second.json["detail"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"destination": "x"}, "destination"),
        ({"why": "  "}, "why"),
        ({"why": "a\nb"}, "why"),
        ({"why": None}, "why"),
        ({"revision": 0}, "revision"),
        ({"revision": 9}, "revision"),
        ({"revision": "1"}, "revision"),
        ({"revision": 1.5}, "revision"),
        ({"revision": True}, "revision"),
        ({"memo": "\x00"}, "memo"),
        ({"owed_usd": "1"}, "owed_usd"),
    ],
)
def test_an_amendment_that_is_wrong_changes_nothing(counter: Counter, change: dict[str, Any], field: str) -> None:
    counter.owe()

    said = counter("POST", "/refunds/E-1/amend", {"destination": OTHER, "why": "w", "revision": 1, **change})

    assert (said.status, said.code, said.json["field"]) == (422, "invalid", field)
    assert said.json["remedy"]
    assert counter("GET", "/refunds/E-1").json["revision"] == 1


def test_a_refund_is_canceled_once_and_never_while_it_is_paid(counter: Counter) -> None:
    counter.owe()
    first = counter("POST", "/refunds/E-1/cancel", {"why": "w", "revision": 1})
    second = counter("POST", "/refunds/E-1/cancel", {"why": "w"})
    refund = make_refund("E-2", status=RefundStatus.APPROVED)
    counter.store.commit(Change(refunds=(refund,)))
    paying, transfer = refund.open_attempt(), make_transfer()
    counter.store.commit(Change(refunds=(paying,), transfers=(transfer,), attempts=(make_attempt(paying, transfer),)))
    third = counter("POST", "/refunds/E-2/cancel", {"why": "w"})

    assert (first.status, first.json["status"]) == (200, "CANCELED")
    assert (second.status, second.code) == (409, "wrong_status")
    assert (third.status, third.code) == (409, "wrong_status")


def test_nothing_below_the_prefix_approves_releases_or_resumes(counter: Counter) -> None:
    counter.owe()

    for verb in ("approve", "release", "hold", "reject", "resolve", "resume"):
        said = counter("POST", f"/refunds/E-1/{verb}", {"why": "w"})
        assert (said.status, said.code) == (404, "not_found")
    assert counter.caller("POST", f"{API}/refunds/E-1", {}).status == 405
