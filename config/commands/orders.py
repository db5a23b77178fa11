"""`payout orders`: swaps at processors, both legs of each, and a look at one that is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from adapters.show import Column
from config.call import DONE, LIMIT_MAX, Call
from config.commands.tales import tales
from config.order_views import Tale, legs, order_json
from config.parser import Commands
from config.views import moment, short
from payout.errors import BadInput, IllegalTransition
from payout.history_json import event_json
from payout.order import LIVE, OrderStatus

if TYPE_CHECKING:
    from payout.order import Order

SHOWN: Final = 50
PAGE: Final = 500
EVENTS_MAX: Final = 200

_LIST_EXAMPLES = f"""\
  payout orders list                        the newest {SHOWN}
  payout orders list --open                 those that have not ended, longest asked first
  payout orders list --json                 all of them, as an array
"""
_SHOW = """\
Show orders whole: ids, both legs, the deposit's transaction and proof, support, history.

Name one by its id, by the processor's, or by its refund, which shows all orders of that. Its support may ask for
the secret that came with the order: --secret shows it, on this screen only.
"""
_SHOW_EXAMPLES = "  payout orders show E-1042\n  payout orders show c2fa1e0a3b4c55 --secret"
_RECHECK = """\
Ask the daemon to look at funded orders now, at their processors and on the customers' chains.

