"""The mistakes that must never survive: each breaks what the whole design stands on."""

from __future__ import annotations

from tests.scenarios.mistakes.mistake import mistake

PROMISES = "tests/payout/test_promises.py"
DOUBT = "tests/payout/test_promises_of_doubt.py"

MISTAKES = (
    mistake(
        "send-before-save",
        "payout/payer.py",
        "        return self._commit(batch, prepared, quote, lease)\n",
        "        self.wallet.coin.relay(prepared.payload)\n"
        "        return self._commit(batch, prepared, quote, lease)\n",
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
        "    journal(wallet, transfer, pairs)\n    begun =",
        "    begun =",
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
)
