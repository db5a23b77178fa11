"""The spend journal's lines: a chain in which nothing can be altered, dropped or swapped unseen."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from payout.caps import DAY_SCOPE, destination_scope
from payout.errors import JournalBroken
from payout.journal_body import commit_body, read_attempt, read_refund, read_transfer
from payout.journal_order import read_order
from payout.order import OrderStatus
from payout.refund import AttemptStatus, RefundStatus
from payout.spend_journal import FIRST_HASH, Entry, JournalView, Line, decode, encode, seal_line
from payout.transfer import TransferStatus
from tests.factories import (
    NOW,
    answered,
    make_approved,
    make_attempt,
    make_funding,
    make_order,
    make_swapped,
    make_transfer,
    usd,
    xmr,
)

AT = NOW.isoformat()


def body(name: str, *external_ids: str) -> dict[str, Any]:
    refunds = [make_approved(each).open_attempt() for each in external_ids]
    transfer = make_transfer(name)
    return commit_body(transfer, [(make_attempt(refund, transfer), refund) for refund in refunds])


def chain() -> list[Line]:
    first = seal_line(1, FIRST_HASH, entry=Entry.COMMIT, txid="t1", at=AT, body=body("t1", "E-1", "E-2"))
    second = seal_line(2, first.hash, entry=Entry.VOID, txid="t1", at=AT, body={})
    third = seal_line(3, second.hash, entry=Entry.COMMIT, txid="t2", at=AT, body=body("t2", "E-1"))
    return [first, second, third]


def read(texts: list[str]) -> list[Line]:
    lines: list[Line] = []
    for seq, text in enumerate(texts, start=1):
        lines.append(decode(text, seq=seq, prev=lines[-1].hash if lines else FIRST_HASH))
    return lines


def test_lines_read_back_as_they_were_written() -> None:
    assert read([encode(line) for line in chain()]) == chain()


def test_an_altered_line_is_found() -> None:
    texts = [encode(line) for line in chain()]
    texts[0] = texts[0].replace('"owed_cents":"2500"', '"owed_cents":"2501"')

    with pytest.raises(JournalBroken, match="line 1 of the spend journal was altered"):
        read(texts)


@pytest.mark.parametrize("order", [(0, 2), (1, 0, 2), (1, 2)], ids=["dropped", "swapped", "beheaded"])
def test_missing_or_swapped_lines_are_found(order: tuple[int, ...]) -> None:
    texts = [encode(line) for line in chain()]

    with pytest.raises(JournalBroken, match="does not follow"):
        read([texts[index] for index in order])


def test_the_view_knows_which_transfers_still_pay_a_refund() -> None:
    view = JournalView()
    ids = [make_approved(each).id for each in ("E-1", "E-2")]
    first, second, third = chain()

    view.take(first)
    assert view.live_transfers(ids[0]) == view.live_transfers(ids[1]) == {"t1"}
    view.take(second)
    assert view.live_transfers(ids[0]) == view.live_transfers(ids[1]) == frozenset()
    view.take(third)
    assert view.live_transfers(ids[0]) == {"t2"}
    assert (view.last_commit, view.lines) == ("t2", 3)


def test_a_transfer_that_is_void_takes_nothing_from_another_that_pays_the_same_refund() -> None:
    view = JournalView()
    prev = FIRST_HASH
    for seq, (entry, txid) in enumerate([(Entry.COMMIT, "t1"), (Entry.COMMIT, "t2"), (Entry.VOID, "t1")], 1):
        facts = body(txid, "E-1") if entry is Entry.COMMIT else {}
        line = seal_line(seq, prev, entry=entry, txid=txid, at=AT, body=facts)
        view.take(line)
        prev = line.hash

    assert view.live_transfers(make_approved("E-1").id) == {"t2"}


def test_the_day_counts_every_commit_also_those_made_void() -> None:
    view = JournalView()
    for line in chain():
        view.take(line)

    assert view.cents(DAY_SCOPE, AT[:10]) == 3 * 2500
    assert view.cents(DAY_SCOPE, "2026-11-23") == 0


def test_a_commit_line_holds_all_that_recreates_its_rows() -> None:
    more: dict[str, Any] = {"amended_by": "ann", "amended_at": NOW, "seal": "a seal"}
    refund = make_approved(paid=usd("40.00"), payment_tx="pay-1", amount_max=xmr("1"), reason="late", **more)
    refund = refund.open_attempt()
    transfer = make_transfer().begin(NOW)
    attempt = make_attempt(refund, transfer, automatic=True)
    facts = json.loads(json.dumps(commit_body(transfer, [(attempt, refund)])))

    assert read_refund(facts["attempts"][0], RefundStatus.PAYING) == replace(refund, version=0)
    assert read_attempt(transfer.id, facts["attempts"][0], void=False) == attempt
    assert read_transfer(transfer.id, facts, void=False) == replace(transfer, version=0)


def test_a_void_line_recreates_a_closed_attempt() -> None:
    facts = body("t1", "E-1")

    assert read_attempt("t1", facts["attempts"][0], void=True).status is AttemptStatus.FAILED
    assert read_transfer("t1", facts, void=True).status is TransferStatus.VOID


def test_a_funding_line_holds_all_that_recreates_its_orders() -> None:
    refund = make_swapped().open_attempt()
    asked = make_order(refund, memo="tag", offer_ref="r-1", offer_expires_at=NOW, return_index=2**33)
    order = answered(asked, support_url="https://example.com/help")
    transfer = make_funding("t1", order)
    funded = order.to(OrderStatus.FUNDED, transfer_id=transfer.id, funded_at=NOW)
    attempt = make_attempt(refund, transfer, order_id=order.id, deposit_address=order.deposit_address)
    line = json.loads(json.dumps(commit_body(transfer, [(attempt, refund)], [funded])))["attempts"][0]

    unheard = replace(funded, stage=None, status_text=None, said_at=None, version=0)
    assert read_order(transfer.id, line, void=False) == unheard
    assert read_order(transfer.id, line, void=True).status is OrderStatus.DROPPED
    assert replace(read_attempt(transfer.id, line, void=False), amount=attempt.amount) == attempt


def test_a_line_whose_order_was_not_given_is_never_written() -> None:
    refund = make_swapped().open_attempt()
    transfer = make_transfer("t1")
    attempt = make_attempt(refund, transfer, order_id=f"{refund.id}/o1")

    with pytest.raises(ValueError, match="was not given"):
        commit_body(transfer, [(attempt, refund)])


def test_a_line_from_before_there_were_orders_names_none() -> None:
    facts = body("t1", "E-1")["attempts"][0]

    attempt = read_attempt("t1", facts, void=False)

    assert not {"order", "automatic", "amended_at", "amended_by", "seal"} & facts.keys()
    assert (attempt.order_id, attempt.deposit_address, attempt.automatic) == (None, None, False)
    assert read_refund(facts, RefundStatus.PAYING).amended_at is None


def test_a_deposit_that_came_back_frees_its_own_refund_alone() -> None:
    view, ids = JournalView(), [make_approved(name).id for name in ("E-1", "E-2")]
    funding = seal_line(1, FIRST_HASH, entry=Entry.COMMIT, txid="t1", at=AT, body=body("t1", "E-1", "E-2"))
    back = {"refund_id": ids[0], "transfer_id": "t1", "return_txid": "b1", "units": "7"}
    view.take(funding)
    view.take(seal_line(2, funding.hash, entry=Entry.RETURN, txid=f"{ids[0]}/o1", at=AT, body=back))

    assert view.live_transfers(ids[0]) == frozenset()
    assert view.live_transfers(ids[1]) == {"t1"}
    assert view.has(Entry.RETURN, f"{ids[0]}/o1")
    assert not view.has(Entry.RETURN, f"{ids[1]}/o1")
    assert view.last_commit == "t1"


def test_the_lines_add_up_by_day_wallet_address_and_in_all() -> None:
    view, first = JournalView(), body("t1", "E-1", "E-2")
    later = body("t2", "E-3")
    later["attempts"][0]["automatic"] = True
    prev = FIRST_HASH
    for seq, (txid, day, facts) in enumerate([("t1", "22", first), ("t2", "23", later)], start=1):
        at = f"2026-11-{day}T12:00:00+00:00"
        line = seal_line(seq, prev, entry=Entry.COMMIT, txid=txid, at=at, body=facts)
        view.take(line)
        prev = line.hash
    paid = first["attempts"][0]
    address = destination_scope((paid["asset"], paid["network"]), paid["destination"])

    sums = [
        {scope: view.cents(scope, f"2026-11-{day}") for scope in ("day", "wallet:hot", "automatic", address)}
        for day in ("22", "23")
    ]

    assert sums == [
        {"day": 5000, "wallet:hot": 5000, "automatic": 0, address: 5000},
        {"day": 2500, "wallet:hot": 2500, "automatic": 2500, address: 2500},
    ]
    assert view.cents("total", "ever") == 7500
    assert view.cents("total", "2026-11-22") == 0


def test_sums_by_address_are_kept_of_the_two_newest_days_alone() -> None:
    view, facts, prev = JournalView(), body("t1", "E-1"), FIRST_HASH
    paid = facts["attempts"][0]
    address = destination_scope((paid["asset"], paid["network"]), paid["destination"])
    for seq, day in enumerate(("20", "21", "22"), start=1):
        at = f"2026-11-{day}T12:00:00+00:00"
        line = seal_line(seq, prev, entry=Entry.COMMIT, txid=f"t{seq}", at=at, body=facts)
        view.take(line)
        prev = line.hash

    assert [view.cents(address, f"2026-11-{day}") for day in ("20", "21", "22")] == [0, 2500, 2500]
