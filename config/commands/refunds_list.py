"""`payout refunds list` and `show`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from adapters.show import Column
from config.call import DONE, Call
from config.parser import Commands
from config.views import moment, remark, short
from payout.errors import BadInput
from payout.history_json import approval_json, attempt_json, event_json
from payout.money import Money
from payout.refund import AttemptStatus, RefundStatus
from payout.refund_json import refund_json

if TYPE_CHECKING:
    from config.order_views import Tale
    from payout.order import Order
    from payout.refund import Attempt, Refund, RefundLine

PAGE: Final = 500
SHOWN: Final = 50
EVENTS_MAX: Final = 200

_LIST = "List refunds, newest first."
_LIST_EXAMPLES = f"""\
  payout refunds list                       the newest {SHOWN}
  payout refunds list --status HELD --status REQUESTED
  payout refunds list --json                all of them, as an array
"""
_SHOW = "Show refunds whole: facts, approvals, attempts, both legs of swaps, proofs and history."
_SHOW_EXAMPLES = "  payout refunds show E-1042"

_COLUMNS = (
    Column(title="external id", give=True),
    Column(title="status"),
    Column(title="usd", right=True),
    Column(title="asset"),
    Column(title="amount", right=True),
    Column(title="conf", right=True),
    Column(title="requested", spare=True),
    Column(title="note", whole=True),
)


def add(group: Commands) -> None:
    parser = group.add("list", run_list, about=_LIST, examples=_LIST_EXAMPLES)
    parser.add_argument("--status", action="append", default=[], help="only these; may be repeated")
    parser.add_argument("--limit", type=int, metavar="N", help="at most N")
    parser.add_argument("--after", metavar="REFUND", help="go on after this one")
    parser = group.add("show", run_show, about=_SHOW, examples=_SHOW_EXAMPLES)
    parser.add_argument("refund", nargs="+", help="id or external id")


def run_list(call: Call) -> int:
    """All as JSON, or the newest as a table."""
    statuses = _statuses(call.args.status)
    limit = call.limit
    after = _id_of(call, call.args.after)
    if call.json:
        lines = _pages(call, statuses, after, limit)
        call.print_json_rows(refund_json(line) for line in lines)
        return DONE
    wanted = SHOWN if limit is None else limit
    found = call.house.store.list_refunds(statuses=statuses, after=after, limit=wanted + 1)
    if not found:
        call.screen.line("no refunds" if not (statuses or after) else "no such refunds")
        return DONE
    swaps = _swaps(call, [line.refund for line in found[:wanted]])
    call.screen.table(_COLUMNS, [_cells(line, swaps.get(line.refund.id)) for line in found[:wanted]])
    if len(found) > wanted and wanted:
        last = found[wanted - 1].refund.external_id
        call.screen.line()
        call.screen.line(f"more follow: add --limit N, or --after {last}")
    return DONE


def run_show(call: Call) -> int:
    from config.commands.tales import tales

    def show(key: str) -> list[dict[str, Any]]:
        refund = call.house.store.refund(key)
        if refund is None:
            raise BadInput("refund", f"{key!r} is not on record", "see `payout refunds list`")
        told = tales(call, call.house.store.orders_of([refund.id]), whole=True)
        body = _whole(call, refund, told)
        if not call.json:
            _print(call, refund, body, told)
        return [body]

    return call.show_each(call.args.refund, show)


def line_of(call: Call, refund: Refund) -> dict[str, Any]:
    """One refund's JSON object, built from its own rows."""
    from payout.refund import RefundLine

    attempts = call.house.store.attempts([refund.id])
    live = [attempt for attempt in attempts if attempt.status is not AttemptStatus.FAILED]
    newest = live[-1] if live else None
    line = RefundLine(
        refund=refund,
        amount_units=newest.amount.units if newest else None,
        rate=newest.rate if newest else None,
        tx_ids=_tx_ids(call, refund, attempts),
        # A swap's deposit says nothing of what the customer has.
        confirmations=_confirmations(call, newest.transfer_id) if newest and newest.order_id is None else None,
    )
    return refund_json(line)


def _tx_ids(call: Call, refund: Refund, attempts: Sequence[Attempt]) -> tuple[str, ...]:
    """As in a listing: our transfers, each with what its order sent on the customer's chain."""
    settled = {order.id: order.settle_txid for order in call.house.store.orders_of([refund.id])}
    pairs = ((attempt.transfer_id, settled.get(attempt.order_id or "")) for attempt in attempts)
    return tuple(txid for pair in pairs for txid in pair if txid is not None)


def _confirmations(call: Call, txid: str) -> int | None:
    transfer = call.house.store.transfer(txid)
    if transfer is None:
        return None
    record = call.house.store.wallet(transfer.wallet)
    if transfer.height is None or record is None:
        return transfer.depth
    return max(transfer.depth, record.tip - transfer.height)


def _whole(call: Call, refund: Refund, told: list[Tale]) -> dict[str, Any]:
    from config.order_views import order_json
    from payout.approval.manifest import fingerprint

    store = call.house.store
    return {
        **line_of(call, refund),
        "fingerprint": fingerprint(refund, call.settings.instance.id),
        "approvals": [approval_json(each) for each in store.approvals([refund.id])],
        "attempts": [attempt_json(each) for each in store.attempts([refund.id])],
        "orders": [order_json(tale) for tale in told],
        "events": [event_json(each) for each in store.events(refund_id=refund.id, limit=EVENTS_MAX)],
    }


