"""
StealthEX, API version 4 (https://api.stealthex.io/v4, header `Authorization: Bearer KEY`).

Each order is `rate=fixed, estimation=reversed`: `amount` is what the customer gets, as a number in JSON and never as
text; the estimate names a rate (`rate.id`, `rate.valid_until`) that the order is then made at.

A coin is a symbol and a network in small letters. A network's own coin is on `mainnet`, a token on the network's own
word: btc + mainnet, usdt + trx. `/currencies` comes in pages of 250 and names contracts and the kinds of rates.

    waiting      AWAITING_DEPOSIT        verifying   HOLD (UNDERPAID where it got less than it expected)
    confirming   DEPOSIT_SEEN            failed      FAILED (UNDERPAID likewise)
    exchanging   EXCHANGING              refunded    RETURNED
    sending      SENDING                 expired     EXPIRED
    finished     SETTLED

Only `waiting` and `refunded` are sure: the others are what its relatives say, and any other word is UNKNOWN.

Quirks, seen in its answers and in clients that ship:

- Errors are `{"err": {"kind", "details"}}`, whatever the status. An amount out of bounds is `InvalidAmount`; the bounds
  are another call's, `/rates/range`, which counts in what is bought for a reversed estimate.
- `expected_amount` is what was agreed. `amount` is the same until a transaction is there, and then what was really
  paid. `extra_id` may come as a number.
- An order that is returned names no transaction for it.
- Whether `/exchanges` lists our own orders is in no document that we have. It is asked after a lost answer, newest
  first; where it refuses, there is no way to look.
- No webhooks. 600 calls a minute are allowed; we make a third of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
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
from payout.errors import AmountOutOfRange, OrderRefused, ProcessorGarbled, RailError
from payout.money import Money
from payout.order import Order, Said, Stage
from payout.ports import Clock
from payout.swaps.offer import Offer

URL: Final = "https://api.stealthex.io/v4"
ORDER_PAGE: Final = "https://stealthex.io/exchange/?id="
NATIVE: Final = {
    "monero": "xmr",
    "bitcoin": "btc",
    "litecoin": "ltc",
    "dogecoin": "doge",
    "ethereum": "eth",
    "tron": "trx",
    "solana": "sol",
    "ripple": "xrp",
    "stellar": "xlm",
}
"""Each network's own coin."""
MAINNET: Final = "mainnet"
TOKENS: Final = {"ethereum": "eth", "tron": "trx", "solana": "sol"}
"""Where each network's tokens are."""
STAGES: Final = {
    "waiting": Stage.AWAITING_DEPOSIT,
    "confirming": Stage.DEPOSIT_SEEN,
    "exchanging": Stage.EXCHANGING,
    "sending": Stage.SENDING,
    "finished": Stage.SETTLED,
    "verifying": Stage.HOLD,
    "failed": Stage.FAILED,
    "refunded": Stage.RETURNED,
    "expired": Stage.EXPIRED,
}
ORDER_HOLDS: Final = timedelta(minutes=15)
"""For an order that names no expiry; said to be 20."""
PAGE: Final = 250
PAGES_MAX: Final = 40
FIND_PAGE: Final = 100
_BAD_AMOUNT: Final = "InvalidAmount"


