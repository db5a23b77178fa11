"""Trocador's API: every call is a GET, the making of a trade too, and booleans are True and False in words.

A rate's trade_id becomes the trade's id, so a lost answer can be looked up by it.
"""

from __future__ import annotations

from dataclasses import replace

from deploy.sandbox.processor.coin import MONERO, Coin
from deploy.sandbox.processor.engine import Refusal
from deploy.sandbox.processor.order import Rate, Shown, Stage
from deploy.sandbox.processor.protocol import FrontEnd, Key, Request, Route, number, text, units
from deploy.sandbox.processor.showing import show
from deploy.sandbox.rate_protocols import Json

TOKEN_NETWORKS = {"ethereum": "ERC20", "tron": "TRC20", "solana": "SOL"}
WORDS = {
    Stage.WAITING: "waiting",
    Stage.CONFIRMING: "confirming",
    Stage.EXCHANGING: "confirming",
    Stage.SENDING: "sending",
    Stage.FINISHED: "finished",
    Stage.UNDERPAID: "paid partially",
    Stage.HELD: "halted",
    Stage.RETURNING: "failed",
    Stage.RETURNED: "refunded",
    Stage.EXPIRED: "expired",
    Stage.FAILED: "failed",
}
DENIALS = {
    401: "Invalid API Key",
    403: "This service is not available in your region",
    404: "Trade not found",
    429: "Too many requests",
}
PROVIDERS = (("Exolix", "A", "B"), ("LetsExchange", "B", "B"), ("ChangeNow", "C", "C"))
"""Name, KYC rating and logging policy, cheapest first."""


