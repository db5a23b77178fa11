"""
The approver: who may approve, what counts as a signature, and how many a refund needs.

The keys and the rules are not in the database, and the worker verifies each signature again on the row that it is
about to commit: whoever can only write to the database cannot be paid.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from payout.approval.acts import Act, permit
from payout.approval.approval import APPROVAL_LIFE, AUTOMATIC, FIRST_FORM, POLICY, Approval, Approved
from payout.approval.automatic import IntakeSeal, same
from payout.approval.manifest import digest_of, manifest, message
from payout.approval.people import KeyKind
from payout.approval.tally import Forged, Outdated, Tally, Void
from payout.errors import ForgedApproval, NotAllowed, NotApproved, OutdatedApproval

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from payout.approval.people import PublicKey
    from payout.approval.rules import Rules
    from payout.ports import Signatures
    from payout.refund import Refund

CLOCKS_APART = timedelta(hours=1)
"""So far may the clocks of an approver's machine and of the worker's differ."""

HAND_IN_ANEW = "find out who changed it; reject it, and hand it in anew under another external_id"


@dataclass(frozen=True, slots=True, kw_only=True)
class Approver:
    """
    Signs with the instance's key, and verifies every kind of signature.

    `rules` is asked anew each time: whoever is taken off the people file counts no more from then on.
    """

    instance: str
    rules: Callable[[], Rules]
    signatures: Signatures
    key: bytes | None = field(default=None, repr=False)
    """Of HMAC. None: this process neither makes nor believes such signatures."""
    intake: IntakeSeal | None = None
    """None: nothing is sealed, and nothing is approved without a person."""

    def at_present(self) -> Approver:
        """The same by the rules in force now, asked for once: every refund of one look is judged by one file."""
        rules = self.rules()
        return replace(self, rules=lambda: rules)

    # ------------------------------------------------------------ intake

    def sealed(self, refund: Refund) -> Refund:
        """With the seal of what this revision asks for."""
        return refund if self.intake is None else replace(refund, seal=self.intake.asked(refund, self.instance))

    def resealed(self, before: Refund, after: Refund) -> Refund:
        """A new revision, sealed if the one before had a true seal: no edit is to be sealed with what follows it."""
        try:
            self.check_seal(before)
        except ForgedApproval:
            return after
        return self.sealed(after)

    def check_seal(self, refund: Refund) -> None:
        """
        The row still asks for what was handed in.

        Raises:
            ForgedApproval: it does not; somebody who can write to the database was there.
        """
        if self.intake is not None and not same(self.intake.asked(refund, self.instance), refund.seal):
            raise ForgedApproval(
                f"refund {refund.external_id} is not what was handed in: its row was changed by something else than "
                f"this program: {HAND_IN_ANEW}"
            )

    def automatic(self, refund: Refund, now: datetime) -> Approval | None:
        """Intake's own approval of a new refund; None where a person has to."""
        if self.intake is None or self.needed(refund) > 0:
            return None
        draft = self._draft(refund, POLICY, now, AUTOMATIC)
        return replace(draft, signature=self.intake.approved(refund, draft.digest))

    # ------------------------------------------------------------ signing

    def needed(self, refund: Refund) -> int:
        """How many people must approve it; 0: intake may. What was amended always takes a person."""
        return _needed(self.rules(), refund)

    def draft(self, refund: Refund, who: str, now: datetime, kind: KeyKind = KeyKind.ED25519) -> tuple[Approval, bytes]:
        """
        An approval that lacks its signature, and the message to sign with a key of that person.

        Raises:
            NotAllowed, NotApproved: this person may not approve this refund, or has no key of this kind.
            ForgedApproval: the row is not what was handed in.
        """
        self.check_seal(refund)
        rules = self.rules()
        _allow(rules, refund, who)
        if kind is not KeyKind.HMAC and not _keys(rules, who, kind):
            raise NotApproved(f"{who} has no {kind} key in the people file: add its public half there")
        approval = self._draft(refund, who, now, kind)
        return approval, message(approval.digest, who)

    def sign(self, refund: Refund, who: str, now: datetime) -> Approval:
        """
        Approve the refund's present revision with the instance's own key.

        Raises as `draft`; NotApproved also where people approve with keys of their own.
        """
        if self.rules().keyed:
            raise NotApproved(
                "people approve with keys of their own here: payout refunds approve --key FILE, or a passkey"
            )
        if self.key is None:
            raise NotApproved("this process cannot approve: it holds no approval key")
        approval, text = self.draft(refund, who, now, KeyKind.HMAC)
        return replace(approval, signature=_mac(self.key, text))

    def accept(self, refund: Refund, approval: Approval, now: datetime) -> None:
        """
        A signature that was made elsewhere, over what `draft` gave.

        Raises:
            NotApproved: it does not count towards this row as it stands, and why.
        """
        self.check_seal(refund)
        try:
            self._count(self.rules(), refund, approval, now)
        except (Void, Forged) as error:
            raise NotApproved(f"the approval was not taken: {error}") from error

    # ------------------------------------------------------------ verifying

    def digest(self, refund: Refund, expires_at: datetime) -> str:
        """SHA-256 of the manifest under the present rules, in hex."""
        return self._digest(refund, self.rules().policy(), expires_at)

    def check(self, refund: Refund, approvals: Iterable[Approval], now: datetime) -> Approved:
        """
        Verify that the row is approved as it stands.

        Raises:
            NotApproved: says what is missing, expired or of another revision.
            OutdatedApproval: and some were given under other rules.
            ForgedApproval: and a signature or the seal does not match the row.
        """
        self.check_seal(refund)
        rules = self.rules()
        tally = self._tally(rules, refund, approvals, now)
        needed = _needed(rules, refund)
        if len(tally.people) >= max(1, needed):
            return _approved(tally.people.values(), tally.forged, automatic=False)
        if needed == 0 and tally.machine is not None:
            return _approved([tally.machine], tally.forged, automatic=True)
        said = "; ".join([*tally.forged, *tally.void])
        raise (ForgedApproval if tally.forged else OutdatedApproval if tally.outdated else NotApproved)(
            f"refund {refund.external_id} has {len(tally.people)} of {max(1, needed)} valid approvals "
            f"for revision {refund.revision}{f' ({said})' if said else ''}: approve it again"
        )

    def signers(self, refund: Refund, approvals: Iterable[Approval], now: datetime) -> tuple[str, ...]:
        """The people whose signatures count towards the row as it stands, enough or not."""
        return tuple(sorted(self._tally(self.rules(), refund, approvals, now).people))

    def _tally(self, rules: Rules, refund: Refund, approvals: Iterable[Approval], now: datetime) -> Tally:
        tally = Tally()
        for approval in approvals:
            try:
                self._count(rules, refund, approval, now)
            except Void as error:
                tally.void.append(str(error))
                tally.outdated |= isinstance(error, Outdated)
            except Forged as error:
                tally.forged.append(str(error))
            else:
                if approval.kind == AUTOMATIC:
                    tally.machine = approval
                else:
                    tally.people[approval.signer] = approval
        return tally

    def _count(self, rules: Rules, refund: Refund, approval: Approval, now: datetime) -> None:
        """One approval counts towards the row as it stands, or says why it does not."""
        if (approval.refund_id, approval.revision) != (refund.id, refund.revision):
            raise Void(f"{approval.signer}'s is for revision {approval.revision}")
        if now >= approval.expires_at:
            raise Void(f"{approval.signer}'s expired at {approval.expires_at.isoformat()}")
        if approval.expires_at > now + APPROVAL_LIFE + CLOCKS_APART:
            raise Void(f"{approval.signer}'s would last beyond {APPROVAL_LIFE.days} days")
        if approval.policy == FIRST_FORM:
            raise Void(f"{approval.signer}'s was signed before the upgrade, in another form")
        if approval.digest != self._digest(refund, approval.policy, approval.expires_at):
            raise Forged(f"the approval of {approval.signer} does not match the refund as it stands")
        if approval.kind == AUTOMATIC:
            self._count_automatic(refund, approval)
        else:
            self._count_signature(rules, refund, approval)
        if approval.policy != rules.policy():
            raise Outdated(f"{approval.signer}'s was given under other rules than those in force")

    def _count_automatic(self, refund: Refund, approval: Approval) -> None:
        if self.intake is None:
            raise Void("this process cannot verify intake's seal")
        genuine = same(self.intake.approved(refund, approval.digest), approval.signature)
        if approval.signer != POLICY or not genuine:
            raise Forged("intake never approved the refund as it stands")

    def _count_signature(self, rules: Rules, refund: Refund, approval: Approval) -> None:
        text = message(approval.digest, approval.signer)
        if approval.kind == KeyKind.HMAC:
            self._count_hmac(rules, approval, text)
        elif approval.kind not in set(KeyKind):
            raise Forged(f"{approval.signer}'s is of the unknown kind {approval.kind!r}")
        elif approval.signer not in rules.people:
            raise Void(f"{approval.signer} is not in the people file")
        elif not self._signed(_keys(rules, approval.signer, KeyKind(approval.kind)), text, approval.signature):
            raise Forged(f"no key of {approval.signer} made the signature under their name")
        try:
            _allow(rules, refund, approval.signer)
        except (NotAllowed, NotApproved) as error:
            raise Void(str(error)) from error

    def _count_hmac(self, rules: Rules, approval: Approval, text: bytes) -> None:
        if self.key is None:
            raise Void(f"this process cannot verify {approval.signer}'s")
        if not same(_mac(self.key, text), approval.signature):
            raise Forged(f"the signature of {approval.signer} does not match the refund as it stands")
        if rules.keyed:
            raise Void(f"{approval.signer}'s was given before people had keys of their own")

    def _signed(self, keys: Iterable[PublicKey], text: bytes, signature: str) -> bool:
        return any(self.signatures.verify(key, text, signature) for key in keys)

    def _draft(self, refund: Refund, who: str, now: datetime, kind: str) -> Approval:
        policy = self.rules().policy()
        expires_at = now + APPROVAL_LIFE
        return Approval(
            refund_id=refund.id,
            revision=refund.revision,
            kind=str(kind),
            signer=who,
            digest=self._digest(refund, policy, expires_at),
            policy=policy,
            signed_at=now,
            expires_at=expires_at,
            signature="",
        )

    def _digest(self, refund: Refund, policy: str, expires_at: datetime) -> str:
        return digest_of(manifest(refund, instance=self.instance, policy=policy, expires_at=expires_at))


def _needed(rules: Rules, refund: Refund) -> int:
    return max(rules.approvals_for(refund.owed), 1 if refund.revision > 1 else 0)


def _allow(rules: Rules, refund: Refund, who: str) -> None:
    """This person may approve this refund. Raises NotAllowed or NotApproved."""
    permit(rules, who, Act.APPROVE)
    if len(rules.people) > 1 and who == refund.requested_by:
        raise NotApproved(f"{who} requested this refund: another person must approve it")
    if len(rules.people) > 1 and who == refund.amended_by:
        raise NotApproved(f"{who} changed its destination: another person must approve it")


def _keys(rules: Rules, who: str, kind: KeyKind) -> tuple[PublicKey, ...]:
    person = rules.people.get(who)
    return tuple(key for key in person.keys if key.kind is kind) if person else ()


def _mac(key: bytes, text: bytes) -> str:
    return hmac.new(key, text, hashlib.sha256).hexdigest()


def _approved(valid: Iterable[Approval], forged: Iterable[str], *, automatic: bool) -> Approved:
    every = tuple(valid)
    return Approved(
        until=min(approval.expires_at for approval in every),
        automatic=automatic,
        signers=tuple(sorted(approval.signer for approval in every)),
        forged=tuple(forged),
    )
