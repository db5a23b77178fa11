"""Mistakes about who may approve, what they sign, and who may do what."""

from __future__ import annotations

from tests.scenarios.mistakes.mistake import mistake

APPROVER = "payout/approval/approver.py"
APPROVAL = "tests/payout/approval/test_approval.py"
SEAL = "tests/payout/test_intake_seal.py"
ACTS = "tests/payout/approval/test_acts.py"
DESK = "tests/payout/desk/test_desk_people.py"
KEYS = "tests/payout/desk/test_desk_keys.py"
CAPS = "tests/payout/test_caps.py"
AUTOMATIC = "tests/payout/test_caps_automatic.py"

MISTAKES = (
    mistake(
        "requester-may-approve",
        APPROVER,
        "    if len(rules.people) > 1 and who == refund.requested_by:\n",
        "    if False:\n",
        APPROVAL,
    ),
    mistake(
        "whoever-changed-the-destination-may-approve",
        APPROVER,
        "    if len(rules.people) > 1 and who == refund.amended_by:\n",
        "    if False:\n",
        APPROVAL,
    ),
    mistake(
        "approval-never-runs-out",
        APPROVER,
        "        if now >= approval.expires_at:\n",
        "        if False:\n",
        APPROVAL,
    ),
    mistake(
        "destination-not-signed",
        "payout/approval/manifest.py",
        '        "destination": refund.destination,\n',
        "",
        APPROVAL,
    ),
    mistake(
        "amount-not-signed",
        "payout/approval/manifest.py",
        '        "owed_usd": str(refund.owed),\n',
        "",
        APPROVAL,
    ),
    mistake(
        "signature-not-compared",
        APPROVER,
        "        if not same(_mac(self.key, text), approval.signature):\n",
        "        if not approval.signature:\n",
        APPROVAL,
    ),
    mistake(
        "signature-of-a-persons-key-not-verified",
        APPROVER,
        "        return any(self.signatures.verify(key, text, signature) for key in keys)\n",
        "        return bool(signature)\n",
        APPROVAL,
    ),
    mistake(
        "digest-taken-from-the-approval",
        APPROVER,
        "        if approval.digest != self._digest(refund, approval.policy, approval.expires_at):\n",
        "        if False:\n",
        APPROVAL,
    ),
    mistake(
        "the-hosts-key-counts-beside-peoples-own",
        APPROVER,
        "        if rules.keyed:\n            raise Void",
        "        if False:\n            raise Void",
        APPROVAL,
    ),
    mistake(
        "changed-rules-void-nothing",
        APPROVER,
        "        if approval.policy != rules.policy():\n",
        "        if False:\n",
        APPROVAL,
    ),
    mistake(
        "one-person-counts-twice",
        APPROVER,
        "                    tally.people[approval.signer] = approval\n",
        "                    tally.people[approval.signature] = approval\n",
        APPROVAL,
    ),
    # ------------------------------------------------------------ intake's seal
    mistake(
        "seal-not-looked-at-by-whoever-approves",
        APPROVER,
        "        self.check_seal(refund)\n        rules = self.rules()\n        _allow",
        "        rules = self.rules()\n        _allow",
        SEAL,
    ),
    mistake(
        "seal-not-looked-at-by-the-worker",
        APPROVER,
        "        self.check_seal(refund)\n        rules = self.rules()\n        tally",
        "        rules = self.rules()\n        tally",
        "tests/payout/test_vetting.py",
    ),
    mistake(
        "edit-sealed-with-an-amendment",
        "payout/desk/deciding.py",
        "        self._check_seal(refund)\n",
        "",
        KEYS,
    ),
    mistake(
        "intakes-approval-not-verified",
        APPROVER,
        "        if approval.signer != POLICY or not genuine:\n",
        "        if False:\n",
        SEAL,
    ),
    mistake(
        "tier-not-looked-at-again",
        APPROVER,
        "        if needed == 0 and tally.machine is not None:\n",
        "        if tally.machine is not None:\n",
        SEAL,
    ),
    mistake(
        "amended-refund-approved-by-nobody",
        APPROVER,
        "    return max(rules.approvals_for(refund.owed), 1 if refund.revision > 1 else 0)\n",
        "    return rules.approvals_for(refund.owed)\n",
        SEAL,
    ),
    # ------------------------------------------------------------ caps and the cooling-off
    mistake(
        "automatic-payouts-not-counted",
        "payout/caps.py",
        "    if automatic:\n",
        "    if False:\n",
        CAPS,
    ),
    mistake(
        "cooling-off-not-waited-for",
        "payout/vetting.py",
        "        words = rules.cooling(each.refund, now) or room.take(each)\n",
        "        words = room.take(each)\n",
        AUTOMATIC,
    ),
    mistake(
        "automatic-payouts-forgotten-by-the-journal",
        "payout/spend_journal.py",
        '                automatic=bool(attempt.get("automatic")),\n',
        "                automatic=False,\n",
        AUTOMATIC,
    ),
    # ------------------------------------------------------------ who may do what
    mistake(
        "api-key-may-do-everything",
        "payout/approval/acts.py",
        "        if act not in KEYS_MAY:\n",
        "        if False:\n",
        ACTS,
    ),
    mistake(
        "role-not-asked-for-at-the-desk",
        "payout/desk/office.py",
        "        permit(self.approver.rules(), who, act)\n",
        "        del act\n",
        DESK,
    ),
    mistake(
        "other-revision-taken-for-the-one-that-was-seen",
        "payout/desk/office.py",
        "        if revision is None or revision == refund.revision:\n",
        "        if True:\n",
        DESK,
    ),
    mistake(
        "second-person-not-told-of-the-first",
        "payout/desk/office.py",
        "        if others:\n",
        "        if False:\n",
        DESK,
    ),
)
