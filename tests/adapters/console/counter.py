"""An installation whose API is called in this process: real parts, and a store in memory unless one is given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from adapters.console.api import ApiLimits, ApiParts, api_app
from adapters.memory.signatures import MemorySignatures
from adapters.memory.store import MemoryStore
from adapters.memory.telling import MemorySender
from payout.api_key import ApiKey, ApiKeys, KeyDigests, Scope
from payout.approval import Approver, Caps, IntakeSeal, Person, Role, Rules, Tier
from payout.asset import XMR, Asset
from payout.change import Pause
from payout.desk import Desk
from payout.errors import BadInput
from payout.intake import Intake
from payout.pausing import check_scope, committed
from payout.ports import Store
from payout.preview import Previewer, Rail
from payout.quote import Sample
from payout.quote.rate_book import RateBook, RateReport
from payout.webhooks.addresses import Allowed
from payout.webhooks.endpoints import EndpointActs
from payout.webhooks.keyring import Keyring
from tests.adapters.console.caller import Caller, Said
from tests.canary import guard
from tests.clock import HandClock
from tests.factories import ADDRESS, INSTANCE, LIMITS, USDT, WALLET, usd
from tests.scenarios.plain_sealer import PlainSealer
from tests.stores import AUDIT

OTHER = "888tNkZrPN6JsEgekjMnABU4TBzc2Dt29EPAvkRxbANsAnjyPbb3iQ1YBRk1UXcdRsiKc9dhwMVgN5S9cQUiyoogDavup3H"
ASSETS = {XMR.key: XMR, USDT.key: USDT}
API = "/api/v1"
EVERY = tuple(Scope)
AUTOMATIC = Rules(
    people={"alice": Person(name="alice", roles=frozenset({Role.APPROVER}))},
    tiers=(Tier(up_to=usd("20.00"), approvals=0), Tier(up_to=None, approvals=1)),
    caps=Caps(automatic_day=usd("50.00")),
)


def check_destination(asset: Asset, address: str, memo: str | None) -> None:
    """Two addresses are valid; real checks have tests of their own."""
    if address not in {ADDRESS, OTHER}:
        raise BadInput("destination", f"{address[:20]!r} is no {asset.code} address", "copy it again")


@dataclass(frozen=True, slots=True)
class Known:
    """A key and its text."""

    key: ApiKey
    text: str

    @property
    def headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.text}"}


class Counter:
    """Where programs of the merchant call. `close` it at the end."""

    def __init__(
        self, store: Store | None = None, *, rules: Rules | None = None, limits: ApiLimits | None = None
    ) -> None:
        self.clock = HandClock()
        self.store: Store = store or MemoryStore(self.clock)
        self.rules = rules or Rules()
        self.taker = MemorySender()
        self.book = RateBook(["bitfinex", "kraken"])
        self.halts: list[Pause] = []
        self.revoked: set[str] = set()
        self.keys = ApiKeys(store=self.store, clock=self.clock, digests=KeyDigests(b"k" * 32), revoked=self.revoked)
        self.approver = Approver(
            instance=INSTANCE, rules=lambda: self.rules, signatures=MemorySignatures(), intake=IntakeSeal(b"i" * 32)
        )
        self.parts = self._parts(limits or ApiLimits())
        self.caller = Caller(api_app(self.parts, self.clock.seconds))
        self.panel = self.key("panel", EVERY)
        self.price("330.00")

    def close(self) -> None:
        self.caller.__exit__(None, None, None)

    def serve(self, parts: ApiParts) -> None:
        """From now on with these parts."""
        self.close()
        self.parts = parts
        self.caller = Caller(api_app(parts, self.clock.seconds))

    def key(self, name: str, scopes: Sequence[Scope], *networks: str) -> Known:
        known = Known(*self.keys.add(name, scopes, networks, "alice"))
        guard(known.text)
        return known

    def price(self, text: str, asset: Asset = XMR) -> None:
        """Two sources that agree."""
        now = self.clock.now()
        for source in ("kraken", "bitfinex"):
            self.book.record(
                [
                    Sample(
                        source=source,
                        asset_code=asset.code,
                        pair=f"{asset.code}USD",
                        price=Decimal(text),
                        as_of=now,
                        received_at=now,
                    )
                ]
            )

    def __call__(self, method: str, path: str, body: Any = None, *, known: Known | None = None, **more: Any) -> Said:
        """As the panel, unless another key is given."""
        headers = {**(known or self.panel).headers, **more.pop("headers", {})}
        return self.caller(method, API + path, body, headers=headers, **more)

    def owe(self, external_id: str = "E-1", *, replay: str | None = None, **facts: Any) -> Said:
        """Hands a refund of 25 USD in."""
        asked = {"external_id": external_id, "usd": "25.00", "asset": "XMR", "destination": ADDRESS, **facts}
        return self("POST", "/refunds", asked, headers={"idempotency-key": replay} if replay else {})

    @property
    def count(self) -> int:
        """Refunds on record."""
        return len(self.store.list_refunds())

    def _parts(self, limits: ApiLimits) -> ApiParts:
        def report(code: str) -> RateReport:
            return self.book.report(code, self.clock.now())

        def pauses() -> tuple[Pause, ...]:
            return (*self.halts, *self.store.pauses())

        keyring = Keyring(sealer=PlainSealer())
        return ApiParts(
            store=self.store,
            clock=self.clock,
            digests=self.keys.digests,
            revoked=self.revoked,
            answers=PlainSealer(),
            approver=self.approver,
            intake=lambda store: Intake(
                store=store,
                clock=self.clock,
                instance=INSTANCE,
                limits=LIMITS,
                assets=ASSETS,
                check_destination=check_destination,
                approver=self.approver,
            ),
            desk=lambda store: Desk(
                store=store,
                audit=AUDIT,
                clock=self.clock,
                approver=self.approver,
                limits=LIMITS,
                check_destination=check_destination,
                processors=frozenset({"trocador"}),
            ),
            endpoints=lambda store: EndpointActs(
                store=store, clock=self.clock, keyring=keyring, allowed=Allowed(), sender=self.taker
            ),
            previewer=Previewer(
                store=self.store,
                clock=self.clock,
                approver=self.approver,
                limits=LIMITS,
                rail=lambda asset: Rail(wallets=(WALLET,), processors=() if asset == XMR else ("trocador",)),
                rates=report,
                pauses=pauses,
            ),
            assets=ASSETS,
            pauses=pauses,
            check_scope=lambda scope: check_scope(scope, [WALLET], ["trocador"]),
            committed=lambda scope: committed(self.store, [WALLET], scope),
            limits=limits,
        )


def through(parts: ApiParts, store: Store) -> ApiParts:
    """The same parts on another store."""
    return replace(parts, store=store)
