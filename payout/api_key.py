"""
An API key: what a program of the merchant may do. It can hand refunds in and read them; it can never approve one.

Only a keyed digest is on record, over the secret and over what the key may do, and the key of that digest is not in
the database: a row that somebody planted, or gave more scopes, opens nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import json
import re
import secrets
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Protocol

from payout.approval.acts import API_PREFIX
from payout.change import Change
from payout.errors import BadInput, StaleWrite
from payout.event import Event, said

if TYPE_CHECKING:
    from collections.abc import Sequence

    from payout.ports import Clock, Store

ID_DIGITS: Final = 12
SECRET_BYTES: Final = 32
NETWORKS_MAX: Final = 16
ADDED: Final = "api_key.added"
REVOKED: Final = "api_key.revoked"
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
_TEXT: Final = re.compile(rf"payout_([0-9a-f]{{{ID_DIGITS}}})_([0-9a-f]{{{2 * SECRET_BYTES}}})")
_DOMAIN: Final = b"payout api key v1\n"


class Scope(StrEnum):
    """What a key may do. There is none to approve, release or resume, and there never will be."""

    READ = "refunds:read"
    WRITE = "refunds:write"  # create, amend, cancel
    WEBHOOKS = "webhooks"  # endpoints and deliveries
    ADMIN = "admin"  # pause


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """One key, as it is on record."""

    id: str
    """Public: the first part of the key's text."""
    name: str
    """Who it is, in the history: `api:<name>`."""
    scopes: tuple[Scope, ...]
    digest: str = field(repr=False)
    networks: tuple[str, ...] = ()
    """CIDR networks from which alone it may be used; empty: from anywhere."""
    made_by: str
    made_at: datetime
    revoked_at: datetime | None = None
    revoked_by: str | None = None
    version: int = 0

    @property
    def actor(self) -> str:
        """Who acts, in the history."""
        return f"{API_PREFIX}{self.name}"

    @property
    def powers(self) -> str:
        """What it may do, as the history has it: a row that says otherwise was written by somebody else."""
        return said(id=self.id, name=self.name, scopes=" ".join(self.scopes), networks=" ".join(self.networks))

    def may_come_from(self, address: str) -> bool:
        """This address is in one of its networks, or it may come from anywhere."""
        if not self.networks:
            return True
        try:
            found = ipaddress.ip_address(address)
        except ValueError:
            return False
        plain = getattr(found, "ipv4_mapped", None) or found
        return any(plain in ipaddress.ip_network(network) for network in self.networks)


@dataclass(frozen=True, slots=True)
class KeyDigests:
    """Makes and checks the digests, with a key that is not in the database."""

    _key: bytes = field(repr=False)

    def of(self, key: ApiKey, secret: str) -> str:
        """Over the secret and all that the key may do: a row that was edited fits no secret any more."""
        facts = [key.id, key.name, [str(scope) for scope in key.scopes], list(key.networks), secret]
        return hmac.new(self._key, _DOMAIN + json.dumps(facts).encode(), hashlib.sha256).hexdigest()

    def fits(self, key: ApiKey | None, secret: str) -> bool:
        """This is the key's secret. Takes as long where there is no such key as where the secret is a wrong one."""
        asked = key or _NOBODY
        return hmac.compare_digest(self.of(asked, secret).encode(), asked.digest.encode()) and key is not None


_NOBODY = ApiKey(
    id="0" * ID_DIGITS,
    name="nobody",
    scopes=(),
    digest="0" * hashlib.sha256().digest_size * 2,
    made_by="",
    made_at=datetime(1970, 1, 1, tzinfo=UTC),
)


class Revocations(Protocol):
    """Ids of revoked keys, kept outside the database."""

    def add(self, key_id: str) -> None:
        """Keep it for ever."""
        ...

    def __contains__(self, key_id: str) -> bool:
        """It was revoked."""
        ...


def read_text(text: str) -> tuple[str, str] | None:
    """The id and the secret in a key's text `payout_<id>_<secret>`; None: it is no key at all."""
    found = _TEXT.fullmatch(text)
    return (found[1], found[2]) if found else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKeys:
    """Makes, lists and revokes keys. These are acts of persons: no key can."""

    store: Store
    clock: Clock
    digests: KeyDigests
    revoked: Revocations

    def add(self, name: str, scopes: Sequence[Scope], networks: Sequence[str], who: str) -> tuple[ApiKey, str]:
        """
        A new key and its text, which is on record nowhere.

        Raises:
            BadInput: the name is no name, or another key that is in use has it; or a network is none.
        """
        if not _NAME.fullmatch(name):
            remedy = "use up to 32 of a-z, 0-9 and -, such as panel"
            raise BadInput("name", f"{name[:40]!r} cannot name a key", remedy)
        if any(key.name == name and key.revoked_at is None for key in self.store.api_keys()):
            raise BadInput("name", f"{name} is the name of a key in use", "take another, or revoke that one first")
        bare = ApiKey(
            id=secrets.token_hex(ID_DIGITS // 2),
            name=name,
            scopes=tuple(scope for scope in Scope if scope in scopes),
            digest="",
            networks=read_networks(networks),
            made_by=who,
            made_at=self.clock.now(),
        )
        secret = secrets.token_hex(SECRET_BYTES)
        key = replace(bare, digest=self.digests.of(bare, secret))
        words = f"{who} made the API key {name} ({key.id}) for {', '.join(key.scopes)}"
        self._commit(key, ADDED, words, who)
        return key, f"payout_{key.id}_{secret}"

    def revoke(self, name_or_id: str, who: str, why: str) -> ApiKey:
        """
        End a key at once, for good. One that is revoked already is returned as it is.

        Raises:
            BadInput: there is no such key.
        """
        found = [key for key in self.store.api_keys() if name_or_id in (key.id, key.name)]
        if not found:
            raise BadInput("key", f"{name_or_id[:40]!r} is no API key", "see `payout api-keys list`")
        key = next((key for key in found if key.revoked_at is None), found[-1])
        self.revoked.add(key.id)
        if key.revoked_at is not None:
            return key
        # Nor is it good any more in a database that another host's console reads.
        after = replace(key, revoked_at=self.clock.now(), revoked_by=who, digest="", version=key.version + 1)
        try:
            self._commit(after, REVOKED, f"{who} revoked the API key {key.name} ({key.id}): {why}", who)
        except StaleWrite:  # Somebody else was faster, and all that happens to a key is this.
            return self.store.api_key(key.id) or after
        return after

    def _commit(self, key: ApiKey, kind: str, words: str, who: str) -> None:
        event = Event(at=self.clock.now(), kind=kind, words=words, who=who, facts=key.powers)
        self.store.commit(Change(api_keys=(key,), events=(event,)))


def read_networks(texts: Sequence[str]) -> tuple[str, ...]:
    """
    CIDR networks or single addresses, normalised.

    Raises:
        BadInput: one is neither, or there are too many.
    """
    if len(texts) > NETWORKS_MAX:
        raise BadInput("from", f"{len(texts)} networks are too many", f"give at most {NETWORKS_MAX}")
    return tuple(dict.fromkeys(_network(text) for text in texts))


def _network(text: str) -> str:
    try:
        return str(ipaddress.ip_network(text.strip()))
    except ValueError:
        remedy = "write it as 203.0.113.0/24, 203.0.113.7 or 2001:db8::/32, with no bits set behind the prefix"
        raise BadInput("from", f"{text[:60]!r} is no network", remedy) from None
