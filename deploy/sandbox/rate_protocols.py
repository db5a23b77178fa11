"""How five price services put their answers, error answers included.

Each function takes the market as its source sees it and a request, and returns status and body. The
shapes follow the services' public documentation; what they lack (Kraken and Bitfinex send no time,
Coinbase trades no XMR) is lacking here too, since the worker must cope with exactly that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """One pair at one source: bid, ask and last as the text that goes out, and when."""

    bid: str
    ask: str
    last: str
    at: float


@dataclass(frozen=True, slots=True)
class Json:
    """An answer: HTTP status and a JSON-like value, numbers as Number where they go out bare."""

    status: int
    value: object


@dataclass(frozen=True, slots=True)
class Number:
    """Decimal text that is written into JSON without quotes, digit by digit as it stands."""

    text: str


Query = Mapping[str, str]
Market = Callable[[str], Tick | None]
"""The tick of an asset (in USD, or in USDT at KuCoin), or None where it is not traded."""

COINGECKO_IDS = {
    "monero": "XMR",
    "bitcoin": "BTC",
    "ethereum": "ETH",
    "litecoin": "LTC",
    "dogecoin": "DOGE",
    "solana": "SOL",
    "ripple": "XRP",
    "stellar": "XLM",
    "tron": "TRX",
    "tether": "USDT",
    "usd-coin": "USDC",
}
# The answer's key is this canonical name, also when the pair was asked for by its short one.
KRAKEN_PAIRS = {
    "XXMRZUSD": "XMR",
    "XXBTZUSD": "BTC",
    "XETHZUSD": "ETH",
    "XLTCZUSD": "LTC",
    "XDGUSD": "DOGE",
    "SOLUSD": "SOL",
    "XXRPZUSD": "XRP",
    "XXLMZUSD": "XLM",
    "TRXUSD": "TRX",
    "USDTZUSD": "USDT",
    "USDCUSD": "USDC",
}
KRAKEN_SHORT = {
    "XMRUSD": "XXMRZUSD",
    "XBTUSD": "XXBTZUSD",
    "ETHUSD": "XETHZUSD",
    "LTCUSD": "XLTCZUSD",
    "XRPUSD": "XXRPZUSD",
    "XLMUSD": "XXLMZUSD",
    "USDTUSD": "USDTZUSD",
}
BITFINEX_SYMBOLS = {
    "tXMRUSD": "XMR",
    "tBTCUSD": "BTC",
    "tETHUSD": "ETH",
    "tLTCUSD": "LTC",
    "tDOGE:USD": "DOGE",
    "tSOLUSD": "SOL",
    "tXRPUSD": "XRP",
    "tXLMUSD": "XLM",
    "tTRXUSD": "TRX",
    "tUSTUSD": "USDT",
    "tUDCUSD": "USDC",
}
NOT_AT_COINBASE = {"XMR", "TRX"}


def coingecko(path: str, query: Query, market: Market) -> Json:
    """GET /simple/price?ids=monero&vs_currencies=usd&include_last_updated_at=true."""
    if path != "/simple/price":
        return Json(404, {"error": "Incorrect path. Please check the API documentation."})
    if "ids" not in query or query.get("vs_currencies") != "usd":
        return Json(422, {"error": "Missing parameter ids or vs_currencies"})
    prices: dict[str, object] = {}
    for coin in query["ids"].split(","):
        tick = market(COINGECKO_IDS.get(coin, ""))
        if tick is not None:  # Unknown ids are left out without a word.
            entry: dict[str, object] = {"usd": Number(tick.last)}
            if query.get("include_last_updated_at") == "true":
                entry["last_updated_at"] = int(tick.at)
            prices[coin] = entry
    return Json(200, prices)


def kraken(path: str, query: Query, market: Market) -> Json:
    """GET /0/public/Ticker?pair=XMRUSD. Errors come with HTTP 200 too."""
    if path != "/0/public/Ticker":
        return Json(404, {"error": ["EGeneral:Unknown method"]})
    result: dict[str, object] = {}
    for pair in query.get("pair", "").split(","):
        canonical = KRAKEN_SHORT.get(pair, pair)
        tick = market(KRAKEN_PAIRS.get(canonical, ""))
        if tick is None:
            return Json(200, {"error": ["EQuery:Unknown asset pair"]})
        result[canonical] = {
            "a": [tick.ask, "1", "1.000"],
            "b": [tick.bid, "1", "1.000"],
            "c": [tick.last, "0.40000000"],
            "v": ["5201.1", "11840.7"],
            "p": [tick.last, tick.last],
            "t": [3907, 10056],
            "l": [tick.bid, tick.bid],
            "h": [tick.ask, tick.ask],
            "o": tick.last,
        }
    return Json(200, {"error": [], "result": result})


def bitfinex(path: str, query: Query, market: Market) -> Json:
    """GET /v2/tickers?symbols=tXMRUSD,tUSTUSD, or /v2/ticker/tXMRUSD. Errors are lists as well."""
    if path == "/v2/tickers":
        rows = []
        for symbol in query.get("symbols", "").split(","):
            tick = market(BITFINEX_SYMBOLS.get(symbol, ""))
            if tick is not None:
                rows.append([symbol, *_bitfinex_row(tick)])
        return Json(200, rows)
    symbol = path.removeprefix("/v2/ticker/")
    tick = market(BITFINEX_SYMBOLS.get(symbol, ""))
    if tick is None:
        return Json(500, ["error", 10020, "symbol: invalid"])
    return Json(200, _bitfinex_row(tick))


def kucoin(path: str, query: Query, market: Market) -> Json:
    """GET /api/v1/market/orderbook/level1?symbol=XMR-USDT, quoted in USDT; time in milliseconds."""
    if path != "/api/v1/market/orderbook/level1":
        return Json(404, {"code": "404", "msg": "Not Found"})
    asset, _, currency = query.get("symbol", "").partition("-")
    tick = market(asset) if currency == "USDT" and asset != "USDT" else None
    if tick is None:
        return Json(200, {"code": "200000", "data": None})
    data = {
        "time": int(Decimal(repr(tick.at)) * 1000),
        "sequence": "1550467636704",
        "price": tick.last,
        "size": "0.17",
        "bestBid": tick.bid,
        "bestBidSize": "2.5",
        "bestAsk": tick.ask,
        "bestAskSize": "1.7",
    }
    return Json(200, {"code": "200000", "data": data})


def coinbase(path: str, query: Query, market: Market) -> Json:  # noqa: ARG001 -- one signature
    """GET /products/BTC-USD/ticker. There is no XMR here."""
    asset, _, currency = path.removeprefix("/products/").removesuffix("/ticker").partition("-")
    wrong_path = path != f"/products/{asset}-{currency}/ticker"
    tick = market(asset) if currency == "USD" and asset not in NOT_AT_COINBASE else None
    if wrong_path or tick is None:
        return Json(404, {"message": "NotFound"})
    value = {
        "trade_id": 86326522,
        "price": tick.last,
        "size": "0.01698",
        "time": datetime.fromtimestamp(tick.at, UTC).isoformat().replace("+00:00", "Z"),
        "bid": tick.bid,
        "ask": tick.ask,
        "volume": "5957.11914015",
    }
    return Json(200, value)


def _bitfinex_row(tick: Tick) -> list[object]:
    last = Number(tick.last)
    return [
        *(Number(tick.bid), Number("120.5"), Number(tick.ask), Number("98.25")),
        *(Number("1.5"), Number("0.0045"), last, Number("5012.75"), last, last),
    ]


PROTOCOLS: dict[str, Callable[[str, Query, Market], Json]] = {
    "coingecko": coingecko,
    "kraken": kraken,
    "bitfinex": bitfinex,
    "kucoin": kucoin,
    "coinbase": coinbase,
}

# What each says when it is fine over HTTP and refuses all the same.
REFUSALS: dict[str, Json] = {
    "coingecko": Json(200, {"status": {"error_code": 10005, "error_message": "plan too low"}}),
    "kraken": Json(200, {"error": ["EService:Unavailable"]}),
    "bitfinex": Json(200, ["error", 20060, "maintenance"]),
    "kucoin": Json(200, {"code": "400100", "msg": "Service temporarily unavailable"}),
    "coinbase": Json(200, {"message": "Service unavailable"}),
}
TOO_MANY: dict[str, object] = {
    "coingecko": {"status": {"error_code": 429, "error_message": "You've exceeded the Rate Limit."}},
    "kraken": {"error": ["EGeneral:Too many requests"]},
    "bitfinex": ["error", 11010, "ratelimit: error"],
    "kucoin": {"code": "429000", "msg": "Too many requests"},
    "coinbase": {"message": "Public rate limit exceeded"},
}


def encode(value: object) -> str:
    """JSON text. Prices stay the decimal digits they are: no float on the way."""
    match value:
        case Number(text):
            return text
        case dict():
            return "{" + ",".join(f"{_quoted(k)}:{encode(v)}" for k, v in value.items()) + "}"
        case list():
            return "[" + ",".join(map(encode, value)) + "]"
        case int():
            return str(value).lower()  # Booleans are integers too: true, false.
        case None:
            return "null"
        case _:
            return _quoted(str(value))


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
