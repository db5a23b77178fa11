"""What a person decides about refunds: reject, hold, release, amend, cancel, resolve."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from config.call import Call
from config.parser import Commands
from config.views import remark, standing_json
from payout.errors import BadInput, StaleWrite
from payout.resolution import Resolution

if TYPE_CHECKING:
    from payout.refund import Refund

    Act = Callable[[str], Refund]

TRIES: Final = 5
"""The worker may move a row between our look and our write; then we look again."""


def add(group: Commands) -> None:
    _verb(group, "reject", run_reject, "Deny refunds, for good.", why=True)
    _verb(
        group,
        "hold",
        run_hold,
        "Stop refunds until they are released.\n\n"
        "While one is PAYING, its payment under way goes on, and no other will follow.",
        why=True,
    )
    _verb(
        group,
        "release",
        run_release,
        "Lift holds: back to APPROVED where the approvals still stand, else to REQUESTED.",
        why=False,
    )
    amend = _verb(
        group,
        "amend",
        run_amend,
        "Change where refunds go. They must be approved again.",
        '  payout refunds amend E-1042 --destination 8... --why "customer wrote, ticket 77"',
        why=True,
    )
    amend.add_argument("--destination", metavar="ADDRESS", required=True, help="the new one")
    amend.add_argument("--memo", help="where the asset has one")
    _verb(group, "cancel", run_cancel, "Withdraw refunds, for good.", why=True)
    resolve = _verb(
        group,
        "resolve",
        run_resolve,
        "Say that refunds were settled without this system, or how their swap ended. Nothing is sent.\n\n"
        "settled: the customer has it, in the transaction that --proof names. failed: the swap is over, nothing\n"
        "reached the customer, and what came back is all that will; the refund must be approved anew. Where people\n"
        "are configured, two of them must say the same.",
        '  payout refunds resolve E-1042 --how credited --why "store credit 25.00, ticket 77"\n'
        '  payout refunds resolve E-1043 --how settled --proof 0x4f... --why "seen on a block explorer"',
        why=True,
    )
    resolve.add_argument("--how", required=True, choices=[str(way) for way in Resolution], help="how it ended")
    resolve.add_argument("--proof", metavar="TXID", help="settled: the transaction that paid the customer")


def _verb(
    group: Commands,
    name: str,
    run: Callable[[Call], int],
    about: str,
    examples: str = "",
    *,
    why: bool,
) -> ArgumentParser:
    shown = examples or f"  payout refunds {name} E-1042{' --why TEXT' if why else ''}"
    parser = group.add(name, run, about=about, examples=shown)
    parser.add_argument("refund", nargs="+", help="id or external id")
    if why:
        parser.add_argument("--why", metavar="TEXT", required=True, help="kept in the history")
    if name != "hold":
        # Stopping is always cheap, also what has changed meanwhile.
        parser.add_argument("--revision", type=int, metavar="N", help="only if it is still the one that you saw")
    return parser


def run_reject(call: Call) -> int:
    why = call.why
    return _each(call, lambda key: call.house.desk.reject(key, call.who, why, revision=call.args.revision))


def run_hold(call: Call) -> int:
    why = call.why
    return _each(call, lambda key: call.house.desk.hold(key, call.who, why))


def run_release(call: Call) -> int:
    return _each(call, lambda key: call.house.desk.release(key, call.who, revision=call.args.revision))


def run_amend(call: Call) -> int:
    given, why = call.args, call.why
    return _each(
        call,
        lambda key: call.house.desk.amend(key, given.destination, given.memo, call.who, why, revision=given.revision),
    )


def run_cancel(call: Call) -> int:
    why = call.why
    return _each(call, lambda key: call.house.desk.cancel(key, call.who, why, revision=call.args.revision))


def run_resolve(call: Call) -> int:
    how, why, proof = Resolution(call.args.how), call.why, call.args.proof
    if proof is not None and how is not Resolution.SETTLED:
        raise BadInput("--proof", f"does not go with {how}", "leave it out, or say --how settled")
    return _each(call, lambda key: call.house.desk.resolve(key, how, call.who, why, proof, revision=call.args.revision))


def _each(call: Call, act: Act) -> int:
    """Do it to every refund that was named, report each, and return the worst exit code."""
    if getattr(call.args, "revision", None) is not None and len(call.args.refund) > 1:
        raise BadInput("--revision", "goes with one refund alone", "give one refund at a time")
    # What is wrong with all of them is said once, before the first.
    _ = call.who, call.house.desk

    def decide(key: str) -> tuple[dict[str, Any], list[str]]:
        refund = _surely(act, key)
        note = remark(refund)
        return standing_json(refund), [f"{key}: {refund.status}{f', {note}' if note else ''}"]

    return call.act_on_each("refund", call.args.refund, decide)


def _surely(act: Act, key: str) -> Refund:
    for _ in range(TRIES - 1):
        try:
            return act(key)
        except StaleWrite:
            continue
    return act(key)
