"""
The echo: what a processor says of an order, held against what was asked of it. Pure; problems come out in words.

A deposit may only be paid to an order in which every field is right. What a processor leaves unsaid is a problem
wherever money could go astray by it, and none where the field is for our comfort only.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

from payout.order import Stage
from payout.swaps.offer import spend_limit

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from payout.money import Money
    from payout.order import Order, Said
    from payout.ports import Coin
    from payout.refund import Refund
    from payout.swaps.rules import SwapRules

_ID = re.compile(r"[A-Za-z0-9._~:-]{1,128}")
"""What may be an id: it goes into addresses of pages and into log lines."""


def echo_problems(
    order: Order,
    said: Said,
    *,
    coin: Coin,
    limit: Money,
    rules: SwapRules,
    now: datetime,
) -> tuple[str, ...]:
    """
    What keeps this order from being funded, by what its processor says; empty: nothing.

    `limit` is the most that the deposit may be by our own rates (`spend_limit`), in the wallet's asset.
    """
    return tuple(
        problem
        for problem in (
            _id_problem(said),
            _stage_problem(said),
            *_customer_side(order, said),
            *_our_side(order, said, coin),
            _deposit_problem(order, said, limit, rules),
            expiry_problem(order, said, rules, now),
        )
        if problem is not None
    )


def good_until(order: Order, said: Said, rules: SwapRules) -> datetime:
    """When the order runs out: the earliest that anybody named, or what is assumed of a silent processor."""
    named = [each for each in (order.expires_at, said.expires_at) if each is not None]
    if named:
        return min(named)
    assumed = order.asked_at + rules.expiry_assumed
    return assumed if order.offer_expires_at is None else min(assumed, order.offer_expires_at)


def expiry_problem(order: Order, said: Said, rules: SwapRules, now: datetime) -> str | None:
    """It runs out before its deposit would surely be on its way."""
    end = good_until(order, said, rules)
    if now + rules.expiry_margin < end:
        return None
    return f"it runs out at {end.isoformat(timespec='seconds')}, too soon to be paid in time"


def differences(order: Order, said: Said) -> tuple[str, ...]:
    """
    In what a new reading differs from the order as it was agreed.

    An expiry may be said otherwise at each look (`good_until` takes the earliest); its stage is `echo_problems`'.
    """
    facts = (
        ("id", _shown(order.processor_id), _shown(said.processor_id)),
        ("deposit address", _shown(order.deposit_address), _shown(said.deposit_address)),
        ("deposit", _units(order.deposit), _units(said.deposit)),
    )
    # What is nothing on both sides is echo_problems' to refuse.
    changed = [f"its {name} was {was}, and is now {now}" for name, was, now in facts if was != now]
    return (*changed, *(each for each in _customer_side(order, said) if each is not None))


def mismatches(order: Order, refund: Refund) -> tuple[str, ...]:
    """In what an order no longer fits the refund that it is to pay."""
    facts = (
        ("revision", order.revision, refund.revision),
        ("destination", order.destination, refund.destination),
        ("memo", order.memo or None, refund.memo or None),
        ("asset", order.receive.asset, refund.asset),
    )
    wrong = [f"its {name} is not the refund's" for name, ours, theirs in facts if ours != theirs]
    most = refund.amount_max
    if not wrong and most is not None and order.receive > most:
        wrong.append(f"it gives {order.receive} {most.asset.code}, and the refund allows {most}")
    return tuple(wrong)


def was_edited(order: Order, refund: Refund | None) -> bool:
    """They differ though no amendment came between them: something else than this program wrote one of the rows."""
    return refund is not None and order.revision == refund.revision and bool(mismatches(order, refund))


def _id_problem(said: Said) -> str | None:
    if _ID.fullmatch(said.processor_id):
        return None
    return f"its id {said.processor_id[:40]!a} is none that an order could have"


def _stage_problem(said: Said) -> str | None:
    if said.stage is Stage.AWAITING_DEPOSIT:
        return None
    return f"it does not wait for a deposit: it is {said.stage} ({said.status_text[:40]!a})"


def _customer_side(order: Order, said: Said) -> Iterable[str | None]:
    """Where it pays to, with which memo, and how much."""
    if said.destination is None or not same_address(said.destination, order.destination):
        yield f"it pays to {_shown(said.destination)} instead of {order.destination}"
    if (said.memo or None) != (order.memo or None):
        yield f"its memo is {_shown(said.memo)} instead of {_shown(order.memo)}"
    if said.receive != order.receive:
        yield f"it pays {_units(said.receive)} instead of {_units(order.receive)}"


def _our_side(order: Order, said: Said, coin: Coin) -> Iterable[str | None]:
    """Where our deposit goes, and where it would come back to."""
    address = said.deposit_address
    if address is None or not coin.valid(address):
        yield f"its deposit address {_shown(address)} is none of our coin"
    elif coin.owns(address):
        yield "its deposit address is one of our own wallet"
    elif address in {order.return_address, order.destination}:
        yield "its deposit address is one that we gave it"
    if said.deposit_memo:
        yield f"it wants a memo with the deposit ({_shown(said.deposit_memo)}), which our coin cannot carry"
    if said.return_address != order.return_address:  # Also where it names none: a return would find no way.
        yield f"it would return to {_shown(said.return_address)} instead of {order.return_address}"


def _deposit_problem(order: Order, said: Said, limit: Money, rules: SwapRules) -> str | None:
    deposit = said.deposit
    if deposit is None or deposit.asset != order.offered.asset or deposit.units <= 0:
        return f"it asks for a deposit of {_units(deposit)}"
    # One coin at one USD: the slack is in the asset itself.
    offered = spend_limit(order.offered.decimal, Decimal(1), deposit.asset, rules.deposit_slack)
    if deposit > offered:
        return f"it asks for {_units(deposit)}, and had offered {order.offered}"
    if deposit > limit:
        return (
            f"it asks for {_units(deposit)}; by our own rates no more than {limit} "
            f"(swaps.spread_max_percent = {rules.spread_max:f})"
        )
    return None


def same_address(one: str, other: str) -> bool:
    """Equal; an address in hex also where only the case of its digits (a checksum, or none) differs."""
    if one.startswith("0x") and other.startswith("0x"):
        return one.lower() == other.lower()
    return one == other


def _units(amount: Money | None) -> str:
    return "nothing" if amount is None else f"{amount} {amount.asset.code}"


def _shown(text: str | None) -> str:
    """A processor's text, in a form that is safe to print."""
    return "nothing" if not text else ascii(text[:120])
