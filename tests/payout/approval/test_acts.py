"""Acts: one table says which role may do what, and no API key ever does more than hand in, amend, cancel and pause."""

from __future__ import annotations

import itertools

import pytest

from payout.approval import KEYS_MAY, Act, Role, Rules, permit
from payout.errors import NotAllowed
from tests.approvers import make_rules

EACH = make_rules({str(role): [role] for role in Role} | {"nobody": []})

MAY: dict[str, set[Act]] = {
    "requester": {Act.ADD, Act.AMEND, Act.CANCEL},
    "approver": {Act.APPROVE, Act.REJECT, Act.RELEASE, Act.ATTEST},
    "finance": {Act.RESOLVE, Act.ATTEST, Act.CLASSIFY, Act.EXPORT},
    "admin": {Act.RESUME, Act.GIVE_UP, Act.REPAIR, Act.ACCEPT_RATE, Act.MANAGE},
    "nobody": set(),
    "a stranger": set(),
}
STOPPING = {Act.HOLD, Act.PAUSE}


@pytest.mark.parametrize(("who", "act"), list(itertools.product(MAY, Act)))
def test_every_role_may_do_what_the_table_says_and_nothing_else(who: str, act: Act) -> None:
    named = who in EACH.people

    if act in MAY[who] or (named and act in STOPPING):
        permit(EACH, who, act)
    else:
        with pytest.raises(NotAllowed, match=f"may not {act}"):
            permit(EACH, who, act)


@pytest.mark.parametrize("act", Act)
def test_an_api_key_may_never_let_money_go(act: Act) -> None:
    """Whatever the people file says, also where nobody is named or somebody has the key's name."""
    for rules in (EACH, Rules(), make_rules({"api:shop": list(Role)})):
        if act in {Act.ADD, Act.AMEND, Act.CANCEL, Act.PAUSE, Act.RESUME}:
            permit(rules, "api:shop", act)
        else:
            with pytest.raises(NotAllowed, match="a person has to"):
                permit(rules, "api:shop", act)
    assert Act.APPROVE not in KEYS_MAY


def test_where_nobody_is_named_whoever_is_at_the_host_may_do_everything() -> None:
    for act in Act:
        permit(Rules(), "root", act)


def test_a_refusal_names_the_role_and_whom_to_ask() -> None:
    with pytest.raises(NotAllowed, match=r"finance has not the role approver .* approve a refund: ask approver"):
        permit(EACH, "finance", Act.APPROVE)
    with pytest.raises(NotAllowed, match="a stranger is not in the people file, and may not pause: ask "):
        permit(EACH, "a stranger", Act.PAUSE)
    with pytest.raises(NotAllowed, match="ask whoever keeps that file"):
        permit(make_rules({"ann": ["approver"]}), "ann", Act.RESUME)
