"""Mistakes that would end an order by what proves nothing of it, or by what proves another order."""

from __future__ import annotations

from tests.scenarios.mistakes.mistake import mistake

EVIDENCE = "payout/swaps/evidence.py"
FOLLOWER_TESTS = "tests/payout/swaps/test_follower.py"
UNPROVEN_TESTS = "tests/payout/swaps/test_follower_unproven.py"
ONE_ADDRESS_TESTS = "tests/payout/swaps/test_follower_one_address.py"
RETURN_TESTS = "tests/payout/swaps/test_follower_returns.py"
ATTESTATION_TESTS = "tests/payout/swaps/test_attestation.py"

MISTAKES = (
    mistake(
        "settled-without-being-final",
        EVIDENCE,
        "        settles=_closest([arrival for arrival in whole if arrival.final]),\n",
        "        settles=_closest(whole),\n",
        FOLLOWER_TESTS,
    ),
    mistake(
        "settled-with-less-than-the-amount",
        EVIDENCE,
        "    whole = [arrival for arrival in free if order.receive.units <= arrival.units <= most_of(order)]\n",
        "    whole = [arrival for arrival in free if arrival.units <= most_of(order)]\n",
        UNPROVEN_TESTS,
    ),
    mistake(
        "settled-by-the-payment-of-another-order",
        EVIDENCE,
        "    gone = _gone(order, arrivals, store)\n",
        "    gone: frozenset[str] = frozenset()\n",
        UNPROVEN_TESTS,
    ),
    mistake(
        "settled-by-an-older-payment",
        EVIDENCE,
        "        since=order.asked_at,\n",
        "        since=order.asked_at.replace(year=2009),\n",
        UNPROVEN_TESTS,
    ),
    mistake(
        "settled-by-a-payment-that-nothing-ties-to-it",
        EVIDENCE,
        "order.stage in PROVING and named.seen is None",
        "named.seen is None",
        UNPROVEN_TESTS,
    ),
    mistake(
        "settled-by-another-payment-than-the-one-it-names",
        EVIDENCE,
        "order.stage in PROVING and named.seen is None",
        "order.stage in PROVING",
        ONE_ADDRESS_TESTS,
    ),
    mistake(
        "settled-by-a-payment-that-another-order-waits-for",
        EVIDENCE,
        "_closest(free[::-1]) if len(free) > len(unpaid) else None",
        "_closest(free[::-1])",
        ONE_ADDRESS_TESTS,
    ),
    mistake(
        "settled-by-a-payment-that-another-order-names",
        EVIDENCE,
        "if arrival.final and _bare(arrival.txid) not in named]",
        "if arrival.final]",
        ONE_ADDRESS_TESTS,
    ),
    mistake(
        "settled-by-the-larger-of-two-payments",
        EVIDENCE,
        "    return min(arrivals, key=lambda arrival: arrival.units, default=None)\n",
        "    return next(iter(arrivals), None)\n",
        ONE_ADDRESS_TESTS,
    ),
    mistake(
        "waits-for-an-order-whose-deposit-is-back",
        EVIDENCE,
        "        and not _at_least(other.returned_units or 0, (other.deposit or other.offered).units, RETURN_PARTS)\n",
        "",
        ONE_ADDRESS_TESTS,
    ),
    mistake(
        "waits-for-an-order-that-has-its-payment",
        EVIDENCE,
        "    unpaid = [rival for rival in rivals if rival.settle_height is None]\n",
        "    unpaid = rivals\n",
        ONE_ADDRESS_TESTS,
    ),
    mistake(
        "waits-for-an-order-with-another-memo",
        EVIDENCE,
        "(other.destination, other.memo) == (order.destination, order.memo)",
        "other.destination == order.destination",
        ONE_ADDRESS_TESTS,
    ),
    mistake(
        "waits-for-an-order-that-is-smaller",
        EVIDENCE,
        "        and most_of(other) >= order.receive.units\n",
        "",
        ONE_ADDRESS_TESTS,
    ),
    mistake(
        "payment-that-people-named-settles-another-order",
        EVIDENCE,
        "        each.id: {each.id, *(attested_arrival(name, order.destination) for name in (each.id, each.txid))}\n",
        "        each.id: {each.id}\n",
        ATTESTATION_TESTS,
    ),
    mistake(
        "returned-with-less-than-nine-tenths",
        EVIDENCE,
        "RETURN_PARTS = (9, 10)\n",
        "RETURN_PARTS = (5, 10)\n",
        RETURN_TESTS,
    ),
    mistake(
        "returned-though-the-customer-is-paid",
        EVIDENCE,
        "        return self.answered and not (self.settles or self.seen or self.stray)\n",
        "        return self.answered\n",
        RETURN_TESTS,
    ),
    mistake(
        "returned-while-the-customers-chain-is-silent",
        EVIDENCE,
        "        return self.answered and not (self.settles or self.seen or self.stray)\n",
        "        return not (self.settles or self.seen or self.stray)\n",
        RETURN_TESTS,
    ),
    mistake(
        "returned-though-not-deep-enough",
        EVIDENCE,
        "    deep = sum(receipt.units for receipt in receipts if receipt.depth >= confirmations)\n",
        "    deep = sum(receipt.units for receipt in receipts)\n",
        RETURN_TESTS,
    ),
    mistake(
        "dust-counted-as-a-return",
        EVIDENCE,
        "DUST_PARTS = (1, 100)\n",
        "DUST_PARTS = (0, 100)\n",
        RETURN_TESTS,
    ),
    mistake(
        "vanished-order-given-up",
        EVIDENCE,
        "PROVING = frozenset({Stage.SETTLED, Stage.VANISHED})\n",
        "PROVING = frozenset({Stage.SETTLED})\n",
        FOLLOWER_TESTS,
    ),
)
