"""One field of an answer, said wrongly: whatever it says instead."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from tests.adapters.processors.mutations.tampering import Bare, Wire

Names = Mapping[str, frozenset[str]]
"""From what a field means to the keys that say it in one protocol; "deposit.address" is one inside another."""

ANOTHER_ADDRESS = "8BnERTpvL5MbCLtj5n9No7J5oE5hHiB3tVCK5cjSvCsJ2WRnEfxX2rAvHqYUTVyVjDBLwU5vBqXuYKZfMjbLrCWKQ9pQnLd"

WRONG_TYPES: dict[str, Any] = {
    "a list": [],
    "a list of it": ["8"],
    "an object": {},
    "true": True,
    "NaN": Bare("NaN"),
    "endless": "x" * 3000,
    "control characters": "a\u0000\u202eb",
}
AMOUNTS: dict[str, Any] = {
    "null": None,
    "zero": 0,
    "nothing": "",
    "negative": Decimal("-1.5"),
    "negative text": "-1.5",
    "ten times": lambda told: Decimal(str(told)) * 10,
    "a little more": lambda told: Decimal(str(told)) + Decimal("0.01"),
    "a little less": lambda told: Decimal(str(told)) - Decimal("0.01"),
    "beyond sense": Bare("1e40"),
    "an absurd exponent": Bare("1e999999999"),
    "infinity": "Infinity",
    "hexadecimal": "0x10",
    "with a comma": "1,5",
    "full-width digits": "\uff11\uff12",
}
ADDRESSES: dict[str, Any] = {
    "null": None,
    "nothing": "",
    "zero in text": "0",
    "null in text": "null",
    "zero": 0,
    "another": ANOTHER_ADDRESS,
    "with a space": f"{ANOTHER_ADDRESS} x",
}
NAMES: dict[str, Any] = {"null": None, "nothing": "", "another": "doge", "a number": 7}
IDS: dict[str, Any] = {"null": None, "another": "zzzzzzzz", "a path": "../zzz", "a number": 12, "zero": 0}
MOMENTS: dict[str, Any] = {
    "words": "tomorrow",
    "without a zone": "2026-08-01T12:00:00",
    "a number": 1785585600,
    "long past": "1900-01-01T00:00:00Z",
    "beyond the calendar": "9999-12-31T23:59:59Z",
}
STATUSES: dict[str, Any] = {"null": None, "a new word": "sulking", "a number": 3}

VALUES: Mapping[str, Mapping[str, Any]] = {
    "id": {**WRONG_TYPES, **IDS},
    "deposit": {**WRONG_TYPES, **AMOUNTS},
    "receive": {**WRONG_TYPES, **AMOUNTS},
    "deposit_address": {**WRONG_TYPES, **ADDRESSES},
    "destination": {**WRONG_TYPES, **ADDRESSES},
    "return_address": {**WRONG_TYPES, **ADDRESSES},
    "memo": {"another": "4711", "a number": 4711, "a list": []},
    "deposit_memo": {"another": "4711", "a number": 4711, "a list": []},
    "ticker": {**WRONG_TYPES, **NAMES},
    "network": {**WRONG_TYPES, **NAMES},
    "contract": {**WRONG_TYPES, "another": "0x1111111111111111111111111111111111111111"},
    "fixed": {"false": False, "no": "False", "floating": "float", "a number": 7, "a list": []},
    "expires": {**WRONG_TYPES, **MOMENTS},
    "status": {**WRONG_TYPES, **STATUSES},
}


def wrongly(meaning: str, value: Any, names: Names) -> Callable[[Wire], Wire]:
    """The mutation that says this instead, wherever the protocol says it."""

    def mutate(wire: Wire) -> Wire:
        return wire.with_json(_changed(wire.json(), names.get(meaning, frozenset()), value))

    return mutate


def _changed(node: Any, keys: frozenset[str], value: Any, inside: str = "") -> Any:
    if isinstance(node, list):
        return [_changed(each, keys, value, inside) for each in node]
    if not isinstance(node, dict):
        return node
    return {
        key: _said(told, value) if keys & {key, f"{inside}.{key}"} else _changed(told, keys, value, key)
        for key, told in node.items()
    }


def _said(told: Any, value: Any) -> Any:
    if not callable(value):
        return value
    return value(told) if told is not None else None


CASES = [(meaning, name) for meaning, values in VALUES.items() for name in values]
"""Each meaning with the name of each wrong value."""