class Trocador(FrontEnd):
    name = "trocador"
    prefix = "/trocador"

    def routes(self) -> tuple[Route, ...]:
        return (
            Route("GET", "/coins", "coins", self._coins),
            Route("GET", "/coin", "coins", self._coins),
            Route("GET", "/exchanges", "coins", self._exchanges, Key.NONE),
            Route("GET", "/new_rate", "quote", self._new_rate),
            Route("GET", "/new_trade", "create", self._new_trade),
            Route("GET", "/trade", "read", self._trade),
            Route("GET", "/validateaddress", "validate", self._validate),
        )

    def key_of(self, request: Request) -> str:
        return request.headers.get("API-Key", "")

    def names(self, coin: Coin) -> tuple[str, str]:
        token = coin.contract is not None or coin.code == "ETH"
        return coin.code.lower(), TOKEN_NETWORKS[coin.network] if token else "Mainnet"

    def refused(self, refusal: Refusal) -> Json:
        words = {
            "pair": "Coin not found.",
            "small": "Amount is lower than the minimum for this pair.",
            "big": "Amount is higher than the maximum for this pair.",
            "destination": "Invalid destination address.",
            "return_address": "Invalid refund address.",
        }
        return Json(400, {"error": words.get(refusal.kind, str(refusal))})

    def denied(self, status: int) -> Json:
        return Json(status, {"error": DENIALS[status]})

    def _coins(self, request: Request) -> Json:
        wanted = {key: request.query[key] for key in ("ticker", "name") if request.query.get(key)}
        rows = [self._coin(coin) for coin in (MONERO, *self.engine.coins.values())]
        found = [row for row in rows if all(str(row[key]).lower() == name.lower() for key, name in wanted.items())]
        return Json(200, found) if found else self.refused(Refusal("pair", ""))

    def _coin(self, coin: Coin) -> dict[str, object]:
        ticker, network = self.names(coin)
        least, most = self.engine.prices.bounds(coin)
        return {
            "name": coin.name,
            "ticker": ticker,
            "network": network,
            "memo": coin.memo,
            "image": "",
            "minimum": number(coin, least),
            "maximum": number(coin, most),
        }

    def _exchanges(self, _request: Request) -> Json:
        rows = [{"name": n, "rating": k, "insurance": 100, "enabledmarkup": True, "eta": 10} for n, k, _ in PROVIDERS]
        return Json(200, {"list": rows})

    def _rate(self, request: Request) -> Rate:
        asked = request.query
        self.from_monero(asked.get("ticker_from"), asked.get("network_from"))
        coin = self.paid_out(asked.get("ticker_to"), asked.get("network_to"))
        if asked.get("payment") == "True":
            return self.engine.quote(self.name, coin, receive=units(coin, asked.get("amount_to")))
        return self.engine.quote(self.name, coin, deposit=units(MONERO, asked.get("amount_from")))

    def _new_rate(self, request: Request) -> Json:
        rate = self._rate(request)
        worst = request.query.get("min_kycrating") or "D"
        quotes = [self._quote(rate, at) for at in range(len(PROVIDERS)) if PROVIDERS[at][1] <= worst]
        if not quotes:
            raise Refusal("pair", "no provider is left")
        if request.query.get("best_only") == "True":
            del quotes[1:]
        return Json(200, self._rate_body(rate, request.query.get("payment") == "True", quotes))

    def _rate_body(self, rate: Rate, payment: bool, quotes: list[dict[str, object]]) -> dict[str, object]:  # noqa: FBT001
        least, most = self.engine.prices.bounds(rate.coin)
        return {
            "trade_id": rate.id,
            "date": _date(rate.made_at.isoformat()),
            **self._echo(rate.coin),
            "amount_from": number(MONERO, rate.deposit),
            "amount_to": number(rate.coin, rate.receive),
            "provider": quotes[0]["provider"] if quotes else PROVIDERS[0][0],
            "fixed": True,
            "payment": payment,
            "status": "new",
            "quotes": {
                "markup": False,
                "kyc_list": sorted({str(quote["kycrating"]) for quote in quotes}),
                "logpolicy_list": ["A", "B", "C"],
                "best_only": False,
                "min_deposit": number(MONERO, self.engine.prices.deposit(self.name, rate.coin, least)),
                "max_deposit": number(MONERO, self.engine.prices.deposit(self.name, rate.coin, most)),
                "quotes": quotes,
            },
        }

    def _echo(self, coin: Coin) -> dict[str, object]:
        ticker, network = self.names(coin)
        return {
            "ticker_from": "xmr",
            "ticker_to": ticker,
            "coin_from": "Monero",
            "coin_to": coin.name,
            "network_from": "Mainnet",
            "network_to": network,
        }

    def _quote(self, rate: Rate, at: int) -> dict[str, object]:
        """One provider's row: figures in text, each next provider a little dearer."""
        provider, kyc, logs = PROVIDERS[at]
        asked = _dearer(rate.deposit, at)
        usd = self.engine.prices.usd
        return {
            "provider": provider,
            "amount_to": text(rate.coin, rate.receive),
            "amount_from": text(MONERO, asked),
            "eta": 10 + at,
            "fixed": "True",
            "waste": f"-{at}.4",
            "kycrating": kyc,
            "logpolicy": logs,
            "insurance": 100,
            "amount_to_USD": f"{rate.coin.coins(rate.receive) * usd[rate.coin.code]:.2f}",
            "amount_from_USD": f"{MONERO.coins(asked) * usd['XMR']:.2f}",
            "USD_total_cost_percentage": f"-{at}.4",
            "provider_logo": "",
        }

    def _new_trade(self, request: Request) -> Json:
        asked = request.query
        if asked.get("id"):
            rate = self.engine.rate(asked["id"], self.name)
            if rate.id in self.engine.orders:
                return Json(400, {"error": "This trade was already created."})
            self._check_same(rate, request)
        else:
            rate = self._rate(request)
        names = [name for name, _, _ in PROVIDERS]
        provider = asked.get("provider") or names[0]
        if provider not in names:
            raise Refusal("pair", f"there is no provider {provider}")
        order = self.engine.create(
            replace(rate, deposit=_dearer(rate.deposit, names.index(provider)), provider=provider),
            destination=asked.get("address", ""),
            memo=_memo(asked.get("address_memo")),
            return_address=asked.get("refund", ""),
            named=rate.id,
            webhook=asked.get("webhook"),
            webhook_key=asked.get("webhook_key"),
        )
        return Json(200, self.trade(show(order, "create")))

    def _check_same(self, rate: Rate, request: Request) -> None:
        """The trade must be for what its rate was given for. Raises Refusal."""
        asked = request.query
        coin = self.paid_out(asked.get("ticker_to"), asked.get("network_to"))
        self.from_monero(asked.get("ticker_from"), asked.get("network_from"))
        paying = asked.get("payment") == "True"
        wanted = rate.receive if paying else rate.deposit
        given = units(coin, asked.get("amount_to")) if paying else units(MONERO, asked.get("amount_from"))
        if coin != rate.coin or given != wanted:
            raise Refusal("amount", "Amount or coin differs from the rate's.")

    def _trade(self, request: Request) -> Json:
        trade_id = request.query.get("id", "")
        shown = self.engine.shown(trade_id, self.name)
        if shown is not None:
            return Json(200, [self.trade(shown)])
        rate = self.engine.rates.get(trade_id)
        if rate is None or rate.processor != self.name or trade_id in self.engine.orders:
            return self.denied(404)
        return Json(200, [self._rate_body(rate, payment=True, quotes=[self._quote(rate, 0)])])

    def trade(self, shown: Shown) -> dict[str, object]:
        """The trade object."""
        support = {"tx_url": "", "support_url": "https://support.example/sandbox", "type": "Website", "tos": ""}
        expires_at = shown.expires_at.isoformat(sep=" ", timespec="seconds")
        finished = shown.stage is Stage.FINISHED
        return {
            "trade_id": shown.id,
            "date": _date(shown.created_at.isoformat()),
            "type": "api",
            **self._echo(shown.coin),
            "amount_from": number(MONERO, shown.deposit),
            "amount_to": number(shown.coin, shown.receive),
            "provider": shown.provider,
            "fixed": True,
            "payment": True,
            "status": shown.word or WORDS[shown.stage],
            "address_provider": shown.deposit_address,
            "address_provider_memo": "",
            "address_user": shown.destination,
            "address_user_memo": shown.memo or "",
            "refund_address": shown.return_address,
            "refund_address_memo": "",
            "password": shown.secret,
            "id_provider": shown.provider_id,
            "quotes": {"markup": False, "support": support, "expiresAt": expires_at},
            "details": {
                "hashout": shown.settle_txid if finished else None,
                "original_eta": 14,
                "support": support,
                "expiresAt": expires_at,
            },
            "affiliate_partner": "",
            "hashout": (shown.settle_txid or "") if finished else "",
        }

    def webhook_body(self, shown: Shown, key: str | None) -> dict[str, object]:
        """The trade, and the key that its maker gave, in the body itself."""
        return {**self.trade(shown), "webhook_key": key or ""}

    def _validate(self, request: Request) -> Json:
        coin = self.coin(request.query.get("ticker"), request.query.get("network"))
        return Json(200, {"result": self.engine.valid(coin, request.query.get("address", ""))})


def _dearer(deposit: int, at: int) -> int:
    """What the provider at this place asks: 0.4 % more a place, in whole hundred-millionths of an XMR."""
    return deposit + at * (deposit // 250) // 10_000 * 10_000


def _memo(given: str | None) -> str | None:
    return None if given in {None, "", "0"} else given


def _date(iso: str) -> str:
    return iso.replace("+00:00", "Z")
