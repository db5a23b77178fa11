"""Mistakes about what it may cost, and how much may leave."""

from __future__ import annotations

from tests.scenarios.mistakes.mistake import mistake

PROMISES = "tests/payout/test_promises.py"
PAYER = "tests/payout/test_payer.py"
QUOTE = "tests/payout/quote/test_quote.py"
INTAKE = "tests/payout/test_intake.py"

MISTAKES = (
    mistake(
        "days-cap-not-raised-in-the-commit",
        "payout/commitment.py",
        "        caps=caps,\n",
        "        caps=(),\n",
        PROMISES,
    ),
    mistake(
        "days-cap-not-looked-at-before",
        "payout/vetting.py",
        "            if each.refund.owed > left:\n",
        "            if False:\n",
        PAYER,
    ),
    mistake(
        "days-cap-by-the-database-alone",
        "payout/vetting.py",
        "    return max(wallet.store.cap_used(scope, day), sum(view.cents(scope, day) for view in views))\n",
        "    return wallet.store.cap_used(scope, day)\n",
        PROMISES,
    ),
    mistake(
        "other-facts-taken-for-the-same-refund",
        "payout/intake.py",
        "    if known.facts != given.facts:\n",
        "    if False:\n",
        INTAKE,
    ),
    mistake(
        "payment-cap-not-asked-for",
        "payout/intake.py",
        "            payment_caps=tuple(caps.values()),\n",
        "",
        INTAKE,
    ),
    mistake(
        "old-sample-taken",
        "payout/quote/consensus.py",
        "    if now - sample.held_at > rules.age_max:\n",
        "    if False:\n",
        QUOTE,
    ),
    mistake(
        "two-sources-that-differ-averaged",
        "payout/quote/consensus.py",
        "    if fresh == 2 and is_off(high, low, rules.deviation_max):",
        "    if False:",
        QUOTE,
    ),
    mistake(
        "leaping-rate-taken",
        "payout/quote/consensus.py",
        "    if jumped is not None:\n",
        "    if False:\n",
        "tests/payout/quote/test_quote.py",
        "tests/payout/quote/test_rate_history.py",
        "tests/payout/quote/test_rate_book.py",
    ),
    mistake(
        "stablecoin-off-its-peg-taken",
        "payout/quote/consensus.py",
        "    if is_off(peg.rate, Decimal(1), rules.peg_deviation_max):\n",
        "    if False:\n",
        QUOTE,
    ),
)
