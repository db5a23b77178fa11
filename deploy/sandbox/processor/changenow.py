"""ChangeNOW's API v2: tickers in lower case with their network beside them, fixed rate by rateId.

An error is an object with `error`, `message` and perhaps `payload`, under a status of its own.
"""

from __future__ import annotations

from collections.abc import Mapping

from deploy.sandbox.processor.coin import MONERO, Coin
from deploy.sandbox.processor.engine import Refusal
from deploy.sandbox.processor.order import QUIET, Order, Rate, Shown, Stage
from deploy.sandbox.processor.protocol import FrontEnd, Key, Request, Route, number, stamp, units
from deploy.sandbox.processor.showing import show
from deploy.sandbox.rate_protocols import Json

NETWORKS = {
    "monero": "xmr",
    "bitcoin": "btc",
    "litecoin": "ltc",
    "dogecoin": "doge",
    "ethereum": "eth",
    "solana": "sol",
    "tron": "trx",
    "ripple": "xrp",
    "stellar": "xlm",
}
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
DENIALS = {401: "unauthorized", 403: "forbidden", 404: "not_found", 429: "too_many_requests"}
PAGE = 200


class ChangeNow(FrontEnd):
    name = "changenow"
    prefix = "/changenow/v2"

    def routes(self) -> tuple[Route, ...]:
        return (
            Route("GET", "/exchange/currencies", "coins", self._currencies, Key.NONE),
            Route("GET", "/exchange/available-pairs", "coins", self._pairs),
            Route("GET", "/exchange/min-amount", "quote", self._least),
            Route("GET", "/exchange/range", "quote", self._range),
            Route("GET", "/exchange/estimated-amount", "quote", self._estimate),
            Route("GET", "/validate/address", "validate", self._validate),
            Route("POST", "/exchange", "create", self._create),
            Route("GET", "/exchange/by-id", "read", self._by_id),
            Route("GET", "/exchanges", "list", self._list, Key.PRIVATE),
        )

    def key_of(self, request: Request) -> str:
        return request.headers.get("x-changenow-api-key", "")

    def names(self, coin: Coin) -> tuple[str, str]:
        return coin.code.lower(), NETWORKS[coin.network]

    def refused(self, refusal: Refusal) -> Json:
        kind, payload = (
            {
                "pair": "pair_is_inactive",
                "small": "deposit_too_small",
                "big": "out_of_range",
                "destination": "not_valid_address",
                "return_address": "not_valid_refund_address",
                "rate": "rate_id_not_found_or_expired",
            }.get(refusal.kind, "bad_request_body"),
            None,
        )
        if refusal.bounds is not None:
            payload = {"range": {"minAmount": refusal.bounds[0], "maxAmount": refusal.bounds[1]}}
        return Json(400, {"error": kind, "message": str(refusal), "payload": payload or {}})

    def denied(self, status: int) -> Json:
        return Json(status, {"error": DENIALS[status], "message": DENIALS[status].replace("_", " ")})

    def _currencies(self, _request: Request) -> Json:
        return Json(200, [self._currency(coin) for coin in (MONERO, *self.engine.coins.values())])

    def _currency(self, coin: Coin) -> dict[str, object]:
        ticker, network = self.names(coin)
        return {
            "ticker": ticker,
            "name": coin.name,
            "image": "",
            "hasExternalId": coin.memo,
            "isExtraIdSupported": coin.memo,
            "isFiat": False,
            "featured": False,
            "isStable": coin.code in {"USDT", "USDC"},
            "supportsFixedRate": True,
            "network": network,
            "tokenContract": coin.contract,
            "buy": True,
            "sell": True,
            "legacyTicker": ticker if ticker == network else ticker + network,
        }

    def _pair(self, asked: Mapping[str, object]) -> Coin:
        """The coin that is to be received, of a request that wants it for Monero."""
        self.from_monero(asked.get("fromCurrency"), asked.get("fromNetwork") or asked.get("fromCurrency"))
        return self.paid_out(asked.get("toCurrency"), asked.get("toNetwork") or asked.get("toCurrency"))

    def _pairs(self, request: Request) -> Json:
        pairs = []
        for coin in self.engine.coins.values():
            names = {"fromCurrency": "xmr", "fromNetwork": "xmr", "flow": {"standard": True, "fixed-rate": True}}
            names["toCurrency"], names["toNetwork"] = self.names(coin)
            if all(request.query.get(key) in {None, "", names[key]} for key in ("toCurrency", "toNetwork")):
                pairs.append(names)
        return Json(200, pairs)

    def _bounds(self, coin: Coin) -> dict[str, object]:
        """In Monero, as the deposit is counted."""
        least, most = (self.engine.prices.deposit(self.name, coin, at) for at in self.engine.prices.bounds(coin))
        return {"minAmount": number(MONERO, least), "maxAmount": number(MONERO, most)}

    def _range(self, request: Request) -> Json:
        coin = self._pair(request.query)
        return Json(200, {**self._echo(coin), "flow": "fixed-rate", **self._bounds(coin)})

    def _least(self, request: Request) -> Json:
        coin = self._pair(request.query)
        return Json(200, {**self._echo(coin), "flow": "fixed-rate", "minAmount": self._bounds(coin)["minAmount"]})

    def _echo(self, coin: Coin) -> dict[str, object]:
        to_ticker, to_network = self.names(coin)
        return {"fromCurrency": "xmr", "fromNetwork": "xmr", "toCurrency": to_ticker, "toNetwork": to_network}

    def _estimate(self, request: Request) -> Json:
        asked = request.query
        coin = self._pair(asked)
        rate = self._rate(coin, asked)
        fixed = asked.get("flow") == "fixed-rate"
        return Json(
            200,
            {
                **self._echo(coin),
                "flow": asked.get("flow") or "standard",
                "type": asked.get("type") or "direct",
                "rateId": rate.id if fixed and asked.get("useRateId") == "true" else None,
                "validUntil": stamp(rate.expires_at) if fixed else None,
                "transactionSpeedForecast": "10-60",
                "warningMessage": None,
                "depositFee": 0,
                "withdrawalFee": 0,
                "userId": None,
                "fromAmount": number(MONERO, rate.deposit),
                "toAmount": number(coin, rate.receive),
            },
        )

    def _rate(self, coin: Coin, asked: Mapping[str, object]) -> Rate:
        try:
            if asked.get("type") == "reverse":
                return self.engine.quote(self.name, coin, receive=units(coin, asked.get("toAmount")))
            return self.engine.quote(self.name, coin, deposit=units(MONERO, asked.get("fromAmount")))
        except Refusal as refusal:
            raise self._in_monero(coin, refusal) from refusal

    def _in_monero(self, coin: Coin, refusal: Refusal) -> Refusal:
        """Its bounds, counted in the deposit."""
        if refusal.bounds is None:
            return refusal
        told = Refusal(refusal.kind, str(refusal))
        told.bounds = tuple(self._bounds(coin).values())  # type: ignore[assignment]
        return told

    def _validate(self, request: Request) -> Json:
        wanted = request.query.get("currency", "")
        coins = (MONERO, *self.engine.coins.values())
        good = any(
            wanted in self.names(coin) and self.engine.valid(coin, request.query.get("address", "")) for coin in coins
        )
        return Json(200, {"result": good, "message": None if good else "Invalid address"})

    def _create(self, request: Request) -> Json:
        asked = request.body
        coin = self._pair(asked)
        if asked.get("flow") == "fixed-rate" and asked.get("rateId"):
            rate = self.engine.rate(str(asked["rateId"]), self.name)
            side = "toAmount" if asked.get("type") == "reverse" else "fromAmount"
            wanted = rate.receive if side == "toAmount" else rate.deposit
            if rate.coin != coin or units(coin if side == "toAmount" else MONERO, asked.get(side)) != wanted:
                raise Refusal("amount", "the amount or the pair is not the rate's")
        else:
            rate = self._rate(coin, asked)
        order = self.engine.create(
            rate,
            destination=str(asked.get("address", "")),
            memo=str(asked.get("extraId") or ""),
            return_address=str(asked.get("refundAddress", "")),
        )
        return Json(200, self._created(order, str(asked.get("flow")), str(asked.get("type"))))

    def _created(self, order: Order, flow: str, kind: str) -> dict[str, object]:
        shown = show(order, "create")
        receive = number(shown.coin, shown.receive)
        return {
            "id": shown.id,
            "fromAmount": number(MONERO, shown.deposit),
            "toAmount": receive,
            "flow": flow,
            "type": kind,
            "payinAddress": shown.deposit_address,
            "payinExtraId": None,
            "payoutAddress": shown.destination,
            "payoutExtraId": shown.memo or "",
            **self._echo(shown.coin),
            "refundAddress": shown.return_address,
            "refundExtraId": "",
            "directedAmount": receive,
            "validUntil": stamp(shown.expires_at),
        }

    def _by_id(self, request: Request) -> Json:
        shown = self.engine.shown(request.query.get("id", ""), self.name)
        return self.denied(404) if shown is None else Json(200, self._status(shown))

    def _status(self, shown: Shown) -> dict[str, object]:
        ended = shown.stage in QUIET
        return {
            "id": shown.id,
            "status": shown.word or WORDS[shown.stage],
            "actionsAvailable": shown.stage in {Stage.FAILED, Stage.RETURNING, Stage.UNDERPAID},
            **self._echo(shown.coin),
            "expectedAmountFrom": number(MONERO, shown.deposit),
            "expectedAmountTo": number(shown.coin, shown.receive),
            "amountFrom": number(MONERO, shown.deposited or None),
            "amountTo": number(shown.coin, shown.settled if ended else None),
            "payinAddress": shown.deposit_address,
            "payoutAddress": shown.destination,
            "payinExtraId": None,
            "payoutExtraId": shown.memo,
            "refundAddress": shown.return_address,
            "refundExtraId": None,
            "createdAt": stamp(shown.created_at),
            "updatedAt": stamp(shown.updated_at),
            "validUntil": stamp(shown.expires_at),
            "depositReceivedAt": stamp(shown.deposited_at),
            "payinHash": shown.deposit_txid,
            "payoutHash": shown.settle_txid,
            "refundHash": shown.return_txid,
            "refundAmount": number(MONERO, shown.returned),
            "fromLegacyTicker": "xmr",
            "toLegacyTicker": self._currency(shown.coin)["legacyTicker"],
            "userId": None,
            "originalExchangeInfo": None,
            "relatedExchangesInfo": [],
            "repeatedExchangesInfo": [],
        }

    def _list(self, request: Request) -> Json:
        """For the private key: the newest, or by sortDirection the oldest, first."""
        query = request.query
        since = query.get("dateFrom", "")[:19]
        rows = [s for s in self.engine.all_shown(self.name) if (stamp(s.created_at) or "")[:19] >= since]
        if query.get("sortDirection", "DESC") == "ASC":
            rows.reverse()
        offset, limit = int(query.get("offset", 0)), min(int(query.get("limit", PAGE)), PAGE)
        return Json(200, {"exchanges": [self._row(shown) for shown in rows[offset : offset + limit]]})

    def _row(self, shown: Shown) -> dict[str, object]:
        full = self._status(shown)
        return {
            "createdAt": full["createdAt"],
            "requestId": shown.id,
            "status": full["status"],
            "payin": _leg(
                "xmr", full["payinAddress"], full["amountFrom"], full["expectedAmountFrom"], full["payinHash"]
            ),
            "payout": _leg(
                full["toCurrency"],
                full["payoutAddress"],
                full["amountTo"],
                full["expectedAmountTo"],
                full["payoutHash"],
            ),
        }


def _leg(currency: object, address: object, amount: object, expected: object, txid: object) -> dict[str, object]:
    return {"currency": currency, "address": address, "amount": amount, "expectedAmount": expected, "hash": txid}
