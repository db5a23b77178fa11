"""
Reading a processor's JSON: a field is taken whole or the answer is refused.

Nothing is guessed: a field of the wrong type, a negative or absurd number, or an echo of another asset raises
ProcessorGarbled, in words that quote no secret.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any, Final

from payout.asset import XMR, Asset
from payout.errors import ProcessorGarbled
from payout.money import EXACT, Money
from payout.order import Order, Said, Stage

NUMBER: Final = re.compile(r"[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,2})?")
NUMBER_MAX: Final = 60
WHOLE_DIGITS_MAX: Final = 15
"""More whole coins than that exist of nothing that is paid out here."""
TEXT_MAX: Final = 500
TOLD_MAX: Final = 200
IDENTIFIER: Final = re.compile(r"[A-Za-z0-9_-]{1,100}")
"""An order's id becomes part of an address: nothing else may be in it."""
YEAR_MIN, YEAR_MAX = 2000, 2200
"""A time outside is nonsense, and would overflow when something is added to it."""
NOTHING: Final = frozenset({"", "0", "null", "none", "undefined"})
"""What stands in an address or memo field for "there is none"."""
WORDS: Final = ("message", "error", "errors", "err", "details", "kind")


class Answer:
    """An object of JSON. `what` names it in messages."""

    def __init__(self, raw: Any, what: str) -> None:
        if not isinstance(raw, dict):
            raise ProcessorGarbled(f"{what} is not an object")
        self.raw: Mapping[str, Any] = raw
        self.what = what

    def inner(self, key: str) -> Answer:
        return Answer(self.raw.get(key), f"{self.what}: {key}")

    def maybe_inner(self, key: str) -> Answer:
        """An object that may be null or left out: then nothing is in it."""
        raw = self.raw.get(key)
        return Answer({} if raw is None else raw, f"{self.what}: {key}")

    def rows(self, key: str) -> list[Any]:
        raw = self.raw.get(key)
        if not isinstance(raw, list):
            raise ProcessorGarbled(f"{self.what}: {key} is not a list")
        return raw

    def flag(self, key: str) -> bool:
        """True, false, or the words for them; a field that is left out is false."""
        value = self.raw.get(key, False)
        if isinstance(value, str) and value.lower() in {"true", "false"}:
            return value.lower() == "true"
        if value is None or isinstance(value, bool):
            return bool(value)
        raise ProcessorGarbled(f"{self.what}: {key} is neither true nor false")

    def maybe_text(self, key: str) -> str | None:
        value = self.raw.get(key)
        if value is None or value == "":
            return None
        if not isinstance(value, str) or len(value) > TEXT_MAX or not value.isprintable():
            raise ProcessorGarbled(f"{self.what}: {key} is not a plain text")
        return value

    def text(self, key: str) -> str:
        value = self.maybe_text(key)
        if value is None:
            raise ProcessorGarbled(f"{self.what} has no {key}")
        return value

    def identifier(self, key: str) -> str:
        value = self.text(key)
        if IDENTIFIER.fullmatch(value) is None:
            raise ProcessorGarbled(f"{self.what}: {key} is not an id")
        return value

    def is_for(self, processor_id: str, key: str) -> None:
        """The answer must be about the order that was asked for."""
        if self.identifier(key) != processor_id:
            raise ProcessorGarbled(f"{self.what} is about another order than {processor_id}")

    def maybe_address(self, key: str) -> str | None:
        """An address, memo or transaction's id; None for every way to say that there is none."""
        value = self.maybe_text(key)
        if value is None or value.strip().lower() in NOTHING:
            return None
        if value != value.strip() or " " in value:
            raise ProcessorGarbled(f"{self.what}: {key} has a space in it")
        return value

    def memo(self, key: str) -> str | None:
        """As an address, but memos are texts and numbers, and may have spaces."""
        value = self.raw.get(key)
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        text = Answer({key: value}, self.what).maybe_text(key)
        return None if text is None or text.strip().lower() in NOTHING else text

    def txids(self, key: str) -> tuple[str, ...]:
        found = self.maybe_address(key)
        return () if found is None else (found,)

    def echoes(self, key: str, *expected: str) -> None:
        """The field must be one of these words, in any case of letters."""
        value = self.text(key)
        if value.lower() not in {each.lower() for each in expected}:
            raise ProcessorGarbled(f"{self.what}: {key} is {told(value)}, not {expected[0]}")

    def echoes_if_there(self, key: str, *expected: str) -> None:
        if self.maybe_text(key) is not None:
            self.echoes(key, *expected)

    def number(self, key: str) -> Decimal:
        """An exact number from zero up, as text or as a number."""
        value = self.raw.get(key)
        text = "" if isinstance(value, bool) or not isinstance(value, str | int | Decimal) else str(value)
        if len(text) > NUMBER_MAX or NUMBER.fullmatch(text) is None:
            raise ProcessorGarbled(f"{self.what}: {key} is not an amount")
        number = Decimal(text)
        if number and number.adjusted() >= WHOLE_DIGITS_MAX:
            raise ProcessorGarbled(f"{self.what}: {key} is beyond all sense")
        return number

    def deposit(self, key: str) -> Money | None:
        """What we pay, in Monero, rounded UP to its unit; None where it is not said, or zero."""
        return self._money(key, XMR, ROUND_CEILING)

    def received(self, key: str, asset: Asset) -> Money | None:
        """What the customer gets, rounded DOWN to its unit; None where it is not said, or zero."""
        return self._money(key, asset, ROUND_FLOOR)

    def _money(self, key: str, asset: Asset, rounding: str) -> Money | None:
        if self.raw.get(key) in (None, ""):
            return None
        scaled = EXACT.scaleb(self.number(key), asset.decimals)
        units = int(scaled.to_integral_value(rounding=rounding))
        return Money(units, asset) if units else None

    def required(self, key: str, amount: Money | None) -> Money:
        if amount is None:
            raise ProcessorGarbled(f"{self.what}: {key} is no amount that could be paid")
        return amount

    def maybe_moment(self, key: str) -> datetime | None:
        """A time in ISO 8601 with its zone."""
        text = self.maybe_text(key)
        if text is None:
            return None
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is None or not YEAR_MIN <= moment.year <= YEAR_MAX:
            raise ProcessorGarbled(f"{self.what}: {key} is not a time with its zone")
        return moment


