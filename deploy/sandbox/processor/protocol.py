"""What the protocol front ends share: requests, routes, keys, and how amounts and times are written.

A front end only translates. It decides nothing about orders, and keeps nothing of its own.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, ClassVar

from deploy.sandbox.processor.coin import MONERO, TINY, Coin
from deploy.sandbox.processor.engine import Engine, Refusal
from deploy.sandbox.rate_protocols import Json, Number

PUBLIC_KEY = "sandbox-key"
PRIVATE_KEY = "sandbox-private-key"


class Key(Enum):
    """What a route asks for."""

    NONE = "none"
    PUBLIC = PUBLIC_KEY
    PRIVATE = PRIVATE_KEY


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One HTTP request, its path below the protocol's own prefix."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Mapping[str, Any]
    """The JSON object that was sent; empty where there was none. Numbers are int or Decimal."""


Act = Callable[[Request], Json]


@dataclass(frozen=True, slots=True)
class Route:
    """One call: `call` is the name by which faults find it."""

    method: str
    pattern: str
    call: str
    act: Act
    key: Key = Key.PUBLIC

    def serves(self, request: Request) -> bool:
        return self.method == request.method and re.fullmatch(self.pattern, request.path) is not None


class FrontEnd(ABC):
    """One protocol over the engine."""

    name: ClassVar[str]
    prefix: ClassVar[str]

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @abstractmethod
    def routes(self) -> tuple[Route, ...]: ...

    @abstractmethod
    def key_of(self, request: Request) -> str:
        """The key that the request carries, by this protocol's header; "" without one."""

    @abstractmethod
    def names(self, coin: Coin) -> tuple[str, str]:
        """The protocol's ticker and network of a coin."""

    @abstractmethod
    def refused(self, refusal: Refusal) -> Json:
        """How it says no."""

    @abstractmethod
    def denied(self, status: int) -> Json:
        """How it answers with 401, 403, 404 and 429."""

    def error_200(self) -> Json:
        """An error body under HTTP 200: what it says for an internal fault."""
        return Json(200, self.denied(429).value)

    def route(self, request: Request) -> Route | None:
        return next((route for route in self.routes() if route.serves(request)), None)

    def allowed(self, route: Route, request: Request) -> bool:
        return route.key is Key.NONE or self.key_of(request) == route.key.value

    def coin(self, ticker: object, network: object) -> Coin:
        """The coin of these names. Raises Refusal."""
        for coin in (MONERO, *self.engine.coins.values()):
            if self.names(coin) == (ticker, network):
                return coin
        raise Refusal("pair", f"there is no {ticker} on {network}")

    def paid_out(self, ticker: object, network: object) -> Coin:
        """The coin of these names, which must not be Monero. Raises Refusal."""
        coin = self.coin(ticker, network)
        if coin is MONERO:
            raise Refusal("pair", "Monero is not exchanged for itself")
        return coin

    def from_monero(self, ticker: object, network: object) -> None:
        """Raises Refusal unless these are the names of Monero."""
        if (ticker, network) != self.names(MONERO):
            raise Refusal("pair", f"{ticker} on {network} is not taken in")


def units(coin: Coin, amount: object) -> int:
    """An amount that a client sent. Raises Refusal."""
    try:
        return coin.units(amount)
    except ValueError as problem:
        raise Refusal("amount", str(problem)) from problem


def number(coin: Coin, amount: int | None) -> Number | None:
    """A bare JSON number, in exponent form where it is tiny, as a float would be written."""
    if amount is None:
        return None
    coins = coin.coins(amount).normalize()
    return Number(f"{coins:e}" if 0 < coins < TINY else f"{coins:f}")


def text(coin: Coin, amount: int) -> str:
    return f"{coin.coins(amount).normalize():f}"


def stamp(at: datetime | None) -> str | None:
    """2026-08-01T12:00:00.000Z."""
    return None if at is None else at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