It only brings forward what the clock would do anyway.
"""
_COLUMNS = (
    Column(title="refund", give=True),
    Column(title="no", right=True, spare=True),
    Column(title="processor"),
    Column(title="its id", give=True),
    Column(title="status"),
    Column(title="it says"),
    Column(title="deposit", right=True, spare=True),
    Column(title="customer gets", right=True),
    Column(title="asked", spare=True),
    Column(title="note", whole=True),
)


def add(commands: Commands) -> None:
    group = commands.group("orders", about="Swaps at processors: what we paid, and what the customer gets for it.")
    parser = group.add("list", run_list, about="List orders, newest first.", examples=_LIST_EXAMPLES)
    parser.add_argument("--open", action="store_true", help="only those that have not ended")
    parser.add_argument("--limit", type=int, metavar="N", help="at most N")
    parser.add_argument("--after", metavar="ORDER", help="go on after this one")
    parser = group.add("show", run_show, about=_SHOW, examples=_SHOW_EXAMPLES)
    parser.add_argument("order", nargs="+", help="its id, the processor's id of it, or its refund")
    parser.add_argument("--secret", action="store_true", help="show what the processor's support asks for")
    parser = group.add("recheck", run_recheck, about=_RECHECK, examples="  payout orders recheck E-1042")
    parser.add_argument("order", nargs="+", help="its id, the processor's id of it, or its refund")


def run_list(call: Call) -> int:
    limit = call.limit
    after = _find(call, call.args.after)[-1].id if call.args.after else None
    if call.args.open and after:
        raise BadInput("--after", "goes with the whole list only", "leave out --open")
    if call.json:
        call.print_json_rows(order_json(tale) for tale in _pages(call, after, limit))
        return DONE
    wanted = SHOWN if limit is None else limit
    found = _some(call, after, wanted + 1)
    if not found:
        call.screen.line("no open orders" if call.args.open else "no orders")
        return DONE
    call.screen.table(_COLUMNS, [_cells(tale) for tale in tales(call, found[:wanted], whole=False)])
    if len(found) > wanted:
        call.screen.line()
        call.screen.line("more follow: add --limit N")
    return DONE


def run_show(call: Call) -> int:
    def show(key: str) -> Iterator[dict[str, Any]]:
        for tale in tales(call, _find(call, key), whole=True):
            body = _whole(call, tale, _secret(call, tale.order) if call.args.secret else None)
            if not call.json:
                _print(call, tale, body)
            yield body

    return call.show_each(call.args.order, show)


def run_recheck(call: Call) -> int:
    def recheck(key: str) -> tuple[dict[str, Any], list[str]]:
        looked = call.house.desk.recheck(key)
        if not looked:
            raise IllegalTransition(f"{key}: none of its orders is FUNDED, so there is nothing to look at")
        return {"rechecked": looked}, [f"{key}: the daemon looks at it at its next tick"]

    return call.act_on_each("order", call.args.order, recheck)


def _find(call: Call, key: str) -> tuple[Order, ...]:
    """One order, or all of a refund, oldest first. Raises BadInput."""
    order = call.house.store.order(key)
    if order is not None:
        return (order,)
    refund = call.house.store.refund(key)
    if refund is None:
        raise BadInput("order", f"{key!r} is neither an order nor a refund on record", "see `payout orders list`")
    orders = call.house.store.orders_of([refund.id])
    if not orders:
        raise BadInput("order", f"refund {refund.external_id} has no orders", f"see `payout refunds show {key}`")
    return orders


def _some(call: Call, after: str | None, limit: int | None) -> tuple[Order, ...]:
    if call.args.open:
        return call.house.store.open_orders(tuple(LIVE), LIMIT_MAX if limit is None else limit)
    return call.house.store.list_orders(after=after, limit=limit)


def _pages(call: Call, after: str | None, limit: int | None) -> Iterator[Tale]:
    """A page at a time, so that all orders of years do not have to fit into memory."""
    if call.args.open:
        yield from tales(call, _some(call, None, limit), whole=True)
        return
    left = limit
    while left is None or left > 0:
        size = PAGE if left is None else min(PAGE, left)
        page = call.house.store.list_orders(after=after, limit=size)
        yield from tales(call, page, whole=True)
        if len(page) < size:
            return
        after = page[-1].id
        left = None if left is None else left - size


def _cells(tale: Tale) -> tuple[object, ...]:
    order = tale.order
    unproven = "unproven: no chain has shown it yet" if order.settled_unproven else None
    note = order.trouble or ("overdue" if tale.is_overdue else None) or unproven or order.reason
    return (
        tale.refund.external_id if tale.refund else order.refund_id,
        order.number,
        order.processor,
        short(order.processor_id) if order.processor_id else None,
        order.status,
        order.stage,
        f"{order.deposit or order.offered} {tale.coin.code}",
        f"{order.receive} {order.receive.asset.code}",
        moment(order.asked_at),
        note,
    )


def _secret(call: Call, order: Order) -> str | None:
    return call.house.sealer.unseal_text(order.sealed_secret) if order.sealed_secret else None


def _whole(call: Call, tale: Tale, secret: str | None) -> dict[str, Any]:
    order = tale.order
    body = {
        **order_json(tale),
        "deposit_proof": tale.attempt.proof if tale.attempt else None,
        "deposit_place": str(tale.transfer.place) if tale.transfer else None,
        "deposit_confirmations": tale.transfer.depth if tale.transfer else None,
        "events": [event_json(each) for each in call.house.store.events(order_id=order.id, limit=EVENTS_MAX)],
    }
    return body | ({"secret": secret} if call.args.secret else {})


def _print(call: Call, tale: Tale, body: dict[str, Any]) -> None:
    screen, order = call.screen, tale.order
    screen.title(f"{order.processor} {order.processor_id or '(no id)'}  {order.status}")
    screen.facts(
        [
            ("order", order.id),
            ("refund", f"{tale.refund.external_id}, {tale.refund.status}" if tale.refund else order.refund_id),
            *legs(tale),
            ("it says", f"{order.stage} ({order.status_text}), since {moment(order.said_at)}" if order.stage else None),
            ("reason", order.reason),
            ("support", order.support_url),
            ("secret", _secret_words(body, order)),
            ("deposit address", order.deposit_address),
            ("deposit txid", order.transfer_id),
            ("destination", order.destination),
            ("memo", order.memo),
            ("settled by", order.settle_txid),
            ("return address", order.return_address),
            ("returned by", order.return_txid),
            ("offered", f"{order.offered} {tale.coin.code}"),
            ("rate", f"{order.rate:f} USD a coin"),
            ("asked", moment(order.asked_at)),
            ("funded", moment(order.funded_at)),
            ("ended", moment(order.ended_at)),
        ]
    )
    proof = body["deposit_proof"]
    if proof:
        screen.line()
        screen.line("That the deposit was paid, anyone can check in monero-wallet-cli, with this signature in a file:")
        screen.line(f"  {proof}")
        screen.line(f"  check_tx_proof {order.transfer_id} {order.deposit_address} FILE {order.refund_id}")
    if order.settled_unproven and tale.refund:
        screen.line()
        screen.line("Once you have seen it on the customer's chain yourself:")
        screen.line(f"  payout refunds resolve {tale.refund.external_id} --how settled --proof TXID --why TEXT")
    screen.line()
    columns = (Column(title="when"), Column(title="who"), Column(title="what", whole=True))
    screen.table(columns, [(e["at"], e["who"], e["words"]) for e in body["events"]])
    screen.line()


def _secret_words(body: dict[str, Any], order: Order) -> str | None:
    if "secret" in body:
        return body["secret"] or "none came with it"
    ended = order.status in {OrderStatus.SETTLED, OrderStatus.DROPPED}
    return "kept; --secret shows it" if order.sealed_secret and not ended else None
