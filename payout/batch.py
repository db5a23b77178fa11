"""
Choosing a batch: what the next transfer pays, and which outputs it hands back to us. Pure.

Monero's limits stand here once: 16 outputs a transfer, one of which is change; an integrated address goes alone;
and since a proof is for an address, no address twice in one transfer. Deposits of orders never mix with direct refunds.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from payout.change import Note
from payout.money import Money

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from payout.approval import Approved
    from payout.order import Order
    from payout.ports import Funds
    from payout.refund import Refund
    from payout.wallet import WalletRules

OLDEST_WAIT = timedelta(minutes=5)
"""How long the oldest refund waits for a fuller batch while outputs are scarce."""

PASSED_OVER_MAX = 20
"""After so many transfers that left it out, a refund reserves the next outputs."""

INPUTS_HINTED = 2
"""Inputs that the hinted fee of a full transfer allows for."""

INPUT_SHARE = 10
"""Each input beyond them costs about one part in so many of that fee (659 of 7342 bytes)."""

SHARE_FEES = 20
"""An output of ours is worth making when it could pay for this many transfers."""

USEFUL_SHARE = 8
"""An output counts towards the target if it holds at least one part in so many of an even share."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A refund that may be paid now, and how much its output carries: what it gets, or its order's deposit."""

    refund: Refund
    amount: Money
    alone: bool = False
    approved: Approved | None = None
    """What its signatures add up to."""
    order: Order | None = None
    """Paid through a processor: the output goes to this order's deposit address."""

    @property
    def automatic(self) -> bool:
        """No person approved it."""
        return self.approved is not None and self.approved.automatic

    @property
    def address(self) -> str:
        """Where its output goes."""
        if self.order is None:
            return self.refund.destination
        if self.order.deposit_address is None:
            raise ValueError(f"order {self.order.id} is to be funded, and has no deposit address")
        return self.order.deposit_address


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What one transfer is to pay. `notes` tells those left out why."""

    items: tuple[Item, ...] = ()
    own: tuple[int, ...] = ()
    notes: tuple[Note, ...] = ()

    def smaller(self) -> Batch | None:
        """The next thing to try when the wallet refuses this one: fewer outputs, then half the refunds."""
        if self.own and self.items:
            return Batch(items=self.items)
        half = len(self.items) // 2
        return Batch(items=self.items[:half]) if half else None


def choose(
    items: Sequence[Item],
    *,
    funds: Funds,
    expected: int,
    fee: int,
    rules: WalletRules,
    now: datetime,
) -> Batch:
    """
    The next batch of `items` (longest approved first), by DESIGN section 6.

    `expected` is the number of our outputs in transfers that are not mined: the wallet does not list them yet.

    A refund that does not fit the unlocked balance waits and smaller ones go before it, until it was passed over
    PASSED_OVER_MAX times; then nothing goes before it.
    """
    holdings = useful(funds, fee, rules)
    unlocked = sum(holding.unlocked for holding in holdings)
    scarce = 0 < len(holdings) + expected < outputs_goal(funds, fee, rules)
    room = rules.batch_max - (1 if scarce else 0)
    taken, notes = _fill(items, funds, fee, max(1, room))
    if taken and not _go_now(taken, unlocked, room, rules, now):
        until = _approved_at(taken[0]) + OLDEST_WAIT
        words = f"a fuller batch ({len(taken)} of {room}), as few outputs are unlocked; at the latest {until:%H:%M} UTC"
        return Batch(notes=tuple(_note(item, words) for item in taken) + notes)
    # Who is left out only counts as passed over when others are paid.
    passed = tuple(
        Note(refund_id=n.refund_id, waiting_for=n.waiting_for, passed_over=n.passed_over + 1) if taken else n
        for n in notes
    )
    return Batch(items=taken, own=own_outputs(taken, funds, expected, fee, rules), notes=passed)


def _fill(items: Sequence[Item], funds: Funds, fee: int, room: int) -> tuple[tuple[Item, ...], tuple[Note, ...]]:
    taken: list[Item] = []
    notes: list[Note] = []
    unlocked = sorted((holding.units for holding in funds.holdings if holding.unlocked), reverse=True)
    paid = 0
    for item in items:
        if len(taken) == room or (taken and taken[0].alone):
            break
        total = paid + item.amount.units
        total += _fee(total, unlocked, fee)
        if total > funds.unlocked:
            notes.append(_note(item, _shortfall(item, funds, paid, total)))
            if item.refund.passed_over >= PASSED_OVER_MAX:
                break
            continue
        if taken and (item.alone or item.address in {t.address for t in taken}):
            continue
        if taken and (item.order is None) is not (taken[0].order is None):
            continue
        taken.append(item)
        paid += item.amount.units
    return tuple(taken), tuple(notes)


def _fee(units: int, unlocked: Sequence[int], fee: int) -> int:
    """About what paying so much costs: more than `fee` where it takes many of the outputs (largest first)."""
    inputs, found = 0, 0
    while found < units + fee and inputs < len(unlocked):
        found += unlocked[inputs]
        inputs += 1
    if found < units + fee:
        inputs += 1  # It takes all of them, and a deposit.
    return fee + fee * max(0, inputs - INPUTS_HINTED) // INPUT_SHARE


def _shortfall(item: Item, funds: Funds, paid: int, total: int) -> str:
    """What lacks for this item, when `paid` goes to others of its batch and `total` is all of it with the fee."""
    asset = item.amount.asset
    short = Money(total - funds.unlocked, asset)
    unlocked = Money(funds.unlocked, asset)
    fee = Money(total - paid - item.amount.units, asset)
    words = f"{short} {asset.code} more: it takes {item.amount} and about {fee} of fee, and {unlocked} is unlocked"
    if paid:
        words += " before this batch"
    locked = funds.balance - funds.unlocked
    if locked >= short.units:
        return f"{words}; {Money(locked, asset)} unlocks within {funds.blocks_to_unlock} blocks"
    return f"{words}; deposit {Money(short.units - locked, asset)} {asset.code}"


def _note(item: Item, words: str) -> Note:
    return Note(refund_id=item.refund.id, waiting_for=words, passed_over=item.refund.passed_over)


def _go_now(taken: Sequence[Item], unlocked: int, room: int, rules: WalletRules, now: datetime) -> bool:
    """Plenty of outputs, a full batch, one that has waited long enough; or an order, which will not wait at all."""
    if 2 * unlocked > rules.outputs_target or len(taken) >= room or taken[0].alone or taken[0].order is not None:
        return True
    return now - _approved_at(taken[0]) >= OLDEST_WAIT


def _approved_at(item: Item) -> datetime:
    approved_at = item.refund.approved_at
    if approved_at is None:
        raise ValueError(f"refund {item.refund.id} is to be paid without an approval time")
    return approved_at


def outputs_goal(funds: Funds, fee: int, rules: WalletRules) -> int:
    """How many outputs to keep: the target, or fewer where they would be too small to be useful."""
    affordable = funds.balance // max(1, SHARE_FEES * fee)
    return max(1, min(rules.outputs_target, affordable))


def useful(funds: Funds, fee: int, rules: WalletRules) -> tuple[_Holding, ...]:
    """The outputs, locked or not, that are large enough to fund a transfer."""
    share = funds.balance // outputs_goal(funds, fee, rules)
    least = share // USEFUL_SHARE
    return tuple(
        _Holding(units=holding.units, unlocked=holding.unlocked) for holding in funds.holdings if holding.units >= least
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Holding:
    units: int
    unlocked: bool


def own_outputs(items: Iterable[Item], funds: Funds, expected: int, fee: int, rules: WalletRules) -> tuple[int, ...]:
    """
    Units of each output that a transfer hands back to us, so that the wallet keeps its target.

    They are cut from what the largest unlocked output has left, in even parts with the change, so that they never
    draw more inputs into the transfer.
    """
    items = tuple(items)
    goal = outputs_goal(funds, fee, rules)
    holdings = useful(funds, fee, rules)
    missing = goal - len(holdings) - expected
    # The wallet often takes two inputs where one would do: without one more output, the goal is never reached.
    room = min(rules.batch_max - len(items), missing + 1)
    unlocked = [holding.units for holding in holdings if holding.unlocked]
    if missing <= 0 or room <= 0 or not unlocked or any(item.alone for item in items):
        return ()
    spare = max(unlocked) - sum(item.amount.units for item in items) - 2 * fee
    least = max(SHARE_FEES * fee, funds.balance // goal // USEFUL_SHARE)
    parts = min(room, spare // max(1, least) - 1)
    if parts <= 0:
        return ()
    even = min(spare // (parts + 1), funds.balance // goal)
    return (even,) * parts
