"""The world that a coin is tested in, and the words in which the tests speak of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol

from payout.ports import Coin
from payout.transfer import (
    Output,
    Prepared,
    Sighting,
    Transfer,
    TransferKind,
)

COIN = 10**12


class CoinWorld(Protocol):
    """A coin with at least 40 coins unlocked, and hands on the network behind it."""

    @property
    def coin(self) -> Coin:
        """The one under test."""
        ...

    def customer(self) -> str:
        """A fresh address of somebody else's."""
        ...

    def integrated(self) -> str: ...
    def own_subaddress(self) -> str: ...
    def received(self, address: str) -> int:
        """What the customer's own wallet got there, mined."""
        ...

    def send(self, address: str, units: int) -> None:
        """Somebody pays this address; it is in the pool."""
        ...

    def mine(self, count: int = 1) -> None: ...
    def pop(self, count: int) -> None:
        """Take blocks off; their transactions return to the pool."""
        ...

    def flush(self) -> None: ...
    def kill_wallet(self) -> None:
        """SIGKILL; the process runs again, with no wallet open."""
        ...

    def stop_node(self) -> None: ...
    def start_node(self) -> None: ...


def pay(world: CoinWorld, units: int = COIN) -> tuple[Prepared, str]:
    """A prepared payment, and whom it pays."""
    address = world.customer()
    return world.coin.prepare([Output(address=address, units=units)]), address


def committed(prepared: Prepared) -> Transfer:
    return Transfer(
        id=prepared.txid,
        wallet="hot",
        kind=TransferKind.PAYOUT,
        outputs=prepared.outputs,
        fee=prepared.fee,
        key_images=prepared.key_images,
        sealed="",
        committed_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


def look(world: CoinWorld, prepared: Prepared) -> Sighting:
    return world.coin.look([committed(prepared)])[prepared.txid]


def unlock_all(world: CoinWorld) -> None:
    world.mine(10)
    world.coin.check()


def knows(world: CoinWorld, prepared: Prepared) -> bool:
    """The wallet lists it among what it sent."""
    return listed(world, prepared) > 0


def listed(world: CoinWorld, prepared: Prepared) -> int:
    return [spend.txid for spend in world.coin.spends(0)].count(prepared.txid)
