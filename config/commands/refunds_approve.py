"""`payout refunds approve`: sign refunds as they stand, with the instance's key or with one's own."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from config.call import Call
from config.commands import own_key
from config.parser import Commands
from config.views import moment, remark, standing_json
from payout.errors import BadInput
from payout.refund import RefundStatus

if TYPE_CHECKING:
    from adapters.signatures import KeyFile
    from payout.approval import Approval
    from payout.refund import Refund

_ABOUT = """\
Sign refunds as they stand, so that the worker may pay them.

An approval lasts 7 days and ends with any change of the refund. Where people have keys of their own, --key names
yours: what it signs is shown first. With --fingerprint nothing is signed but what you saw in `payout refunds show`.
"""
_EXAMPLES = """\
  payout refunds approve E-1042 E-1043
  payout refunds approve E-1042 --as alice
  payout refunds approve E-1042 --key alice.key --revision 2
  payout refunds approve E-1042 --key alice.key --fingerprint 90b1c6..
"""


def add(group: Commands) -> None:
    parser = group.add("approve", run, about=_ABOUT, examples=_EXAMPLES)
    parser.add_argument("refund", nargs="+", help="id or external id")
    parser.add_argument("--revision", type=int, metavar="N", help="only if it is still the one that you saw")
    parser.add_argument("--fingerprint", metavar="TEXT", help="only if it still says all that you saw")
    own_key.add_flags(parser, is_needed=False)


def run(call: Call) -> int:
    """Each that was named; the exit code is the worst."""
    keys = tuple(dict.fromkeys(call.args.refund))
    for flag in ("revision", "fingerprint"):
        if getattr(call.args, flag) is not None and len(keys) > 1:
            raise BadInput(f"--{flag}", "goes with one refund alone", "give one refund at a time")
    key = own_key.open_key(call) if call.args.key else None
    who = own_key.owner(call, key) if key else call.who
    # What is wrong with all of them is said once, before the first.
    _ = call.house.desk

    def approve(name: str) -> tuple[dict[str, Any], list[str]]:
        refund, approval = _approve(call, name, who, key)
        note = remark(refund) or given(call, refund)
        return _json(refund, approval), [f"{name}: {refund.status}{f', {note}' if note else ''}"]

    return call.act_on_each("refund", call.args.refund, approve)


def _approve(call: Call, name: str, who: str, key: KeyFile | None) -> tuple[Refund, Approval | None]:
    desk, revision, seen = call.house.desk, call.args.revision, call.args.fingerprint
    if key is None:
        return desk.approve(name, who, revision=revision, seen=seen), None
    from payout.approval.manifest import fingerprint

    refund = desk.find(name)
    shown = fingerprint(refund, call.settings.instance.id)
    # The row is read anew to be signed: it must be the one that is shown.
    draft, message = desk.draft(name, who, revision=revision, seen=seen or shown, kind=key.kind)
    if not call.json:
        _show(call, refund, draft, shown)
    approval = replace(draft, signature=key.sign(message))
    return desk.accept(approval), approval


def given(call: Call, refund: Refund) -> str | None:
    """How many of the approvals that a refund needs it has; None where it waits for none."""
    if refund.status is not RefundStatus.REQUESTED:
        return None
    house = call.house
    signers = house.approver.signers(refund, house.store.approvals([refund.id]), house.clock.now())
    by = f" ({', '.join(signers)})" if signers else ""
    return f"{len(signers)} of {max(1, house.approver.needed(refund))} approvals{by}"


def _show(call: Call, refund: Refund, draft: Approval, shown: str) -> None:
    call.screen.title(f"{refund.external_id}, revision {draft.revision}")
    call.screen.facts(
        [
            ("owed", f"{refund.owed} USD"),
            ("paid in", f"{refund.asset.code} ({refund.asset.network})"),
            ("destination", refund.destination),
            ("memo", refund.memo),
            ("requested by", refund.requested_by),
            ("changed by", refund.amended_by),
            ("fingerprint", shown),
            ("manifest", draft.digest),
            ("holds until", moment(draft.expires_at)),
            ("signed by", draft.signer),
        ]
    )


def _json(refund: Refund, approval: Approval | None) -> dict[str, Any]:
    body = standing_json(refund)
    if approval is None:
        return body
    return {**body, "signer": approval.signer, "kind": approval.kind, "manifest": approval.digest}
