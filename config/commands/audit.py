"""`payout audit`: verifying the history, and handing out what is in it with proof."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from adapters.show import Column
from config.call import DONE, FAULT, Call
from config.parser import Commands
from config.views import short
from payout.errors import BadInput, PayoutError
from payout.text import iso

if TYPE_CHECKING:
    from payout.audit.checkpoint import Checkpoint
    from payout.audit.order_log import OrderLog
    from payout.audit.verdict import Verdict
    from payout.ports.checkpoints import Contents

_VERIFY = """\
Check that nothing in the history was edited, deleted, inserted, moved or cut off.

Every event carries a MAC over itself and over the one before it, by a key that is not in the
database. Checkpoints, which the daemon writes to files, also show a history that was cut off
at its end, or written anew by somebody who has that key: keep a copy of them on another host.
The exit code is 0 if all is sound, and 1 if there is any fault.
"""
_VERIFY_EXAMPLES = """\
  payout audit verify
  payout audit verify --checkpoints /mnt/other-host/checkpoints.jsonl
"""
_EXPORT = """\
Everything that is known of a refund, in order: for a dispute, or an auditor.

Request, approvals, holds, revisions, quotes with every sample, attempts, transfers, orders,
proofs and webhooks. With --json it is signed, and anybody who has the public key (see
`payout audit key`) can check it.
"""
_CHECKPOINT = """\
Write a checkpoint now: a signed statement of where the history stands.

It goes to every file in [audit] checkpoint_files, and is printed: kept by somebody else, it
proves later what the history was.
"""
_KEY = """\
Print the public key that checkpoints and exported logs are checked with.

