"""Attacks that only keep a customer from being paid: a row says that all is done, and nobody would look again."""

from __future__ import annotations

import pytest

from tests.attacks.network import address_of
from tests.attacks.siege import Begun, Siege, paid
from tests.attacks.test_orders import funded


def told(siege: Siege, words: str) -> None:
    """The daemon looks at everything once a day, and when it starts."""
    siege.restart()
    siege.run(1)
    assert words in siege.alarms()["audit.broken"]
    assert not siege.verify().sound


@pytest.mark.parametrize("end", ["PAID", "CANCELED", "REJECTED", "CREDITED", "PAID_OUTSIDE"])
def test_a_refund_is_marked_as_ended_so_that_nobody_pays_it(siege: Siege, end: str) -> None:
    key = siege.approved("E-1")
    siege.set("refunds", key, status=end)
    told(siege, f"E-1 is {end}, and the history does not say so")
    assert siege.paid() == []


def test_a_refund_is_marked_as_being_paid_so_that_nobody_pays_it(siege: Siege) -> None:
    key = siege.approved("E-1")
    siege.set("refunds", key, status="PAYING")
    told(siege, "E-1 is PAYING, and no attempt to pay it is open")


def test_a_refund_is_deleted(siege: Siege) -> None:
    key = siege.approved("E-1")
    for table in ("approvals", "refunds"):
        siege.sql(f"DELETE FROM {table}")
    told(siege, f"refund {key} was handed in, and its row is gone")
    assert siege.paid() == []


def test_an_order_is_marked_as_ended_so_that_nobody_follows_it(begun: Begun) -> None:
    siege, (_, order) = begun(funded)
    siege.set("orders", order["id"], status="DROPPED")
    told(siege, f"its order {order['id']} is DROPPED")


def test_the_quote_of_a_payment_is_edited(begun: Begun) -> None:
    siege, _ = begun(paid)
    siege.sql("UPDATE quotes SET body = replace(body, '163.47', '0.01')")
    told(siege, "of its payment is gone, or was changed")


def test_the_database_is_rolled_back_to_before_an_amendment_that_was_approved(siege: Siege) -> None:
    """People approved both; the newer one took the older back, and the spend journal remembers its number."""
    siege.house.desk.pause("hot", "carol", "so that it is not paid at once")
    key = siege.approved("E-1")
    copy = siege.copy()
    siege.house.desk.amend(key, address_of("elsewhere"), None, "panel", "he moved")
    siege.run(1)
    siege.approve(key, "alice")
    siege.run(1)
    siege.put_back(copy)
    siege.withdraw("E-1")
    siege.run(1)
    siege.house.desk.resume("hot", "carol")
    siege.run()
    assert siege.paid() == []
    assert siege.status(key) == "HELD"
    assert "refund.held" in siege.alarms()
    assert not siege.verify().sound
