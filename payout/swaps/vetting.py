"""
Vetting an order before its deposit is committed: by its refund, by its processor's fresh word, by our own rates.

It trusts no copy: whatever the database says of an order is compared with what was signed, or with what the
processor itself said to this process.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from payout.money import usd_value
from payout.swaps.echo import differences, echo_problems, mismatches
from payout.swaps.offer import spend_limit
from payout.swaps.rules import PERCENT
from payout.vetting import amount_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from payout.order import Order, Said
    from payout.quote import Quote
    from payout.refund import Refund
    from payout.swaps.rules import SwapRules
    from payout.wallet import Wallet


def funding_problems(wallet: Wallet, rules: SwapRules, order: Order, refund: Refund, said: Said) -> tuple[str, ...]:
    """
    What keeps this order from being funded now; empty: nothing.

    `refund` is vetted (`check_refunds`), `said` is a fresh reading. None of it mends itself: such an order is dropped.

    Raises:
        RateError: one of the two coins has no rate; nothing can be said.
    """
    now = wallet.now()
    unlike = (*mismatches(order, refund), *_rule_problems(wallet, rules, order, refund))
    if unlike:
        return unlike
    theirs = wallet.pricing.quote(refund.asset.code, now)
    ours = wallet.pricing.quote(wallet.rules.asset.code, now)
    # The owed amount is signed; the order's own amount and rate are only rows.
    worth = min(usd_value(order.receive, theirs.rate), refund.owed.decimal)
    limit = spend_limit(worth, ours.rate, wallet.rules.asset, rules.spread_max)
    return (
        *differences(order, said),
        *echo_problems(order, said, coin=wallet.coin, limit=limit, rules=rules, now=now),
        *_shortfall(order, refund, theirs, rules),
    )


def _rule_problems(wallet: Wallet, rules: SwapRules, order: Order, refund: Refund) -> Iterable[str]:
    given = rules.processors.get(order.processor)
    if given is None:
        yield f"{order.processor} is not configured"
    elif refund.owed > given.order_max:
        yield f"{refund.owed} USD is above processors.{order.processor}.order_max_usd = {given.order_max}"
    if order.wallet != wallet.name:
        yield f"it returns to wallet {order.wallet}"
    if not wallet.coin.owns(order.return_address):
        yield f"its return address {order.return_address} is none of our wallet"
    if any(view.has_deposit(order.deposit_address or "") for view in wallet.journal_views()):
        yield f"its deposit address {order.deposit_address} was paid before, says the spend journal"


def _shortfall(order: Order, refund: Refund, quote: Quote, rules: SwapRules) -> Iterable[str]:
    """The customer would get too little: the rate has moved, or somebody changed the row."""
    due = amount_of(refund, quote)
    short = due.units - order.receive.units
    if short > due.units * rules.spread_max * PERCENT:
        yield f"it gives {order.receive} {due.asset.code}, and {refund.owed} USD are {due} by now"
