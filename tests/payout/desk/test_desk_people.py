"""The desk among several people: roles, what was seen, and who was first."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest

from payout.approval import APPROVAL_LIFE, Role
from payout.desk import Desk
from payout.errors import BadInput, IllegalTransition, NotAllowed, Overtaken
from payout.refund import RefundStatus
from payout.resolution import Resolution
from tests.approvers import EVERYTHING, make_rules
from tests.factories import make_refund
from tests.payout.desk.office import ACTS, Meanwhile, Office

S = RefundStatus
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
    office.clock.at += APPROVAL_LIFE + timedelta(seconds=1)
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
