"""The desk among several people: roles, what was seen, who was first, and signatures with keys of their own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from adapters.memory.signatures import MemorySigner
from adapters.memory.store import MemoryStore
from payout.approval import APPROVAL_LIFE, KeyKind, Role, Rules, Tier
from payout.change import Change
from payout.desk import Desk
from payout.errors import (
    BadInput,
    ForgedApproval,
    IllegalTransition,
    LimitReached,
    NotAllowed,
    NotApproved,
    Overtaken,
)
from payout.limits import Limits
from payout.refund import Refund, RefundStatus
from payout.resolution import Resolution
from tests.approvers import make_approver, make_rules
from tests.factories import NOW, make_refund, make_transfer, usd
from tests.payout.test_desk import Calendar, check_destination

S = RefundStatus
EVERYTHING = list(Role)
TWO = make_rules({"ann": EVERYTHING, "bob": EVERYTHING})
ACTS: dict[str, Callable[[Desk, str], object]] = {
    "approve": lambda desk, who: desk.approve("E-1", who),
    "draft": lambda desk, who: desk.draft("E-1", who),
    "release": lambda desk, who: desk.release("E-1", who),
    "reject": lambda desk, who: desk.reject("E-1", who, "no"),
    "cancel": lambda desk, who: desk.cancel("E-1", who, "withdrawn"),
    "hold": lambda desk, who: desk.hold("E-1", who, "look"),
    "amend": lambda desk, who: desk.amend("E-1", "4elsewhere", None, who, "typo"),
    "credited": lambda desk, who: desk.resolve("E-1", Resolution.CREDITED, who, "credit"),
    "failed": lambda desk, who: desk.resolve("E-1", Resolution.FAILED, who, "nothing came"),
    "give up": lambda desk, who: desk.give_up(make_transfer().id, who, "slow"),
    "classify": lambda desk, who: desk.classify("hot", "t1", who, "a test"),
}
ROLE_OF = {
    "approve": "approver",
    "draft": "approver",
    "release": "approver",
    "reject": "approver",
    "cancel": "requester",
    "amend": "requester",
    "credited": "finance",
    "failed": "finance",
    "give up": "admin",
    "classify": "finance",
}


class Office:
    """A desk with one sealed refund on it, handed in by the shop."""

    def __init__(self, rules: Rules = TWO, **facts: Any) -> None:
        self.clock = Calendar()
        self.store = MemoryStore(self.clock)
        self.rules = rules
        self.approver = replace(make_approver(), rules=lambda: self.rules)
        refund = self.approver.sealed(make_refund(requested_by="api:shop", **facts))
        self.store.commit(Change(refunds=(refund,)))

    def desk(self, store: Any = None) -> Desk:
        return Desk(
            store=store or self.store,
            clock=self.clock,
            approver=self.approver,
            limits=Limits(refund_min=usd("1.00"), refund_max=usd("500.00"), day_max=usd("5000.00")),
            check_destination=check_destination,
        )

    @property
    def refund(self) -> Refund:
        return self.desk().find("E-1")

    def edit(self, **changes: Any) -> None:
        """Somebody writes to the database."""
        self.store._t.refunds[self.refund.id] = replace(self.refund, **changes)

    def kinds(self) -> list[str]:
        return [event.kind for event in self.store.events()]

    def alarms(self) -> list[str]:
        return [event.kind for event in self.store.events(alarms=True)]


class Meanwhile:
    """A store in which something happens between a look and the next write."""

    def __init__(self, store: MemoryStore, deed: Callable[[], object]) -> None:
        self._store, self._deed = store, deed
        self.done = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def commit(self, change: Change) -> None:
        if not self.done:
            self.done = True
            self._deed()
        self._store.commit(change)


# ---------------------------------------------------------------- roles


@pytest.mark.parametrize("act", ROLE_OF)
def test_every_act_asks_for_its_role_and_an_api_key_has_none(act: str) -> None:
    others = [role for role in Role if role != ROLE_OF[act] and not (act == "failed" and role is Role.APPROVER)]
    office = Office(make_rules({"ann": [ROLE_OF[act]], "eve": others}))

    with pytest.raises(NotAllowed, match=r"eve has not the role .* ask ann"):
        ACTS[act](office.desk(), "eve")
    with pytest.raises(NotAllowed):
        ACTS[act](office.desk(), "a stranger")
    if act not in {"cancel", "amend"}:
        with pytest.raises(NotAllowed, match="an API key cannot"):
            ACTS[act](office.desk(), "api:shop")
    assert (office.refund.status, office.kinds()) == (S.REQUESTED, [])


def test_stopping_is_cheap_for_whoever_is_named() -> None:
    office = Office(make_rules({"ann": EVERYTHING, "guest": []}))

    assert office.desk().hold("E-1", "guest", "look").status is S.HELD
    with pytest.raises(NotAllowed):
        office.desk().release("E-1", "guest")


# ---------------------------------------------------------------- what was seen


def amended() -> Office:
    office = Office()
    office.desk().amend("E-1", "4elsewhere", "7", "bob", "the customer wrote")
    return office


@pytest.mark.parametrize("act", ["approve", "draft", "reject", "cancel", "amend", "credited", "release", "failed"])
def test_an_act_on_a_revision_that_is_no_more_is_refused_and_shows_the_difference(act: str) -> None:
    office = amended()
    before = office.refund
    stale: dict[str, Callable[[Desk], object]] = {
        "approve": lambda desk: desk.approve("E-1", "ann", revision=1),
        "draft": lambda desk: desk.draft("E-1", "ann", revision=1),
        "reject": lambda desk: desk.reject("E-1", "ann", "no", revision=1),
        "cancel": lambda desk: desk.cancel("E-1", "ann", "no", revision=1),
        "amend": lambda desk: desk.amend("E-1", "4another", None, "ann", "typo", revision=1),
        "credited": lambda desk: desk.resolve("E-1", Resolution.CREDITED, "ann", "credit", revision=1),
        "failed": lambda desk: desk.resolve("E-1", Resolution.FAILED, "ann", "nothing", revision=1),
        "release": lambda desk: desk.release("E-1", "ann", revision=1),
    }

    with pytest.raises(Overtaken, match="is at revision 2, and no longer 1: bob amended it at 2026-11-22") as caught:
        stale[act](office.desk())

    assert caught.value.differences == (
        ("destination", make_refund().destination, "4elsewhere"),
        ("memo", None, "7"),
    )
    assert "its memo was none and is 7" in str(caught.value)
    assert office.refund == before


def test_the_revision_that_is_there_is_taken_and_one_that_never_was_is_bad_input() -> None:
    office = amended()

    for never in (0, 3):
        with pytest.raises(BadInput, match=r"revision: .*not on record"):
            office.desk().approve("E-1", "ann", revision=never)
    assert office.desk().approve("E-1", "ann", revision=2).status is S.APPROVED


def test_each_amendment_is_on_record_with_what_it_replaced() -> None:
    office = amended()
    office.desk().amend("E-1", "4third", None, "ann", "typo")

    found = office.store.revisions(office.refund.id)

    assert [(each.number, each.destination, each.memo, each.replaced_by) for each in found] == [
        (1, make_refund().destination, None, "bob"),
        (2, "4elsewhere", "7", "ann"),
    ]
    with pytest.raises(Overtaken) as caught:
        office.desk().approve("E-1", "bob", revision=2)
    assert caught.value.differences == (("destination", "4elsewhere", "4third"), ("memo", "7", None))


# ---------------------------------------------------------------- who was first


def test_of_two_people_one_wins_and_the_other_is_told_who_and_when() -> None:
    office = Office()
    store = Meanwhile(office.store, lambda: office.desk().reject("E-1", "bob", "spent already"))

    with pytest.raises(Overtaken, match=r"bob was first: refund E-1 is REJECTED since .* \(rejected by bob: spent"):
        office.desk(store).approve("E-1", "ann")

    assert office.refund.status is S.REJECTED
    assert office.store.approvals([office.refund.id]) == ()


def test_whoever_comes_later_is_told_who_was_first_too() -> None:
    office = Office()
    office.desk().cancel("E-1", "bob", "withdrawn")

    with pytest.raises(
        IllegalTransition, match=r"is CANCELED: only a REQUESTED .* \(2026-11-22 12:00:00 UTC: canceled by bob"
    ):
        office.desk().approve("E-1", "ann")
    office = Office()
    office.desk().approve("E-1", "bob")
    with pytest.raises(Overtaken, match="APPROVED already, by bob at 2026-11-22 12:00:00 UTC"):
        office.desk().approve("E-1", "ann")
    assert office.desk().approve("E-1", "bob") == office.refund


def test_what_the_program_did_meanwhile_stops_nobody() -> None:
    office = Office()
    office.desk().approve("E-1", "bob")
    office.clock.time += APPROVAL_LIFE + timedelta(seconds=1)
    store = Meanwhile(office.store, lambda: office.desk().expire())

    assert office.desk(store).cancel("E-1", "ann", "withdrawn").status is S.CANCELED


def test_two_approvals_of_a_refund_that_needs_two_do_not_race() -> None:
    rules = make_rules({"ann": EVERYTHING, "bob": EVERYTHING}, quorum=2)
    office = Office(rules)
    store = Meanwhile(office.store, lambda: office.desk().approve("E-1", "bob"))

    assert office.desk(store).approve("E-1", "ann").status is S.APPROVED
    assert office.kinds() == ["approval.given", "refund.approved"]


def test_of_many_threads_at_once_one_decides_and_all_others_are_told() -> None:
    people = {f"p{number}": EVERYTHING for number in range(8)}
    office = Office(make_rules(people))
    said: list[str] = []

    def act(number: int, who: str) -> None:
        try:
            if number % 2:
                office.desk().reject("E-1", who, "spent")
            else:
                office.desk().cancel("E-1", who, "withdrawn")
            said.append("won")
        except (Overtaken, IllegalTransition) as error:
            said.append(str(error))

    threads = [threading.Thread(target=act, args=pair) for pair in enumerate(people)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    losers = [words for words in said if words != "won"]
    assert (len(said), len(losers), len(office.kinds())) == (8, 7, 1)
    assert all("by p" in words and "2026-11-22 12:00:00 UTC" in words for words in losers)


# ---------------------------------------------------------------- keys of their own

KEYED = make_rules({"ann": EVERYTHING, "bob": EVERYTHING}, keys={"ann": "ann's key", "bob": "bob's key"})


def test_a_key_of_ones_own_signs_what_stands_there() -> None:
    office = Office(KEYED)

    with pytest.raises(NotApproved, match="keys of their own"):
        office.desk().approve("E-1", "ann")
    with pytest.raises(NotApproved, match="no key of ann made"):
        office.desk().approve("E-1", "ann", signer=MemorySigner("bob's key"))
    approved = office.desk().approve("E-1", "ann", revision=1, signer=MemorySigner("ann's key"))

    assert approved.status is S.APPROVED
    assert office.store.approvals([approved.id])[0].kind == "ed25519"


def test_what_was_shown_is_what_is_signed() -> None:
    office = Office(KEYED)
    draft, message = office.desk().draft("E-1", "ann", kind=KeyKind.ED25519)
    signed = replace(draft, signature=MemorySigner("ann's key").sign(message))
    lasting = replace(signed, expires_at=draft.expires_at + timedelta(days=1))
    with pytest.raises(NotApproved, match="7 days at most"):
        office.desk().accept(lasting)
    office.edit(destination="4thief", seal=office.approver.sealed(replace(office.refund, destination="4thief")).seal)
    with pytest.raises(NotApproved, match="was not taken"):
        office.desk().accept(signed)
    office.edit(
        destination=make_refund().destination, seal=office.approver.sealed(make_refund(requested_by="api:shop")).seal
    )

    assert office.desk().accept(signed).status is S.APPROVED


def test_a_draft_of_a_revision_that_is_no_more_is_not_taken() -> None:
    office = Office(KEYED)
    draft, message = office.desk().draft("E-1", "ann", kind=KeyKind.ED25519)
    office.desk().amend("E-1", "4elsewhere", None, "bob", "typo")

    with pytest.raises(Overtaken, match="bob amended it"):
        office.desk().accept(replace(draft, signature=MemorySigner("ann's key").sign(message)))


# ---------------------------------------------------------------- partial, automatic, forged


def test_one_of_two_approvals_is_given_and_the_second_approves() -> None:
    office = Office(make_rules({"ann": EVERYTHING, "bob": EVERYTHING}, quorum=2))

    assert office.desk().approve("E-1", "ann").status is S.REQUESTED
    assert office.kinds() == ["approval.given"]
    assert office.desk().approve("E-1", "bob").status is S.APPROVED
    assert office.kinds() == ["approval.given", "refund.approved"]


def test_credit_says_so_to_the_merchant() -> None:
    office = Office()
    office.desk().resolve("E-1", Resolution.CREDITED, "ann", "store credit")

    assert office.kinds() == ["refund.credited"]


def test_a_person_may_approve_what_intake_approved_and_it_is_theirs_then() -> None:
    office = Office(make_rules({"ann": EVERYTHING, "bob": EVERYTHING}, tiers=(Tier(up_to=None, approvals=0),)))
    own = office.approver.automatic(office.refund, NOW)
    assert own is not None
    office.store.commit(Change(approvals=(own,), refunds=(office.refund.approve(NOW, own.expires_at),)))
    office.clock.time += timedelta(hours=1)

    approved = office.desk().approve("E-1", "ann")

    assert (approved.status, approved.approved_until) == (S.APPROVED, NOW + APPROVAL_LIFE + timedelta(hours=1))
    given = office.store.approvals([approved.id])
    assert not office.approver.check(approved, given, office.clock.time).automatic
    assert office.desk().approve("E-1", "ann") == approved


def test_approvals_that_changed_rules_voided_can_be_given_anew() -> None:
    office = Office()
    office.desk().approve("E-1", "ann")
    office.rules = make_rules(
        {"ann": EVERYTHING, "bob": EVERYTHING},
        tiers=(Tier(up_to=usd("9.00"), approvals=1), Tier(up_to=None, approvals=2)),
    )

    assert office.desk().approve("E-1", "ann").status is S.REQUESTED
    assert office.desk().approve("E-1", "bob").status is S.APPROVED


@pytest.mark.parametrize("act", ["approve", "amend"])
def test_nobody_approves_or_amends_a_row_that_was_edited_and_everybody_hears_of_it(act: str) -> None:
    office = Office()
    office.edit(owed=usd("400.00"))

    with pytest.raises(ForgedApproval, match="is not what was handed in"):
        ACTS[act](office.desk(), "ann")

    assert office.refund.status is S.HELD
    assert office.alarms() == ["approval.invalid", "refund.held"]
    assert office.store.approvals([office.refund.id]) == ()
    # It can be ended, never paid.
    assert office.desk().release("E-1", "ann").status is S.REQUESTED
    with pytest.raises(ForgedApproval):
        office.desk().approve("E-1", "bob")
    assert office.desk().reject("E-1", "ann", "tampered with").status is S.REJECTED


def test_a_forged_signature_counts_for_nothing_and_alarms_whoever_signs_beside_it() -> None:
    office = Office(make_rules({"ann": EVERYTHING, "bob": EVERYTHING}, quorum=2))
    forged = replace(office.approver.sign(office.refund, "bob", NOW), signature="0" * 64)
    office.store.commit(Change(approvals=(forged,)))

    assert office.desk().approve("E-1", "ann").status is S.REQUESTED
    assert office.alarms() == ["approval.invalid"]
    assert office.desk().approve("E-1", "bob").status is S.APPROVED


def test_the_cap_of_one_refund_in_the_people_file_holds_at_the_desk() -> None:
    office = Office(replace(TWO, caps=replace(TWO.caps, refund=usd("20.00"))))

    with pytest.raises(LimitReached, match=r"caps\.refund_usd = 20.00"):
        office.desk().approve("E-1", "ann")
