"""`payout transfers`: the transactions that we made, where they are, and giving one up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from adapters.show import Column
from config.call import DONE, Call
from config.commands.tales import tales
from config.order_views import order_json
from config.parser import Commands
from config.views import moment, short, transfer_json
from payout.errors import BadInput
from payout.history_json import event_json
from payout.money import Money
from payout.refund import AttemptStatus
from payout.transfer import Place, TransferKind

if TYPE_CHECKING:
    from config.order_views import Tale
    from payout.refund import Attempt, Refund
    from payout.transfer import Transfer

SHOWN: Final = 50
PAGE: Final = 500
NEWEST: Final = 2000
"""Transfers among which a shortened txid is looked for."""

HEAD_MIN: Final = 6

_GIVE_UP = """\
Make an OPEN transfer impossible, so that its refunds can be paid anew.

One whose broadcast never began is void at once. Any other is replaced: the worker spends its first
input in a transfer to ourselves, and only when that is final are the refunds free. If the old one
is mined first, it has paid, and nothing is given up.
"""
_GIVE_UP_EXAMPLES = '  payout transfers give-up 7413d2... --why "stuck for a day"'
_COLUMNS = (
    Column(title="txid"),
    Column(title="wallet", spare=True),
    Column(title="kind"),
    Column(title="status"),
    Column(title="where"),
    Column(title="refunds", right=True),
    Column(title="amount", right=True),
    Column(title="fee", right=True, spare=True),
    Column(title="committed", spare=True),
)


def add(commands: Commands) -> None:
    group = commands.group("transfers", about="The transactions that we made, and where they are.")
    parser = group.add("list", run_list, about="List transfers, newest first.", examples="  payout transfers list")
    parser.add_argument("--limit", type=int, metavar="N", help="at most N")
    parser.add_argument("--after", metavar="TXID", help="go on after this one")
    parser = group.add("show", run_show, about="Show transfers whole.", examples="  payout transfers show 7413d2...")
    parser.add_argument("txid", nargs="+")
    parser = group.add("give-up", run_give_up, about=_GIVE_UP, examples=_GIVE_UP_EXAMPLES)
    parser.add_argument("txid", nargs="+")
    parser.add_argument("--why", metavar="TEXT", required=True, help="kept in the history")


def run_list(call: Call) -> int:
    limit = call.limit
    if call.json:
        rows = _pages(call, call.args.after, limit)
        call.print_json_rows(transfer_json(each, _amounts(call, each)) for each in rows)
        return DONE
    wanted = SHOWN if limit is None else limit
    found = call.house.store.list_transfers(after=call.args.after, limit=wanted + 1)
    if not found:
        call.screen.line("no transfers")
        return DONE
    call.screen.table(_COLUMNS, [_cells(call, each) for each in found[:wanted]])
    if len(found) > wanted:
        call.screen.line()
        call.screen.line("more follow: add --limit N")
    return DONE


def run_show(call: Call) -> int:
    def show(txid: str) -> list[dict[str, Any]]:
        transfer = _find(call, txid)
        pairs = _pairs(call, transfer)
        body = _whole(call, transfer, pairs)
        if not call.json:
            _print(call, transfer, pairs, body)
        return [body]

    return call.show_each(call.args.txid, show)


def run_give_up(call: Call) -> int:
    who, why = call.who, call.why

    def give_up(txid: str) -> tuple[dict[str, Any], list[str]]:
        transfer = call.house.desk.give_up(_find(call, txid).id, who, why)
        freed = [refund for attempt, refund in _pairs(call, transfer) if _is_open(attempt)]
        when = _when(call, transfer)
        body = {"tx_id": transfer.id, "frees": [each.external_id for each in freed], "when": when}
        lines = [f"  then free: {refund.external_id}, {refund.owed} USD" for refund in freed]
        return body, [f"{short(transfer.id)} will be given up: {when}", *lines]

    return call.act_on_each("tx_id", call.args.txid, give_up)


def _when(call: Call, transfer: Transfer) -> str:
    if not transfer.begun:
        return "its broadcast never began, so at the worker's next look"
    settings = call.settings.wallet(transfer.wallet)
    depth = settings.confirmations if settings else 10
    return (
        f"once a transfer to ourselves that spends its first input is {depth} blocks deep; "
        "if it is mined itself before that, it has paid and nothing is freed"
    )


def _is_open(attempt: Attempt) -> bool:
    return attempt.status is AttemptStatus.OPEN


def _find(call: Call, txid: str) -> Transfer:
    """By txid, or by its beginning, as tables show it, among the newest."""
    text = txid.strip().lower()
    transfer = call.house.store.transfer(text)
    if transfer is not None:
        return transfer
    head, _, tail = text.partition("..")
    found = [
        each
        for each in _pages(call, None, NEWEST)
        if len(head) >= HEAD_MIN and each.id.startswith(head) and each.id.endswith(tail)
    ]
    if len(found) > 1:
        raise BadInput("txid", f"{txid!r} fits several transfers", "give more of it")
    if not found:
        raise BadInput("txid", f"{txid!r} is not on record", "see `payout transfers list`")
    return found[0]


def _pairs(call: Call, transfer: Transfer) -> list[tuple[Attempt, Refund]]:
    """Each attempt of a transfer with its refund."""
    attempts = call.house.store.attempts_of([transfer.id])
    found = call.house.store.refunds([attempt.refund_id for attempt in attempts])
    refunds = {refund.id: refund for refund in found}
    return [(each, refunds[each.refund_id]) for each in attempts if each.refund_id in refunds]


def _pages(call: Call, after: str | None, limit: int | None) -> Iterator[Transfer]:
    left = limit
    while left is None or left > 0:
        size = PAGE if left is None else min(PAGE, left)
        page = call.house.store.list_transfers(after=after, limit=size)
        yield from page
        if len(page) < size:
            return
        after = page[-1].id
        left = None if left is None else left - size


def _amounts(call: Call, transfer: Transfer) -> dict[str, str]:
    asset = call.house.asset_of(transfer.wallet)
    return {
        "asset": asset.code,
        "amount": str(Money(transfer.units, asset)),
        "fee": str(Money(transfer.fee, asset)),
    }


def _where(transfer: Transfer) -> str:
    if transfer.place is Place.MINED:
        return f"mined, {transfer.depth} deep"
    if not transfer.begun:
        return "not sent yet"
    return "in the pool" if transfer.place is Place.POOL else "unseen"


def _cells(call: Call, transfer: Transfer) -> tuple[object, ...]:
    amounts = _amounts(call, transfer)
    return (
        short(transfer.id),
        transfer.wallet,
        transfer.kind,
        transfer.status,
        _where(transfer),
        sum(not output.own for output in transfer.outputs),
        f"{amounts['amount']} {amounts['asset']}",
        amounts["fee"],
        moment(transfer.committed_at),
    )


def _whole(call: Call, transfer: Transfer, pairs: list[tuple[Attempt, Refund]]) -> dict[str, Any]:
    return {
        **transfer_json(transfer, _amounts(call, transfer)),
        "key_images": list(transfer.key_images),
        "block_hash": transfer.block_hash,
        "refunds": [
            {
                "id": refund.id,
                "external_id": refund.external_id,
                "attempt": attempt.id,
                "status": str(attempt.status),
                "amount": str(attempt.amount),
                "asset": attempt.amount.asset.code,
                "destination": attempt.destination,
                "order": attempt.order_id,
                "deposit_address": attempt.deposit_address,
                "proven": attempt.proof is not None,
            }
            for attempt, refund in pairs
        ],
        "orders": {each.order.id: order_json(each) for each in _tales(call, transfer)},
        "events": [event_json(each) for each in call.house.store.events(transfer_id=transfer.id)],
    }


def _tales(call: Call, transfer: Transfer) -> list[Tale]:
    """The orders whose deposits it pays."""
    if transfer.kind is not TransferKind.FUNDING:
        return []
    return tales(call, call.house.store.orders_funded_by(transfer.id), whole=True)


def _pair_cells(attempt: Attempt, refund: Refund, orders: dict[str, Any]) -> tuple[object, ...]:
    order = orders.get(attempt.order_id or "", {})
    return (
        refund.external_id,
        attempt.status,
        f"{attempt.amount} {attempt.amount.asset.code}",
        f"{order['deposit']} {order['deposit_asset']}" if order else None,
        f"{order['processor']} {order['processor_id']}" if order else None,
        "saved" if attempt.proof else "not yet",
    )


def _print(
    call: Call,
    transfer: Transfer,
    pairs: list[tuple[Attempt, Refund]],
    body: dict[str, Any],
) -> None:
    screen = call.screen
    screen.title(f"{transfer.id}  {transfer.status}")
    asked = f"by {transfer.give_up_by}: {transfer.give_up_why}" if transfer.give_up_by else None
    screen.facts(
        [
            ("wallet", transfer.wallet),
            ("kind", transfer.kind),
            ("where", _where(transfer)),
            ("block", transfer.height),
            ("amount", f"{body['amount']} {body['asset']}"),
            ("fee", f"{body['fee']} {body['asset']}"),
            ("own outputs", body["own_outputs"] or None),
            ("committed", moment(transfer.committed_at)),
            ("first sent", moment(transfer.begun_at)),
            ("final", moment(transfer.final_at)),
            ("replaces", transfer.replaces),
            ("to be given up", asked),
        ]
    )
    columns = (
        Column(title="refund", give=True),
        Column(title="attempt", spare=True),
        Column(title="customer gets", right=True),
        Column(title="deposit"),
        Column(title="to", spare=True),
        Column(title="proof"),
    )
    if pairs:
        screen.line()
        screen.table(
            columns,
            [_pair_cells(each, refund, body["orders"]) for each, refund in pairs],
        )
    screen.line()
    history = (Column(title="when"), Column(title="who"), Column(title="what", whole=True))
    screen.table(history, [(e["at"], e["who"], e["words"]) for e in body["events"]])
    screen.line()
