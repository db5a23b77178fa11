"""StealthEX's API v4: POST for rates too, amounts as JSON numbers, networks called mainnet.

A fixed rate has an id and a time until which it holds; an exchange made at it answers 201.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from deploy.sandbox.processor.changenow import NETWORKS
from deploy.sandbox.processor.coin import MONERO, Coin
from deploy.sandbox.processor.engine import Refusal
from deploy.sandbox.processor.order import QUIET, Rate, Shown, Stage
from deploy.sandbox.processor.protocol import FrontEnd, Request, Route, number, stamp, units
from deploy.sandbox.processor.showing import show
from deploy.sandbox.rate_protocols import Json

WORDS = {
    Stage.WAITING: "waiting",
    Stage.CONFIRMING: "confirming",
    Stage.EXCHANGING: "exchanging",
    Stage.SENDING: "sending",
    Stage.FINISHED: "finished",
    Stage.UNDERPAID: "verifying",
    Stage.HELD: "verifying",
    Stage.RETURNING: "failed",
    Stage.RETURNED: "refunded",
    Stage.EXPIRED: "expired",
    Stage.FAILED: "failed",
}
DENIALS = {401: "Unauthorized", 403: "NotAllowed", 404: "NotFound", 429: "TooManyRequests"}
PAGE = 250


class StealthEx(FrontEnd):
    name = "stealthex"
    prefix = "/stealthex/v4"

    def routes(self) -> tuple[Route, ...]:
        return (
            Route("GET", "/currencies", "coins", self._currencies),
            Route("GET", "/currencies/[^/]+/[^/]+", "coins", self._currency_of),
            Route("POST", "/rates/range", "quote", self._range),
            Route("POST", "/rates/estimated-amount", "quote", self._estimate),
            Route("POST", "/exchanges", "create", self._create),
            Route("GET", "/exchanges", "list", self._list),
            Route("GET", "/exchanges/[^/]+", "read", self._read),
        )

    def key_of(self, request: Request) -> str:
        scheme, _, key = request.headers.get("Authorization", "").partition(" ")
        return key if scheme == "Bearer" else ""

    def names(self, coin: Coin) -> tuple[str, str]:
        return coin.code.lower(), NETWORKS[coin.network] if coin.contract else "mainnet"

    def refused(self, refusal: Refusal) -> Json:
        kind = {
            "pair": "NoExchangeRoute",
            "small": "InvalidAmount",
            "big": "InvalidAmount",
            "rate": "RateId",
        }.get(refusal.kind, "InvalidData")
        return Json(400, {"err": {"kind": kind, "details": str(refusal)}})

    def denied(self, status: int) -> Json:
        return Json(status, {"err": {"kind": DENIALS[status], "details": DENIALS[status]}})

    def _currencies(self, request: Request) -> Json:
        query = request.query
        offset, limit = int(query.get("offset", 0)), min(int(query.get("limit", PAGE)), PAGE)
        coins = (MONERO, *self.engine.coins.values())
        return Json(200, [self._currency(coin) for coin in coins][offset : offset + limit])

    def _currency_of(self, request: Request) -> Json:
        symbol, network = request.path.split("/")[-2:]
        return Json(200, self._currency(self.coin(symbol, network)))

    def _currency(self, coin: Coin) -> dict[str, object]:
        symbol, network = self.names(coin)
        routes = [dict(zip(("symbol", "network"), self.names(c), strict=True)) for c in self.engine.coins.values()]
        return {
            "symbol": symbol,
            "network": network,
            "name": coin.name,
            "contract_address": coin.contract,
            "extra_id": "Memo" if coin.memo else None,
            "legacy_symbol": symbol if network == "mainnet" else symbol + network,
            "precision": coin.places,
            "rates": ["fixed", "floating"],
            "features": ["custom_fee"],
            "available_routes": routes if coin is MONERO else [],
        }

    def _pair(self, request: Request) -> Coin:
        route: Mapping[str, Any] = request.body.get("route") or {}
        sides = [route.get(side) or {} for side in ("from", "to")]
        self.from_monero(sides[0].get("symbol"), sides[0].get("network"))
        return self.paid_out(sides[1].get("symbol"), sides[1].get("network"))

    def _quote(self, request: Request) -> Rate:
        """Raises Refusal; for an amount in quotation marks too."""
        coin, asked = self._pair(request), request.body
        amount = asked.get("amount")
        if not isinstance(amount, int | Decimal) or isinstance(amount, bool):
            raise Refusal("amount", "amount must be a number")
        reversed_ = asked.get("estimation") == "reversed"
        if reversed_ and asked.get("rate") != "fixed":
            raise Refusal("amount", "reversed estimations are for fixed rates only")
        if reversed_:
            return self.engine.quote(self.name, coin, receive=units(coin, amount))
        return self.engine.quote(self.name, coin, deposit=units(MONERO, amount))

    def _range(self, request: Request) -> Json:
        coin = self._pair(request)
        bounds = self.engine.prices.bounds(coin)
        if request.body.get("estimation") != "reversed":
            bounds = tuple(self.engine.prices.deposit(self.name, coin, at) for at in bounds)  # type: ignore[assignment]
            coin = MONERO
        return Json(200, {"min_amount": number(coin, bounds[0]), "max_amount": number(coin, bounds[1])})

    def _estimate(self, request: Request) -> Json:
        rate = self._quote(request)
        answer: dict[str, object] = {"estimated_amount": number(MONERO, rate.deposit)}
        if request.body.get("estimation") != "reversed":
            answer["estimated_amount"] = number(rate.coin, rate.receive)
        if request.body.get("rate") == "fixed":
            answer["rate"] = {"id": rate.id, "valid_until": stamp(rate.expires_at)}
        return Json(200, answer)

    def _create(self, request: Request) -> Json:
        asked = request.body
        if asked.get("rate_id"):
            rate = self.engine.rate(str(asked["rate_id"]), self.name)
            again = self._quote(request)
            reversed_ = asked.get("estimation") == "reversed"
            same = again.receive == rate.receive if reversed_ else again.deposit == rate.deposit
            if again.coin != rate.coin or not same:
                raise Refusal("amount", "the route or the amount is not the rate's")
        else:
            rate = self._quote(request)
        order = self.engine.create(
            rate,
            destination=str(asked.get("address", "")),
            memo=str(asked.get("extra_id") or ""),
            return_address=str(asked.get("refund_address", "")),
        )
        return Json(201, self._exchange(show(order, "create")))

    def _read(self, request: Request) -> Json:
        shown = self.engine.shown(request.path.rpartition("/")[2], self.name)
        return self.denied(404) if shown is None else Json(200, self._exchange(shown))

    def _list(self, request: Request) -> Json:
        query = request.query
        offset, limit = int(query.get("offset", 0)), min(int(query.get("limit", PAGE)), PAGE)
        rows = self.engine.all_shown(self.name)[offset : offset + limit]
        return Json(200, [self._exchange(shown) for shown in rows])

    def _exchange(self, shown: Shown) -> dict[str, object]:
        symbol, network = self.names(shown.coin)
        sent = shown.settled if shown.stage in QUIET else None
        return {
            "id": shown.id,
            "status": shown.word or WORDS[shown.stage],
            "rate": "fixed",
            "created_at": stamp(shown.created_at),
            "updated_at": stamp(shown.updated_at),
            "expires_at": stamp(shown.expires_at),
            "deposit": {
                "symbol": "xmr",
                "network": "mainnet",
                "amount": number(MONERO, shown.deposited or shown.deposit),
                "expected_amount": number(MONERO, shown.deposit),
                "address": shown.deposit_address,
                "extra_id": None,
                "tx_hash": shown.deposit_txid,
            },
            "withdrawal": {
                "symbol": symbol,
                "network": network,
                "amount": number(shown.coin, shown.receive if sent is None else sent),
                "expected_amount": number(shown.coin, shown.receive),
                "address": shown.destination,
                "extra_id": shown.memo,
                "tx_hash": shown.settle_txid,
            },
            "refund_address": shown.return_address,
            "refund_extra_id": None,
        }
