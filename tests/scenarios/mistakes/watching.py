"""Mistakes in what watches over the history, and in pauses."""

from __future__ import annotations

from tests.scenarios.mistakes.mistake import mistake

VERIFY = "payout/audit/verify.py"
TRAIL = "tests/adapters/memory/test_audit_trail.py"
SQL_TRAIL = "tests/adapters/database/test_audit_trail.py::TestSqliteAuditTrail"
WATCH = "payout/audit/watch.py"
WATCHED = "tests/payout/audit/test_watch.py"
CHECKPOINTS = "tests/adapters/test_checkpoints.py"
HALTING = "tests/payout/desk/test_desk_halting.py"

MISTAKES = (
    # ------------------------------------------------------------ verifying
    mistake(
        "checkpoints-not-compared",
        VERIFY,
        "            if said != mac:\n",
        "            if said == mac == '':\n",
        TRAIL,
    ),
    mistake(
        "cut-end-unseen-by-checkpoints",
        VERIFY,
        "        if beyond:\n",
        "        if beyond and not last:\n",
        TRAIL,
    ),
    mistake(
        "planted-events-without-a-number-unseen",
        VERIFY,
        "        if older > head.before:\n",
        "        if older > head.before + 1:\n",
        f"{SQL_TRAIL}::test_events_without_a_number_that_appear_are_found",
    ),
    mistake(
        "head-not-compared",
        VERIFY,
        "        if line.number == self._head.number and line.mac != self._head.mac:\n",
        "        if line.number == self._head.number and not line.mac:\n",
        f"{SQL_TRAIL}::test_a_forged_head_is_found",
    ),
    mistake(
        "numbers-below-one-passed-over",
        VERIFY,
        "BELOW_ALL: Final = -(2**62)\n",
        "BELOW_ALL: Final = 0\n",
        TRAIL,
        SQL_TRAIL,
    ),
    mistake(
        "row-that-cannot-be-read-ends-the-walk",
        VERIFY,
        "            return self.step(1) if limit > 1 else self._pass_over(error)\n",
        "            return False\n",
        f"{SQL_TRAIL}::test_a_row_that_cannot_be_read_is_told_and_the_rest_is_read",
    ),
    # ------------------------------------------------------------ checkpoints
    mistake(
        "checkpoint-of-another-key-taken",
        "adapters/checkpoints.py",
        "        if not is_signed(self.key.public, checkpoint.message, checkpoint.signature):\n",
        "        if not checkpoint.signature:\n",
        CHECKPOINTS,
    ),
    mistake(
        "checkpoint-written-onto-a-torn-line",
        "adapters/checkpoints.py",
        '            line = b"\\n" + line  # The line before it was never finished.\n',
        "            pass\n",
        CHECKPOINTS,
    ),
    mistake(
        "checkpoint-time-not-signed",
        "payout/audit/checkpoint.py",
        "        return DOMAIN + canonical_json(self.facts()).encode(",
        '        return DOMAIN + canonical_json({**self.facts(), "at": ""}).encode(',
        f"{CHECKPOINTS}::test_a_line_can_be_checked_with_nothing_but_the_public_key",
    ),
    mistake(
        "new-events-not-looked-at",
        WATCH,
        "            self._alarm(verdict.faults, verdict)\n\n    def _write",
        "            self._alarm((), verdict)\n\n    def _write",
        WATCHED,
    ),
    mistake(
        "whole-chain-verified-once-for-ever",
        WATCH,
        "            if self._whole_at is not None and timedelta(0) <= now - self._whole_at < WHOLE_EVERY:\n",
        "            if self._whole_at is not None:\n",
        WATCHED,
    ),
    # ------------------------------------------------------------ the order log
    mistake(
        "order-log-shows-whom-else-a-transfer-paid",
        "payout/audit/entries.py",
        "    ours = {link.number: link for link in links if link.event.refund_id in (None, refund_id)}\n",
        "    ours = {link.number: link for link in links}\n",
        "tests/payout/audit/test_order_log.py",
    ),
    # ------------------------------------------------------------ pauses
    mistake(
        "api-key-lifts-the-pauses-of-others",
        "payout/desk/halting.py",
        "        if not who.startswith(API_PREFIX):\n",
        "        if who:\n",
        HALTING,
    ),
    mistake(
        "guard-leaves-a-wallet-to-a-pause-that-ends",
        "payout/wallet.py",
        "pause.scope == self.name and pause.until is None for",
        "pause.scope == self.name for",
        "tests/payout/test_pause_everywhere.py",
    ),
    mistake(
        "pause-file-ends-at-a-time-that-cannot-be-read",
        "adapters/halts.py",
        "        return time.astimezone(UTC) if time.tzinfo is not None else None\n",
        "        return time.astimezone(UTC)\n",
        "tests/adapters/test_halts.py",
    ),
    mistake(
        "pause-file-not-looked-at-before-a-commit",
        "payout/commitment.py",
        "    if stoppable and halt is not None:  #",
        "    if stoppable and halt is None and not scopes:  #",
        "tests/payout/test_pause_everywhere.py",
    ),
)
