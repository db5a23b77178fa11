"""Everything that may go wrong at a processor, set per order, for the next order, or for calls.

A fault of a call concerns one answer; a fault of an order stays with it until it is taken off. Nothing
here ever moves coins: the engine and the server ask what is wrong, and behave so.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from deploy.sandbox.processor.order import Order, Shown
from deploy.sandbox.processor.paper import monero_address

CALL_FAULTS = {
    "lost": "done; the connection closes without an answer",
    "hang": "done; silence for a while, then the connection closes",
    "slow": "done; the answer comes after a while",
    "truncated": "done; half of the answer",
    "html_after": "done; HTTP 200 with a web page",
    "500_after": "done; HTTP 500 with a web page",
    "twice": "done twice; the second answer",
    "drop": "not done; the connection closes",
    "html": "not done; HTTP 200 with a web page",
    "500": "not done; HTTP 500 with a web page",
    "429": "not done; too many requests",
    "401": "not done; the key is refused",
    "403": "not done; the place is refused",
    "redirect": "not done; HTTP 302 to another host",
    "error_200": "not done; an error body with HTTP 200",
    "odd": "not done; JSON that the protocol does not have",
}
NOT_DONE = frozenset({"drop", "html", "500", "429", "401", "403", "redirect", "error_200", "odd"})
SHOW_FAULTS = {
    "destination": "another destination is echoed; value: which",
    "memo": "another memo is echoed; value: which",
    "receive": "another amount to be received is echoed; value: times how much (0.9)",
    "deposit": "another deposit is asked for; value: times how much (1.5)",
    "address": 'another deposit address; value: which, "null", "0", or none for a stranger\'s',
    "return_address": "another return address is echoed; value: which",
    "contract": "another token contract is named; value: which",
    "expires": "another expiry is shown; value: seconds from creation (0)",
    "word": 'a status in a word of its own; value: which ("sulking")',
}
LIFE_FAULTS = {
    "expire": "expires at once",
    "hold": "is held for checks once its deposit is confirmed, until released",
    "fail": "fails once its deposit is confirmed, and stays so",
    "stuck": "exchanges for ever",
    "return": "goes back to the return address, less a fee; value: percent of the fee (1)",
    "claim_return": "says that it was returned, and sends nothing",
    "early": "calls itself finished once the deposit is seen, and pays when it is confirmed",
    "never": "calls itself finished, names a transaction, and never pays",
    "no_hash": "is finished without naming the transaction that paid",
    "wrong_hash": "is finished and names a transaction that nobody knows",
    "underpay": "pays less than agreed; value: percent of what was agreed (90)",
    "astray": "pays another address; value: which",
    "double": "pays twice",
    "backwards": "falls back to exchanging for some looks once it was finished; value: how many (2)",
    "vanish": "is not known any more",
}
ORDER_FAULTS = SHOW_FAULTS | LIFE_FAULTS
CALLS = frozenset({"coins", "quote", "create", "read", "list", "validate"})
SLOW_SECONDS = 2.0
HOLLOW_CONTRACT = "0x" + "bad0" * 10
HOLLOW_ADDRESS = "0x000000000000000000000000000000000000dEaD"


@dataclass(slots=True, kw_only=True)
class CallFault:
    """One fault for calls of one processor and kind (None: any), so many times (None: always)."""

    kind: str
    processor: str | None
    call: str | None
    times: int | None
    seconds: float


class Faults:
    """What is planned. Guarded by the engine's lock."""

    def __init__(self) -> None:
        self._calls: list[CallFault] = []
        self.next_order: dict[str, str] = {}
        self.next_to: dict[str, dict[str, str]] = {}
        """By destination: the faults of the next order that pays there."""

    def plan_call(
        self,
        kind: str,
        *,
        processor: str | None = None,
        call: str | None = None,
        times: int | None = 1,
        seconds: float = SLOW_SECONDS,
    ) -> None:
        if kind not in CALL_FAULTS:
            raise ValueError(f"no fault of a call {kind}: there are {', '.join(CALL_FAULTS)}")
        if call not in CALLS | {None}:
            raise ValueError(f"no call {call}: there are {', '.join(sorted(CALLS))}")
        planned = CallFault(kind=kind, processor=processor, call=call, times=times, seconds=seconds)
        self._calls.append(planned)

    def take(self, processor: str, call: str) -> CallFault | None:
        """The fault of this call, used up by it."""
        for planned in self._calls:
            if planned.processor in {None, processor} and planned.call in {None, call}:
                if planned.times is not None:
                    planned.times -= 1
                    if planned.times == 0:
                        self._calls.remove(planned)
                return planned
        return None

    def for_next_order(self, destination: str) -> dict[str, str]:
        planned, self.next_order = self.next_order, {}
        return planned | self.next_to.pop(destination, {})

    def clear(self) -> None:
        self._calls.clear()
        self.next_order.clear()
        self.next_to.clear()

    def planned(self) -> list[str]:
        """In words, for the status."""
        calls = [f"{f.processor or 'any'} {f.call or 'call'}: {f.kind} x{f.times or 'always'}" for f in self._calls]
        nexts = [("next order", self.next_order), *((f"next order to {to}", each) for to, each in self.next_to.items())]
        return calls + [f"{who}: {kind} {value}".rstrip() for who, each in nexts for kind, value in each.items()]


def check_order_fault(kind: str) -> None:
    """Raises ValueError for a fault that orders do not have; `deposit@read` is `deposit` in reads only."""
    name, _, call = kind.partition("@")
    if name not in ORDER_FAULTS or (call and (name not in SHOW_FAULTS or call not in CALLS)):
        raise ValueError(f"no fault of an order {kind}: there are {', '.join(ORDER_FAULTS)}")


def falsified(order: Order, shown: Shown, call: str) -> Shown:
    """What the order shows in the answer to this call."""
    for kind, falsify in _FALSIFIERS.items():
        value = order.faults.get(f"{kind}@{call}", order.faults.get(kind))
        if value is not None:
            shown = falsify(shown, value)
    return shown


def _address(shown: Shown, value: str) -> Shown:
    address: str | None = value or _stranger(shown.id)
    return replace(shown, deposit_address=None if value == "null" else address)


def _stranger(key: str) -> str:
    """The same stranger's address at every look at one order."""
    return _STRANGERS.setdefault(key, monero_address())


def _times(units: int, factor: str) -> int:
    return int(units * Decimal(factor))


def _expiry(shown: Shown, value: str) -> datetime:
    return shown.created_at + timedelta(seconds=float(value or "0"))


_STRANGERS: dict[str, str] = {}
_FALSIFIERS: dict[str, Callable[[Shown, str], Shown]] = {
    "destination": lambda shown, value: replace(shown, destination=value or HOLLOW_ADDRESS),
    "memo": lambda shown, value: replace(shown, memo=value or "4711"),
    "receive": lambda shown, value: replace(shown, receive=_times(shown.receive, value or "0.9")),
    "deposit": lambda shown, value: replace(shown, deposit=_times(shown.deposit, value or "1.5")),
    "address": _address,
    "return_address": lambda shown, value: replace(shown, return_address=value or _stranger(f"{shown.id} return")),
    "contract": lambda shown, value: replace(shown, contract=value or HOLLOW_CONTRACT),
    "expires": lambda shown, value: replace(shown, expires_at=_expiry(shown, value)),
    "word": lambda shown, value: replace(shown, word=value or "sulking"),
}


def invented_txid(like: str | None) -> str:
    """A transaction id that no chain has, in the shape of `like`."""
    return ("0x" if like and like.startswith("0x") else "") + secrets.token_hex(32)
