"""Exolix's API v2: networks in upper case, the key raw in Authorization, readings open to everyone.

A rate that cannot be had comes back with HTTP 200 and words in `message` where the amount to be received
was asked for, and with 422 where the deposit was.
"""

from __future__ import annotations

from collections.abc import Mapping

from deploy.sandbox.processor.changenow import NETWORKS
from deploy.sandbox.processor.coin import MONERO, Coin
from deploy.sandbox.processor.engine import Refusal
from deploy.sandbox.processor.order import Rate, Shown, Stage
from deploy.sandbox.processor.protocol import FrontEnd, Key, Request, Route, number, stamp, text, units
from deploy.sandbox.processor.showing import show
from deploy.sandbox.rate_protocols import Json, Number

WORDS = {
    Stage.WAITING: "wait",
    Stage.CONFIRMING: "confirmation",
    Stage.EXCHANGING: "exchanging",
    Stage.SENDING: "sending",
    Stage.FINISHED: "success",
    Stage.UNDERPAID: "confirmed",
    Stage.HELD: "confirmed",
    Stage.RETURNING: "refund",
    Stage.RETURNED: "refunded",
    Stage.EXPIRED: "overdue",
    Stage.FAILED: "error",
}
NATIVE = "0xeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee"
DENIALS = {401: "Unauthorized", 403: "Forbidden", 404: "Transaction not found", 429: "Too Many Requests"}
PAGE = 100


