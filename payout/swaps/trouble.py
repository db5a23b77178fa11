"""
Trouble: what a person should look at in a funded order, in words that name the next safe action.

The same state gives the same words, so an alarm is raised once for each new trouble and not at every look: no words
may hold a time or a figure that moves by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from payout.money import Money
from payout.order import Stage
from payout.swaps.evidence import most_of
from payout.text import spoken

if TYPE_CHECKING:
    from datetime import datetime

    from payout.order import Order
    from payout.ports import Arrival
    from payout.refund import Attempt
    from payout.swaps.evidence import Back, Proof

LATE = timedelta(hours=2)
"""An order that expired after its funding often goes on; after so long a person should ask."""

NAMED_PATIENCE = timedelta(hours=1)
"""So long may a transaction that a processor names be missing from its chain."""

PATIENCE = timedelta(hours=6)
"""So long may a settled order lack its transaction, or a return its arrival."""

STRAY_PATIENCE = timedelta(hours=1)
"""So long may a payment to the same customer be on its way to become another order's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """What is wrong."""

    words: str
    hold: bool = False
    """It must not be paid again when this attempt ends, before a person has looked."""
    detail: str = ""
    """More, for the alarm alone: it may change by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """An order at one look, and what evidence there is."""

    order: Order
    proof: Proof
    chain_configured: bool
    back: Back | None
    """None: the wallet was not asked, or did not answer."""
    now: datetime
    changed: str | None = None
    """What the processor now says otherwise than it was agreed."""

    def lasts(self, patience: timedelta) -> bool:
        """It has said so for so long."""
        return self.now - (self.order.said_at or self.order.asked_at) >= patience


def trouble(state: State, overdue: timedelta) -> Trouble | None:
    """What a person should look at; None while all goes its way."""
    found = _returned(state) or _changed(state) or _settled(state) or _stage(state)
    order = state.order
    since = order.funded_at or order.asked_at
    if state.now - since < overdue:
        return found
    late = f"overdue: funded at {spoken(since)}, and not settled {_hours(overdue)} hours later"
    if found is None:
        return Trouble(words=f"{late}; ask {order.processor}'s support")
    return Trouble(words=f"{found.words}; {late}", hold=found.hold, detail=found.detail)


def _returned(state: State) -> Trouble | None:
    """Money came back, or should have."""
    order, back = state.order, state.back
    says_so = order.stage is Stage.RETURNED
    if back is None or not back.something:
        promised = says_so or order.stage is Stage.RETURN_PENDING
        if promised and back is not None and not back.coming and state.lasts(PATIENCE):
            return Trouble(
                words=f"{order.processor} calls the deposit {order.stage}, and it has not come to "
                f"{order.return_address}: ask its support for the transaction"
            )
        return None
    if back.coming or (order.stage is Stage.RETURN_PENDING and not state.lasts(PATIENCE)):
        return None
    came = Money(back.deep, back.deposit.asset)
    what = f"{came} of {back.deposit} {came.asset.code} came back to us"
    if says_so and back.whole:
        return _returned_and_doubtful(state, what)
    if says_so:
        words = f"{what}, less than may be taken for a return: ask {order.processor}'s support for the rest"
    else:
        words = f"{what}, and {order.processor} calls the order {order.stage}: ask its support how it ends"
    return Trouble(words=f"{words}, then `payout refunds resolve REFUND --how failed --why TEXT`", hold=True)


def _returned_and_doubtful(state: State, what: str) -> Trouble | None:
    proof = state.proof
    if not state.chain_configured:
        words = f"{what}, and no verifier is configured to show that the customer got nothing"
    elif not proof.answered:
        if not state.lasts(PATIENCE):
            return None
        words = f"{what}, and the customer's chain does not answer whether they got something too"
    elif (proof.seen or proof.stray) and state.lasts(STRAY_PATIENCE):
        words = f"{what}, and the customer's chain shows a payment to them"
    else:
        return None
    return Trouble(
        words=f"{words}: look at what they got, then `payout refunds resolve REFUND --how settled` or `--how failed`",
        hold=True,
    )


def _changed(state: State) -> Trouble | None:
    if state.changed is None:
        return None
    return Trouble(words=f"{state.order.processor} changed what was agreed: {state.changed}; ask its support at once")


def _settled(state: State) -> Trouble | None:
    """The processor calls it settled, and no chain shows it: settled, unproven."""
    order, proof = state.order, state.proof
    if not order.settled_unproven:
        return None
    named = f"transaction {order.settle_txid}" if order.settle_txid else "no transaction"
    what = f"settled, unproven: {order.processor} names {named}"
    if not state.chain_configured:
        network = order.receive.asset.network
        return Trouble(
            words=f"{what}, and no [chains.{network}] is configured to prove it: look whether {order.destination} got "
            f"{order.receive} {order.receive.asset.code}, then `payout refunds resolve REFUND --how settled "
            "--proof TXID --why TEXT`"
        )
    why = _unproven(state)
    if why is None and proof.taken and proof.seen is None:
        why = "which settles another order"
    if why is None:
        return None
    return Trouble(words=f"{what}, {why}: ask its support what it sent", detail=proof.words)


def _unproven(state: State) -> str | None:
    order, proof = state.order, state.proof
    if proof.seen is not None:
        return _not_the_amount(order, proof.seen)
    if not proof.answered:
        return "and its chain does not answer" if state.lasts(PATIENCE) else None
    if proof.taken:
        return None
    if order.settle_txid is not None and state.lasts(NAMED_PATIENCE):
        return "which pays the customer nothing"
    shows = "a payment that may be another order's" if proof.stray is not None else "no payment"
    return f"and the chain shows {shows}" if state.lasts(PATIENCE) else None


def _not_the_amount(order: Order, seen: Arrival) -> str | None:
    """None while it is on its way."""
    if not seen.final or order.receive.units <= seen.units <= most_of(order):
        return None
    asset = order.receive.asset
    words = f"which brought {Money(seen.units, asset)} of {order.receive} {asset.code}"
    return words if seen.units < order.receive.units else f"{words}, far more than agreed: it may be another's payment"


def _stage(state: State) -> Trouble | None:
    """What the processor says is itself a trouble."""
    order = state.order
    late = state.now - (order.funded_at or order.asked_at) >= LATE
    says = f"{order.processor} says {order.status_text!r}" if order.status_text else f"{order.processor} says nothing"
    because = f" ({order.reason})" if order.reason else ""
    match order.stage:
        case Stage.HOLD:
            words = f"on hold: {says}{because}; answer its support, it goes on or is returned after that"
        case Stage.UNDERPAID:
            words = f"underpaid: {says}{because}, though we sent exactly what it asked; show its support the proof"
        case Stage.FAILED | Stage.CANCELED:
            words = f"{order.stage} after it was funded: {says}{because}; ask its support to return the deposit"
        case None | Stage.AWAITING_DEPOSIT if late:
            words = f"unseen: {says}{because} though we sent the deposit; show its support the proof"
        case Stage.EXPIRED if late:
            words = f"late: {says}{because} though it was funded in time; ask its support to go on or to return it"
        case Stage.VANISHED:
            words = f"vanished: {order.processor} does not know the order any more; show its support the proof"
        case Stage.UNKNOWN:
            words = f"{says}, a word that we do not know; see what it means, and report it as a fault of the program"
        case _:
            return None
    return Trouble(words=words)


def dossier(order: Order, attempt: Attempt | None) -> str:
    """All that a processor's support asks for, without the secret."""
    proof = "its proof is saved" if attempt is not None and attempt.proof else "its proof is not made yet"
    secret = (
        f"its secret is shown by `payout orders show {order.id} --secret`"
        if order.sealed_secret
        else "it has no secret"
    )
    support = f"support: {order.support_url}" if order.support_url else "its support's address is not known"
    return (
        f"order {order.processor_id} at {order.processor}, deposit {order.deposit} {order.offered.asset.code} "
        f"in transfer {order.transfer_id}, {proof}; {secret}; {support}"
    )


def _hours(span: timedelta) -> int:
    return span // timedelta(hours=1)
