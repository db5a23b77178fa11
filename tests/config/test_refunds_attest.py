"""Attesting a swap's end on the command line: what it takes, who may, and what each refusal is called."""

from __future__ import annotations

from payout.change import Change
from payout.order import OrderStatus
from payout.transfer import TransferStatus
from tests.config.line import Line
from tests.factories import NOW, answered, make_attempt, make_funding, make_order, make_quote, make_swapped

PEOPLE = """\
[people.alice]
roles = ["approver"]
[people.bob]
roles = ["operator", "approver"]
[people.carol]
roles = ["requester"]
"""
SETTLED = ("refunds", "resolve", "E-1", "--how", "settled", "--proof", "0x4f2a", "--why", "seen")


def swap(line: Line) -> None:
    """A swap under way whose deposit is final."""
    refund = make_swapped()
    asked = make_order(refund)
    order = answered(asked)
    transfer = make_funding("F-1", order)
    paying = refund.open_attempt()
    funded = order.to(OrderStatus.FUNDED, transfer_id=transfer.id, funded_at=NOW)
    attempt = make_attempt(paying, transfer, order_id=order.id, amount=order.receive)
    with line.store() as store:
        store.commit(Change(refunds=(refund,), quotes=(make_quote(),)))
        store.commit(Change(orders=(asked,)))
        store.commit(Change(orders=(order,)))
        store.commit(Change(refunds=(paying,), transfers=(transfer,), orders=(funded,), attempts=(attempt,)))
        begun = transfer.begin(NOW)
        store.commit(Change(transfers=(begun,)))
        store.commit(Change(transfers=(begun.to(TransferStatus.FINAL, final_at=NOW),)))


def order_status(line: Line) -> OrderStatus:
    with line.store() as store:
        found = store.orders_of([make_swapped().id])[0]
    return OrderStatus(found.status)


def test_a_settlement_is_attested_with_its_transaction(line: Line) -> None:
    swap(line)

    said = line(*SETTLED)

    assert (said.code, said.out) == (0, "E-1: PAID\n")
    assert order_status(line) is OrderStatus.SETTLED


def test_a_settlement_without_a_transaction_is_bad_input(line: Line) -> None:
    swap(line)

    said = line("refunds", "resolve", "E-1", "--how", "settled", "--why", "seen")

    assert said.code == 2
    assert "--proof TXID" in said.err
    assert line.status_of() == "PAYING"


def test_two_people_attest_where_people_are_configured(line: Line) -> None:
    line.people(PEOPLE)
    swap(line)

    assert line(*SETTLED, "--as", "alice").out == "E-1: PAYING\n"
    again = line(*SETTLED, "--as", "alice")
    assert again.code == 3
    assert "another person must say the same" in again.err
    assert line(*SETTLED, "--as", "carol").code == 3
    assert line(*SETTLED, "--as", "bob").out == "E-1: PAID\n"


def test_a_swap_that_failed_needs_new_approvals(line: Line) -> None:
    swap(line)

    said = line("refunds", "resolve", "E-1", "--how", "failed", "--why", "they are gone")

    assert (said.code, said.out) == (0, "E-1: REQUESTED\n")
    assert order_status(line) is OrderStatus.RETURNED


def test_a_refund_without_a_swap_cannot_be_attested(line: Line) -> None:
    line.add()

    said = line(*SETTLED)

    assert said.code == 3
    assert "no swap under way" in said.err
