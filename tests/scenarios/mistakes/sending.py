"""Mistakes between an approved refund and its broadcast."""

from __future__ import annotations

from tests.scenarios.mistakes.mistake import mistake

PROMISES = "tests/payout/test_promises.py"
DOUBT = "tests/payout/test_promises_of_doubt.py"
BATCH = "tests/payout/test_batch.py"
PAYER = "tests/payout/test_payer.py"

MISTAKES = (
    mistake(
        "broadcast-before-it-is-begun",
        "payout/delivery.py",
        "    begun = transfer if transfer.begun else _begin(wallet, lease, transfer)\n"
        "    wallet.coin.relay(payload_of(wallet, begun))\n",
        "    wallet.coin.relay(payload_of(wallet, transfer))\n"
        "    begun = transfer if transfer.begun else _begin(wallet, lease, transfer)\n",
        PROMISES,
    ),
    mistake(
        "lease-ignored-when-it-begins",
        "payout/delivery.py",
        "    wallet.store.commit(Change(transfers=(begun,), events=(event,), lease=lease))\n",
        "    wallet.store.commit(Change(transfers=(begun,), events=(event,)))\n",
        PROMISES,
    ),
    mistake(
        "other-journals-not-looked-at-after-the-line",
        "payout/delivery.py",
        "        check_alone(wallet, transfer, pairs)\n",
        "        pass\n",
        "tests/payout/test_delivery.py",
    ),
    mistake(
        "rows-not-compared-with-what-was-sealed",
        "payout/departure.py",
        "    check_as_committed(wallet, transfer, pairs)\n    check_alone(wallet, transfer, pairs)\n",
        "    check_alone(wallet, transfer, pairs)\n",
        "tests/payout/test_departure.py",
    ),
    mistake(
        "what-was-given-up-is-delivered",
        "payout/delivery.py",
        "        if transfer.begun or transfer.give_up_by is not None:\n",
        "        if transfer.begun:\n",
        PROMISES,
    ),
    mistake(
        "approvals-not-verified-again",
        "payout/vetting.py",
        "        found = wallet.approver.check(refund, approvals, wallet.now())\n",
        "        from payout.approval import Approved\n"
        "        found = Approved(until=wallet.now(), automatic=False, signers=())\n",
        DOUBT,
    ),
    mistake(
        "limits-not-checked-again",
        "payout/vetting.py",
        "        wallet.limits.check_refund(refund.owed, wallet.approver.rules().caps)\n",
        "",
        "tests/payout/test_vetting.py",
    ),
    mistake(
        "run-out-approvals-are-a-fault",
        "payout/vetting.py",
        "    return refund.approved_until is not None and refund.approved_until <= wallet.now()\n",
        "    return False\n",
        PAYER,
    ),
    mistake(
        "own-address-allowed",
        "payout/vetting.py",
        "    if wallet.coin.owns(refund.destination):\n",
        "    if False:\n",
        PAYER,
    ),
    mistake(
        "other-decimals-allowed",
        "payout/vetting.py",
        "    if refund.asset != assets.get(refund.asset.key):\n",
        "    if refund.asset.key not in assets:\n",
        "tests/scenarios/test_review_waiting.py::test_a_row_with_other_decimals_than_the_asset_has_is_never_paid",
    ),
    mistake(
        "journal-not-asked",
        "payout/vetting.py",
        "_journaled(live) or ",
        "",
        DOUBT,
    ),
    mistake(
        "amount-max-ignored",
        "payout/vetting.py",
        "    return amount if refund.amount_max is None else min(amount, refund.amount_max)\n",
        "    return amount\n",
        PROMISES,
    ),
    mistake(
        "amount-rounded-up",
        "payout/money.py",
        "    return Money(top // (numerator * 10**USD.decimals), asset)\n",
        "    return Money(-(-top // (numerator * 10**USD.decimals)), asset)\n",
        "tests/payout/test_money.py",
    ),
    mistake(
        "fee-rounded-down",
        "payout/money.py",
        "    return Money(-(-top // (denominator * 10**amount.asset.decimals)), USD)\n",
        "    return Money(top // (denominator * 10**amount.asset.decimals), USD)\n",
        "tests/payout/test_money.py",
    ),
    mistake(
        "fee-cap-ignored",
        "payout/spender.py",
        "        if fee > self.wallet.rules.fee_max:\n",
        "        if False:\n",
        PAYER,
    ),
    mistake(
        "pause-row-ignored-at-the-commit",
        "payout/commitment.py",
        "        unless_paused=scopes if stoppable else (),\n",
        "",
        PROMISES,
    ),
    mistake(
        "pause-file-ignored-at-the-commit",
        "payout/commitment.py",
        "    if stoppable and halt is not None:",
        "    if False:",
        PROMISES,
    ),
    mistake(
        "stale-quote-committed",
        "payout/commitment.py",
        "    if not quote.is_fresh(now):",
        "    if False:",
        PAYER,
    ),
    mistake(
        "approval-that-ran-out-while-signing-committed",
        "payout/commitment.py",
        "        if refund.approved_until is not None and refund.approved_until <= now:\n",
        "        if False:\n",
        "tests/scenarios/test_review_waiting.py::test_an_approval_that_runs_out_while_the_transfer_is_signed_pays_nothing",
    ),
    mistake(
        "journals-of-other-wallets-not-asked",
        "payout/wallet.py",
        "        return (self.journal.view(), *(journal.view() for journal in self.neighbours))\n",
        "        return (self.journal.view(),)\n",
        "tests/scenarios/test_review.py",
    ),
    mistake(
        "outputs-not-compared-with-attempts",
        "payout/commitment.py",
        "    _check_outputs(prepared, items)\n",
        "",
        "tests/payout/test_commitment.py",
    ),
    mistake(
        "wallet-not-asked-what-it-knows",
        "payout/spender.py",
        "        return not unknown\n",
        "        return True\n",
        PAYER,
    ),
    mistake(
        "mined-transfer-relayed-to-heal-the-wallet",
        "payout/spender.py",
        "        if sighting.place is Place.MINED:\n            self.wallet.coin.mend(transfer.id)\n"
        "        elif sighting.place is Place.POOL:\n",
        "        if sighting.place is not Place.UNSEEN:\n",
        PROMISES,
    ),
    mistake(
        "phantom-not-mended",
        "payout/spender.py",
        "            if times > 1:",
        "            if times > 2:",
        PAYER,
    ),
    mistake(
        "sixteen-refunds-in-a-batch",
        "payout/batch.py",
        "        if len(taken) == room or",
        "        if len(taken) > room or",
        BATCH,
    ),
    mistake(
        "one-address-twice-in-a-batch",
        "payout/batch.py",
        "        if taken and (item.alone or item.address in {t.address for t in taken}):\n",
        "        if taken and item.alone:\n",
        BATCH,
    ),
    mistake(
        "integrated-address-with-others",
        "payout/batch.py",
        "        if len(taken) == room or (taken and taken[0].alone):\n",
        "        if len(taken) == room:\n",
        BATCH,
    ),
    mistake(
        "passed-over-ignored",
        "payout/batch.py",
        "            if item.refund.passed_over >= PASSED_OVER_MAX:\n                break\n",
        "",
        BATCH,
    ),
    mistake(
        "fee-left-out-of-the-shortfall",
        "payout/batch.py",
        "        total += _fee(total, unlocked, fee)\n",
        "",
        BATCH,
    ),
    mistake(
        "key-images-of-the-wallet-believed",
        "payout/spender.py",
        "            self._learn_spent(error)\n            self._wait(batch,",
        "            self._wait(batch,",
        PAYER,
    ),
)
