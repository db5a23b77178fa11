"""
Exolix, API version 2 (https://exolix.com/api/v2, header `Authorization` with the bare key, no "Bearer").

Each order is `rateType=fixed` with `withdrawalAmount` alone: `amountTo` is what the customer gets, `amount` what we
pay. An `amount` beside `withdrawalAmount` would be a second opinion, and is not sent.

Coins and networks are upper case with the network apart: USDT + TRX. `/currencies` comes in pages of 100.

    wait           AWAITING_DEPOSIT        success     SETTLED
    confirmation   DEPOSIT_SEEN            overdue     EXPIRED
    confirmed      DEPOSIT_SEEN            deleted     EXPIRED
    exchanging     EXCHANGING              refund      RETURN_PENDING
    sending        SENDING                 refunded    RETURNED
                                           error       FAILED

Quirks, seen in its answers and in clients that ship:

- Below its minimum it answers 422, or 200 with `message` set: `message`, `minAmount` (of Monero), `withdrawMin` (of
  what is bought) and `maxAmount` (of Monero) are all compared.
- No answer names an expiry. A quote is taken to hold for a minute, an order for 15 minutes from `createdAt`.
- `coinTo.contract` names the token: it must be the pinned one. A network's own coin shows 0xeeee….
- Errors are `{"errors": {field: text}}`, or `message`, with 400 or 422. An unknown order is 404.
- After a lost answer the list of our own transactions, newest first, is searched. It has no filter that is sure to
  work, so two pages are read and compared here.
- `hashOut` is what it sent: of an order that is returned, to us.
- No webhooks, no documented rate limit: two calls a second.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final
from urllib.parse import quote as quoted

from adapters.processors.base import (
    Access,
    Answer,
    Client,
    Contracts,
    Entry,
    Pace,
    Shown,
    Words,
    in_words,
    readable,
    stage_of,
)
from payout.asset import XMR, Asset
from payout.errors import AmountOutOfRange, OrderRefused, ProcessorGarbled, RailError, RailUnavailable
from payout.money import Money
from payout.order import Order, Said, Stage
from payout.ports import Clock
from payout.swaps.offer import Offer

URL: Final = "https://exolix.com/api/v2"
NETWORKS: Final = {
    "monero": "XMR",
    "bitcoin": "BTC",
    "litecoin": "LTC",
    "dogecoin": "DOGE",
    "ethereum": "ETH",
    "tron": "TRX",
    "solana": "SOL",
    "ripple": "XRP",
    "stellar": "XLM",
}
STAGES: Final = {
    "wait": Stage.AWAITING_DEPOSIT,
    "confirmation": Stage.DEPOSIT_SEEN,
    "confirmed": Stage.DEPOSIT_SEEN,
    "exchanging": Stage.EXCHANGING,
    "sending": Stage.SENDING,
    "success": Stage.SETTLED,
    "overdue": Stage.EXPIRED,
    "deleted": Stage.EXPIRED,
    "refund": Stage.RETURN_PENDING,
    "refunded": Stage.RETURNED,
    "error": Stage.FAILED,
}
RETURNING: Final = frozenset({Stage.RETURN_PENDING, Stage.RETURNED})
QUOTE_HOLDS: Final = timedelta(seconds=60)
ORDER_HOLDS: Final = timedelta(minutes=15)
PAGE: Final = 100
PAGES_MAX: Final = 60
REFRESH_SECONDS: Final = 60
FIND_PAGES: Final = 2
_ABOUT_AMOUNTS: Final = ("minimum", "maximum", "min amount", "max amount", "less than", "more than", "out of range")


class Exolix(Client):
    """One account at Exolix."""

    pace: ClassVar[Pace] = Pace(per_second=2, burst=10)

    def __init__(self, access: Access, contracts: Contracts, clock: Clock) -> None:
        super().__init__(access, contracts, clock, {"Authorization": access.api_key})

    def words(self, key: tuple[str, str]) -> Words | None:
        code, network = key
        return Words(ticker=code.upper(), networks=(NETWORKS[network],)) if network in NETWORKS else None

    def entries(self) -> Iterable[Entry]:
        rows: list[Any] = []
        ends = time.monotonic() + REFRESH_SECONDS
        for page in range(1, PAGES_MAX + 1):
            params = {"page": str(page), "size": str(PAGE), "withNetworks": "true"}
            answer = Answer(self._calls.list("/currencies", params), f"{self.name}: the list of currencies")
            more = answer.rows("data")
            rows += more
            if not more or len(rows) == answer.raw.get("count"):
                break
            if time.monotonic() > ends:
                raise RailUnavailable(f"{self.name}: its list of currencies took over {REFRESH_SECONDS} s")
        return readable(rows, _entries, self.name)

    def quote(self, receive: Money) -> Offer:
        monero, coin, amount = self._route(receive)
        params = {
            "coinFrom": monero.words.ticker,
            "networkFrom": monero.network,
            "coinTo": coin.words.ticker,
            "networkTo": coin.network,
            "withdrawalAmount": amount,
            "rateType": "fixed",
        }
        answer = Answer(self._calls.get("/rate", params, refused=self._refusal), f"{self.name}: the rate")
        self._within_bounds(answer, receive)
        if answer.received("toAmount", receive.asset) != receive:
            raise ProcessorGarbled(f"{answer.what} is for another amount than {amount}")
        return Offer(
            processor=self.name,
            receive=receive,
            deposit=answer.required("fromAmount", answer.deposit("fromAmount")),
            expires_at=self._clock.now() + QUOTE_HOLDS,
        )

    def create(self, order: Order, offer: Offer) -> Said:
        self._fits(order, offer)
        monero, coin, amount = self._route(order.receive)
        wanted = {
            "coinFrom": monero.words.ticker,
            "networkFrom": monero.network,
            "coinTo": coin.words.ticker,
            "networkTo": coin.network,
            "withdrawalAmount": amount,
            "withdrawalAddress": order.destination,
            "withdrawalExtraId": order.memo or "",
            "refundAddress": order.return_address,
            "refundExtraId": "",
            "rateType": "fixed",
        }
        return self._calls.create(
            lambda once: once.post_json("/transactions", wanted),
            refused=self._refusal,
            read=lambda body: self._payable(
                self._said(Answer(body, f"{self.name}: the new transaction"), order.receive.asset)
            ),
        )

    def read(self, processor_id: str, secret: str | None, asset: Asset) -> Said:
        del secret  # Its orders have none.
        path = f"/transactions/{quoted(processor_id, safe='')}"
        answer = Answer(self._calls.get(path, order=processor_id), f"{self.name}: transaction {processor_id}")
        answer.is_for(processor_id, "id")
        return self._said(answer, asset)

    def find(self, order: Order, since: datetime) -> tuple[Said, ...]:
        shown = Shown(made="createdAt", address=lambda row: row.maybe_text("withdrawalAddress"), said=self._said)
        return self._found(self._own(), order, since, shown)

    def _own(self) -> Iterable[Answer]:
        """Our newest transactions."""
        for page in range(1, FIND_PAGES + 1):
            params = {"page": str(page), "size": str(PAGE)}
            rows = Answer(self._calls.get("/transactions", params), f"{self.name}: the list of transactions").rows(
                "data"
            )
            yield from (Answer(raw, f"{self.name}: a listed transaction") for raw in rows)
            if len(rows) < PAGE:
                return

    def _said(self, answer: Answer, asset: Asset) -> Said:
        self._echoes(answer, asset)
        status, made = answer.text("status"), answer.maybe_moment("createdAt")
        stage, sent = stage_of(STAGES, status), answer.maybe_inner("hashOut").txids("hash")
        return Said(
            processor_id=answer.identifier("id"),
            stage=stage,
            status_text=status,
            deposit_address=answer.maybe_address("depositAddress"),
            deposit_memo=answer.memo("depositExtraId"),
            deposit=answer.deposit("amount"),
            destination=answer.maybe_address("withdrawalAddress"),
            memo=answer.memo("withdrawalExtraId"),
            receive=answer.received("amountTo", asset),
            return_address=answer.maybe_address("refundAddress"),
            expires_at=None if made is None else made + ORDER_HOLDS,
            settle_txids=() if stage in RETURNING else sent,
            return_txids=sent if stage in RETURNING else (),
            reason=answer.maybe_text("comment"),
            support_url=self._access.support_url,
        )

    def _echoes(self, answer: Answer, asset: Asset) -> None:
        for side, coin in (("coinFrom", XMR), ("coinTo", asset)):
            told, words = answer.inner(side), self._words_of(coin)
            told.echoes("coinCode", words.ticker)
            told.echoes("network", *words.networks)
        self._right_contract(asset, answer.inner("coinTo").maybe_text("contract"), answer)
        answer.echoes("rateType", "fixed")

    def _within_bounds(self, rate: Answer, receive: Money) -> None:
        """Raises AmountOutOfRange, or OrderRefused for any other message."""
        least, least_paid = rate.received("withdrawMin", receive.asset), rate.deposit("minAmount")
        most_paid, paid = rate.deposit("maxAmount"), rate.deposit("fromAmount")
        short = (least is not None and receive < least) or (
            paid is not None and least_paid is not None and paid < least_paid
        )
        long = paid is not None and most_paid is not None and paid > most_paid
        message = rate.maybe_text("message")
        if short or long:
            raise AmountOutOfRange(
                f"{self.name}: {receive} {receive.asset.code} is too {'little' if short else 'much'}",
                in_words(least) or in_words(least_paid),
                in_words(most_paid),
            )
        if message is not None:
            raise self._no(self._calls.spoken({"message": message}))

    def _refusal(self, body: Any) -> RailError | None:
        """The error that a body is, where it is one; nothing was made then."""
        if not isinstance(body, dict) or "id" in body or "toAmount" in body:
            return None
        spoke = self._calls.spoken(body)
        if not spoke:
            return None
        return self._no(spoke)

    def _no(self, spoke: str) -> OrderRefused:
        words = f"{self.name}: {spoke}"
        about_amounts = any(each in spoke.lower() for each in _ABOUT_AMOUNTS)
        return AmountOutOfRange(words) if about_amounts else OrderRefused(words)


def _entries(raw: Any) -> list[Entry]:
    """One a network."""
    currency = Answer(raw, "a currency")
    networks = [Answer(each, "a network") for each in currency.rows("networks")]
    return [
        Entry(
            ticker=currency.text("code"),
            network=network.text("network"),
            contract=network.maybe_text("contract"),
            memo_needed=network.flag("memoNeeded"),
        )
        for network in networks
    ]
