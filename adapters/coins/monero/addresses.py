"""
The wallet's own addresses: which are ours, a fresh one for each order, and what came in there.

An address counts as made once the wallet has written it to disk: before that, a killed wallet would give it out
a second time.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final

from adapters.coins.monero import answers, calls
from adapters.coins.monero.address import base_address
from adapters.coins.monero.calls import Call
from adapters.coins.monero.daemon import Daemon
from payout.errors import RailUnavailable
from payout.ports import Receipt
from payout.transfer import Place, Trace

LEARNED_SECONDS: Final = 60
"""How long the list of our own addresses may be old; the shop may make new ones in this wallet."""


class Addresses:
    """Those of one wallet; `ask` makes a call to it and raises RailUnavailable."""

    def __init__(self, ask: Callable[[Call], dict[str, Any]], daemon: Daemon, account_index: int) -> None:
        self._ask = ask
        self._daemon = daemon
        self._account = account_index
        self._own: frozenset[str] = frozenset()
        self._own_at: float | None = None

    def owns(self, address: str) -> bool:
        """One of the wallet's addresses of any account, as of the last look, and those made since."""
        return base_address(address) in self._own

    def forget(self) -> None:
        """Another wallet may have been opened: look again at once."""
        self._own_at = None

    def learn(self) -> None:
        """Look which addresses are ours, if the last look is old."""
        now = time.monotonic()
        if self._own_at is not None and now - self._own_at < LEARNED_SECONDS:
            return
        accounts = answers.listed(self._ask(calls.accounts()), "subaddress_accounts")
        indexes = [answers.whole(account, "account_index") for account in accounts]
        self._own = frozenset(
            answers.text(entry, "address")
            for index in indexes
            for entry in answers.listed(self._ask(calls.addresses(index)), "addresses")
        )
        self._own_at = now

    def make(self, label: str) -> tuple[str, int]:
        """A new subaddress of the account and its index, saved to disk. Raises RailUnavailable."""
        answer = self._ask(calls.create_address(self._account, label))
        address, index = answers.text(answer, "address"), answers.whole(answer, "address_index")
        self._ask(calls.store())
        if index == 0 or address in self._own:
            raise RailUnavailable("the wallet gave out an address that it had given out before; it is not used")
        self._own |= {address}
        return address, index

    def received(self, index: int) -> tuple[Receipt, ...]:
        """
        Payments to the subaddress of this index, oldest first.

        The wallet says which there are; how deep they are, the daemon says. Those that the daemon does not have, and
        those that are locked beyond the usual, are none. Raises RailUnavailable.
        """
        answer = self._ask(calls.incoming(self._account, index))
        mined = answers.listed(answer, "in")
        known = {entry.get("txid") for entry in mined}
        # After a reorganisation one payment stands in both, until a new block comes.
        pooled = [entry for entry in answers.listed(answer, "pool") if entry.get("txid") not in known]
        entries = [
            entry
            for entry in (*mined, *pooled)
            if _is_at(entry, self._account, index) and entry.get("unlock_time", 0) == 0
        ]
        txids = [answers.hash_of(entry, "txid") for entry in entries]
        seen = self._daemon.look([Trace(id=txid) for txid in dict.fromkeys(txids)]) if txids else {}
        receipts = [
            Receipt(
                txid=txid,
                units=answers.whole(entry, "amount"),
                height=seen[txid].height,
                depth=seen[txid].depth,
            )
            for txid, entry in zip(txids, entries, strict=True)
            if seen[txid].place is not Place.UNSEEN
        ]
        return tuple(sorted(receipts, key=lambda each: (-each.depth, each.txid)))


def _is_at(entry: dict[str, Any], account: int, index: int) -> bool:
    """The wallet ignores a filter that it does not know, and would list all."""
    return entry.get("subaddr_index") == {"major": account, "minor": index}
