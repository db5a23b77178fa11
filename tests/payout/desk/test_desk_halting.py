"""Pauses at the desk: who stops what until when, and who may start it again."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from payout.approval import Role
from payout.change import Change, Pause
from payout.errors import BadInput, NotAllowed, Paused
from payout.event import Event
from payout.order import OrderStatus
from payout.pausing import check_scope, committed
from payout.scope import ALL
from payout.transfer import Output, Place, TransferKind
from tests.approvers import make_rules
from tests.factories import (
    NOW,
    WALLET,
    answered,
    make_approved,
    make_attempt,
    make_event,
    make_funding,
    make_order,
    make_quote,
    make_swapped,
    make_transfer,
)
from tests.payout.desk.office import Office

HOUR = timedelta(hours=1)
KEY = "api:panel"
OTHER_KEY = "api:other"


def last(office: Office) -> Event:
    return office.store.events()[-1]


def pauses(office: Office) -> set[tuple[str, str]]:
    return {(pause.scope, pause.who) for pause in office.store.pauses()}


def test_a_pause_with_an_end_is_over_then_by_itself() -> None:
    office = Office()

    pause = office.desk().pause(WALLET, "ann", "lunch", NOW + HOUR)

    assert pause.until == NOW + HOUR
    assert last(office).words == "hot paused by ann until 2026-11-22T13:00:00Z: lunch"
    with pytest.raises(Paused, match="until 2026-11-22"):
        office.store.commit(Change(events=(make_event(),), unless_paused=(ALL, WALLET)))
    office.clock.at += HOUR
    assert office.store.pauses() == ()
    office.store.commit(Change(events=(make_event(),), unless_paused=(ALL, WALLET)))
    assert not office.desk().resume(WALLET, "ann"), "there is nothing to lift"


@pytest.mark.parametrize("until", [NOW, NOW - HOUR])
def test_an_end_that_is_over_is_refused(until: datetime) -> None:
    office = Office()

    with pytest.raises(BadInput, match=r"until: .* is over") as refused:
        office.desk().pause(WALLET, "ann", "lunch", until)

    assert refused.value.field == "until"
    assert office.store.pauses() == ()


def test_somebodys_newer_pause_replaces_their_own_and_nobody_elses() -> None:
    office = Office()
    office.desk().pause(WALLET, "ann", "for good")
    office.desk().pause(WALLET, "bob", "lunch", NOW + HOUR)
    office.desk().pause(WALLET, "bob", "a longer lunch", NOW + 2 * HOUR)

    assert {(pause.who, pause.until) for pause in office.store.pauses()} == {("ann", None), ("bob", NOW + 2 * HOUR)}


def test_a_pause_of_a_processor_is_told_as_one_and_names_no_wallet() -> None:
    office = Office()
    desk = replace(office.desk(), processors=frozenset({"exolix"}))

    desk.pause("exolix", "ann", "too slow")
    assert (last(office).kind, last(office).wallet) == ("processor.paused", None)
    desk.resume("exolix", "ann")
    assert (last(office).kind, last(office).wallet) == ("processor.resumed", None)
    desk.pause(WALLET, "ann", "too slow")
    assert (last(office).kind, last(office).wallet) == ("wallet.paused", WALLET)
    desk.pause(ALL, "ann", "too slow")
    assert (last(office).kind, last(office).wallet) == ("wallet.paused", None)


def test_an_api_key_lifts_its_own_pause_alone() -> None:
    office = Office()
    office.desk().pause(WALLET, KEY, "odd")
    office.desk().pause(WALLET, "ann", "an audit")

    assert office.desk().resume(WALLET, KEY)

    assert pauses(office) == {(WALLET, "ann")}
    assert last(office).words == "api:panel lifted their own pause of hot; it is still paused by ann"


def test_an_api_key_lifts_no_pause_of_a_person_of_the_program_or_of_another_key() -> None:
    office = Office()
    for who in ("ann", "payout", OTHER_KEY):
        office.store.commit(Change(pauses=(Pause(scope=WALLET, who=who, why="x", at=NOW),)))
    count = len(office.store.events())

    with pytest.raises(NotAllowed, match=f"hot was paused by ann, {OTHER_KEY}, payout, not by {KEY}"):
        office.desk().resume(WALLET, KEY)

    assert len(pauses(office)) == 3
    assert len(office.store.events()) == count
    assert not office.desk().resume(ALL, KEY), "all was not paused"


def test_a_person_lifts_everybodys() -> None:
    office = Office()
    for who in ("ann", "bob", KEY):
        office.desk().pause(WALLET, who, "x")

    assert office.desk().resume(WALLET, "ann")
    assert pauses(office) == set()
    assert last(office).words == "hot resumed by ann"


def test_whoever_is_named_may_pause_and_only_an_admin_resumes() -> None:
    office = Office(rules=make_rules({"ann": {Role.ADMIN}, "bob": {Role.FINANCE}}))

    office.desk().pause(WALLET, "bob", "odd")
    with pytest.raises(NotAllowed, match="admin"):
        office.desk().resume(WALLET, "bob")
    with pytest.raises(NotAllowed, match="mallory"):
        office.desk().pause(WALLET, "mallory", "odd")
    assert office.desk().resume(WALLET, "ann")


def test_a_scope_that_nobody_knows_is_refused_with_those_that_are() -> None:
    for known in (ALL, WALLET, "exolix"):
        check_scope(known, [WALLET], ["exolix"])
    with pytest.raises(BadInput, match="use all or hot or exolix"):
        check_scope("cold", [WALLET], ["exolix"])


def paying(office: Office) -> None:
    """A direct payment of two refunds from each of two wallets, a split, and an order that is funded."""
    office.store.commit(Change(quotes=(make_quote(),)))
    for wallet, names in (("hot", ("E-2", "E-3")), ("cold", ("E-4",))):
        refunds = [make_approved(name) for name in names]
        office.store.commit(Change(refunds=tuple(refunds)))
        transfer = make_transfer(f"T {wallet}", wallet=wallet, begun_at=NOW, place=Place.POOL)
        opened = [refund.open_attempt() for refund in refunds]
        attempts = tuple(make_attempt(refund, transfer) for refund in opened)
        office.store.commit(Change(refunds=tuple(opened), transfers=(transfer,), attempts=attempts))
    split = make_transfer("split", kind=TransferKind.SPLIT, outputs=(Output(address="4own", units=5, own=True),))
    office.store.commit(Change(transfers=(split,)))
    swapped = make_swapped("E-5")
    asked = make_order(swapped)
    agreed = answered(asked)
    funding = make_funding("funding", agreed)
    opened_swap = swapped.open_attempt()
    attempt = make_attempt(opened_swap, funding, order_id=asked.id, amount=asked.receive)
    paid_for = agreed.to(OrderStatus.FUNDED, transfer_id=funding.id, funded_at=NOW)
    for change in (
        Change(refunds=(swapped,), orders=(asked,)),
        Change(orders=(agreed,)),
        Change(refunds=(opened_swap,), transfers=(funding,), attempts=(attempt,), orders=(paid_for,)),
    ):
        office.store.commit(change)


def test_what_goes_out_all_the_same_is_told_by_scope() -> None:
    office = Office()
    paying(office)
    wallets = ["hot", "cold"]

    def told(scope: str) -> tuple[set[str], list[str]]:
        found = committed(office.store, wallets, scope)
        names = {
            "+".join(each.refund.external_id for each in leaving.pays) or str(leaving.transfer.kind)
            for leaving in found.transfers
        }
        return names, [order.processor for order, _ in found.orders]

    assert told(ALL) == ({"E-2+E-3", "E-4", "E-5", "SPLIT"}, ["changenow"])
    assert told("hot") == ({"E-2+E-3", "E-5", "SPLIT"}, ["changenow"])
    assert told("cold") == ({"E-4"}, [])
    assert told("changenow") == ({"E-5"}, ["changenow"])
    assert told("exolix") == (set(), [])

    body = committed(office.store, wallets, "changenow").to_json()
    assert body["transfers"][0]["refunds"] == [
        {
            "id": body["orders"][0]["id"].partition("/")[0],
            "external_id": "E-5",
            "amount": "25",
            "asset": "USDT",
            "order": body["orders"][0]["id"],
        }
    ]
    assert (body["orders"][0]["deposit"], body["orders"][0]["receive"]) == ("0.0763", "25")
