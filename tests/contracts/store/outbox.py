"""The outbox: what is told of a change is written with it, once, and says what was so then."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from payout.change import Change
from payout.errors import StaleWrite
from payout.ports import Store
from payout.refund_json import refund_json
from payout.webhooks.message import DeliveryStatus, MessageType, Parcel
from tests.contracts.store.steps import pay
from tests.factories import (
    NOW,
    WALLET,
    make_approved,
    make_attempt,
    make_endpoint,
    make_event,
    make_refund,
    make_transfer,
)
from tests.stores import AUDIT

SHOP = make_endpoint()


def told(store: Store) -> list[Parcel]:
    """All deliveries, oldest first."""
    return list(reversed(store.list_deliveries()))


class Outbox:
    def test_a_change_tells_each_endpoint_that_wants_it(self, store: Store) -> None:
        only_paid = make_endpoint("paid", types=(MessageType.PAID,))
        both = make_endpoint("both", types=(MessageType.PAID, MessageType.REQUESTED))
        stopped = make_endpoint("stopped", stopped_at=NOW, stopped_why="410")
        store.commit(Change(endpoints=(SHOP, only_paid, both, stopped)))
        refund = make_refund()

        store.commit(Change(refunds=(refund,), events=(make_event("for a fault", refund_id=refund.id, who="panel"),)))

        parcels = told(store)
        assert {parcel.endpoint for parcel in parcels} == {SHOP, both}
        (message,) = {parcel.message for parcel in parcels}
        assert (message.type, message.refund_id, message.at) == (MessageType.REQUESTED, refund.id, NOW)
        (line,) = store.list_refunds()
        assert json.loads(message.body) == {
            "type": "refund.requested",
            "timestamp": "2026-11-22T12:00:00Z",
            "data": {"refund": refund_json(line)},
            "event": {"number": 1, "who": "panel", "words": "for a fault"},
        }
        assert " " not in message.body.replace("for a fault", "")
        assert message.mac == AUDIT.message(message.id, "refund.requested", message.body)
        assert message.id.startswith("msg_")
        for parcel in parcels:
            delivery = parcel.delivery
            assert delivery.id == f"{message.id}.{parcel.endpoint.id}"
            assert (delivery.status, delivery.tries, delivery.next_at) == (DeliveryStatus.PENDING, 0, NOW)
            assert store.delivery(delivery.id) == parcel
        assert store.delivery("unknown") is None

    def test_a_message_says_what_its_own_change_made_of_the_refund(self, store: Store) -> None:
        store.commit(Change(endpoints=(SHOP,)))
        refund, transfer = make_approved(), make_transfer()
        store.commit(Change(refunds=(refund,)))
        opened = refund.open_attempt()
        attempt = make_attempt(opened, transfer)
        event = make_event(kind="attempt.opened", refund_id=refund.id, transfer_id=transfer.id)

        store.commit(Change(refunds=(opened,), attempts=(attempt,), transfers=(transfer,), events=(event,)))

        (parcel,) = told(store)
        said = json.loads(parcel.message.body)["data"]["refund"]
        assert parcel.message.type is MessageType.PAYING
        assert (said["status"], said["tx_ids"]) == ("PAYING", [transfer.id])
        assert said["amount"] == str(attempt.amount)

    def test_what_a_transfer_does_is_told_of_each_refund_that_it_pays(self, store: Store) -> None:
        store.commit(Change(endpoints=(SHOP,)))
        transfer = make_transfer()
        refunds = [make_approved(f"E-{n}") for n in range(3)]
        store.commit(Change(refunds=tuple(refunds)))
        pay(store, refunds[0], transfer)
        opened = refunds[1].open_attempt()
        store.commit(Change(refunds=(opened,), attempts=(make_attempt(opened, transfer),)))

        store.commit(Change(events=(make_event(kind="transfer.seen", transfer_id=transfer.id),)))

        assert {parcel.message.refund_id for parcel in told(store)} == {refunds[0].id, refunds[1].id}
        assert {parcel.message.type for parcel in told(store)} == {MessageType.BROADCAST}
        assert len({parcel.message.id for parcel in told(store)}) == 2

    def test_what_is_of_no_refund_is_told_of_its_wallet(self, store: Store) -> None:
        store.commit(Change(endpoints=(SHOP,)))

        store.commit(Change(events=(make_event("1.2 XMR left", kind="wallet.low", wallet=WALLET, alarm=True),)))

        (parcel,) = told(store)
        assert parcel.message.refund_id is None
        assert json.loads(parcel.message.body)["data"] == {"wallet": WALLET, "words": "1.2 XMR left"}

    def test_nothing_is_told_that_nobody_is_to_hear(self, store: Store) -> None:
        stopped = make_endpoint("stopped", stopped_at=NOW)
        wants_less = make_endpoint("less", types=(MessageType.PAID,))
        store.commit(Change(endpoints=(stopped, wants_less)))
        refund = make_refund()
        untold = make_event(kind="approval.given", refund_id=refund.id)
        of_nothing = make_event(kind="refund.paid", refund_id="rf_unknown")

        store.commit(Change(refunds=(refund,), events=(make_event(refund_id=refund.id), untold, of_nothing)))

        assert told(store) == []
        assert len(store.audit_lines(0, 10)) == 3

    def test_a_change_that_is_refused_tells_nothing(self, store: Store) -> None:
        store.commit(Change(endpoints=(SHOP,)))
        refund = make_refund()
        store.commit(Change(refunds=(refund,)))

        with pytest.raises(StaleWrite):
            store.commit(Change(refunds=(replace(refund, version=7),), events=(make_event(refund_id=refund.id),)))

        assert told(store) == []

    def test_the_endpoint_that_a_change_makes_hears_of_that_change(self, store: Store) -> None:
        refund = make_refund()

        store.commit(Change(endpoints=(SHOP,), refunds=(refund,), events=(make_event(refund_id=refund.id),)))

        assert len(told(store)) == 1

    def test_deliveries_are_listed_newest_message_first_page_by_page(self, store: Store) -> None:
        other = make_endpoint("other")
        store.commit(Change(endpoints=(SHOP, other)))
        refunds = [make_refund(f"E-{n}") for n in range(4)]
        for refund in refunds:
            store.commit(Change(refunds=(refund,), events=(make_event(refund_id=refund.id),)))

        whole = store.list_deliveries()
        seen: list[Parcel] = []
        while page := store.list_deliveries(after=seen[-1].delivery.id if seen else None, limit=3):
            assert len(page) <= 3
            seen.extend(page)

        assert tuple(seen) == whole
        assert [parcel.message.refund_id for parcel in whole] == [r.id for r in reversed(refunds) for _ in range(2)]
        of_other = store.list_deliveries(endpoint_id=other.id, after=whole[1].delivery.id, limit=2)
        assert [(each.endpoint, each.message.refund_id) for each in of_other] == [
            (other, refunds[2].id),
            (other, refunds[1].id),
        ]
        assert {each.endpoint for each in store.list_deliveries(refund_id=refunds[0].id)} == {SHOP, other}
        assert len(store.list_deliveries(refund_id=refunds[0].id, endpoint_id=SHOP.id)) == 1
        assert store.list_deliveries(after="unknown") == ()
