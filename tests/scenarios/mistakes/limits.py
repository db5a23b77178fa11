"""Mistakes about who may approve, what it may cost, and how much may leave."""

from __future__ import annotations

from tests.scenarios.mistakes.mistake import mistake

PROMISES = "tests/payout/test_promises.py"
PAYER = "tests/payout/test_payer.py"
APPROVAL = "tests/payout/test_approval.py"
QUOTE = "tests/payout/test_quote.py"
INTAKE = "tests/payout/test_intake.py"

MISTAKES = (
    mistake(
        "requester-may-approve",
        "payout/approval.py",
        "        if len(self.people) > 1 and signer == refund.requested_by:\n",
        "        if False:\n",
        APPROVAL,
    ),
    mistake(
        "approval-never-runs-out",
        "payout/approval.py",
        "        if now >= approval.expires_at:\n",
        "        if False:\n",
        APPROVAL,
    ),
    mistake(
        "destination-not-signed",
        "payout/approval.py",
        '        "destination": refund.destination,\n',
        "",
        APPROVAL,
    ),
    mistake(
        "amount-not-signed",
        "payout/approval.py",
        '        "owed_usd": str(refund.owed),\n',
        "",
        APPROVAL,
    ),
    mistake(
        "signature-not-compared",
        "payout/approval.py",
        "        if not hmac.compare_digest(expected.encode(), approval.signature.encode()):\n",
        "        if not approval.signature:\n",
        APPROVAL,
    ),
    mistake(
        "one-person-counts-twice",
        "payout/approval.py",
        "                valid[approval.signer] = approval\n",
        "                valid[approval.signature] = approval\n",
        APPROVAL,
    ),
    mistake(
        "days-cap-not-raised-in-the-commit",
        "payout/commitment.py",
        "        caps=(replace(day_use, cap=UNCAPPED) if is_out else day_use,),\n",
        "",
        PROMISES,
    ),
    mistake(
        "days-cap-not-looked-at-before",
        "payout/vetting.py",
        "        if refund.owed <= left:\n",
        "        if True:\n",
        PAYER,
    ),
    mistake(
        "days-cap-by-the-database-alone",
        "payout/vetting.py",
        "    used = max(wallet.store.cap_used(DAY_SCOPE, day), journaled)\n",
        "    used = wallet.store.cap_used(DAY_SCOPE, day)\n",
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
        "        return Change(refunds=tuple(new), events=events, payment_caps=tuple(caps.values()))\n",
        "        return Change(refunds=tuple(new), events=events)\n",
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
        "tests/payout/test_quote.py",
        "tests/payout/test_rate_history.py",
        "tests/payout/test_rate_book.py",
    ),
    mistake(
        "stablecoin-off-its-peg-taken",
        "payout/quote/consensus.py",
        "    if is_off(peg.rate, Decimal(1), rules.peg_deviation_max):\n",
        "    if False:\n",
        QUOTE,
    ),
)
