"""`payout processors`: how each processor stands, what it delivers, how dear, and how much is out there."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from adapters.show import Column
from config.call import DONE, FAULT, Call
from config.parser import Commands
from config.views import pause_line
from payout.asset import USD
from payout.caps import utc_day
from payout.errors import BadInput
from payout.history_json import pause_json
from payout.money import Money, parse_money
from payout.order import LIVE
from payout.scope import ALL
from payout.text import iso, plain

if TYPE_CHECKING:
    from config.processor_look import AssetLook, ProcessorLook
    from payout.order import Order

ORDERS_MAX: Final = 1000
"""Open orders that are counted; so many at once mean that something stands still."""

_ABOUT = """\
Ask every processor what it delivers and what that costs now, and show limits, pauses and open orders.

This asks by itself, beside the daemon, and makes no order. The exit code is 1 if one of them is not well.
"""
_EXAMPLES = """\
  payout processors
  payout processors --asset BTC --usd 200.00
  payout processors --json
"""
_COLUMNS = (
    Column(title="asset"),
    Column(title="network"),
    Column(title=""),
    Column(title="customer gets", right=True),
    Column(title="we pay", right=True),
    Column(title="dearer by", right=True),
    Column(title="by", spare=True),
    Column(title="note", whole=True),
)


def add(commands: Commands) -> None:
    parser = commands.add("processors", run, about=_ABOUT, examples=_EXAMPLES)
    parser.add_argument("--usd", metavar="AMOUNT", default="50.00", help="quote for so much; default 50.00")
    parser.add_argument("--asset", metavar="CODE", action="append", default=[], help="only this; CODE or CODE-NETWORK")


def run(call: Call) -> int:
    from config.processor_look import look_at_all

    usd = parse_money(call.args.usd, USD, name="--usd")
    looks = look_at_all(call.house, usd, _keys(call))
    open_orders = call.house.store.open_orders(tuple(LIVE), ORDERS_MAX)
    bodies = [_body(call, look, open_orders) for look in looks]
    if call.json:
        call.print_json(bodies)
    else:
        for body in bodies:
            _print(call, body)
    return FAULT if any(look.fault for look in looks) else DONE


def _keys(call: Call) -> tuple[tuple[str, str], ...]:
    """What --asset names. Raises BadInput."""
    found: list[tuple[str, str]] = []
    for label in call.args.asset:
        code, dash, network = label.partition("-")
        keys = call.house.assets.named(f"{code.upper()}{dash}{network.lower()}")
        if not keys:
            known = ", ".join(sorted({code for code, _ in call.house.assets.payable}))
            raise BadInput("--asset", f"{label!r} is no asset", f"use {known}, or CODE-NETWORK")
        found += keys
    return tuple(found)


def _body(call: Call, look: ProcessorLook, orders: tuple[Order, ...]) -> dict[str, Any]:
    house, name = call.house, look.name
    rules = house.swaps.rules
    given = rules.processors[name] if rules else None
    mine = [order for order in orders if order.processor == name]
    counted = Counter(order.status for order in mine)
    pauses = (*house.halts.pauses(), *house.store.pauses())
    used = Money(house.store.cap_used(given.scope, utc_day(house.clock.now())), USD) if given else None
    return {
        "processor": name,
        "healthy": look.fault is None,
        "fault": look.fault,
        "denied": look.denied,
        "paused": [pause_json(pause) for pause in pauses if pause.scope in (ALL, name)],
        "order_max_usd": str(given.order_max) if given else None,
        "day_max_usd": str(given.day_max) if given else None,
        "day_used_usd": str(used) if used is not None else None,
        "open_orders": {str(status): counted[status] for status in (*sorted(LIVE),) if counted[status]},
        "troubled_orders": sum(order.trouble is not None for order in mine),
        "unproven_orders": sum(order.settled_unproven for order in mine),
        "assets": [_asset_json(each) for each in look.assets],
    }


def _asset_json(look: AssetLook) -> dict[str, Any]:
    offer = look.offer
    return {
        "asset": look.asset.code,
        "network": look.asset.network,
        "listed": look.listed,
        "memo_needed": look.memo_needed,
        "receive": str(offer.receive) if offer else None,
        "deposit": str(offer.deposit) if offer else None,
        "deposit_asset": offer.deposit.asset.code if offer else None,
        "spread_percent": plain(look.spread),
        "too_dear": look.too_dear,
        "provider": offer.provider if offer else None,
        "expires_at": iso(offer.expires_at) if offer else None,
        "least": look.least,
        "most": look.most,
        "words": look.words or None,
    }


def _print(call: Call, body: dict[str, Any]) -> None:
    screen = call.screen
    screen.title(body["processor"])
    screen.facts(
        [
            ("health", f"not well: {body['fault']}" if body["fault"] else "reachable, takes our key"),
            ("an order", f"at most {body['order_max_usd']} USD"),
            ("today", f"{body['day_used_usd']} of {body['day_max_usd']} USD"),
            ("open orders", _orders(body)),
        ]
    )
    for pause in body["paused"]:
        screen.line(pause_line(pause))
    if body["assets"]:
        screen.line()
        screen.table(_COLUMNS, [_cells(each) for each in body["assets"]])
    screen.line()


def _orders(body: dict[str, Any]) -> str:
    counted = body["open_orders"]
    if not counted:
        return "none"
    parts = [f"{counted[status]} {status}" for status in counted]
    if body["troubled_orders"]:
        parts.append(f"{body['troubled_orders']} in trouble")
    if body["unproven_orders"]:
        parts.append(f"{body['unproven_orders']} settled but unproven")
    return f"{', '.join(parts)}; see payout orders list --open"


def _cells(each: dict[str, Any]) -> tuple[object, ...]:
    bounds = [f"least {each['least']}" if each["least"] else "", f"most {each['most']}" if each["most"] else ""]
    memo = "needs a memo" if each["memo_needed"] else ""
    note = "; ".join(words for words in (each["words"], *bounds, memo) if words)
    return (
        each["asset"],
        each["network"],
        "ok" if each["deposit"] and not each["too_dear"] else "-",
        f"{each['receive']} {each['asset']}" if each["receive"] else None,
        f"{each['deposit']} {each['deposit_asset']}" if each["deposit"] else None,
        f"{each['spread_percent']} %" if each["spread_percent"] is not None else None,
        each["provider"],
        note,
    )