def in_words(amount: Money | None) -> str | None:
    """A bound of what a processor takes, for a person to read."""
    return None if amount is None else f"{amount} {amount.asset.code}"


def same_address(one: str | None, other: str | None) -> bool:
    """Are these one address? Hexadecimal ones are the same in any case of letters."""
    if one is not None and other is not None and one.startswith("0x") and other.startswith("0x"):
        return one.lower() == other.lower()
    return one == other


def pays(said: Said, order: Order) -> bool:
    """Does an order that was found again pay this destination exactly this amount?"""
    return same_address(said.destination, order.destination) and said.receive == order.receive


def stage_of(table: Mapping[str, Stage], word: str) -> Stage:
    """The stage of a processor's word. One that is not in the table is UNKNOWN, and never an end."""
    return table.get(word.strip().lower(), Stage.UNKNOWN)


def told(words: object, hidden: Collection[str] = ()) -> str:
    """A processor's own words, escaped and cut, without what must not be seen."""
    text = str(words)
    for secret in hidden:
        if secret:
            text = text.replace(secret, "(hidden)")
    return ascii(text)[1:-1][:TOLD_MAX]


def spoken(body: Any, hidden: Collection[str] = ()) -> str:
    """What an error's body says, from the fields where processors put words; empty where it says nothing."""
    return told("; ".join(dict.fromkeys(_words(body))), hidden)


def _words(body: Any) -> list[str]:
    """Only from fields that are meant for words: the others may hold an order's password."""
    found: list[str] = []
    for key in WORDS if isinstance(body, dict) else ():
        value = body.get(key)
        if isinstance(value, dict):
            # Either an object with words of its own, or one message a field: {"errors": {"address": "..."}}.
            found += _words(value) or [f"{name}: {each}" for name, each in value.items() if isinstance(each, str)]
        elif isinstance(value, str) and value:
            found.append(value)
    return found
