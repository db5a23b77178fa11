"""`payout webhooks`: the merchant's endpoints, what was sent to them, and sending it again."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, Any, Final

from adapters.show import Column
from config.call import DONE, FAULT, Call
from config.parser import Commands
from config.views import moment
from payout.approval.acts import Act
from payout.errors import BadInput
from payout.webhooks.json import delivery_json, endpoint_json
from payout.webhooks.message import MessageType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from payout.webhooks.endpoints import EndpointActs, NewSecret
    from payout.webhooks.message import Parcel

SHOWN: Final = 50
HELP_CHARS: Final = 110

_ADD = f"""\
Tell an address of the merchant's system what happens to refunds.

Prints the secret with which messages are signed (Standard Webhooks), once: keep it where the receiver can read it.
Without --type everything is told.

{fill("types: " + ", ".join(MessageType), HELP_CHARS)}
"""
_ADD_EXAMPLES = """\
  payout webhooks add https://shop.example/webhooks
  payout webhooks add https://shop.example/webhooks --type refund.paid --type refund.held
"""
_ROTATE = """\
Give an endpoint a new secret, and print it, once.

The present one signs too for 24 hours: the receiver needs no pause to change over.
"""
_STOP = """\
Send nothing to an endpoint any more, for good.

What it was not told stays on record; to go on, add the address again.
"""
_RESEND = """\
Send messages again, each under its own id, as if they had never been tried.
"""
_RESEND_EXAMPLES = """\
  payout webhooks deliveries --failed
  payout webhooks resend --failed we_5b0c6e0d1a2f3c4d     once its receiver works again
