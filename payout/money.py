"""
Money: whole numbers of an asset's smallest unit.

No float and no plain division ever touches an amount. Every rounding is a function whose name
says which way it goes: what we owe is rounded down to whole units, what we spend is rounded up.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Context, Decimal, Inexact, InvalidOperation
from typing import Final

from payout.asset import USD, Asset
from payout.errors import BadInput

INTEGER_DIGITS_MAX: Final = 18
"""Longer amounts are a slip of the hand or an attack; 10**18 dollars exist nowhere."""

EXACT: Final = Context(prec=500, traps=[Inexact, InvalidOperation])
"""Arithmetic that raises instead of rounding. Wide enough for any amount times any rate."""

_PLAIN: Final = re.compile(r"([0-9]+)(?:\.([0-9]+))?")
_EXPONENT: Final = re.compile(r"[0-9]*\.?[0-9]*[eE][+-]?[0-9]+")
_SEPARATORS: Final = frozenset(",_'`")
_NOT_NUMBERS: Final = frozenset({"nan", "snan", "qnan", "inf", "infinity"})
_SHOWN_MAX: Final = 40


@dataclass(frozen=True, slots=True)
class Money:
    """An exact amount of one asset. Adding or comparing two assets raises ValueError."""

    units: int
    asset: Asset

    def __post_init__(self) -> None:
        # bool is an int to Python; a float would silently lose units.
        if type(self.units) is not int:
            given = type(self.units).__name__
            raise TypeError(f"units of {self.asset.code} must be int, not {given}")

    @property
    def decimal(self) -> Decimal:
        """The amount in whole coins, exact."""
        return EXACT.scaleb(Decimal(self.units), -self.asset.decimals)

    def __str__(self) -> str:
        sign = "-" if self.units < 0 else ""
        whole, part = divmod(abs(self.units), 10**self.asset.decimals)
        digits = f"{part:0{self.asset.decimals}d}" if self.asset.decimals else ""
        if not self.asset.is_fiat:
            digits = digits.rstrip("0")
        return f"{sign}{whole}.{digits}" if digits else f"{sign}{whole}"

    def __add__(self, other: Money) -> Money:
        return Money(self.units + self._same(other), self.asset)

    def __sub__(self, other: Money) -> Money:
        return Money(self.units - self._same(other), self.asset)

    def __neg__(self) -> Money:
        return Money(-self.units, self.asset)

    def __lt__(self, other: Money) -> bool:
        return self.units < self._same(other)

    def __le__(self, other: Money) -> bool:
        return self.units <= self._same(other)

    def __gt__(self, other: Money) -> bool:
        return self.units > self._same(other)

    def __ge__(self, other: Money) -> bool:
        return self.units >= self._same(other)

    def _same(self, other: Money) -> int:
        if other.asset != self.asset:
            raise ValueError(
                f"cannot mix {self.asset.code} on {self.asset.network} with {other.asset.code} on {other.asset.network}"
            )
        return other.units


def total(amounts: Iterable[Money], asset: Asset) -> Money:
    """The sum; zero of `asset` when there are none."""
    result = Money(0, asset)
    for amount in amounts:
        result = result + amount
    return result


def parse_money(text: str, asset: Asset, *, name: str) -> Money:
    """
    Read a positive amount that a person or a program wrote, such as "25.00".

    Only plain ASCII digits with at most one point are taken: whatever two readers could read
    differently is refused with the reason.

    Raises:
        BadInput: Says what is wrong with the field `name` and how to write it.
    """
    problem = _problem(text) or _size_problem(text, asset)
    if problem is not None:
        remedy = f'write a positive amount of {asset.code} in plain digits, such as "25.00"'
        raise BadInput(name, problem, remedy)
    whole, _, part = text.partition(".")
    return Money(int(whole + part.ljust(asset.decimals, "0")), asset)


def _problem(text: str) -> str | None:  # noqa: PLR0911  (one line a reason reads best)
    """Why this is not a plain decimal number, or None."""
    shown = _shown(text)
    bare = text.lstrip("+-")
    if not text.strip():
        return "is empty"
    if any(unicodedata.category(c) in {"Cc", "Cf", "Zl", "Zp"} for c in text):
        return f"contains a control character: {shown}"
    if any(c.isspace() for c in text):
        return f"contains a space: {shown}"
    if not text.isascii():
        return f"contains a character that is not ASCII: {shown}"
    if bare.lower() in _NOT_NUMBERS:
        return f"is not a finite number: {shown}"
    if _SEPARATORS & set(text):
        return f"contains a thousands separator: {shown}"
    if _EXPONENT.fullmatch(bare):
        return f"is written with an exponent: {shown}"
    if text.startswith("-"):
        return f"is negative: {shown}"
    if text.startswith("+"):
        return f"begins with a plus sign: {shown}"
    return None if _PLAIN.fullmatch(text) else f"is not a plain decimal number: {shown}"


def _size_problem(text: str, asset: Asset) -> str | None:
    whole, _, part = text.partition(".")
    if len(whole) > INTEGER_DIGITS_MAX:
        return f"is too large, over {INTEGER_DIGITS_MAX} digits before the point: {_shown(text)}"
    if len(part) > asset.decimals:
        most = f"{asset.code} has at most {asset.decimals}"
        return f"has {len(part)} decimals, {most}: {_shown(text)}"
    return "is zero" if not (whole + part).strip("0") else None


def _shown(text: str) -> str:
    """The text in a form that is safe to print: escaped, and cut where it is long."""
    cut = text if len(text) <= _SHOWN_MAX else text[:_SHOWN_MAX] + "..."
    return ascii(cut)


def units_for(owed: Money, rate: Decimal, asset: Asset) -> Money:
    """The amount of `asset` worth `owed` USD at `rate` USD a coin, rounded DOWN to whole units."""
    numerator, denominator = _ratio(rate)
    if owed.asset != USD or owed.units < 0:
        raise ValueError(f"owed must be USD and not negative, not {owed} {owed.asset.code}")
    top = owed.units * denominator * 10**asset.decimals
    return Money(top // (numerator * 10**USD.decimals), asset)


def usd_value(amount: Money, rate: Decimal) -> Decimal:
    """What `amount` is worth in USD at `rate` USD a coin, exact, not rounded to cents."""
    _ratio(rate)
    return EXACT.multiply(amount.decimal, rate)


def usd_cents_up(amount: Money, rate: Decimal) -> Money:
    """What `amount` costs in USD at `rate` USD a coin, rounded UP to a cent: for caps on fees."""
    numerator, denominator = _ratio(rate)
    top = amount.units * numerator * 10**USD.decimals
    return Money(-(-top // (denominator * 10**amount.asset.decimals)), USD)


def _ratio(rate: Decimal) -> tuple[int, int]:
    if not rate.is_finite() or rate <= 0:
        raise ValueError(f"a rate must be a positive finite number, not {rate}")
    return rate.as_integer_ratio()
