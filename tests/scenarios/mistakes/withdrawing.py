"""Mistakes about what people took back, what may leave, who said what, and whose word a row is."""

from __future__ import annotations

from tests.scenarios.mistakes.mistake import mistake

WITHDRAWALS = "payout/withdrawals.py"
READER = "payout/audit/reader.py"
DEPARTURE = "payout/departure.py"
ATTESTATION = "payout/swaps/attestation.py"
RETURNS = "payout/swaps/returns.py"
TAKEN_BACK = "tests/payout/test_withdrawals.py"
PAUSES = "tests/payout/test_withdrawn_pauses.py"
LEAVING = "tests/payout/test_departure.py"
ATTESTED = "tests/payout/swaps/test_attestation.py"
RETURNED = "tests/payout/swaps/test_returns.py"

MISTAKES = (
    mistake(
        "planted-words-lift-too",
        WITHDRAWALS,
        "        if is_true or (entry in _ANYBODYS and strange <= STRANGE_MAX):\n",
        "        if is_true or strange <= STRANGE_MAX:\n",
        TAKEN_BACK,
    ),
    mistake(
        "planted-words-take-nothing-back",
        WITHDRAWALS,
        "        if is_true or (entry in _ANYBODYS and strange <= STRANGE_MAX):\n",
        "        if is_true:\n",
        TAKEN_BACK,
    ),
    mistake(
        "planted-words-fill-the-journal",
        WITHDRAWALS,
        "(entry in _ANYBODYS and strange <= STRANGE_MAX)",
        "entry in _ANYBODYS",
        TAKEN_BACK,
    ),
    mistake(
        "planted-word-keeps-its-own-time",
        WITHDRAWALS,
        "    at = event.at if is_true else wallet.now()\n",
        "    at = event.at\n",
        TAKEN_BACK,
    ),
    mistake(
        "planted-pause-keeps-its-own-end",
        WITHDRAWALS,
        '        body["until"] = event.fact("until") if is_true else None\n',
        '        body["until"] = event.fact("until")\n',
        PAUSES,
    ),
    mistake(
        "planted-amendment-asks-for-a-revision-of-its-own",
        WITHDRAWALS,
        '        body["revision"] = event.fact("revision") if is_true else None\n',
        '        body["revision"] = event.fact("revision")\n',
        TAKEN_BACK,
    ),
    mistake(
        "amended-revision-forgotten-by-the-journal",
        "payout/spend_journal.py",
        '        self._take_revision(refund_id, line.body.get("revision"))\n        before',
        "        before",
        TAKEN_BACK,
    ),
    mistake(
        "older-approvals-count-after-a-hold",
        WITHDRAWALS,
        "    if found is None or (approved and",
        "    if found is None or approved or (approved and",
        TAKEN_BACK,
    ),
    mistake(
        "newer-approvals-do-not-count-after-a-hold",
        WITHDRAWALS,
        "(approved and approved.until - APPROVAL_LIFE >",
        "(False and approved.until - APPROVAL_LIFE >",
        TAKEN_BACK,
    ),
    mistake(
        "lost-pause-is-no-matter",
        WITHDRAWALS,
        "        if lost:\n",
        "        if False:\n",
        PAUSES,
    ),
    mistake(
        "whoever-resumes-the-wallet-lifts-no-lost-pause",
        WITHDRAWALS,
        '        body["lost"] = _lost_pauses(wallet) if event.wallet == wallet.name else []\n',
        '        body["lost"] = []\n',
        PAUSES,
    ),
    mistake(
        "resuming-a-wallet-lifts-pauses-that-stand",
        WITHDRAWALS,
        '    return [pause for pause in kept if (pause["scope"], pause["who"]) not in rows]\n',
        "    return kept\n",
        PAUSES,
    ),
    mistake(
        "pause-that-ended-is-missed-for-ever",
        WITHDRAWALS,
        '        if pause["until"] is None or wallet.now() < datetime.fromisoformat(pause["until"])\n',
        "        if pause\n",
        PAUSES,
    ),
    mistake(
        "keys-pause-lifted-with-everybodys",
        WITHDRAWALS,
        '        body["own"] = event.who.startswith(API_PREFIX)  # A key lifts only its own.\n',
        '        body["own"] = False\n',
        PAUSES,
    ),
    mistake(
        "every-word-read-from-the-beginning-again",
        WITHDRAWALS,
        "        return max(view.read_to, end - BACKLOG_MAX)\n",
        "        return max(0, end - BACKLOG_MAX)\n",
        TAKEN_BACK,
    ),
    # ------------------------------------------------------------ reading the chain
    mistake(
        "planted-link-beyond-the-end-is-read",
        READER,
        " if line.number <= head.number]",
        "]",
        TAKEN_BACK,
    ),
    mistake(
        "another-database-is-read-on-in",
        READER,
        " or mac_of(store, place[0]) != place[1]:",
        ":",
        TAKEN_BACK,
    ),
    mistake(
        "every-link-passes-for-genuine",
        "payout/audit/genuine.py",
        "    return key.link(before or _before(store, key, line.number), line.number, line.event) == line.mac\n",
        "    return True\n",
        TAKEN_BACK,
    ),
    # ------------------------------------------------------------ the last look before bytes leave
    mistake(
        "void-bytes-leave",
        DEPARTURE,
        "    if wallet.journal.view().has(Entry.VOID, transfer.id):\n        raise",
        "    if False:\n        raise",
        LEAVING,
    ),
    mistake(
        "unjournaled-bytes-leave",
        DEPARTURE,
        "    if not wallet.journal.view().has(Entry.COMMIT, transfer.id):\n",
        "    if False:\n",
        LEAVING,
    ),
    mistake(
        "bytes-of-another-transfer-leave",
        DEPARTURE,
        '    if payload.txid not in {"", transfer.id}:\n',
        "    if False:\n",
        LEAVING,
    ),
    mistake(
        "planted-transfer-is-journaled",
        DEPARTURE,
        "    if transfer.kind in _PAYING and not pairs:\n",
        "    if False:\n",
        LEAVING,
    ),
    mistake(
        "transfer-journaled-beside-another-that-pays-its-refund",
        DEPARTURE,
        "        if others:\n",
        "        if False:\n",
        LEAVING,
    ),
    # ------------------------------------------------------------ who said how a swap ended
    mistake(
        "word-taken-from-the-row",
        "payout/desk/deciding.py",
        "        words = words_of(self.store, self.audit, case.order.id)\n",
        '        words = dict([(case.order.attested_by or ": ").split(": ", 1)])\n',
        ATTESTED,
    ),
    mistake(
        "word-of-whoever-left-counts",
        ATTESTATION,
        " and may(rules, who, Act.ATTEST)] or None\n",
        "] or None\n",
        ATTESTED,
    ),
    mistake(
        "forged-first-word-goes-unsaid",
        ATTESTATION,
        "    if forged is None:\n",
        "    if True:\n",
        ATTESTED,
    ),
    mistake(
        "return-journaled-by-the-rows-word",
        RETURNS,
        "not is_said_to_have_failed(wallet.store, wallet.history.key, order.id)",
        "False",
        RETURNED,
    ),
    # ------------------------------------------------------------ holds and rules
    mistake(
        "amending-lifts-a-hold",
        "payout/refund.py",
        "        status = _S.HELD if self.status is _S.HELD else _S.REQUESTED\n",
        "        status = _S.REQUESTED\n",
        "tests/payout/desk/test_desk.py",
    ),
    mistake(
        "changed-rules-lift-a-hold",
        "payout/vetting.py",
        "            faults.append(replace(found, outdated=found.outdated and why is None))\n",
        "            faults.append(found)\n",
        TAKEN_BACK,
    ),
    mistake(
        "end-that-only-a-row-knows-is-believed",
        "payout/audit/ends.py",
        "        if not turns or turns[-1].kind != ENDS[refund.status]:\n",
        "        if not turns:\n",
        "tests/payout/audit/test_ends.py",
    ),
)