Give it to your auditor before you need one.
"""
_COLUMNS = (
    Column(title="event", right=True),
    Column(title="what"),
    Column(title="seen", whole=True),
)
_LOG = (
    Column(title="when"),
    Column(title="event", right=True),
    Column(title="mac", spare=True),
    Column(title="what"),
    Column(title="who"),
    Column(title="words", whole=True),
)


def add(commands: Commands) -> None:
    group = commands.group("audit", about="The history: that it is whole, and what it says.")
    parser = group.add("verify", run_verify, about=_VERIFY, examples=_VERIFY_EXAMPLES)
    parser.add_argument(
        "--checkpoints", nargs="+", type=Path, default=[], metavar="FILE", help="default: the configured files"
    )
    parser = group.add("export", run_export, about=_EXPORT, examples="  payout audit export E-1 --json > E-1.json")
    parser.add_argument("refund", nargs="+", help="an id or external_id")
    group.add("checkpoint", run_checkpoint, about=_CHECKPOINT, examples="  payout audit checkpoint")
    group.add("key", run_key, about=_KEY, examples="  payout audit key")


def run_verify(call: Call) -> int:
    from payout.audit.verify import verify

    house = call.house
    for file in call.args.checkpoints:
        _check_readable(file)
    contents = house.audit.files.read(call.args.checkpoints)
    with call.screen.counting("verifying") as progress:
        verdict = verify(house.store, house.audit_key, contents.checkpoints, progress=progress)
    sound = verdict.sound and not contents.faults
    if call.json:
        call.print_json(_verdict_json(verdict, contents, sound=sound))
        return DONE if sound else FAULT
    _print_verdict(call, verdict, contents)
    return DONE if sound else FAULT


def run_export(call: Call) -> int:
    worst, bodies = DONE, []
    for key in call.args.refund:
        try:
            log = _log_of(call, key)
        except PayoutError as error:
            worst = max(worst, call.complain(error))
            continue
        bodies.append(_signed(call, log))
        if not call.json:
            _print_log(call, log)
        if log.unfit:
            worst = max(worst, FAULT)
            numbers = ", ".join(str(number) for number in log.unfit)
            call.screen.complain(f"{key}: event {numbers} is not as it was written: run `payout audit verify`")
    if call.json:
        call.print_json(bodies[0] if len(call.args.refund) == 1 and bodies else bodies)
    return worst


def run_checkpoint(call: Call) -> int:
    from payout.audit.checkpoint import Checkpoint

    house = call.house
    head = house.store.audit_head()
    made = Checkpoint(instance=call.settings.instance.id, number=head.number, mac=head.mac, at=house.clock.now())
    signed, failed = house.audit.files.append(made)
    call.screen.raw(signed.line())
    for words in failed:
        call.screen.complain(f"the checkpoint could not be written to {words}: make that file writable")
    return FAULT if failed else DONE


def run_key(call: Call) -> int:
    public = call.house.audit.files.key.public
    if call.json:
        call.print_json({"instance": call.settings.instance.id, "public_key": public})
    else:
        call.screen.line(public)
    return DONE


def _check_readable(file: Path) -> None:
    """A file that was named must be there: without it the end of the history would not be compared."""
    try:
        file.open("rb").close()
    except OSError as error:
        remedy = "name a copy of one that the daemon writes: see [audit] checkpoint_files"
        raise BadInput("--checkpoints", f"{file} cannot be read: {error.strerror}", remedy) from None


def _verdict_json(verdict: Verdict, contents: Contents, *, sound: bool) -> dict[str, Any]:
    newest = contents.checkpoints[-1] if contents.checkpoints else None
    return {
        "sound": sound,
        "events": verdict.links,
        "head": {"number": verdict.head.number, "mac": verdict.head.mac},
        "before_the_chain": verdict.head.before,
        "checkpoints": verdict.checkpoints,
        "newest_checkpoint": newest.to_json() if newest else None,
        "faults": [
            {"kind": str(fault.kind), "number": fault.number, "words": fault.words, "remedy": fault.remedy}
            for fault in (*contents.faults, *verdict.faults)
        ],
        "more": verdict.more,
    }


def _print_verdict(call: Call, verdict: Verdict, contents: Contents) -> None:
    screen = call.screen
    faults = (*contents.faults, *verdict.faults)
    newest = contents.checkpoints[-1] if contents.checkpoints else None
    screen.facts(
        [
            ("events", verdict.links),
            ("from before the chain", verdict.head.before or None),
            ("last", f"{verdict.head.number}, MAC {verdict.head.mac}" if verdict.head.number else None),
            ("checkpoints", _compared(newest, verdict.checkpoints)),
        ]
    )
    screen.line()
    if not faults:
        screen.line("the history is whole: nothing was edited, deleted, inserted, moved or cut off")
        return
    screen.table(_COLUMNS, [(fault.number, str(fault.kind), fault.words) for fault in faults])
    if verdict.more:
        screen.line(f"and {verdict.more} more")
    screen.line()
    for remedy in dict.fromkeys(f"{fault.kind}: {fault.remedy}" for fault in faults):
        screen.line(f"-> {remedy}")


def _compared(newest: Checkpoint | None, count: int) -> str:
    if newest is None:
        return "none: what was cut off at the end cannot be seen; `payout run` writes them"
    return f"{count} compared, the newest of {iso(newest.at)} at event {newest.number}"


def _log_of(call: Call, key: str) -> OrderLog:
    from payout.audit.order_log import order_log

    house = call.house
    refund = house.desk.find(key)
    (line,) = house.store.refund_lines([refund.id])
    return order_log(
        house.store,
        house.audit_key,
        line,
        instance=call.settings.instance.id,
        now=house.clock.now(),
        checkpoint=house.audit.files.newest(),
    )


def _signed(call: Call, log: OrderLog) -> dict[str, Any]:
    from payout.audit.order_log import message

    body = log.to_json()
    key = call.house.audit.files.key
    return {"log": body, "public_key": key.public, "signature": key.sign(message(body))}


def _print_log(call: Call, log: OrderLog) -> None:
    screen = call.screen
    refund = log.refund.refund
    screen.title(f"{refund.external_id}  {refund.status}  ({log.instance})")
    rows = [
        (iso(each.at), each.number, short(each.mac or ""), each.title, each.who, each.words) for each in log.entries
    ]
    screen.table(_LOG, rows)
    screen.line()
    newest = log.checkpoint
    said = f"event {newest.number}, MAC {newest.mac}, of {iso(newest.at)}" if newest else "none yet"
    screen.facts([("chain", f"event {log.head[0]}, MAC {log.head[1]}"), ("newest checkpoint", said)])
    screen.line()
