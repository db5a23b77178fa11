"""Mistakes that would end an order wrongly, pay a refund twice, or forget one that is still owed."""

from __future__ import annotations

from tests.scenarios.mistakes.mistake import mistake

FOLLOWER = "payout/swaps/follower.py"
AFTERMATH = "payout/swaps/aftermath.py"
SETTLEMENT = "payout/swaps/settlement.py"
ATTESTATION = "payout/swaps/attestation.py"
RETURNS = "payout/swaps/returns.py"
VETTING = "payout/vetting.py"
FOLLOWER_TESTS = "tests/payout/swaps/test_follower.py"
UNPROVEN_TESTS = "tests/payout/swaps/test_follower_unproven.py"
RETURN_TESTS = "tests/payout/swaps/test_follower_returns.py"
AFTERMATH_TESTS = "tests/payout/swaps/test_follower_aftermath.py"
ATTESTATION_TESTS = "tests/payout/swaps/test_attestation.py"
JOURNALED_TESTS = "tests/payout/swaps/test_returns.py"
SETTLEMENT_TESTS = "tests/payout/swaps/test_settlement.py"
VETTING_TESTS = "tests/payout/swaps/test_order_vetting.py"

_IS_A_RETURN = "back.whole and order.stage is Stage.RETURNED and proof.nothing:\n"

MISTAKES = (
    mistake(
        "settled-by-the-processors-word",
        FOLLOWER,
        "        proof = lookout.prove(heard)\n",
        "        proof = lookout.prove(heard)\n"
        "        if order.stage is Stage.SETTLED and proof.seen is not None:\n"
        "            proof = replace(proof, settles=proof.seen)\n",
        FOLLOWER_TESTS,
        UNPROVEN_TESTS,
    ),
    mistake(
        "answer-about-another-order-taken",
        "payout/swaps/lookout.py",
        "        return said if said.processor_id == order.processor_id else None\n",
        "        return said\n",
        FOLLOWER_TESTS,
    ),
    mistake(
        "returned-while-the-processor-still-works-on-it",
        FOLLOWER,
        _IS_A_RETURN,
        "back.whole and proof.nothing:\n",
        RETURN_TESTS,
    ),
    mistake(
        "vanished-order-counted-as-failed",
        FOLLOWER,
        _IS_A_RETURN,
        "back.whole and order.stage in {Stage.RETURNED, Stage.VANISHED} and proof.nothing:\n",
        RETURN_TESTS,
    ),
    mistake(
        "expired-after-its-funding-counted-as-ended",
        FOLLOWER,
        "        proof = lookout.prove(heard)\n",
        "        if order.stage is Stage.EXPIRED:\n            return\n        proof = lookout.prove(heard)\n",
        FOLLOWER_TESTS,
    ),
    mistake(
        "trouble-of-a-return-does-not-hold-its-refund",
        SETTLEMENT,
        "    if trouble is not None and trouble.hold and case.refund",
        "    if trouble is not None and False and case.refund",
        RETURN_TESTS,
    ),
    mistake(
        "hold-of-a-person-forgotten-with-the-return",
        SETTLEMENT,
        "    refund = case.refund.fail_attempt()\n",
        "    refund = replace(case.refund, hold_reason=None).fail_attempt()\n",
        RETURN_TESTS,
    ),
    mistake(
        "payment-after-the-return-ignored",
        AFTERMATH,
        "    if paid is not None:\n",
        "    if False:\n",
        RETURN_TESTS,
    ),
    mistake(
        "return-that-was-undone-ignored",
        AFTERMATH,
        "    if back is not None and order.returned_units and back.units < order.returned_units:\n",
        "    if False:\n",
        RETURN_TESTS,
    ),
    mistake(
        "reorganisation-of-the-customers-chain-ignored",
        AFTERMATH,
        "        if undone is not None:\n",
        "        if False:\n",
        AFTERMATH_TESTS,
    ),
    mistake(
        "settlement-that-is-not-final-any-more-kept",
        AFTERMATH,
        "    if moved and not arrival.final:",
        "    if False:",
        AFTERMATH_TESTS,
    ),
    mistake(
        "refund-of-an-undone-settlement-not-reopened",
        SETTLEMENT,
        "        refunds=(case.refund.reopen(),) if case.refund.status is RefundStatus.PAID else (),\n",
        "",
        AFTERMATH_TESTS,
    ),
    mistake(
        "attempt-of-an-undone-settlement-not-reopened",
        SETTLEMENT,
        "        attempts=case.close(AttemptStatus.OPEN, None),\n",
        "",
        SETTLEMENT_TESTS,
        AFTERMATH_TESTS,
    ),
    mistake(
        "returned-order-forgotten-before-the-journal-knows",
        AFTERMATH,
        " and self._ended_long_ago(order) and lookout.journaled(order):\n",
        " and self._ended_long_ago(order):\n",
        JOURNALED_TESTS,
    ),
    mistake(
        "journal-believes-the-databases-return",
        RETURNS,
        "    if back is not None and back.whole:\n",
        "    if back is not None:\n",
        JOURNALED_TESTS,
    ),
    mistake(
        "journal-takes-the-row-for-what-was-agreed",
        RETURNS,
        "                if _return_of(agreed) == _return_of(order):\n",
        "                if agreed is not None:\n",
        JOURNALED_TESTS,
    ),
    mistake(
        "forged-attestation-frees-without-new-signatures",
        RETURNS,
        "refund.revision > agreed.revision",
        "refund.revision >= agreed.revision",
        JOURNALED_TESTS,
    ),
    mistake(
        "return-freed-without-the-journal",
        VETTING,
        "        if _end_unwritten(wallet, refund, live) or _ran_out(wallet, refund):\n",
        "        orders = wallet.store.orders_of([refund.id])\n"
        "        live -= {order.transfer_id for order in orders if order.status is OrderStatus.RETURNED}\n"
        "        if _end_unwritten(wallet, refund, live) or _ran_out(wallet, refund):\n",
        VETTING_TESTS,
    ),
    mistake(
        "signatures-from-before-an-attested-failure-pay-anew",
        VETTING,
        "    if refund.revision >= needed:\n",
        "    if refund.revision or needed:\n",
        VETTING_TESTS,
    ),
    mistake(
        "attested-by-one-where-two-must",
        ATTESTATION,
        "    if len(rules.people) <= 1:\n        return []\n",
        "    if True:\n        return []\n",
        ATTESTATION_TESTS,
    ),
    mistake(
        "one-person-counted-as-two",
        ATTESTATION,
        "    if words.get(claim.who) == claim.words:\n",
        "    if False:\n",
        ATTESTATION_TESTS,
    ),
    mistake(
        "two-who-say-different-things-agree",
        ATTESTATION,
        "if word == claim.words and may(",
        "if who != claim.who and may(",
        ATTESTATION_TESTS,
    ),
    mistake(
        "one-payment-attested-for-two-refunds",
        ATTESTATION,
        '        arrival_id=attested_arrival(claim.proof or "", case.order.destination),\n',
        "",
        ATTESTATION_TESTS,
    ),
    mistake(
        "attested-failure-pays-anew-without-approvals",
        ATTESTATION,
        "        refunds=(freed, anew),\n",
        "        refunds=(freed,),\n",
        ATTESTATION_TESTS,
    ),
)
