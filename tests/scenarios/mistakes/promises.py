"""The mistakes that must never survive: each breaks what the whole design stands on."""

from __future__ import annotations

from tests.scenarios.mistakes.mistake import Mistake, Patch, mistake
from tests.scenarios.mistakes.records import sqlite

PROMISES = "tests/payout/test_promises.py"
DOUBT = "tests/payout/test_promises_of_doubt.py"
WORD = "tests/payout/swaps/test_funding_word.py"

MISTAKES = (
    mistake(
        "send-before-save",
        "payout/spender.py",
        "        return self._commit(batch, among, prepared, quote, lease)\n",
        "        self.wallet.coin.relay(prepared.payload)\n"
        "        return self._commit(batch, among, prepared, quote, lease)\n",
        PROMISES,
    ),
    mistake(
        "timeout-closes-attempt",
        "payout/tracker.py",
        "        sightings = self.wallet.coin.look([*opened, *settled]) if opened or settled else {}\n",
        "        try:\n"
        "            sightings = self.wallet.coin.look([*opened, *settled]) if opened or settled else {}\n"
        "        except Exception:\n"
        "            for transfer in opened:\n"
        '                store.commit(voided(self.wallet, transfer, "no answer", lease))\n'
        "            raise\n",
        PROMISES,
    ),
    mistake(
        "not-found-closes-attempt",
        "payout/tracker.py",
        "                self._bring_back(self._note(transfer, sighting, lease), sighting, lease)\n",
        '                self.wallet.store.commit(voided(self.wallet, transfer, "not found", lease))\n',
        PROMISES,
    ),
    mistake(
        "give-up-spends-another-input",
        "payout/give_up.py",
        "    first = transfer.key_images[0]\n",
        "    first = transfer.key_images[-1]\n",
        DOUBT,
    ),
    mistake(
        "give-up-not-waited-for",
        "payout/give_up.py",
        "    deliver(wallet, lease, give_up, [])\n",
        "    deliver(wallet, lease, give_up, [])\n"
        '    wallet.store.commit(voided(wallet, transfer, "it is being given up", lease))\n',
        DOUBT,
    ),
    mistake(
        "journal-skipped",
        "payout/delivery.py",
        "    is_ours = journal(wallet, transfer, pairs)\n",
        "    is_ours = True\n",
        PROMISES,
    ),
    mistake(
        "lease-ignored-by-the-worker",
        "payout/commitment.py",
        "        lease=lease,\n        unless_paused=",
        "        unless_paused=",
        PROMISES,
    ),
    mistake(
        "lease-ignored-by-the-database",
        "adapters/database/store/commit.py",
        "    conditions.lease_is_ours(conn, change.lease)\n",
        "",
        "tests/adapters/database/test_store.py::TestSqlite::test_a_write_with_the_lease_of_a_past_epoch_is_refused",
    ),
    mistake(
        "mined-transfer-relayed",
        "payout/delivery.py",
        "        if wallet.coin.look([transfer])[transfer.id].place is Place.MINED:\n",
        "        if False:\n",
        PROMISES,
    ),
    # ------------------------------------------------------------ swaps
    mistake(
        "fund-two-orders-of-one-refund",
        "payout/swaps/returns.py",
        "    if back is not None and back.whole:\n",
        "    if back is not None:\n",
        "tests/payout/swaps/test_returns.py::test_a_return_that_is_no_longer_in_our_wallet_frees_nothing",
    ),
    Mistake(  # Two locks on one door: each alone would hide the loss of the other.
        name="two-live-orders-of-one-refund",
        patches=(
            Patch(
                file="adapters/database/store/order_claims.py",
                old="order.refund_id if order.status in LIVE else None",
                new="None",
            ),
            Patch(
                file="adapters/database/migrations/versions/v0002_orders.py",
                old='"orders", ["refund_id"], _LIVE, unique=True)',
                new='"orders", ["refund_id"], _LIVE)',
            ),
        ),
        tests=sqlite("a_refund_has_one_live_order"),
    ),
    mistake(
        "fund-without-a-fresh-reading",
        "payout/swaps/readings.py",
        "        if reading is None or not now - age_max <= reading.at <= now:\n",
        "        if reading is None:\n",
        WORD,
    ),
    mistake(
        "deposit-address-from-the-database",
        "payout/swaps/echo.py",
        '        ("deposit address", _shown(order.deposit_address), _shown(said.deposit_address)),\n',
        "",
        WORD,
    ),
    mistake(
        "late-funding-broadcast",
        "payout/delivery.py",
        "    late = expired(orders_of(wallet, transfer), wallet.now())\n",
        "    late = ()\n",
        "tests/payout/swaps/test_funding_deadline.py",
    ),
    mistake(
        "processors-word-settles",
        "payout/swaps/follower.py",
        "        if proof.settles is not None:\n",
        "        if order.stage is Stage.SETTLED and proof.settles is None:\n"
        "            from payout.ports import Arrival\n"
        '            facts = {"txid": order.settle_txid or "", "units": order.receive.units, "final": True}\n'
        "            word = Arrival(id=order.id, height=None, block=None, depth=0, **facts)\n"
        "            lookout.store.commit(settled(case, order, word, now))\n"
        "            return\n"
        "        if proof.settles is not None:\n",
        "tests/payout/swaps/test_follower_unproven.py",
    ),
)