class Exolix(FrontEnd):
    name = "exolix"
    prefix = "/exolix/api/v2"

    def routes(self) -> tuple[Route, ...]:
        return (
            Route("GET", "/currencies", "coins", self._currencies, Key.NONE),
            Route("GET", "/rate", "quote", self._rate_of, Key.NONE),
            Route("POST", "/transactions", "create", self._create),
            Route("GET", "/transactions", "list", self._list),
            Route("GET", "/transactions/[^/]+", "read", self._read, Key.NONE),
        )

    def key_of(self, request: Request) -> str:
        return request.headers.get("Authorization", "")

    def names(self, coin: Coin) -> tuple[str, str]:
        return coin.code, NETWORKS[coin.network].upper()

    def refused(self, refusal: Refusal) -> Json:
        field = {
            "pair": "coinTo",
            "destination": "withdrawalAddress",
            "return_address": "refundAddress",
        }.get(refusal.kind, "amount")
        return Json(400, {"errors": {field: str(refusal)}})

    def denied(self, status: int) -> Json:
        return Json(status, {"error": DENIALS[status], "message": DENIALS[status]})

    def error_200(self) -> Json:
        nothing = dict.fromkeys(("fromAmount", "toAmount", "rate", "minAmount", "withdrawMin", "maxAmount"), 0)
        return Json(200, {**nothing, "message": "Something went wrong", "priceImpact": "0"})

    def _currencies(self, request: Request) -> Json:
        by_code: dict[str, list[Coin]] = {}
        for coin in (MONERO, *self.engine.coins.values()):
            by_code.setdefault(coin.code, []).append(coin)
        wanted = request.query.get("search", "").upper()
        rows = [self._currency(coins) for code, coins in by_code.items() if wanted in code]
        page, size = int(request.query.get("page", 1)), min(int(request.query.get("size", PAGE)), PAGE)
        return Json(200, {"data": rows[(page - 1) * size : page * size], "count": len(rows)})

    def _currency(self, coins: list[Coin]) -> dict[str, object]:
        networks = [
            {
                "network": self.names(coin)[1],
                "name": coin.network.title(),
                "shortName": "",
                "notes": "",
                "addressRegex": "^.+$",
                "isDefault": coin is coins[0],
                "memoNeeded": coin.memo,
                "memoName": "Memo" if coin.memo else "",
                "memoRegex": "",
                "precision": coin.places,
                "contract": coin.contract,
            }
            for coin in coins
        ]
        return {"code": coins[0].code, "name": coins[0].name, "icon": "", "notes": "", "networks": networks}

    def _quote(self, asked: Mapping[str, object]) -> Rate:
        """By withdrawalAmount where it is there. Raises Refusal."""
        self.from_monero(asked.get("coinFrom"), asked.get("networkFrom") or asked.get("coinFromNetwork"))
        coin = self.paid_out(asked.get("coinTo"), asked.get("networkTo") or asked.get("coinToNetwork"))
        if asked.get("withdrawalAmount"):
            return self.engine.quote(self.name, coin, receive=units(coin, asked["withdrawalAmount"]))
        return self.engine.quote(self.name, coin, deposit=units(MONERO, asked.get("amount")))

    def _rate_of(self, request: Request) -> Json:
        try:
            rate = self._quote(request.query)
        except Refusal as refusal:
            if refusal.bounds is None:
                raise
            status = 200 if request.query.get("withdrawalAmount") else 422
            coin = self.paid_out(request.query.get("coinTo"), request.query.get("networkTo"))
            return Json(status, self._rate_body(coin, 0, 0, str(refusal)))
        return Json(200, self._rate_body(rate.coin, rate.deposit, rate.receive, None))

    def _rate_body(self, coin: Coin, deposit: int, receive: int, message: str | None) -> dict[str, object]:
        least, most = self.engine.prices.bounds(coin)
        asked = [self.engine.prices.deposit(self.name, coin, amount) for amount in (least, most)]
        return {
            "fromAmount": number(MONERO, deposit),
            "toAmount": number(coin, receive),
            "rate": Number(f"{self.engine.prices.rate(self.name, coin):f}"),
            "message": message,
            "minAmount": number(MONERO, asked[0]),
            "withdrawMin": number(coin, least),
            "maxAmount": number(MONERO, asked[1]),
            "priceImpact": "0",
        }

    def _create(self, request: Request) -> Json:
        asked = request.body
        rate = self._quote(asked)
        order = self.engine.create(
            rate,
            destination=str(asked.get("withdrawalAddress", "")),
            memo=str(asked.get("withdrawalExtraId") or ""),
            return_address=str(asked.get("refundAddress", "")),
        )
        return Json(201, self._transaction(show(order, "create")))

    def _read(self, request: Request) -> Json:
        shown = self.engine.shown(request.path.rpartition("/")[2], self.name)
        return self.denied(404) if shown is None else Json(200, self._transaction(shown))

    def _list(self, request: Request) -> Json:
        """Newest first; `search` looks for an id or an address."""
        query = request.query
        wanted = query.get("search", "")
        rows = [
            shown
            for shown in self.engine.all_shown(self.name)
            if wanted in {"", shown.id, shown.destination, shown.deposit_address}
        ]
        page, size = int(query.get("page", 1)), min(int(query.get("size", PAGE)), PAGE)
        data = [self._transaction(shown) for shown in rows[(page - 1) * size : page * size]]
        return Json(200, {"data": data, "count": len(rows)})

    def _transaction(self, shown: Shown) -> dict[str, object]:
        return {
            "id": shown.id,
            "amount": number(MONERO, shown.deposit),
            "amountTo": number(shown.coin, shown.receive),
            "coinFrom": self._side(MONERO, NATIVE),
            "coinTo": self._side(shown.coin, shown.contract or NATIVE),
            "comment": None,
            "createdAt": stamp(shown.created_at),
            "depositAddress": shown.deposit_address,
            "depositExtraId": None,
            "withdrawalAddress": shown.destination,
            "withdrawalExtraId": shown.memo,
            "refundAddress": shown.return_address,
            "refundExtraId": None,
            "hashIn": {"hash": shown.deposit_txid, "link": None},
            "hashOut": {"hash": shown.settle_txid or shown.return_txid, "link": None},
            "rate": Number(text(shown.coin, shown.receive * 10**MONERO.decimals // shown.deposit)),
            "rateType": "fixed",
            "affiliateToken": None,
            "status": shown.word or WORDS[shown.stage],
            "source": "api",
            "email": None,
            "clickId": None,
        }

    def _side(self, coin: Coin, contract: str) -> dict[str, object]:
        code, network = self.names(coin)
        return {
            "coinCode": code,
            "coinName": coin.name,
            "network": network,
            "networkName": coin.network.title(),
            "networkShortName": "",
            "icon": "",
            "memoName": "Memo" if coin.memo else "",
            "contract": contract,
        }