def _print(call: Call, refund: Refund, body: dict[str, Any], told: list[Tale]) -> None:
    from config.commands.refunds_approve import given
    from config.order_views import legs

    screen = call.screen
    screen.title(f"{refund.external_id}  {refund.status}")
    amount = f"{body['amount']} {refund.asset.code}" if body["amount"] else None
    rate = f"{body['rate_usd']} USD a coin" if body["rate_usd"] else None
    screen.facts(
        [
            ("id", refund.id),
            ("note", remark(refund)),
            ("owed", f"{refund.owed} USD in {refund.asset.code} ({refund.asset.network})"),
            ("destination", refund.destination),
            ("memo", refund.memo),
            ("paid" if refund.status is RefundStatus.PAID else "amount", amount),
            ("rate", rate),
            ("confirmations", body["confirmations"]),
            ("reason", refund.reason),
            ("payment", refund.payment_tx),
            ("payment was worth", f"{refund.paid} USD" if refund.paid else None),
            ("at most", f"{refund.amount_max} {refund.asset.code}" if refund.amount_max else None),
            ("requested", f"{moment(refund.requested_at)} by {refund.requested_by}"),
            ("approvals", given(call, refund)),
            ("approved", moment(refund.approved_at)),
            ("approved until", moment(refund.approved_until)),
            ("revision", refund.revision),
            ("fingerprint", body["fingerprint"]),
        ]
    )
    for approval in body["approvals"]:
        is_replaced = approval["revision"] != refund.revision
        screen.line(
            f"approved by {approval['signer']} ({approval['kind']}), revision {approval['revision']}"
            f"{', which was replaced' if is_replaced else ''}, until {approval['expires_at']}, "
            f"manifest {approval['manifest']}"
        )
    for attempt in body["attempts"]:
        proof = "proof saved" if attempt["proof"] else "no proof yet"
        way = f"through order {attempt['order']}, funded in" if attempt["order"] else "in"
        screen.line(
            f"attempt {attempt['id']}: {attempt['status']}, {attempt['amount']} "
            f"{refund.asset.code} {way} {attempt['tx_id']}, {proof}"
        )
    for tale in told:
        screen.line()
        screen.title(f"order {tale.order.number} at {tale.order.processor}  {tale.order.status}")
        screen.facts([("its id there", tale.order.processor_id), *legs(tale), ("support", _support(tale))])
    screen.line()
    columns = (Column(title="when"), Column(title="who"), Column(title="what", whole=True))
    screen.table(columns, [(e["at"], e["who"], e["words"]) for e in body["events"]])
    screen.line()


def _support(tale: Tale) -> str | None:
    """Only where somebody may have to ask."""
    return tale.order.support_url if tale.order.trouble or tale.is_overdue else None


def _swaps(call: Call, refunds: list[Refund]) -> dict[str, Order]:
    """The funded orders of those that are being paid through one, by refund."""
    paying = [refund.id for refund in refunds if refund.status is RefundStatus.PAYING]
    if not paying:
        return {}
    from payout.order import OrderStatus

    return {
        order.refund_id: order for order in call.house.store.orders_of(paying) if order.status is OrderStatus.FUNDED
    }


def _cells(line: RefundLine, swap: Order | None) -> tuple[object, ...]:
    refund = line.refund
    units = line.amount_units
    told = swap and (swap.trouble or _progress(swap))
    note = remark(refund) or told or (short(line.tx_ids[-1]) if line.tx_ids else refund.reason)
    return (
        refund.external_id,
        refund.status,
        refund.owed,
        refund.asset.code,
        None if units is None else Money(units, refund.asset),
        line.confirmations,
        moment(refund.requested_at),
        note,
    )


def _progress(swap: Order) -> str:
    said = f", {swap.stage}" if swap.stage else ""
    return f"at {swap.processor}{said}{', unproven' if swap.settled_unproven else ''}"


def _pages(
    call: Call, statuses: tuple[RefundStatus, ...], after: str | None, limit: int | None
) -> Iterator[RefundLine]:
    """A page at a time, so that a million refunds do not have to fit into memory."""
    left = limit
    while left is None or left > 0:
        size = PAGE if left is None else min(PAGE, left)
        page = call.house.store.list_refunds(statuses=statuses, after=after, limit=size)
        yield from page
        if len(page) < size:
            return
        after = page[-1].refund.id
        left = None if left is None else left - size


def _statuses(given: list[str]) -> tuple[RefundStatus, ...]:
    known = {str(status) for status in RefundStatus}
    wanted = [name.strip().upper() for text in given for name in text.split(",")]
    for name in wanted:
        if name not in known:
            words = f"use {', '.join(sorted(known))}"
            raise BadInput("--status", f"{name!r} is no status", words)
    return tuple(RefundStatus(name) for name in wanted)


def _id_of(call: Call, key: str | None) -> str | None:
    if key is None:
        return None
    refund = call.house.store.refund(key)
    if refund is None:
        raise BadInput("--after", f"{key!r} is not on record", "give the last refund you saw")
    return refund.id
