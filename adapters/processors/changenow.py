"""
ChangeNOW, API version 2 (https://api.changenow.io/v2, header `x-changenow-api-key`).

Each order is `flow=fixed-rate, type=reverse`: `toAmount` is what the customer gets, `fromAmount` what we pay.

Tickers are lower case with the network apart: usdt + trx. The joined ones (usdttrc20) are old, and not taken.

Statuses, as its own clients list them:

    new, waiting    AWAITING_DEPOSIT        verifying   HOLD (identity or origin of funds is asked for)
    confirming      DEPOSIT_SEEN            failed      FAILED; with `actionsAvailable` HOLD: a person can act there
    exchanging      EXCHANGING              refunded    RETURNED
    sending         SENDING                 expired     EXPIRED
    finished        SETTLED                 (failed or verifying, and it got less than it expected: UNDERPAID)

Quirks, seen in its answers and in clients that ship:

- The answer to a create may leave out `validUntil` and both extra ids; by-id has them. Until then the quote's time
  counts, which is the earlier one.
- A quote without `validUntil` is taken to hold for 60 seconds.
- An unknown order is 404 or 400. Errors are `{"error": code, "message", "payload"}`; bounds in `payload.range` are of
  the coin that is paid in. A quote below them may come as `deposit_too_small` or `out_of_range`.
- After a lost answer only `/exchanges` can find the order. It wants a second, private key, and names an order's id
  `requestId`. Without that key nothing is found.
- It has no webhooks, no sandbox and no idempotency key. 1800 calls a minute are allowed; we make a third of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final

from adapters.processors.base import (
    FIND_BEFORE,
    Access,
    Answer,
    Calls,
    Client,
    Contracts,
    Entry,
    Pace,
    Words,
    in_words,
    pays,
    readable,
    same_address,
    stage_of,
)
from payout.asset import XMR, Asset
from payout.errors import AmountOutOfRange, OrderMissing, OrderRefused, ProcessorGarbled, RailError
from payout.money import Money
from payout.order import Order, Said, Stage
from payout.ports import Clock
from payout.swaps.offer import Offer

URL: Final = "https://api.changenow.io/v2"
NETWORKS: Final = {
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
STAGES: Final = {
    "new": Stage.AWAITING_DEPOSIT,
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
QUOTE_HOLDS: Final = timedelta(seconds=60)
FIND_PAGE: Final = 50
FIND_PAGES_MAX: Final = 2
FIND_MATCHES_MAX: Final = 3
_OUT_OF_RANGE: Final = frozenset({"deposit_too_small", "deposit_too_big", "out_of_range"})


class ChangeNow(Client):
    """One account at ChangeNOW. `private_key` is its second key, which only lists exchanges."""

    pace: ClassVar[Pace] = Pace(per_second=10, burst=20)

    def __init__(self, access: Access, contracts: Contracts, clock: Clock, *, private_key: str | None = None) -> None:
        super().__init__(access, contracts, clock, {"x-changenow-api-key": access.api_key})
        self._lister = Calls(access, {"x-changenow-api-key": private_key}, self.pace) if private_key else None

    def words(self, key: tuple[str, str]) -> Words | None:
        code, network = key
        return Words(ticker=code.lower(), networks=(NETWORKS[network],)) if network in NETWORKS else None

    def entries(self) -> Iterable[Entry]:
        listed = self._calls.list("/exchange/currencies", {"active": "true", "flow": "fixed-rate"})
        return readable(listed, _entries, self.name)

    def quote(self, receive: Money) -> Offer:
        monero, coin, amount = self._route(receive)
        params = {
            "fromCurrency": monero.words.ticker,
            "fromNetwork": monero.network,
            "toCurrency": coin.words.ticker,
            "toNetwork": coin.network,
            "toAmount": amount,
            "type": "reverse",
            "flow": "fixed-rate",
            "useRateId": "true",
        }
        body = self._calls.get("/exchange/estimated-amount", params, refused=self._refusal)
        answer = Answer(body, f"{self.name}: the estimate")
        self._echoes(answer, receive.asset)
        answer.echoes("flow", "fixed-rate")
        answer.echoes("type", "reverse")
        if answer.received("toAmount", receive.asset) != receive:
            raise ProcessorGarbled(f"{answer.what} is for another amount than {amount}")
        return Offer(
            processor=self.name,
            receive=receive,
            deposit=answer.required("fromAmount", answer.deposit("fromAmount")),
            ref=answer.text("rateId"),
            expires_at=answer.maybe_moment("validUntil") or self._clock.now() + QUOTE_HOLDS,
        )

    def create(self, order: Order, offer: Offer) -> Said:
        self._fits(order, offer)
        monero, coin, amount = self._route(order.receive)
        wanted = {
            "fromCurrency": monero.words.ticker,
            "fromNetwork": monero.network,
            "toCurrency": coin.words.ticker,
            "toNetwork": coin.network,
            "fromAmount": "",
            "toAmount": amount,
            "type": "reverse",
            "flow": "fixed-rate",
            "rateId": offer.ref or "",
            "address": order.destination,
            "extraId": order.memo or "",
            "refundAddress": order.return_address,
            "refundExtraId": "",
        }
        return self._calls.create(
            lambda once: once.post_json("/exchange", wanted),
            refused=self._refusal,
            read=lambda body: self._created(Answer(body, f"{self.name}: the new exchange"), order.receive.asset, offer),
        )

    def read(self, processor_id: str, secret: str | None, asset: Asset) -> Said:
        del secret  # Its orders have none.
        body = self._calls.get("/exchange/by-id", {"id": processor_id}, order=processor_id)
        answer = Answer(body, f"{self.name}: exchange {processor_id}")
        answer.is_for(processor_id, "id")
        self._echoes(answer, asset)
        return self._read(answer, asset)

    def find(self, order: Order, since: datetime) -> tuple[Said, ...]:
        if self._lister is None:
            return ()
        ids = [
            row.identifier("requestId")
            for row in self._listed_since(self._lister, since - FIND_BEFORE)
            if _pays(row.maybe_inner("payout"), order)
        ]
        found = [self._again(each, order.receive.asset) for each in ids[:FIND_MATCHES_MAX]]
        return tuple(said for said in found if said is not None and pays(said, order))

    def _listed_since(self, lister: Calls, since: datetime) -> Iterable[Answer]:
        for page in range(FIND_PAGES_MAX):
            params = {
                "sortDirection": "DESC",
                "limit": str(FIND_PAGE),
                "offset": str(page * FIND_PAGE),
                "dateFrom": since.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            }
            answer = Answer(lister.get("/exchanges", params), f"{self.name}: the list of exchanges")
            rows = answer.rows("exchanges")
            yield from (Answer(raw, f"{self.name}: a listed exchange") for raw in rows)
            if len(rows) < FIND_PAGE:
                return

    def _again(self, processor_id: str, asset: Asset) -> Said | None:
        try:
            return self.read(processor_id, None, asset)
        except (OrderMissing, ProcessorGarbled):
            return None  # One of another asset cannot be read as this one, and is not it.

    def _created(self, answer: Answer, asset: Asset, offer: Offer) -> Said:
        self._echoes(answer, asset)
        answer.echoes_if_there("flow", "fixed-rate")
        answer.echoes_if_there("type", "reverse")
        status = answer.maybe_text("status") or "new"
        said = Said(
            processor_id=answer.identifier("id"),
            stage=stage_of(STAGES, status),
            status_text=status,
            deposit_address=answer.maybe_address("payinAddress"),
            deposit_memo=answer.memo("payinExtraId"),
            deposit=answer.deposit("fromAmount"),
            destination=answer.maybe_address("payoutAddress"),
            memo=answer.memo("payoutExtraId"),
            receive=answer.received("toAmount", asset),
            return_address=answer.maybe_address("refundAddress"),
            expires_at=answer.maybe_moment("validUntil") or offer.expires_at,
            support_url=self._access.support_url,
        )
        return self._payable(said)

    def _read(self, answer: Answer, asset: Asset) -> Said:
        status = answer.text("status")
        deposit, deposited = answer.deposit("expectedAmountFrom"), answer.deposit("amountFrom")
        stage, reason = _judged(answer, stage_of(STAGES, status), deposit, deposited)
        return Said(
            processor_id=answer.identifier("id"),
            stage=stage,
            status_text=status,
            deposit_address=answer.maybe_address("payinAddress"),
            deposit_memo=answer.memo("payinExtraId"),
            deposit=deposit,
            destination=answer.maybe_address("payoutAddress"),
            memo=answer.memo("payoutExtraId"),
            receive=answer.received("expectedAmountTo", asset),
            return_address=answer.maybe_address("refundAddress"),
            expires_at=answer.maybe_moment("validUntil"),
            settle_txids=answer.txids("payoutHash"),
            return_txids=answer.txids("refundHash"),
            reason=reason,
            support_url=self._access.support_url,
        )

    def _echoes(self, answer: Answer, asset: Asset) -> None:
        monero, coin = self._words_of(XMR), self._words_of(asset)
        answer.echoes("fromCurrency", monero.ticker)
        answer.echoes("fromNetwork", *monero.networks)
        answer.echoes("toCurrency", coin.ticker)
        answer.echoes("toNetwork", *coin.networks)

    def _refusal(self, body: Any) -> RailError | None:
        """The error that a body is, where it is one; nothing was made then."""
        if not isinstance(body, dict) or not isinstance(body.get("error"), str) or "id" in body:
            return None
        words = f"{self.name}: {self._calls.spoken(body)}"
        if body["error"] in _OUT_OF_RANGE:
            return AmountOutOfRange(words, *_bounds(body))
        return OrderRefused(words)


def _entries(raw: Any) -> list[Entry]:
    currency = Answer(raw, "a currency")
    fixed = currency.flag("supportsFixedRate")
    entry = Entry(
        ticker=currency.text("ticker"),
        network=currency.text("network"),
        contract=currency.maybe_text("tokenContract"),
        memo_needed=currency.flag("hasExternalId"),
        payable=currency.flag("buy") and fixed,
        takes=currency.flag("sell") and fixed,
    )
    return [entry]


def _judged(answer: Answer, stage: Stage, deposit: Money | None, deposited: Money | None) -> tuple[Stage, str | None]:
    """A stage that needs a person, told apart by the other fields of its answer."""
    if stage not in {Stage.FAILED, Stage.HOLD}:
        return stage, None
    if deposit is not None and deposited is not None and deposited < deposit:
        return Stage.UNDERPAID, f"it got {deposited} XMR of {deposit}"
    if stage is Stage.FAILED and answer.flag("actionsAvailable"):
        return Stage.HOLD, "it failed, and its support can return or continue it"
    return stage, None


def _bounds(body: dict[str, Any]) -> tuple[str | None, str | None]:
    """The least and the most that it takes in, in words; only for a person."""
    try:
        limits = Answer(body.get("payload"), "the error").inner("range")
        least, most = limits.deposit("minAmount"), limits.deposit("maxAmount")
    except ProcessorGarbled:
        return None, None
    return in_words(least), in_words(most)


def _pays(payout: Answer, order: Order) -> bool:
    """Does this row of the list pay the order's destination its amount?"""
    if not same_address(payout.maybe_text("address"), order.destination):
        return False
    return payout.received("expectedAmount", order.receive.asset) == order.receive
