"""People: who may do what, and the public keys by which they are known. Read from a file outside the database."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a person may do. Whoever is named may also look at everything, hold a refund and pause."""

    REQUESTER = "requester"  # hands refunds in, amends and cancels them
    APPROVER = "approver"  # approves, rejects, releases
    FINANCE = "finance"  # says what was settled elsewhere, explains spends, exports
    ADMIN = "admin"  # resumes, gives up, repairs, accepts rates, makes keys and endpoints


class KeyKind(StrEnum):
    """How a signature is made."""

    HMAC = "hmac"  # with the instance's own key: the host vouches for the name
    ED25519 = "ed25519"  # with a key file of the person's
    WEBAUTHN = "webauthn"  # with a passkey, in the console


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicKey:
    """One key of a person."""

    kind: KeyKind
    text: str
    """Base64: of Ed25519 the 32 bytes; of a passkey its COSE public key (base64url)."""
    credential: str | None = None
    """A passkey's credential id, base64url."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who is named in the people file."""

    name: str
    roles: frozenset[Role]
    keys: tuple[PublicKey, ...] = ()
