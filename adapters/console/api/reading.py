"""
Reading a request's body: one JSON object in UTF-8, of a bounded size, and nothing that two readers could read
differently (a name given twice, a number that is none, a half of a character).
"""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any, Final

from fastapi import Request

from adapters.console.api.problems import Problem

NESTING_MAX: Final = 16
BODY_SECONDS: Final = 10
"""Who sends slower than that is not the merchant's program."""

DIGITS_MAX: Final = 40
_BRACKETS: Final = re.compile(rb'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)|[\[{]|[\]}]', re.DOTALL)
"""A text, or a bracket. A text that never ends goes to the end: else each quote in it would begin another look."""


class ApiRequest(Request):
    """A request whose body is read by our rules. `bytes_max` is set by the route."""

    bytes_max: int = 64_000

    async def body(self) -> bytes:
        """
        The whole body.

        Raises:
            Problem: it is too long, whatever length it claims to have, or comes too slowly.
        """
        if not hasattr(self, "_body"):
            try:
                async with asyncio.timeout(BODY_SECONDS):
                    self._body = await self._read()
            except TimeoutError:
                raise Problem("body_too_slow", f"not all of the body came within {BODY_SECONDS} s") from None
        return self._body

    async def json(self) -> Any:
        """
        What the body says.

        Raises:
            Problem: it is not proper JSON.
        """
        if not hasattr(self, "_json"):
            self._json = read_json(await self.body())
        return self._json

    async def _read(self) -> bytes:
        whole = bytearray()
        async for chunk in self.stream():
            whole += chunk
            if len(whole) > self.bytes_max:
                raise Problem("body_too_large", f"the body is longer than {self.bytes_max} bytes")
        return bytes(whole)


def read_json(raw: bytes) -> Any:
    """
    The value that these bytes stand for.

    Raises:
        Problem: says what is wrong.
    """
    if _depth(raw) > NESTING_MAX:
        raise Problem("malformed_json", f"it is nested more than {NESTING_MAX} deep")
    try:
        value = json.loads(
            raw.decode("utf-8"),
            object_pairs_hook=_once_each,
            parse_constant=_no_number,
            parse_int=_whole,
        )
        # A lone half of a character can be neither stored nor sent.
        canonical(value).encode("utf-8")
    except UnicodeDecodeError as error:
        raise Problem("malformed_json", f"byte {error.start} is not UTF-8") from None
    except UnicodeEncodeError:
        raise Problem("malformed_json", "it holds half of a character (a lone surrogate)") from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise Problem("malformed_json", f"{error.msg} at {where}") from None
    except RecursionError:
        raise Problem("malformed_json", "it is nested too deep") from None
    return value


def canonical(value: Any) -> str:
    """The same text for the same value, in whatever order and spacing it was written."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise Problem("malformed_json", f"the name {name[:40]!r} is given twice in one object")
        found[name] = value
    return found


def _no_number(text: str) -> Any:
    raise Problem("malformed_json", f"{text} is not a number of JSON")


def _whole(text: str) -> int:
    if len(text) > DIGITS_MAX:
        raise Problem("malformed_json", f"a number of {len(text)} digits is beyond all sense")
    return int(text)


def _depth(raw: bytes) -> int:
    """How deep brackets are nested, counted by ourselves: a library may lift Python's own limit."""
    deepest = depth = 0
    for found in _BRACKETS.finditer(raw):
        first = found[0][:1]
        if first in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif first in b"]}":
            depth -= 1
    return deepest