"""
_TEST = """\
Send an endpoint a signed message of the type webhook.test, now, and say what it answered.
"""
_LIST_COLUMNS = (
    Column(title="id"),
    Column(title="address", give=True),
    Column(title="told", give=True),
    Column(title="added", spare=True),
    Column(title="last message", whole=True),
)
_DELIVERY_COLUMNS = (
    Column(title="type"),
    Column(title="refund", give=True),
    Column(title="status"),
    Column(title="tries", right=True),
    Column(title="next", spare=True),
    Column(title="note", give=True),
    Column(title="delivery", whole=True),
)


def add(commands: Commands) -> None:
    group = commands.group("webhooks", about="Where the merchant's own system is told what happens to refunds.")
    parser = group.add("add", run_add, about=_ADD, examples=_ADD_EXAMPLES)
    parser.add_argument("url", metavar="URL", help="https, and public")
    parser.add_argument("--type", metavar="TYPE", action="append", default=[], help="only this; may be repeated")
    parser.add_argument("--secret-file", metavar="FILE", help="a secret of your own: whsec_ and base64")
    group.add("list", run_list, about="List endpoints.")
    parser = group.add("rotate", run_rotate, about=_ROTATE)
    parser.add_argument("id", metavar="ENDPOINT")
    parser = group.add("stop", run_stop, about=_STOP)
    parser.add_argument("id", metavar="ENDPOINT")
    parser.add_argument("--why", metavar="TEXT", required=True, help="kept in the history")
    parser = group.add("test", run_test, about=_TEST)
    parser.add_argument("id", metavar="ENDPOINT")
    parser = group.add("deliveries", run_deliveries, about="List messages and how far each is, newest first.")
    parser.add_argument("--endpoint", metavar="ENDPOINT", help="only to this one")
    parser.add_argument("--refund", metavar="REFUND", help="only of this one, by id or external id")
    parser.add_argument("--failed", action="store_true", help="only those that were given up after three days")
    parser.add_argument("--limit", type=int, metavar="N", help="at most N")
    parser = group.add("resend", run_resend, about=_RESEND, examples=_RESEND_EXAMPLES)
    parser.add_argument("ids", metavar="DELIVERY", nargs="*", help="as `payout webhooks deliveries` shows it")
    parser.add_argument("--failed", metavar="ENDPOINT", help="all to this one that were given up, oldest first")


def run_add(call: Call) -> int:
    call.allow(Act.MANAGE)
    secret = _secret(call.args.secret_file)
    made = _acts(call).create(call.args.url, call.args.type, call.who, secret)
    if not call.json:
        call.screen.line(f"endpoint {made.endpoint.id} is told {', '.join(made.endpoint.types) or 'everything'}")
        call.screen.line(f"once the receiver has the secret: payout webhooks test {made.endpoint.id}")
    return _show_secret(call, made)


def run_rotate(call: Call) -> int:
    call.allow(Act.MANAGE)
    made = _acts(call).rotate(call.args.id, call.who)
    if not call.json:
        call.screen.line(f"endpoint {made.endpoint.id} has a new secret; the old one signs too for 24 hours")
    return _show_secret(call, made)


def run_stop(call: Call) -> int:
    call.allow(Act.MANAGE)
    endpoint = _acts(call).stop(call.args.id, call.who, call.why)
    if call.json:
        call.print_json(endpoint_json(endpoint))
    else:
        call.screen.line(f"endpoint {endpoint.id} is stopped: {endpoint.stopped_why}")
    return DONE


def run_test(call: Call) -> int:
    call.allow(Act.MANAGE)
    answer = _acts(call).test(call.args.id)
    if call.json:
        call.print_json({"taken": answer.taken, "status": answer.status, "words": answer.words})
    else:
        call.screen.line(f"endpoint {call.args.id}: {answer.words}")
    return DONE if answer.taken else FAULT


def run_list(call: Call) -> int:
    store = call.house.store
    endpoints = store.endpoints()
    if call.json:
        call.print_json([endpoint_json(each) for each in endpoints])
        return DONE
    if not endpoints:
        call.screen.line("no endpoints: payout webhooks add URL")
        return DONE
    newest = [next(iter(store.list_deliveries(endpoint_id=each.id, limit=1)), None) for each in endpoints]
    rows = [
        (
            each.id,
            each.url,
            ", ".join(each.types) or "everything",
            moment(each.made_at),
            f"stopped: {each.stopped_why}" if each.stopped_at else _note(last),
        )
        for each, last in zip(endpoints, newest, strict=True)
    ]
    call.screen.table(_LIST_COLUMNS, rows)
    return DONE


def run_deliveries(call: Call) -> int:
    limit, store = call.limit, call.house.store
    if call.args.endpoint:
        _acts(call).find(call.args.endpoint)
    refund_id = call.house.desk.find(call.args.refund).id if call.args.refund else None
    listed = partial(
        store.list_deliveries, endpoint_id=call.args.endpoint, refund_id=refund_id, failed=call.args.failed
    )
    if call.json:
        call.print_json_rows(delivery_json(each) for each in listed(limit=limit))
        return DONE
    wanted = SHOWN if limit is None else limit
    found = listed(limit=wanted + 1)
    kept = f"what ended more than {call.settings.webhooks.keep_days} days ago is no longer kept"
    if not found:
        call.screen.line(f"no deliveries; {kept}")
        return DONE
    ids = {each.delivery.refund_id for each in found if each.delivery.refund_id}
    names = {each.id: each.external_id for each in store.refunds(list(ids))}
    call.screen.table(_DELIVERY_COLUMNS, [_cells(each, names) for each in found[:wanted]])
    call.screen.line()
    call.screen.line("more follow: add --limit N" if len(found) > wanted else kept)
    return DONE


def run_resend(call: Call) -> int:
    call.allow(Act.MANAGE)
    acts = _acts(call)

    def resend(delivery_id: str) -> tuple[dict[str, Any], list[str]]:
        return delivery_json(acts.resend(delivery_id, call.who)), [f"{delivery_id} is sent again by the daemon"]

    return call.act_on_each("delivery", _to_resend(call, acts), resend)


def _to_resend(call: Call, acts: EndpointActs) -> list[str]:
    ids, endpoint_id = call.args.ids, call.args.failed
    if bool(ids) == bool(endpoint_id):
        raise BadInput("resend", "takes deliveries, or --failed with an endpoint", "see `payout webhooks deliveries`")
    if ids:
        return list(ids)
    failed = call.house.store.list_deliveries(endpoint_id=acts.find(endpoint_id).id, failed=True)
    return [each.delivery.id for each in reversed(failed)]


def _acts(call: Call) -> EndpointActs:
    return call.house.webhooks.endpoints(call.house.store)


def _secret(file: str | None) -> str | None:
    if file is None:
        return None
    try:
        return Path(file).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        raise BadInput("--secret-file", f"{file} cannot be read as text", "check its name and mode") from None


def _show_secret(call: Call, made: NewSecret) -> int:
    if call.json:
        call.print_json({**endpoint_json(made.endpoint), "secret": made.secret})
    else:
        call.screen.line(f"its secret, shown this once: {made.secret}")
    return DONE


def _note(parcel: Parcel | None) -> str:
    if parcel is None:
        return "none yet"
    return f"{parcel.message.type} {parcel.delivery.status}: {parcel.delivery.said or 'not tried yet'}"


def _cells(parcel: Parcel, names: Mapping[str, str]) -> tuple[Any, ...]:
    delivery = parcel.delivery
    return (
        str(parcel.message.type),
        names.get(delivery.refund_id or "", delivery.refund_id),
        str(delivery.status),
        delivery.tries,
        moment(delivery.next_at) if delivery.ended_at is None else None,
        delivery.said,
        delivery.id,
    )
