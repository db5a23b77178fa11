"""
What a person or a program may do to endpoints: add, rotate, stop and test them, and send a message again.

A secret is shown once, by the act that made it, and is never on record in the clear. Words on record name an
endpoint's host only: what follows it in the address may be somebody's secret.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from payout.change import Change
from payout.errors import BadInput, IllegalTransition, LimitReached
from payout.event import Event
from payout.text import iso
from payout.webhooks.message import DeliveryStatus, Endpoint, MessageType
from payout.webhooks.signing import SigningSecret, check_secret, headers, new_secret
from payout.webhooks.urls import read_url

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from payout.ports import Clock, Store
    from payout.ports.webhooks import Answer, Sender
    from payout.webhooks.addresses import Allowed
    from payout.webhooks.keyring import Keyring
    from payout.webhooks.message import Parcel

ENDPOINTS_MAX = 16
"""Each has a thread of its own while messages wait for it."""

OLD_SECRET = timedelta(hours=24)
"""So long a replaced secret signs beside the new one."""

SECRETS_MAX = 4
"""Of one endpoint: who rotates more often than that within a day leaves out the oldest."""

TEST_TYPE = "webhook.test"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSecret:
    """An endpoint and its new secret, which is never shown again."""

    endpoint: Endpoint
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointActs:
    """The acts. Each is one commit."""

    store: Store
    clock: Clock
    keyring: Keyring
    allowed: Allowed
    sender: Sender

    def create(self, url: str, types: Iterable[str], who: str, secret: str | None = None) -> NewSecret:
        """
        Add an endpoint, for these types or, where none is named, for all.

        Raises:
            BadInput: the address, a type or the secret is not one.
            LimitReached: there are as many already as there may be.
        """
        target = read_url(url, self.allowed)
        wanted = _types(types)
        text = new_secret() if secret is None else check_secret(secret)
        if len(running(self.store.endpoints())) >= ENDPOINTS_MAX:
            raise LimitReached(f"there are {ENDPOINTS_MAX} endpoints already: stop one that is no longer needed")
        endpoint_id = f"we_{secrets.token_hex(8)}"
        endpoint = Endpoint(
            id=endpoint_id,
            url=url,
            types=wanted,
            sealed_secrets=self.keyring.seal(endpoint_id, url, (SigningSecret(text=text),)),
            made_by=who,
            made_at=self.clock.now(),
        )
        told = ", ".join(wanted) or "everything"
        self._write(endpoint, "endpoint.added", f"{who} added the endpoint {endpoint_id} at {target.host}: {told}", who)
        return NewSecret(endpoint=endpoint, secret=text)

    def find(self, endpoint_id: str) -> Endpoint:
        """By id. Raises BadInput where there is none."""
        found = next((each for each in self.store.endpoints() if each.id == endpoint_id), None)
        if found is None:
            raise BadInput("endpoint", f"{endpoint_id!r} is not on record", "see `payout webhooks list`")
        return found

    def rotate(self, endpoint_id: str, who: str) -> NewSecret:
        """
        Give it a new secret; the present one signs too for 24 hours.

        Raises:
            BadInput: there is no such endpoint.
            IllegalTransition: it is stopped.
            ForgedEndpoint: its row does not fit its seal.
            StaleWrite: somebody else changed it at the same time.
        """
        endpoint, now = self.find(endpoint_id), self.clock.now()
        _check_running(endpoint)
        fresh = SigningSecret(text=new_secret())
        end = now + OLD_SECRET
        old = [
            replace(each, until=min(each.until or end, end)) for each in self.keyring.open(endpoint) if each.signs(now)
        ]
        kept = (fresh, *old[: SECRETS_MAX - 1])
        sealed = self.keyring.seal(endpoint.id, endpoint.url, kept)
        after = replace(endpoint, sealed_secrets=sealed, version=endpoint.version + 1)
        words = f"{who} gave the endpoint {endpoint_id} a new secret; the old one signs too until {iso(end)}"
        self._write(after, "endpoint.rotated", words, who)
        return NewSecret(endpoint=after, secret=fresh.text)

    def stop(self, endpoint_id: str, who: str, why: str) -> Endpoint:
        """Send nothing there any more, for good. One that is stopped is given back as it is."""
        endpoint = self.find(endpoint_id)
        if endpoint.stopped_at is not None:
            return endpoint
        after = stopped(endpoint, f"{who}: {why}", self.clock)
        self._write(after, "endpoint.stopped", f"{who} stopped the endpoint {endpoint_id}: {why}", who)
        return after

    def test(self, endpoint_id: str) -> Answer:
        """
        Send it a signed message of the type `webhook.test`, now and once.

        Raises:
            BadInput: there is no such endpoint.
            IllegalTransition: it is stopped.
            ForgedEndpoint: its row does not fit its seal.
        """
        endpoint, now = self.find(endpoint_id), self.clock.now()
        _check_running(endpoint)
        given = self.keyring.open(endpoint)
        message_id = f"msg_test_{secrets.token_hex(8)}"
        facts = {"type": TEST_TYPE, "timestamp": iso(now), "data": {"endpoint": endpoint_id}}
        body = json.dumps(facts).encode()
        return self.sender.post(endpoint.url, headers(message_id, body, now, given), body)

    def resend(self, delivery_id: str, who: str) -> Parcel:
        """
        Have a message delivered again, under the same id, as if it had never been tried.

        Raises:
            BadInput: there is no such delivery.
            IllegalTransition: it is still on its way, or its endpoint is stopped.
        """
        parcel = self._parcel(delivery_id)
        _check_running(parcel.endpoint)
        if parcel.delivery.status is DeliveryStatus.PENDING:
            said = parcel.delivery.said or "not tried yet"
            raise IllegalTransition(f"delivery {delivery_id} is still on its way: {said}")
        now = self.clock.now()
        words = f"{who} asked for {parcel.message.type} to be sent again ({delivery_id})"
        event = Event(at=now, kind="delivery.resent", words=words, who=who, refund_id=parcel.delivery.refund_id)
        self.store.commit(Change(events=(event,)))
        self.store.resend(delivery_id, now)
        return self._parcel(delivery_id)

    def _parcel(self, delivery_id: str) -> Parcel:
        parcel = self.store.delivery(delivery_id)
        if parcel is not None:
            return parcel
        gone = f"{delivery_id!r} is not on record; one that ended more than [webhooks] keep_days ago is gone for good"
        raise BadInput("delivery", gone, "see `payout webhooks deliveries`")

    def _write(self, endpoint: Endpoint, kind: str, words: str, who: str) -> None:
        event = Event(at=self.clock.now(), kind=kind, words=words, who=who)
        self.store.commit(Change(endpoints=(endpoint,), events=(event,)))


def running(endpoints: Sequence[Endpoint]) -> tuple[Endpoint, ...]:
    """Those that are not stopped."""
    return tuple(each for each in endpoints if each.stopped_at is None)


def stopped(endpoint: Endpoint, why: str, clock: Clock) -> Endpoint:
    """The same endpoint, as one to which nothing is sent any more."""
    return replace(endpoint, stopped_at=clock.now(), stopped_why=why, version=endpoint.version + 1)


def _check_running(endpoint: Endpoint) -> None:
    """Raises IllegalTransition where it is stopped."""
    if endpoint.stopped_at is not None:
        raise IllegalTransition(f"endpoint {endpoint.id} is stopped ({endpoint.stopped_why}): make a new one")


def _types(names: Iterable[str]) -> tuple[MessageType, ...]:
    known = {str(each): each for each in MessageType}
    wanted = dict.fromkeys(names)
    for name in wanted:
        if name not in known:
            raise BadInput("types", f"{name!r} is told to nobody", f"use {', '.join(known)}")
    return tuple(known[name] for name in wanted)
