"""Intake: everything wrong with a request is named, and an external_id is one refund for ever."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import pytest

from adapters.memory.store import MemoryStore
from payout.approval import Caps, Rules
from payout.asset import XMR, Asset
from payout.errors import BadInput, DuplicateRefund, LimitReached
from payout.intake import Intake, Request
from payout.money import Money
from payout.refund import Refund, RefundStatus
from tests.approvers import make_approver
from tests.clock import HandClock
from tests.factories import ADDRESS, LIMITS, NOW, usd

OWN = "our own address"


def check_destination(asset: Asset, address: str, memo: str | None) -> None:
    if address == OWN:
        raise BadInput("destination", "is an address of our own wallet", "give the customer's")
    if not address.startswith("4"):
        raise BadInput("destination", "is not an address", "copy it whole")
    if memo:
        raise BadInput("memo", f"{asset.code} has none", "leave it out")


def intake(store: MemoryStore | None = None, rules: Rules | None = None) -> Intake:
    return Intake(
        store=store or MemoryStore(HandClock()),
        clock=HandClock(),
        instance="test",
        limits=LIMITS,
        assets={XMR.key: XMR},
        check_destination=check_destination,
        approver=make_approver(rules),
    )


def request(external_id: str = "E-1", **changes: Any) -> Request:
    return replace(Request(external_id=external_id, usd="25.00", asset="XMR", destination=ADDRESS), **changes)


def read(taker: Intake, asked: Request) -> Refund:
    refund, problems = taker.read(asked, "panel")
    assert problems == ()
    assert refund is not None
    return refund


def test_a_request_becomes_a_refund_with_its_facts() -> None:
    taker = intake()
    full = request(usd="25", asset=" xmr ", payment_tx="p1", paid_usd="40.00", amount_max="0.08", reason="late")

    (taken,) = taker.add([read(taker, full)])

    refund = taken.refund
    assert taken.new
    assert (str(refund.owed), refund.asset, str(refund.amount_max)) == ("25.00", XMR, "0.08")
    assert (refund.status, refund.requested_by, refund.reason) == (RefundStatus.REQUESTED, "panel", "late")
    assert taker.store.events(refund_id=refund.id)[0].kind == "refund.requested"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"external_id": ""}, "external_id"),
        ({"external_id": "x" * 129}, "external_id"),
        ({"external_id": "a\x00b"}, "external_id"),
        ({"external_id": "a\u202eb"}, "external_id"),
        ({"usd": "nan"}, "usd"),
        ({"usd": "-5"}, "usd"),
        ({"usd": "0"}, "usd"),
        ({"usd": "1e3"}, "usd"),
        ({"usd": "25.001"}, "usd"),
        ({"usd": "9" * 30}, "usd"),
        ({"asset": "DOGECOIN"}, "asset"),
        ({"asset": "XMR", "network": "tron"}, "network"),
        ({"destination": "nonsense"}, "destination"),
        ({"destination": OWN}, "destination"),
        ({"memo": "7"}, "memo"),
        ({"paid_usd": "40"}, "paid_usd"),
        ({"payment_tx": "p", "paid_usd": "-1"}, "paid_usd"),
        ({"amount_max": "0.0000000000001"}, "amount_max"),
        ({"reason": "a\nb\x07"}, "reason"),
    ],
    ids=str,
)
def test_each_wrong_field_is_named(changes: dict[str, str], field: str) -> None:
    refund, problems = intake().read(request(**changes), "panel")

    assert refund is None
    assert field in [problem.field for problem in problems if isinstance(problem, BadInput)]


def test_all_problems_of_a_request_are_told_at_once() -> None:
    _, problems = intake().read(request(usd="x", asset="y", destination="z"), "panel")

    assert len(problems) >= 2
    assert {problem.field for problem in problems if isinstance(problem, BadInput)} >= {"usd", "asset"}


@pytest.mark.parametrize(("usd_text", "cap"), [("500.01", None), ("20.01", usd("20.00"))])
def test_an_amount_outside_the_limits_or_the_people_files_cap_is_a_rules_refusal(
    usd_text: str, cap: Money | None
) -> None:
    _, problems = intake(rules=Rules(caps=Caps(refund=cap))).read(request(usd=usd_text), "panel")

    assert [type(problem) for problem in problems] == [LimitReached]


def test_the_same_facts_are_the_same_refund_however_they_are_written() -> None:
    taker = intake()
    first = taker.add([read(taker, request(usd="25.00"))])[0]

    again = taker.add([read(taker, request(usd=" 25 ", asset="xmr", network="MONERO"))])[0]

    assert (again.new, again.refund.id) == (False, first.refund.id)


@pytest.mark.parametrize("changes", [{"usd": "26.00"}, {"destination": "4other"}, {"payment_tx": "p2"}], ids=str)
def test_the_same_external_id_with_other_facts_is_refused(changes: dict[str, str]) -> None:
    taker = intake()
    taker.add([read(taker, request())])

    with pytest.raises(DuplicateRefund, match="E-1 is on record with other facts"):
        taker.add([read(taker, request(**changes))])


def test_a_refund_that_was_amended_is_still_the_one_that_was_asked_for() -> None:
    taker = intake()
    refund = taker.add([read(taker, request())])[0].refund
    from payout.change import Change

    taker.store.commit(Change(refunds=(refund.amend("4elsewhere", None, by="ann", at=NOW),)))

    assert not taker.add([read(taker, request())])[0].new


def test_nothing_of_a_list_is_kept_when_one_of_it_is_refused() -> None:
    taker = intake()
    taker.add([read(taker, request("E-2"))])

    with pytest.raises(DuplicateRefund):
        taker.add([read(taker, request("E-1")), read(taker, request("E-2", usd="30"))])

    assert taker.store.refund("E-1") is None


def test_refunds_of_one_payment_never_sum_above_what_it_was_worth() -> None:
    taker = intake()
    paid = {"payment_tx": "p1", "paid_usd": "40.00"}
    taker.add([read(taker, request("E-1", usd="25.00", **paid))])

    with pytest.raises(LimitReached, match="p1"):
        taker.add([read(taker, request("E-2", usd="15.01", **paid))])
    assert taker.add([read(taker, request("E-3", usd="15.00", **paid))])[0].new


def test_the_cap_of_a_payment_holds_when_many_ask_at_once() -> None:
    store = MemoryStore(HandClock())
    refused: list[str] = []

    def ask(number: int) -> None:
        taker = intake(store)
        try:
            taker.add([read(taker, request(f"E-{number}", usd="10.00", payment_tx="p1", paid_usd="40.00"))])
        except LimitReached:
            refused.append(f"E-{number}")

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(store.list_refunds()) == 4
    assert len(refused) == 12
