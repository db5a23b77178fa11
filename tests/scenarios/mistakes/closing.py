"""Mistakes about what counts as evidence, and about giving up."""

from __future__ import annotations

from tests.scenarios.mistakes.mistake import mistake

PROMISES = "tests/payout/test_promises.py"
DOUBT = "tests/payout/test_promises_of_doubt.py"

MISTAKES = (
    mistake(
        "unconfirmed-broadcast-closes-attempt",
        "payout/delivery.py",
        "    except RailUnavailable as error:\n        # It is committed",
        "    except RailUnavailable as error:\n"
        "        from payout.outcome import voided\n"
        '        wallet.store.commit(voided(wallet, begun, "no answer", lease))\n'
        "        # It is committed",
        PROMISES,
    ),
    mistake(
        "final-one-block-early",
        "payout/tracker.py",
        "            case Place.MINED if sighting.depth >= self.wallet.rules.confirmations:\n",
        "            case Place.MINED if sighting.depth >= self.wallet.rules.confirmations - 1:\n",
        PROMISES,
    ),
    mistake(
        "final-one-block-late",
        "payout/tracker.py",
        "            case Place.MINED if sighting.depth >= self.wallet.rules.confirmations:\n",
        "            case Place.MINED if sighting.depth > self.wallet.rules.confirmations:\n",
        PROMISES,
    ),
    mistake(
        "lease-ignored-when-it-settles",
        "payout/outcome.py",
        "                for attempt, refund in live\n            ),\n        ),\n        lease=lease,\n",
        "                for attempt, refund in live\n            ),\n        ),\n",
        PROMISES,
    ),
    mistake(
        "paid-not-opened-again",
        "payout/tracker.py",
        "        self.wallet.store.commit(reopened(self.wallet, transfer, sighting, lease))\n",
        "        return\n",
        PROMISES,
    ),
    mistake(
        "block-of-what-is-final-not-compared",
        "payout/tracker.py",
        "        if sighting.place is Place.MINED and sighting.block_hash == transfer.block_hash:\n",
        "        if sighting.place is Place.MINED:\n",
        PROMISES,
    ),
    mistake(
        "block-of-what-is-mined-not-compared",
        "payout/tracker.py",
        "        was = (transfer.place, transfer.height, transfer.block_hash)\n"
        "        if was == (sighting.place, sighting.height, sighting.block_hash):\n",
        "        was = (transfer.place, transfer.height)\n        if was == (sighting.place, sighting.height):\n",
        PROMISES,
    ),
    mistake(
        "pooled-give-up-closes-attempt",
        "payout/tracker.py",
        "            return  # Our own give-up,",
        '            self.wallet.store.commit(voided(self.wallet, transfer, "its rival was seen", lease))\n'
        "            return  # Our own give-up,",
        DOUBT,
    ),
    mistake(
        "strangers-spend-closes-attempt-at-once",
        "payout/tracker.py",
        "        if depth < self.wallet.rules.confirmations:\n            return\n",
        "",
        DOUBT,
    ),
    mistake(
        "strangers-spend-of-an-input-ignored",
        "payout/tracker.py",
        "        elif KeyImage.IN_CHAIN in sighting.key_images:\n",
        "        elif False:\n",
        DOUBT,
    ),
    mistake(
        "void-not-journaled",
        "payout/tracker.py",
        "        self.wallet.store.commit(change)\n        for rival in rivals:\n"
        "            journal_void(self.wallet, rival.id)\n",
        "        self.wallet.store.commit(change)\n",
        DOUBT,
    ),
    mistake(
        "void-not-watched",
        "payout/outcome.py",
        "    after = transfer.to(TransferStatus.VOID, watched=not transfer.begun)\n",
        "    after = transfer.to(TransferStatus.VOID, watched=True)\n",
        DOUBT,
    ),
    mistake(
        "void-that-landed-ignored",
        "payout/tracker.py",
        "        if transfer.id not in explained:\n            raise WalletUnsafe(\n",
        "        if transfer.id not in explained:\n            WalletUnsafe(\n",
        "tests/scenarios/test_review.py",
    ),
    mistake(
        "begun-transfer-voided-by-a-swap-alone",
        "payout/give_up.py",
        "    if not transfer.begun and not journaled:\n",
        "    if True:\n",
        DOUBT,
    ),
    mistake(
        "journaled-transfer-voided-by-a-swap-alone",
        "payout/give_up.py",
        "    if not transfer.begun and not journaled:\n",
        "    if not transfer.begun:\n",
        "tests/payout/test_give_up.py",
    ),
    mistake(
        "sweep-of-another-input-committed",
        "payout/give_up.py",
        "    if prepared.key_images != (first,):\n",
        "    if False:\n",
        "tests/payout/test_give_up.py",
    ),
    mistake(
        "give-up-above-the-fee-cap",
        "payout/give_up.py",
        "        _check_fee(wallet, prepared)\n",
        "",
        "tests/scenarios/test_review_waiting.py::test_a_give_up_waits_while_its_fee_is_above_the_cap",
    ),
    mistake(
        "pooled-transfer-swept",
        "payout/give_up.py",
        "    if sighting.place is Place.POOL or sighting.key_images[0] is not KeyImage.FREE:\n",
        "    if sighting.place is Place.UNSEEN and sighting.key_images[0] is not KeyImage.FREE:\n",
        DOUBT,
    ),
    mistake(
        "what-is-given-up-brought-back",
        "payout/tracker.py",
        "        if transfer.give_up_by is not None:\n            return\n",
        "",
        "tests/payout/test_tracker.py",
    ),
    mistake(
        "one-refusal-gives-it-up",
        "payout/tracker.py",
        "REFUSALS = 3\nREFUSAL_BLOCKS = 10\n",
        "REFUSALS = 1\nREFUSAL_BLOCKS = 0\n",
        "tests/payout/test_tracker.py",
    ),
    mistake(
        "repaired-refund-free-to-be-paid",
        "payout/recreation.py",
        "RefundStatus.REQUESTED if over else RefundStatus.PAYING)",
        "RefundStatus.REQUESTED)",
        "tests/payout/test_repair.py",
    ),
    mistake(
        "hold-forgotten-when-an-attempt-fails",
        "payout/refund.py",
        "        if self.hold_reason is not None:\n            return self.to(_S.HELD)\n",
        "",
        "tests/payout/test_refund.py",
    ),
    mistake(
        "canceled-while-paying",
        "payout/refund.py",
        "            _S.PAID,  # the transfer is final\n",
        "            _S.PAID,  # the transfer is final\n            _S.CANCELED,\n",
        "tests/payout/desk/test_desk.py",
    ),
    mistake(
        "attempts-without-end",
        "payout/refund.py",
        "        if self.attempts >= ATTEMPTS_MAX:\n",
        "        if False:\n",
        "tests/payout/test_refund.py",
    ),
)
