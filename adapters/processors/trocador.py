"""
Trocador, an aggregator (https://api.trocador.app, header `API-Key`).

Each order is `payment=True, fixed=True`: `amount_to` is what the customer gets, `amount_from` what we pay.

EVERY call is a GET, `/new_trade` too, which makes the order: nothing on the way may repeat or cache it.

`/new_rate` gives a `trade_id` before there is a trade. `/new_trade` is always called with it, so that a lost answer
can be looked up: while `/trade` says `new`, or does not know it, nothing was made.

Tickers are lower case. A network's own coin is on `Mainnet`, but ETH on ERC20; tokens are on ERC20, TRC20, SOL: in the
spelling of `/coins`. That list names no contracts: only what stands in NETWORKS is taken, whose tickers mean one thing.

    new, waiting      AWAITING_DEPOSIT       paid partially   UNDERPAID
    confirming        DEPOSIT_SEEN           halted           HOLD (ask its support)
    exchanging        EXCHANGING             refunded         RETURNED (the exchange behind it says so)
    sending           SENDING                expired          EXPIRED
    finished          SETTLED                failed, error    FAILED

Quirks, seen in its answers and in clients that ship:

- Errors are `{"error": text}`, with status 200 or 400. `/trade` answers with a list of one.
- `address_provider` has been "0": such an order is never funded.
- Times have a space and an offset (2026-08-01 12:20:05+00:00). Without `expiresAt` ten minutes are taken.
- In a quote for a payment the amount to send may be the quote's own `amount_from`, or only the rate's.
- A trade is deleted after 14 days. Its secret is what the support of the exchange behind it asks for.
- A webhook is not signed, but brings back the key of the create's address; ours is of one trade, and worth one look.
- No documented rate limit: one call a second.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final

from adapters.processors.base import (
    UNNAMED,
    Access,
    Answer,
    Client,
    Contracts,
    Entry,
    Pace,
    Words,
    order_named,
    pays,
    readable,
    stage_of,
    webhook_key,
)
from payout.asset import XMR, Asset
from payout.errors import (
    AmountOutOfRange,
    OrderMissing,
    OrderRefused,
    ProcessorDenied,
    ProcessorGarbled,
    RailError,
    RailUnavailable,
)
from payout.money import Money
from payout.order import Order, Said, Stage
from payout.ports import Clock
from payout.swaps.offer import Offer

URL: Final = "https://api.trocador.app"
NETWORKS: Final = {
    ("XMR", "monero"): ("Mainnet",),
    ("BTC", "bitcoin"): ("Mainnet",),
    ("LTC", "litecoin"): ("Mainnet",),
    ("DOGE", "dogecoin"): ("Mainnet",),
    ("ETH", "ethereum"): ("ERC20",),
    ("TRX", "tron"): ("Mainnet", "TRC20"),
    ("SOL", "solana"): ("Mainnet", "SOL"),
    ("XRP", "ripple"): ("Mainnet",),
    ("XLM", "stellar"): ("Mainnet",),
    ("USDT", "ethereum"): ("ERC20",),
    ("USDT", "tron"): ("TRC20",),
    ("USDC", "ethereum"): ("ERC20",),
    ("USDC", "solana"): ("SOL",),
}
STAGES: Final = {
    "new": Stage.AWAITING_DEPOSIT,
    "waiting": Stage.AWAITING_DEPOSIT,
    "confirming": Stage.DEPOSIT_SEEN,
    "exchanging": Stage.EXCHANGING,
    "sending": Stage.SENDING,
    "finished": Stage.SETTLED,
    "paid partially": Stage.UNDERPAID,
    "halted": Stage.HOLD,
    "refunded": Stage.RETURNED,
    "expired": Stage.EXPIRED,
    "failed": Stage.FAILED,
    "error": Stage.FAILED,
}
NOT_MADE: Final = "new"
HOLDS: Final = timedelta(minutes=10)


class Trocador(Client):
    """One account at Trocador. `kyc_worst`: the worst rating, A to D, of an exchange behind it that is used."""

    pace: ClassVar[Pace] = Pace(per_second=1, burst=2)

    def __init__(
        self,
        access: Access,
        contracts: Contracts,
        clock: Clock,
        *,
        webhook_url: str | None = None,
        webhook_secret: str | None = None,
        kyc_worst: str = "C",
    ) -> None:
        super().__init__(access, contracts, clock, {"API-Key": access.api_key})
        self._webhook_url = webhook_url
        self._webhook_secret = webhook_secret
        self._kyc_worst = kyc_worst

    def words(self, key: tuple[str, str]) -> Words | None:
        return Words(ticker=key[0].lower(), networks=NETWORKS[key]) if key in NETWORKS else None

    def entries(self) -> Iterable[Entry]:
        return readable(self._calls.list("/coins", refused=self._not_served), _entries, self.name)

    def quote(self, receive: Money) -> Offer:
        params = {**self._asked(receive), "best_only": "False"}
        answer = Answer(self._calls.get("/new_rate", params, refused=self._refusal), f"{self.name}: the rate")
        self._echoes(answer, receive.asset)
        if answer.received("amount_to", receive.asset) != receive:
            raise ProcessorGarbled(f"{answer.what} is for another amount than {receive}")
        chosen = self._first_fixed(answer)
        deposit = chosen.deposit("amount_from")
        if deposit is None and chosen.text("provider") == answer.maybe_text("provider"):
            deposit = answer.deposit("amount_from")
        return Offer(
            processor=self.name,
            receive=receive,
            deposit=answer.required("amount_from", deposit),
            ref=answer.identifier("trade_id"),
            provider=chosen.text("provider"),
            expires_at=self._clock.now() + HOLDS,
        )

    def create(self, order: Order, offer: Offer) -> Said:
        self._fits(order, offer)
        if not offer.ref or not offer.provider:
            raise OrderRefused(f"the offer of {self.name} lacks its rate's id, or who is behind it")
        params = {
            **self._asked(order.receive),
            "id": offer.ref,
            "address": order.destination,
            "address_memo": order.memo or "0",
            "refund": order.return_address,
            "refund_memo": "0",
            "provider": offer.provider,
            "fixed": "True",
            **self._webhook(offer.ref),
        }
        return self._calls.create(
            lambda once: once.get_json("/new_trade", params=params),
            refused=self._not_made,
            read=lambda body: self._made(Answer(body, f"{self.name}: the new trade"), order.receive.asset),
        )

    def read(self, processor_id: str, secret: str | None, asset: Asset) -> Said:  # noqa: ARG002  (its key is enough)
        return self._said(self._trade(processor_id), asset)

    def find(self, order: Order, since: datetime) -> tuple[Said, ...]:
        del since  # The rate's id is this order's alone.
        if order.offer_ref is None:
            return ()
        try:
            trade = self._trade(order.offer_ref)
        except OrderMissing:
            return ()
        if trade.text("status").strip().lower() == NOT_MADE:
            return ()
        said = self._made(trade, order.receive.asset)
        return (said,) if pays(said, order) else ()

    def hint(self, headers: Mapping[str, str], body: bytes) -> str | None:
        del headers  # It signs nothing; its key comes back inside the body.
        secret = self._webhook_secret
        return order_named(body, secret, id_field="trade_id", key_field="webhook_key") if secret else None

    def _asked(self, receive: Money) -> dict[str, str]:
        monero, coin, amount = self._route(receive)
        return {
            "ticker_from": monero.words.ticker,
            "network_from": monero.network,
            "ticker_to": coin.words.ticker,
            "network_to": coin.network,
            "amount_to": amount,
            "payment": "True",
            "min_kycrating": self._kyc_worst,
            "markup": "0",
        }

    def _webhook(self, trade_id: str) -> dict[str, str]:
        if self._webhook_url is None or self._webhook_secret is None:
            return {}
        return {"webhook": self._webhook_url, "webhook_key": webhook_key(self._webhook_secret, trade_id)}

    def _first_fixed(self, rate: Answer) -> Answer:
        """Quotes come best first; floating ones stand among them."""
        quotes = [Answer(raw, f"{rate.what}: a quote") for raw in rate.inner("quotes").rows("quotes")]
        fixed = next((quote for quote in quotes if quote.flag("fixed")), None)
        if fixed is None:
            raise OrderRefused(f"{self.name}: nobody behind it offers a fixed rate for this pair now")
        return fixed

    def _trade(self, trade_id: str) -> Answer:
        body = self._calls.get("/trade", {"id": trade_id}, refused=self._not_served, order=trade_id)
        what = f"{self.name}: trade {trade_id}"
        if isinstance(body, list) and not body:
            raise OrderMissing(f"{what} is not known there: the list is empty")
        if not isinstance(body, list) or len(body) != 1:
            raise ProcessorGarbled(f"{what} is not a list of one")
        trade = Answer(body[0], what)
        trade.is_for(trade_id, "trade_id")
        return trade

    def _made(self, answer: Answer, asset: Asset) -> Said:
        return self._payable(self._said(answer, asset, secret=_secret(answer)))

    def _said(self, answer: Answer, asset: Asset, *, secret: str | None = None) -> Said:
        self._echoes(answer, asset)
        if not answer.flag("fixed"):
            raise ProcessorGarbled(f"{answer.what} is not at a fixed rate")
        details, status = answer.maybe_inner("details"), answer.text("status")
        help_ = details.maybe_inner("support").maybe_text("support_url")
        return Said(
            processor_id=answer.identifier("trade_id"),
            stage=stage_of(STAGES, status),
            status_text=status,
            deposit_address=answer.maybe_address("address_provider"),
            deposit_memo=answer.memo("address_provider_memo"),
            deposit=answer.deposit("amount_from"),
            destination=answer.maybe_address("address_user"),
            memo=answer.memo("address_user_memo"),
            receive=answer.received("amount_to", asset),
            return_address=answer.maybe_address("refund_address"),
            expires_at=_expiry(answer, details),
            settle_txids=details.txids("hashout") or answer.txids("hashout"),
            support_url=help_ or self._access.support_url,
            secret=secret,
        )

    def _echoes(self, answer: Answer, asset: Asset) -> None:
        monero, coin = self._words_of(XMR), self._words_of(asset)
        answer.echoes("ticker_from", monero.ticker)
        answer.echoes("network_from", *monero.networks)
        answer.echoes("ticker_to", coin.ticker)
        answer.echoes("network_to", *coin.networks)
        if not answer.flag("payment"):
            raise ProcessorGarbled(f"{answer.what} does not fix what the customer gets")

    def _not_served(self, body: Any) -> RailError | None:
        """An error that says nothing of what was asked for. Errors are told apart by their words alone."""
        words = self._error(body) or ""
        if "api key" in words.lower():
            return ProcessorDenied(f"{words}; check its api_key_file")
        return RailUnavailable(words) if "too many" in words.lower() else None

    def _refusal(self, body: Any) -> RailError | None:
        """The error that a body is, where it is one; nothing was made then."""
        words = self._error(body)
        if words is None:
            return None
        bounds = any(each in words.lower() for each in ("lower than", "higher than", "minimum", "maximum"))
        return self._not_served(body) or (AmountOutOfRange(words) if bounds else OrderRefused(words))

    def _not_made(self, body: Any) -> RailError | None:
        """As `_refusal`; but a trade that is said to be there already may be ours, which something sent twice."""
        return None if "already" in (self._error(body) or "").lower() else self._refusal(body)

    def _error(self, body: Any) -> str | None:
        if not isinstance(body, dict) or "trade_id" in body or not isinstance(body.get("error"), str):
            return None
        return f"{self.name}: {self._calls.spoken(body)}"


def _entries(raw: Any) -> list[Entry]:
    coin = Answer(raw, "a coin")
    ticker, network = coin.text("ticker"), coin.text("network")
    return [Entry(ticker=ticker, network=network, contract=UNNAMED, memo_needed=coin.flag("memo"))]


def _secret(trade: Answer) -> str | None:
    """What the support of the exchange behind the trade asks for."""
    parts = {key: trade.maybe_text(key) for key in ("provider", "id_provider", "password")}
    return ", ".join(f"{key} {value}" for key, value in parts.items() if value is not None) or None


def _expiry(trade: Answer, details: Answer) -> datetime | None:
    told = details.maybe_moment("expiresAt") or trade.maybe_inner("quotes").maybe_moment("expiresAt")
    made = trade.maybe_moment("date")
    return told or (None if made is None else made + HOLDS)
