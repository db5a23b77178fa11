"""Attacks on swaps: what an order's row says of its deposit, its return, its customer and its end."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from payout.money import Money
from tests.attacks.network import tron_address_of
from tests.attacks.siege import THIEF, Begun, Siege
from tests.scenarios.swaps.exchange import Kind


def ordered(siege: Siege, name: str = "E-1") -> tuple[str, dict[str, Any]]:
    """A refund in USDT whose order is made and not funded yet."""
    key = siege.approved(name, asset="USDT")
    siege.tick("rates", "track:hot", "orders")
    return key, siege.rows("SELECT * FROM orders WHERE refund_id = ?", key)[-1]


def funded(siege: Siege) -> tuple[str, dict[str, Any]]:
    """The same with its deposit on its way, to a service that will sit on it."""
    key, order = ordered(siege)
    siege.network.exchange.kinds = (Kind.STAYS_ON_HOLD,)
    siege.run(1, blocks=2)
    return key, siege.row("orders", order["id"])


def swapped(siege: Siege) -> dict[str, Any]:
    """The order of a refund that was paid to the end."""
    key, order = ordered(siege)
    siege.run()
    assert siege.status(key) == "PAID"
    return order


def only_as_agreed(siege: Siege, paid: tuple[str, ...] = ("E-1",)) -> None:
    """The edited order is not funded: it is dropped with an alarm, and another one may pay the refund."""
    siege.run(4)
    assert siege.paid() == list(paid)
    assert {"order.dropped", "wallet.paused", "refund.held", "approval.invalid"} & siege.alarms().keys()


def test_an_orders_deposit_address_is_edited(begun: Begun) -> None:
    siege, (_, order) = begun(ordered)
    siege.set("orders", order["id"], deposit_address=THIEF)
    only_as_agreed(siege)


def test_an_orders_deposit_is_raised(begun: Begun) -> None:
    siege, (_, order) = begun(ordered)
    siege.set("orders", order["id"], deposit_units=str(10 * int(order["deposit_units"])))
    only_as_agreed(siege)


def test_an_orders_return_address_is_edited(begun: Begun) -> None:
    siege, (_, order) = begun(ordered)
    siege.set("orders", order["id"], return_address=THIEF)
    only_as_agreed(siege)


def test_an_orders_amount_for_the_customer_is_lowered(begun: Begun) -> None:
    siege, (_, order) = begun(ordered)
    siege.set("orders", order["id"], receive_units=str(int(order["receive_units"]) // 2))
    only_as_agreed(siege)


def test_an_orders_destination_is_edited(begun: Begun) -> None:
    siege, (_, order) = begun(ordered)
    siege.set("orders", order["id"], destination=tron_address_of("thief"))
    only_as_agreed(siege)


def test_an_order_of_the_thief_at_the_same_processor_is_put_into_the_row(siege: Siege) -> None:
    """He makes a real order that pays him, and lets the row of ours name it."""
    key, order = ordered(siege)
    service = siege.network.service
    theirs = service.orders[order["processor_id"]]
    thief = tron_address_of("thief")
    service.orders["changenow-thief"] = replace(
        theirs, said=replace(theirs.said, processor_id="changenow-thief", destination=thief, deposit_address=THIEF)
    )
    siege.set("orders", order["id"], processor_id="changenow-thief", deposit_address=THIEF, destination=thief)
    siege.set("refunds", key, destination=thief)
    siege.judge.debts["E-1"].agreed = False
    only_as_agreed(siege, paid=())


def test_an_order_that_pays_the_customer_too_little_and_the_thief_the_rest_is_planted(begun: Begun) -> None:
    """His order has the right customer, gives a tenth, and asks for the whole deposit."""
    siege, (_, order) = begun(ordered)
    service = siege.network.service
    theirs = service.orders[order["processor_id"]]
    less = Money(int(order["receive_units"]) // 10, theirs.said.receive.asset)  # type: ignore[union-attr]
    said = replace(theirs.said, processor_id="changenow-thief", receive=less, deposit_address=THIEF)
    service.orders["changenow-thief"] = replace(theirs, said=said)
    siege.set(
        "orders", order["id"], processor_id="changenow-thief", deposit_address=THIEF, receive_units=str(less.units)
    )
    siege.run(4)
    assert siege.paid() == ["E-1"]
    assert not [tx for tx in siege.network.chain.first_broadcasts.values() if THIEF in str(tx.outputs)]


def test_a_funded_orders_return_is_forged(siege: Siege) -> None:
    key, order = funded(siege)
    siege.set(
        "orders", order["id"], status="RETURNED", watched=0, return_txid="r" * 64,
        returned_units=order["deposit_units"], ended_at="2026-11-22T12:40:00.000000+00:00",
    )  # fmt: skip
    siege.sql("UPDATE attempts SET status = 'FAILED'")
    siege.set("refunds", key, status="APPROVED")
    siege.run(4)
    assert siege.paid() == ["E-1"]
    assert {"refund.held", "wallet.paused"} & siege.alarms().keys()


def test_most_of_a_settled_orders_deposit_is_sent_back_by_the_thief(siege: Siege) -> None:
    """Nine tenths would pass for its return: he pays them, to be paid the whole once more."""
    order = swapped(siege)
    siege.network.chain.fund(order["return_address"], int(order["deposit_units"]) * 91 // 100)
    siege.network.mine(12)
    siege.set("orders", order["id"], status="RETURNED", settle_txid=None, ended_at=None, return_txid="r" * 64)
    siege.sql("UPDATE attempts SET status = 'FAILED'")
    siege.set("refunds", order["refund_id"], status="APPROVED", paid_at=None)
    siege.tick("track:hot")
    siege.sql("UPDATE orders SET refund_id = 'aside', id = 'aside/o1', watched = 1")  # Nothing keeps it from a new one.
    siege.run(6)
    assert siege.paid() == ["E-1"]
    assert "the audit trail does not" in siege.alarms()["wallet.paused"]


def test_a_funded_orders_failure_is_attested_by_nobody(begun: Begun) -> None:
    """Two names in a row, and no such word in the audit trail."""
    siege, (key, order) = begun(funded)
    siege.set(
        "orders", order["id"], status="RETURNED", watched=0, attested_by="alice, bob", returned_units="0",
        ended_at="2026-11-22T12:40:00.000000+00:00",
    )  # fmt: skip
    siege.sql("UPDATE attempts SET status = 'FAILED'")
    siege.set("refunds", key, status="APPROVED", revision=2)
    siege.run(4)
    assert siege.paid() == ["E-1"]
    assert "somebody changed the row" in siege.alarms()["wallet.paused"]


def test_a_funded_order_is_marked_settled(begun: Begun) -> None:
    """The customer would wait for ever: the money is still followed, and the false word is found."""
    siege, (key, order) = begun(funded)
    siege.set(
        "orders", order["id"], status="SETTLED", watched=0, settle_txid="none such", arrival_id="none such:0",
        settle_height=3, settle_block="b", ended_at="2026-11-22T12:40:00.000000+00:00",
    )  # fmt: skip
    siege.sql("UPDATE attempts SET status = 'SETTLED'")
    siege.set("refunds", key, status="PAID")
    siege.run(2)
    assert siege.paid() == ["E-1"]
    assert siege.status(key) == "PAYING"
    assert "order.reopened" in siege.alarms()


def test_a_funded_order_is_deleted_and_its_refund_set_back(begun: Begun) -> None:
    siege, (key, _) = begun(funded)
    siege.sql("DELETE FROM attempts")
    siege.sql("DELETE FROM orders")
    siege.set("refunds", key, status="APPROVED", attempts=0)
    siege.run(4)
    assert siege.paid() == ["E-1"]
    assert "refund.held" in siege.alarms()


def test_the_address_of_an_older_order_is_put_into_a_new_one(begun: Begun) -> None:
    """A deposit address that was paid once is never paid again, whatever the rows say."""
    siege, old = begun(swapped)
    _, new = ordered(siege, "E-2")
    siege.sql("DELETE FROM orders WHERE id = ?", old["id"])
    siege.set("orders", new["id"], deposit_address=old["deposit_address"])
    siege.run(4)
    assert siege.paid() == ["E-1", "E-2"]
    assert {"order.dropped"} & siege.alarms().keys()


def test_a_return_address_of_the_thief_is_planted_among_those_made_ahead(siege: Siege) -> None:
    siege.sql("UPDATE return_addresses SET address = ? WHERE NOT taken AND address_index = 1", THIEF)
    siege.approved("E-1", asset="USDT")
    siege.run(4)
    assert siege.paid() == ["E-1"]
    planted, good = siege.network.service.orders.values()
    assert (planted.said.return_address, good.said.return_address != THIEF) == (THIEF, True)
    assert "order.dropped" in siege.alarms()
    assert siege.rows("SELECT status FROM orders WHERE return_address = ?", THIEF) == [{"status": "DROPPED"}]
