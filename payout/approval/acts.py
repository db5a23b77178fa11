"""
Acts: what people do here, and which roles allow it. One table for the command line, the API and the console.

Stopping is always cheap: whoever is named may hold a refund and pause. An API key has no roles, and can never do more
than `KEYS_MAY` says, whatever its scopes are.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from payout.approval.people import Role
from payout.errors import NotAllowed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from payout.approval.rules import Rules

API_PREFIX = "api:"
"""Before the name of an API key, where it stands for who acts. No person's name holds a colon."""


class Act(StrEnum):
    """What somebody may do, in the words of a refusal."""

    ADD = "hand refunds in"
    AMEND = "amend a refund"
    CANCEL = "cancel a refund"
    APPROVE = "approve a refund"
    REJECT = "reject a refund"
    RELEASE = "release a refund"
    HOLD = "hold a refund"
    RESOLVE = "say that a refund was settled elsewhere"
    ATTEST = "attest how a swap ended"
    CLASSIFY = "explain a spend"
    EXPORT = "export the books"
    PAUSE = "pause"
    RESUME = "resume"
    GIVE_UP = "give a transfer up"
    REPAIR = "repair the records"
    ACCEPT_RATE = "accept a rate"
    MANAGE = "manage people, API keys and webhooks"


ROLES: Mapping[Act, frozenset[Role]] = {
    Act.ADD: frozenset({Role.REQUESTER}),
    Act.AMEND: frozenset({Role.REQUESTER}),
    Act.CANCEL: frozenset({Role.REQUESTER}),
    Act.APPROVE: frozenset({Role.APPROVER}),
    Act.REJECT: frozenset({Role.APPROVER}),
    Act.RELEASE: frozenset({Role.APPROVER}),
    Act.HOLD: frozenset(Role),
    Act.RESOLVE: frozenset({Role.FINANCE}),
    Act.ATTEST: frozenset({Role.FINANCE, Role.APPROVER}),
    Act.CLASSIFY: frozenset({Role.FINANCE}),
    Act.EXPORT: frozenset({Role.FINANCE}),
    Act.PAUSE: frozenset(Role),
    Act.RESUME: frozenset({Role.ADMIN}),
    Act.GIVE_UP: frozenset({Role.ADMIN}),
    Act.REPAIR: frozenset({Role.ADMIN}),
    Act.ACCEPT_RATE: frozenset({Role.ADMIN}),
    Act.MANAGE: frozenset({Role.ADMIN}),
}
"""Any of these roles will do."""

ANYBODY = frozenset({Act.HOLD, Act.PAUSE})
"""Whoever is named may do these, also without a role."""

KEYS_MAY = frozenset({Act.ADD, Act.AMEND, Act.CANCEL, Act.PAUSE, Act.RESUME})
"""What an API key may do at most. It resumes only what it paused itself."""


def permit(rules: Rules, who: str, act: Act) -> None:
    """
    Let them, or say which role it takes. Where nobody is named in the people file, every person may do everything.

    Raises:
        NotAllowed: this person, or an API key, may not.
    """
    if who.startswith(API_PREFIX):
        if act not in KEYS_MAY:
            raise NotAllowed(f"an API key cannot {act}, whatever its scopes: a person has to")
        return
    if may(rules, who, act):
        return
    able = ", ".join(sorted(name for name in rules.people if may(rules, name, act))) or "whoever keeps that file"
    if who in rules.people:
        needed = " or ".join(sorted(ROLES[act]))
        raise NotAllowed(f"{who} has not the role {needed} in the people file, and may not {act}: ask {able}")
    raise NotAllowed(f"{who} is not in the people file, and may not {act}: ask {able}")


def may(rules: Rules, who: str, act: Act) -> bool:
    """This person may. Not for API keys."""
    if not rules.people:
        return True
    person = rules.people.get(who)
    return person is not None and (act in ANYBODY or bool(person.roles & ROLES[act]))
