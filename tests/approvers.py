"""Approvers and rules for tests: what stands in a people file, without the file."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from adapters.memory.signatures import MemorySignatures
from payout.approval import Approver, IntakeSeal, KeyKind, Person, PublicKey, Role, Rules, Tier

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from payout.desk import Desk
    from payout.refund import Refund

KEY = b"k" * 32
SEAL = IntakeSeal(b"i" * 32)
EVERYTHING = frozenset(Role)


class Signer(Protocol):
    """A key of a person's own."""

    @property
    def kind(self) -> KeyKind:
        """Of its signatures."""
        ...

    def sign(self, message: bytes) -> str:
        """The signature, as text."""
        ...


def approve_with(
    desk: Desk, key: str, who: str, signer: Signer, *, revision: int | None = None, seen: str | None = None
) -> Refund:
    """As `payout refunds approve --key` does it: draft, sign, accept."""
    draft, message = desk.draft(key, who, revision=revision, seen=seen, kind=signer.kind)
    return desk.accept(replace(draft, signature=signer.sign(message)))


def make_rules(
    people: Mapping[str, Iterable[str]] | None = None,
    quorum: int = 1,
    keys: Mapping[str, str] | None = None,
    **changes: Any,
) -> Rules:
    """`people`: names and their roles; `keys`: names and the text of their one Ed25519 key (a MemorySigner's)."""
    named = {
        name: Person(name=name, roles=frozenset(Role(role) for role in roles), keys=_key((keys or {}).get(name)))
        for name, roles in (people or {}).items()
    }
    return Rules(**{"people": named, "tiers": (Tier(up_to=None, approvals=quorum),), **changes})


def make_approver(rules: Rules | None = None, **changes: Any) -> Approver:
    """One of the instance "test", that seals and signs. With `intake=None` no row needs a seal."""
    given = rules or Rules()
    parts: dict[str, Any] = {
        "instance": "test",
        "rules": lambda: given,
        "signatures": MemorySignatures(),
        "key": KEY,
        "intake": SEAL,
    }
    return Approver(**{**parts, **changes})


def _key(text: str | None) -> tuple[PublicKey, ...]:
    return () if text is None else (PublicKey(kind=KeyKind.ED25519, text=text),)
