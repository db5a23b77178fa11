"""Mistakes that would fund an order twice, too late, or where nobody asked for it."""

from __future__ import annotations

from tests.scenarios.mistakes.mistake import mistake

FUNDING = "tests/payout/swaps/test_funding.py"
WORD = "tests/payout/swaps/test_funding_word.py"
RULES = "tests/payout/swaps/test_funding_rules.py"
DEADLINE = "tests/payout/swaps/test_funding_deadline.py"
OUTCOME = "tests/payout/swaps/test_funding_outcome.py"
ADDRESSES = "tests/payout/swaps/test_return_addresses.py"

MISTAKES = (
    mistake(
        "old-word-of-a-processor-believed",
        "payout/swaps/funding.py",
        "        said = self.swaps.readings.fresh(order, self.wallet.now(), rules.reading_age)\n",
        "        said = self.swaps.readings.fresh(order, self.wallet.now(), rules.reading_age * 1000)\n",
        WORD,
    ),
    mistake(
        "database-believed-instead-of-the-processor",
        "payout/swaps/funding.py",
        "        problems = funding_problems(self.wallet, rules, order, refund, said)\n",
        "        problems = mismatches(order, refund)\n",
        WORD,
    ),
    mistake(
        "last-word-not-asked-after-signing",
        "payout/swaps/funding.py",
        "            self._check_last_word(items)\n",
        "            pass\n",
        WORD,
    ),
    mistake(
        "refund-of-an-order-not-vetted-again",
        "payout/swaps/funding.py",
        "        checked = check_refunds(self.wallet, [refund for _, refund in wanted.values()], "
        "self.swaps.rules.coins)\n",
        "        from payout.approval import Approved\n"
        "        from payout.vetting import Checked\n"
        "        passed = Approved(until=self.wallet.now(), automatic=False, signers=())\n"
        "        refunds = tuple(refund for _, refund in wanted.values())\n"
        "        every = {refund.id: passed for refund in refunds}\n"
        "        checked = Checked(refunds=refunds, notes=(), faults=(), approved=every)\n",
        RULES,
    ),
    mistake(
        "order-of-a-refund-that-is-not-approved-funded",
        "payout/swaps/funding.py",
        "        if refund is None or refund.status is not RefundStatus.APPROVED:\n",
        "        if refund is None:\n",
        RULES,
    ),
    mistake(
        "order-of-another-wallet-funded",
        "payout/swaps/funding.py",
        "for order in found if order.wallet == self.wallet.name}",
        "for order in found}",
        RULES,
    ),
    mistake(
        "signing-time-not-left",
        "payout/swaps/funding.py",
        "BROADCAST_MARGIN + SIGNING_TIME",
        "BROADCAST_MARGIN",
        DEADLINE,
    ),
    mistake(
        "earlier-expiry-of-the-processor-forgotten",
        "payout/swaps/funding.py",
        "            order=replace(order, expires_at=good_until(order, said, rules)),\n",
        "            order=order,\n",
        DEADLINE,
    ),
    mistake(
        "paused-processor-stops-all",
        "payout/swaps/funding.py",
        "            found = halted.get(order.processor) or self._item(order, refund, lease)\n",
        "            found = next(iter(halted.values()), None) or self._item(order, refund, lease)\n",
        RULES,
    ),
    mistake(
        "processors-day-cap-not-raised",
        "payout/commitment.py",
        "    caps += tuple(processors[name].day_use(_owed(_of(items, name)), transfer.committed_at) for name in names)"
        "\n",
        "",
        FUNDING,
    ),
    mistake(
        "processors-pause-not-a-condition",
        "payout/commitment.py",
        "    scopes = wallet.scopes + scopes\n",
        "    scopes = wallet.scopes\n",
        RULES,
    ),
    mistake(
        "order-not-funded-in-the-commit",
        "payout/commitment.py",
        "        orders=orders,\n        quotes=",
        "        quotes=",
        FUNDING,
    ),
    mistake(
        "expiry-not-looked-at-after-signing",
        "payout/commitment.py",
        "        _check_expiry(orders, transfer.committed_at)\n",
        "        pass\n",
        DEADLINE,
    ),
    mistake(
        "deposit-amount-not-the-orders",
        "payout/commitment.py",
        "    if [(item.refund.id, item.amount) for item in items] != "
        "[(order.refund_id, order.deposit) for order in orders]:\n",
        "    if len(items) != len(orders):\n",
        RULES,
    ),
    mistake(
        "order-paid-directly",
        "payout/commitment.py",
        "    if any(item.order is not None for item in items):\n",
        "    if False:\n",
        RULES,
    ),
    mistake(
        "attempt-is-the-deposit",
        "payout/commitment.py",
        "        amount=order.receive if order else item.amount,\n",
        "        amount=item.amount,\n",
        FUNDING,
    ),
    mistake(
        "deadline-not-looked-at-after-the-line",
        "payout/delivery.py",
        "    if _stop_late(wallet, lease, transfer, doubtful=not is_ours):"
        "  # Once more: the disk may have taken its time.\n        return\n",
        "",
        DEADLINE,
    ),
    mistake(
        "journaled-funding-voided-on-the-rows-word",
        "payout/delivery.py",
        "    if doubtful:\n",
        "    if False:\n",
        DEADLINE,
    ),
    mistake(
        "void-of-a-late-funding-not-journaled",
        "payout/delivery.py",
        "    wallet.store.commit(voided(wallet, transfer, why, lease))\n    # Also where",
        "    wallet.store.commit(voided(wallet, transfer, why, lease))\n    return True\n    # Also where",
        DEADLINE,
    ),
    mistake(
        "begun-funding-stopped-by-the-clock",
        "payout/delivery.py",
        "    if transfer.begun or transfer.kind is not TransferKind.FUNDING:\n        return False\n",
        "    if transfer.kind is not TransferKind.FUNDING:\n        return False\n",
        OUTCOME,
        DEADLINE,
    ),
    mistake(
        "margin-forgotten",
        "payout/swaps/deposit.py",
        "now + margin >= order.expires_at",
        "now >= order.expires_at",
        DEADLINE,
    ),
    mistake(
        "order-without-an-expiry-funded",
        "payout/swaps/deposit.py",
        "order.expires_at is None or now",
        "order.expires_at is not None and now",
        WORD,
    ),
    mistake(
        "proof-of-the-destination-instead-of-the-deposit",
        "payout/delivery.py",
        "attempt.transfer_id, attempt.paid_to, attempt.refund_id",
        "attempt.transfer_id, attempt.destination, attempt.refund_id",
        FUNDING,
    ),
    mistake(
        "final-funding-settles-its-attempts",
        "payout/outcome.py",
        '    if transfer.kind is TransferKind.FUNDING:\n        told = wallet.event("transfer.final"',
        '    if False:\n        told = wallet.event("transfer.final"',
        OUTCOME,
    ),
    mistake(
        "reopened-funding-reopens-settled-attempts",
        "payout/outcome.py",
        '    if transfer.kind is TransferKind.FUNDING:\n        told = wallet.event("transfer.reopened"',
        '    if False:\n        told = wallet.event("transfer.reopened"',
        OUTCOME,
    ),
    mistake(
        "order-of-a-void-funding-stays-funded",
        "payout/outcome.py",
        "            *(order.to(OrderStatus.DROPPED, ended_at=now, reason=why, trouble=None) "
        "for order in orders.values()),\n",
        "",
        OUTCOME,
    ),
    mistake(
        "ended-order-dropped-with-its-funding",
        "payout/outcome.py",
        " if order.status is OrderStatus.FUNDED}",
        "}",
        OUTCOME,
    ),
    mistake(
        "refund-freed-though-its-processor-got-the-deposit",
        "payout/outcome.py",
        "(order.stage in _NO_DEPOSIT and order.settle_txid is None)",
        "True",
        OUTCOME,
    ),
    mistake(
        "orders-mixed-with-direct-refunds",
        "payout/batch.py",
        "        if taken and (item.order is None) is not (taken[0].order is None):\n            continue\n",
        "",
        FUNDING,
    ),
    mistake(
        "order-waits-for-a-fuller-batch",
        "payout/batch.py",
        " or taken[0].alone or taken[0].order is not None:\n",
        " or taken[0].alone:\n",
        FUNDING,
    ),
    mistake(
        "deposit-sent-to-the-customers-address",
        "payout/batch.py",
        "        return self.order.deposit_address\n",
        "        return self.refund.destination\n",
        FUNDING,
    ),
    mistake(
        "wallet-split-while-an-order-waits",
        "payout/payer.py",
        "        if expected_outputs(opened) or self._orders_wait():\n",
        "        if expected_outputs(opened):\n",
        FUNDING,
    ),
    mistake(
        "return-address-on-record-without-the-lease",
        "payout/swaps/return_addresses.py",
        "Change(return_addresses=(made,), lease=lease)",
        "Change(return_addresses=(made,))",
        ADDRESSES,
    ),
    mistake(
        "pool-of-return-addresses-without-end",
        "payout/swaps/return_addresses.py",
        "    for _ in range(min(MADE_PER_TICK, POOL - free)):\n",
        "    for _ in range(MADE_PER_TICK):\n",
        ADDRESSES,
    ),
)
