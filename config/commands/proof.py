"""`payout proof`: show that a refund was paid, and check such a proof."""

from __future__ import annotations

from shlex import quote
from typing import TYPE_CHECKING, Any

from config.call import DONE, FAULT, Call
from config.parser import Commands
from payout.errors import BadInput, IllegalTransition
from payout.money import Money
from payout.refund import Attempt, AttemptStatus

if TYPE_CHECKING:
    from payout.order import Order

_SHOW = """\
Show the proof that a refund was paid: anyone with a Monero wallet can check it.

It shows this one payment, and nothing of the others in its transaction. For a swap it is the proof that its deposit was
paid; what the customer received is seen on their own chain.
"""
_CHECK = """\
Check a proof of payment, ours or somebody else's.

It is checked in a throw-away wallet that is made for it, never in the one that pays: a malformed
proof can crash a wallet.
"""
_CHECK_EXAMPLES = """\
  payout proof check E-1042                 the proof that is on record
  payout proof check --txid 7413.. --address 4.. --message rf_.. --signature OutProofV2..
"""
_FLAGS = ("txid", "address", "message", "signature")


def add(commands: Commands) -> None:
    group = commands.group("proof", about="Proofs of payment.")
    parser = group.add("show", run_show, about=_SHOW, examples="  payout proof show E-1042")
    parser.add_argument("refund", help="id or external id")
    parser = group.add("check", run_check, about=_CHECK, examples=_CHECK_EXAMPLES)
    parser.add_argument("refund", nargs="?", help="id or external id; else give all four:")
    parser.add_argument("--txid")
    parser.add_argument("--address")
    parser.add_argument("--message", help="what was signed over: our proofs sign the refund's id")
    parser.add_argument("--signature")
    parser.add_argument("--wallet", metavar="NAME", help="whose node is asked; default: the first")


def run_show(call: Call) -> int:
    proof = _on_record(call, call.args.refund)
    if call.json:
        call.print_json(proof)
        return DONE
    screen = call.screen
    names = ("txid", "address", "amount", "message", "signature")
    screen.facts((name, f"{proof[name]} {proof['asset']}" if name == "amount" else proof[name]) for name in names)
    screen.line()
    if proof["order"]:
        screen.line(f"It proves our deposit to {proof['processor']}, and not what the customer received:")
        screen.line(f"that is on their own chain, see payout orders show {quote(proof['refund'])}.")
    screen.line("Anyone can check it, in monero-wallet-cli, with the signature in a file:")
    screen.line(f"  check_tx_proof {proof['txid']} {proof['address']} FILE {proof['message']}")
    return DONE


def run_check(call: Call) -> int:
    from adapters.proof_checker import check_proof

    given = {name: getattr(call.args, name) for name in _FLAGS}
    if call.args.refund is not None:
        proof = _on_record(call, call.args.refund)
        given = {name: given[name] or proof[name] for name in _FLAGS}
    for name in _FLAGS:
        if not given[name]:
            remedy = "name a refund, or give --txid, --address, --message and --signature"
            raise BadInput(f"--{name}", "is missing", remedy)
    name = call.args.wallet or call.wallet_names()[0]
    wallet = call.house.wallet_settings(name)
    checked = check_proof(
        daemon_url=wallet.daemon_url,
        daemon_login=wallet.daemon_login.reveal() if wallet.daemon_login else None,
        network=wallet.network,
        **given,
    )
    asset = call.house.asset_of(name)
    body = {
        "good": checked.good,
        "received": str(checked.received(asset)),
        "asset": asset.code,
        "confirmations": checked.confirmations,
        "in_pool": checked.in_pool,
        "why": checked.why,
    }
    if call.json:
        call.print_json(body)
    elif checked.good:
        depth = "still in the pool" if checked.in_pool else f"{checked.confirmations} confirmations"
        call.screen.line(f"good: that address received {body['received']} {asset.code}, {depth}")
    else:
        call.screen.complain(f"not good: {checked.why}")
    return DONE if checked.good else FAULT


def _on_record(call: Call, key: str) -> dict[str, Any]:
    """
    The proof of a refund's live attempt.

    Raises:
        BadInput: there is no such refund.
        IllegalTransition: it was not sent, or its proof is not made yet.
    """
    refund = call.house.store.refund(key)
    if refund is None:
        raise BadInput("refund", f"{key!r} is not on record", "see `payout refunds list`")
    attempts = call.house.store.attempts([refund.id])
    live = [attempt for attempt in attempts if attempt.status is not AttemptStatus.FAILED]
    if not live:
        raise IllegalTransition(f"refund {refund.external_id} is {refund.status}: nothing was sent")
    attempt = live[-1]
    if attempt.proof is None:
        raise IllegalTransition(
            f"refund {refund.external_id} has no proof yet: the worker makes it once the node knows the transaction"
        )
    order = call.house.store.order(attempt.order_id) if attempt.order_id else None
    paid = _paid(order, attempt)
    return {
        "refund": refund.external_id,
        "txid": attempt.transfer_id,
        "address": attempt.deposit_address or attempt.destination,
        "message": refund.id,
        "signature": attempt.proof,
        "amount": str(paid),
        "asset": paid.asset.code,
        "order": attempt.order_id,
        "processor": order.processor if order else None,
        "status": str(attempt.status),
    }


def _paid(order: Order | None, attempt: Attempt) -> Money:
    """What our own transaction pays: the amount itself, or the deposit of its order."""
    return order.deposit if order is not None and order.deposit is not None else attempt.amount