class StealthEx(Client):
    """One account at StealthEX."""

    pace: ClassVar[Pace] = Pace(per_second=3, burst=10)

    def __init__(self, access: Access, contracts: Contracts, clock: Clock) -> None:
        super().__init__(access, contracts, clock, {"Authorization": f"Bearer {access.api_key}"})

    def words(self, key: tuple[str, str]) -> Words | None:
        symbol, network = key[0].lower(), key[1]
        if NATIVE.get(network) == symbol:
            return Words(ticker=symbol, networks=(MAINNET,))
        return Words(ticker=symbol, networks=(TOKENS[network],)) if network in TOKENS else None

    def entries(self) -> Iterable[Entry]:
        rows: list[Any] = []
        for page in range(PAGES_MAX):
            more = self._calls.list("/currencies", {"limit": str(PAGE), "offset": str(page * PAGE)})
            rows += more if isinstance(more, list) else ()
            if not isinstance(more, list) or len(more) < PAGE:
                break
        return readable(rows, _entries, self.name)

    def quote(self, receive: Money) -> Offer:
        wanted = self._wanted(receive)
        try:
            body = self._calls.ask("/rates/estimated-amount", wanted, refused=self._refusal)
        except AmountOutOfRange as error:
            raise self._bounds(wanted, receive, error) from None
        answer = Answer(body, f"{self.name}: the estimate")
        rate = answer.inner("rate")
        return Offer(
            processor=self.name,
            receive=receive,
            deposit=answer.required("estimated_amount", answer.deposit("estimated_amount")),
            ref=rate.text("id"),
            expires_at=rate.maybe_moment("valid_until"),
        )

    def create(self, order: Order, offer: Offer) -> Said:
        self._fits(order, offer)
        wanted = {
            **self._wanted(order.receive),
            "rate_id": offer.ref or "",
            "address": order.destination,
            **({"extra_id": order.memo} if order.memo else {}),
            "refund_address": order.return_address,
        }
        return self._calls.create(
            lambda once: once.post_json("/exchanges", wanted),
            refused=self._refusal,
            read=lambda body: self._payable(
                self._said(Answer(body, f"{self.name}: the new exchange"), order.receive.asset)
            ),
        )

    def read(self, processor_id: str, secret: str | None, asset: Asset) -> Said:
        del secret  # Its orders have none.
        path = f"/exchanges/{quoted(processor_id, safe='')}"
        answer = Answer(self._calls.get(path, order=processor_id), f"{self.name}: exchange {processor_id}")
        answer.is_for(processor_id, "id")
        return self._said(answer, asset)

    def find(self, order: Order, since: datetime) -> tuple[Said, ...]:
        shown = Shown(
            made="created_at", address=lambda row: row.inner("withdrawal").maybe_text("address"), said=self._said
        )
        return self._found(self._own(), order, since, shown)

    def _own(self) -> list[Answer]:
        """Our newest orders; none where it does not list them."""
        try:
            rows = self._calls.get("/exchanges", {"limit": str(FIND_PAGE), "offset": "0"}, refused=self._refusal)
        except (OrderRefused, ProcessorGarbled):
            return []
        return [Answer(raw, f"{self.name}: a listed exchange") for raw in (rows if isinstance(rows, list) else ())]

    def _wanted(self, receive: Money) -> dict[str, Any]:
        """What a rate and an order are asked for alike."""
        monero, coin, amount = self._route(receive)
        return {
            "route": {
                "from": {"symbol": monero.words.ticker, "network": monero.network},
                "to": {"symbol": coin.words.ticker, "network": coin.network},
            },
            "amount": Decimal(amount),
            "estimation": "reversed",
            "rate": "fixed",
        }

    def _bounds(self, wanted: dict[str, Any], receive: Money, no: AmountOutOfRange) -> AmountOutOfRange:
        """The same no with the bounds, as far as it names them."""
        asked = {name: wanted[name] for name in ("route", "estimation", "rate")}
        answer = Answer(self._calls.ask("/rates/range", asked, refused=self._refusal), f"{self.name}: the range")
        least, most = (answer.received(key, receive.asset) for key in ("min_amount", "max_amount"))
        return AmountOutOfRange(str(no), in_words(least), in_words(most))

    def _said(self, answer: Answer, asset: Asset) -> Said:
        given, sent = answer.inner("deposit"), answer.inner("withdrawal")
        self._echoes(answer, given, sent, asset)
        status, made = answer.text("status"), answer.maybe_moment("created_at")
        deposit = given.deposit("expected_amount")
        deposited = given.deposit("amount") if given.txids("tx_hash") else None
        stage = stage_of(STAGES, status)
        short = deposited is not None and deposit is not None and deposited < deposit
        order_id = answer.identifier("id")
        return Said(
            processor_id=order_id,
            stage=Stage.UNDERPAID if short and stage in {Stage.HOLD, Stage.FAILED} else stage,
            status_text=status,
            deposit_address=given.maybe_address("address"),
            deposit_memo=given.memo("extra_id"),
            deposit=deposit,
            destination=sent.maybe_address("address"),
            memo=sent.memo("extra_id"),
            receive=sent.received("expected_amount", asset),
            return_address=answer.maybe_address("refund_address"),
            expires_at=answer.maybe_moment("expires_at") or (made + ORDER_HOLDS if made else None),
            settle_txids=sent.txids("tx_hash"),
            support_url=self._access.support_url or f"{ORDER_PAGE}{order_id}",
        )

    def _echoes(self, answer: Answer, given: Answer, sent: Answer, asset: Asset) -> None:
        for side, coin in ((given, XMR), (sent, asset)):
            words = self._words_of(coin)
            side.echoes("symbol", words.ticker)
            side.echoes("network", *words.networks)
        answer.echoes("rate", "fixed")

    def _refusal(self, body: Any) -> RailError | None:
        """The error that a body is, where it is one; nothing was made then."""
        error = body.get("err") if isinstance(body, dict) else None
        if not isinstance(error, dict) or not isinstance(error.get("kind"), str):
            return None
        words = f"{self.name}: {self._calls.spoken(body)}"
        return AmountOutOfRange(words) if error["kind"] == _BAD_AMOUNT else OrderRefused(words)


def _entries(raw: Any) -> list[Entry]:
    """One row of its list."""
    row = Answer(raw, "a currency")
    entry = Entry(
        ticker=row.text("symbol"),
        network=row.text("network"),
        contract=row.maybe_text("contract_address"),
        memo_needed=row.memo("extra_id") is not None,
        payable="fixed" in row.rows("rates"),
    )
    return [entry]
