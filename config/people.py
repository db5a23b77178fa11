"""
The people file: who may do what, outside the database.

    quorum = 1
    [people.alice]
    roles = ["approver"]
    [people.bob]
    roles = ["requester", "approver"]

No file, or nobody in it, means a one-person install: whoever can run the command line may approve.
Where two or more are named, nobody approves what they requested themselves.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from config.settings.lines import key_lines
from config.settings.table import Problems, Table
from payout.errors import SettingsError

if TYPE_CHECKING:
    from pathlib import Path

ROLES: Final = ("requester", "approver", "operator", "finance")
QUORUM_MAX: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Names and their roles, and how many must approve a refund."""

    roles: dict[str, frozenset[str]] = field(default_factory=dict)
    quorum: int = 1


def load_people(file: Path) -> People:
    """
    Read the file; a missing one is a one-person install.

    Raises:
        SettingsError: lists every problem in it.
    """
    try:
        text = file.read_text(encoding="utf-8")
        body = tomllib.loads(text)
    except FileNotFoundError:
        return People()
    except (OSError, ValueError) as error:
        raise SettingsError((f"{file.name}: cannot be read as TOML: {error}",)) from None
    problems = Problems(file, key_lines(text))
    people = _people(body, problems)
    if problems.found:
        raise SettingsError(problems.found)
    return people


def _people(body: dict[str, Any], problems: Problems) -> People:
    for key in body.keys() - {"people", "quorum"}:
        problems.add(key, "is not a known key; known are quorum and [people.NAME]")
    named = Table("people", body.get("people"), problems).values
    roles: dict[str, frozenset[str]] = {}
    for name, value in named.items():
        table = Table(f"people.{name}", value, problems)
        roles[name] = frozenset(table.names("roles", (), ROLES))
        table.done()
    quorum = body.get("quorum", 1)
    if type(quorum) is not int or not 1 <= quorum <= QUORUM_MAX:
        problems.add("quorum", f"must be a whole number from 1 to {QUORUM_MAX}")
        return People(roles=roles)
    approvers = sum("approver" in held for held in roles.values())
    # With fewer approvers than the quorum nothing could ever be paid.
    if approvers < quorum and (roles or quorum > 1):
        problems.add("quorum", f"{quorum} must approve, but {approvers} have the role approver")
    return People(roles=roles, quorum=quorum)
