"""Mistakes in what is kept: the conditions of the stores, the spend journal, and the guards that compare the two."""

from __future__ import annotations

from tests.scenarios.mistakes.mistake import Mistake, Patch, mistake

DOUBT = "tests/payout/test_promises_of_doubt.py"
JOURNAL = "tests/payout/test_spend_journal.py"
FILE = "tests/adapters/test_journal_file.py"
MEMORY = "tests/adapters/memory/test_store.py"
DATABASE = "tests/adapters/database/test_store.py"
MEMORY_CHECKS = "adapters/memory/store/checks.py"
MIGRATION = "adapters/database/migrations/versions/v0001_payout.py"
COMMIT = "adapters/database/store/commit.py"


def sqlite(*names: str) -> tuple[str, ...]:
    """Tests of the store's contract, on SQLite."""
    return tuple(f"{DATABASE}::TestSqlite::test_{name}" for name in names)


def in_memory(*names: str) -> tuple[str, ...]:
    """The same, in memory."""
    return tuple(f"{MEMORY}::TestMemoryStore::test_{name}" for name in names)


MISTAKES = (
    # ------------------------------------------------------------ the store in memory
    mistake("memory-lease-ignored", MEMORY_CHECKS, "    _lease(tables, change)\n", "", MEMORY),
    mistake("memory-pause-ignored", MEMORY_CHECKS, "    _pauses(tables, change, now)\n", "", MEMORY),
    mistake("memory-journal-head-ignored", MEMORY_CHECKS, "    _journal_head(tables, change)\n", "", MEMORY),
    mistake("memory-versions-ignored", MEMORY_CHECKS, "    _refunds(tables, change)\n", "", MEMORY),
    mistake("memory-key-images-ignored", MEMORY_CHECKS, "    _key_images(tables, change)\n", "", MEMORY),
    mistake(
        "memory-give-up-of-another-input-taken",
        MEMORY_CHECKS,
        "    if replaced is None or replaced.key_images[0] not in transfer.key_images:\n",
        "    if replaced is None:\n",
        *in_memory("a_give_up_that_spends_another_input_is_refused"),
    ),
    mistake("memory-live-attempts-ignored", MEMORY_CHECKS, "    _attempts(tables, change)\n", "", MEMORY),
    mistake("memory-payment-cap-ignored", MEMORY_CHECKS, "    _payment_sums(tables, change, worths)\n", "", MEMORY),
    mistake("memory-caps-ignored", MEMORY_CHECKS, "    _caps(tables, change)\n", "", MEMORY),
    # ------------------------------------------------------------ the database
    mistake(
        "database-pause-ignored",
        COMMIT,
        "    conditions.no_pause(conn, clock, change.unless_paused)\n",
        "",
        *sqlite("a_pause_stops_what_must_not_be_paused"),
    ),
    mistake(
        "database-journal-head-ignored",
        COMMIT,
        "    conditions.journal_head_is_known(conn, change.journal_head)\n",
        "",
        *sqlite("a_database_that_lacks_the_journals_last_transfer_takes_nothing"),
    ),
    mistake(
        "database-payment-cap-ignored",
        COMMIT,
        "    payments.check_sums(conn, worths, new_refunds)\n",
        "",
        *sqlite("refunds_of_a_payment_never_sum_above_its_worth"),
    ),
    mistake(
        "database-cap-ignored",
        "adapters/database/store/sql.py",
        '        where=table.c[column] <= bindparam("room"),\n',
        '        where=bindparam("room") >= 0,\n',
        *sqlite("a_counter_is_raised_to_its_cap_and_no_cent_further"),
    ),
    mistake(
        "database-versions-ignored",
        "adapters/database/store/refunds.py",
        "    elif seen != refund.version - 1:\n",
        "    elif seen is None:\n",
        *sqlite("a_refund_made_from_an_older_version_is_refused"),
    ),
    Mistake(
        name="database-key-images-ignored",
        patches=(
            Patch(
                file="adapters/database/store/key_images.py",
                old="        if others:\n            raise KeyImageTaken(",
                new="        if False:\n            raise KeyImageTaken(",
            ),
            Patch(
                file=MIGRATION,
                old='    _unique("key_images_one_live",',
                new='    _index("key_images_one_live",',
            ),
        ),
        tests=sqlite("an_input_of_a_living_transfer_cannot_be_spent_again"),
    ),
    mistake(
        "database-give-up-of-another-input-taken",
        "adapters/database/store/key_images.py",
        "    if is_give_up and (not given_up or given_up[0] not in transfer.key_images):\n",
        "    if False:\n",
        *sqlite("a_give_up_that_spends_another_input_is_refused"),
    ),
    mistake(
        "database-final-transfer-loses-its-inputs",
        "adapters/database/store/key_images.py",
        "    _release(conn, [each.id for each in changed if each.status is TransferStatus.VOID])\n",
        "    _release(conn, [each.id for each in changed if each.status is not TransferStatus.OPEN])\n",
        *sqlite("a_final_transfer_keeps_its_inputs"),
    ),
    Mistake(  # Two locks on one door: each alone would hide the loss of the other.
        name="database-live-attempts-ignored",
        patches=(
            Patch(
                file="adapters/database/store/attempts.py",
                old="    _check_one_live(conn, changed)\n    #",
                new="    #",
            ),
            Patch(
                file=MIGRATION,
                old='    _unique("attempts_one_live",',
                new='    _index("attempts_one_live",',
            ),
        ),
        tests=sqlite("a_refund_has_one_attempt_that_is_not_failed"),
    ),
    mistake(
        "database-index-of-live-attempts-not-unique",
        MIGRATION,
        '    _unique("attempts_one_live",',
        '    _index("attempts_one_live",',
        "tests/adapters/database/test_migrations.py::TestSqlite::test_every_index_and_column_is_as_the_tables_say",
    ),
    # ------------------------------------------------------------ the spend journal
    mistake(
        "journal-line-not-compared-with-its-hash",
        "payout/spend_journal.py",
        "    if hashlib.sha256(content.encode()).hexdigest() != digest:\n",
        "    if False:\n",
        JOURNAL,
    ),
    mistake(
        "journal-chain-not-checked",
        "payout/spend_journal.py",
        '    if facts["seq"] != seq or facts["prev"] != prev:\n',
        "    if False:\n",
        JOURNAL,
    ),
    mistake(
        "journal-forgets-what-is-void",
        "payout/spend_journal.py",
        "            self._live[refund_id].discard(txid)\n",
        "            self._live[refund_id].clear()\n",
        JOURNAL,
    ),
    mistake(
        "journal-not-fsynced",
        "adapters/journal_file.py",
        "                rest = rest[file.write(rest) :]\n            os.fsync(file.fileno())\n",
        "                rest = rest[file.write(rest) :]\n",
        FILE,
    ),
    mistake(
        "journal-of-another-not-fsynced",
        "adapters/journal_file.py",
        "                os.fsync(file.fileno())\n                return False\n",
        "                return False\n",
        FILE,
    ),
    mistake(
        "journal-not-locked",
        "adapters/journal_file.py",
        "                    fcntl.flock(file, fcntl.LOCK_EX)\n",
        "",
        FILE,
    ),
    mistake(
        "journal-torn-line-kept",
        "adapters/journal_file.py",
        "            self._cut(file, self._read)\n            _log",
        "            _log",
        FILE,
    ),
    mistake(
        "journal-failed-write-kept",
        "adapters/journal_file.py",
        "            self._take_back(file, end)\n",
        "",
        FILE,
    ),
    mistake(
        "journal-swapped-file-taken",
        "adapters/journal_file.py",
        "        if self._inode not in (None, inode):\n",
        "        if False:\n",
        FILE,
    ),
    # ------------------------------------------------------------ guards
    mistake(
        "journal-head-not-asked-for",
        "payout/commitment.py",
        "        journal_head=wallet.journal.view().last_commit,\n",
        "",
        DOUBT,
    ),
    mistake("unknown-spend-ignored", "payout/guard.py", "    if unknown:\n", "    if False:\n", DOUBT),
    mistake(
        "guards-not-run-after-a-pause",
        "payout/worker.py",
        "        if self.wallet.pause_in_force() is not None:\n            self._guarded = None\n            return\n",
        "        if self.wallet.pause_in_force() is not None:\n            return\n",
        DOUBT,
    ),
    mistake(
        "another-wallet-accepted",
        "payout/guard.py",
        "        if address is not None and address != standing.address:\n",
        "        if False:\n",
        DOUBT,
    ),
    mistake(
        "another-network-accepted",
        "payout/guard.py",
        "    if standing.network not in networks:\n",
        "    if False:\n",
        DOUBT,
    ),
    mistake(
        "forgotten-transfers-ignored",
        "payout/guard.py",
        "    if missing:\n",
        "    if False:\n",
        "tests/payout/test_guard.py",
    ),
    mistake(
        "lost-journal-ignored",
        "payout/guard.py",
        "    if lost:\n",
        "    if False:\n",
        "tests/payout/test_guard.py",
    ),
)
