"""`payout status`: the whole of it on one screen, from the database alone."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from adapters.show import Column
from config.call import DONE, Call
from config.commands.tales import tales
from config.parser import Commands
from config.views import pause_line, short
from payout.approval import Caps
from payout.caps import Ceiling, day_ceiling, utc_day
from payout.errors import SettingsError
from payout.history_json import event_json, pause_json
from payout.order import LIVE
from payout.refund import RefundStatus
from payout.text import iso

GROUPS_MAX: Final = 10
ALARMS_MAX: Final = 10
ORDERS_MAX: Final = 1000
"""Open orders that are counted; so many at once mean that something stands still."""

_ABOUT = """\
Show how many refunds stand where, what they wait for, pauses, alarms and what is on its way.

Reads only the database and the pause files, so it answers while wallet and node are down.
"""


def add(commands: Commands) -> None:
    commands.add("status", run, about=_ABOUT, examples="  payout status\n  payout status --json")


def run(call: Call) -> int:
    body = _body(call)
    if call.json:
        call.print_json(body)
        return DONE
    _print(call, body)
    return DONE


def _body(call: Call) -> dict[str, Any]:
    from config.commands.queue import waits

    house = call.house
    store, now = house.store, house.clock.now()
    counts = store.counts()
    today = _day(call, now)
    used = store.cap_used(today.scope, today.day)
    return {
        "instance": call.settings.instance.id,
        "refunds": {str(s): counts[s] for s in RefundStatus if s in counts},
        "waiting": [{"status": str(status), "for": words, "refunds": count} for status, words, count in waits(call)],
        "pauses": [pause_json(each) for each in (*house.halts.pauses(), *store.pauses())],
        "orders": _orders(call),
        "wallets": [_wallet(call, wallet.name) for wallet in call.settings.wallets],
        "today_usd": {
            "used": _usd(used),
            "left": str(today.left(used)),
            "limit": str(today.cap),
        },
        "people_proposed": _proposed(call),
        "alarms": [event_json(each) for each in store.events(alarms=True, limit=ALARMS_MAX)],
    }


def _day(call: Call, now: datetime) -> Ceiling:
    """The day's cap that is the lower: of payout.toml, or of the people file where that can be read."""
    try:
        caps = call.house.rules().caps
    except SettingsError:  # Said further down, as a proposal.
        caps = Caps()
    return day_ceiling(call.settings.limits, caps, utc_day(now))


def _orders(call: Call) -> dict[str, Any]:
    """Swaps under way, and those of them that a person should look at."""
    found = tales(call, call.house.store.open_orders(tuple(LIVE), ORDERS_MAX), whole=False)
    return {
        "open": len(found),
        "overdue": sum(tale.is_overdue for tale in found),
        "unproven": sum(tale.order.settled_unproven for tale in found),
        "troubled": [
            {
                "id": tale.order.id,
                "external_id": tale.refund.external_id if tale.refund else None,
                "processor": tale.order.processor,
                "trouble": tale.order.trouble,
            }
            for tale in found
            if tale.order.trouble
        ],
    }


def _proposed(call: Call) -> str | None:
    """A people file that is not in force, in words; also where it cannot be read at all."""
    try:
        proposal = call.house.people.state().proposal
    except SettingsError as error:
        return str(error)
    return f"{proposal.words}; {proposal.remedy}" if proposal else None


def _usd(cents: int) -> str:
    whole, part = divmod(cents, 100)
    return f"{whole}.{part:02d}"


def _wallet(call: Call, name: str) -> dict[str, Any]:
    store = call.house.store
    record, holder = store.wallet(name), store.lease_holder(name)
    return {
        "wallet": name,
        "worker": holder.owner if holder else None,
        "lease_until": iso(holder.until) if holder else None,
        "height": record.tip if record else None,
        "looked_at": iso(record.tip_at) if record else None,
        "on_the_way": [
            {
                "tx_id": transfer.id,
                "kind": str(transfer.kind),
                "begun": transfer.begun,
                "place": str(transfer.place),
                "confirmations": transfer.depth,
                "committed_at": iso(transfer.committed_at),
            }
            for transfer in store.open_transfers(name)
        ],
    }


def _print(call: Call, body: dict[str, Any]) -> None:
    screen = call.screen
    screen.title("Refunds")
    screen.facts((name, count) for name, count in body["refunds"].items())
    if not body["refunds"]:
        screen.line("none that is not done; see payout refunds list")
    today = body["today_usd"]
    screen.line(f"paid today: {today['used']} of {today['limit']} USD")
    for group in body["waiting"][:GROUPS_MAX]:
        word = "waits" if group["refunds"] == 1 else "wait"
        if group["status"] == "HELD":
            screen.line(f"{group['refunds']} HELD: {group['for']}")
        else:
            screen.line(f"{group['refunds']} APPROVED {word} for {group['for']}")
    if len(body["waiting"]) > GROUPS_MAX:
        screen.line(f"and {len(body['waiting']) - GROUPS_MAX} other reasons")
    _print_orders(call, body["orders"])
    for pause in body["pauses"]:
        screen.line(pause_line(pause).replace("paused", "PAUSED", 1))
    if body["people_proposed"]:
        screen.line(body["people_proposed"])
    for wallet in body["wallets"]:
        _print_wallet(call, wallet)
    if body["alarms"]:
        screen.line()
        screen.title("Latest alarms")
        columns = (Column(title="when"), Column(title="wallet", spare=True), Column(title="what", whole=True))
        screen.table(columns, [(e["at"], e["wallet"], e["words"]) for e in body["alarms"]])


def _print_orders(call: Call, orders: dict[str, Any]) -> None:
    if not orders["open"]:
        return
    screen = call.screen
    late = f", {orders['overdue']} overdue" if orders["overdue"] else ""
    unproven = f", {orders['unproven']} settled but unproven" if orders["unproven"] else ""
    screen.line(f"swaps under way: {orders['open']}{late}{unproven}; see payout orders list --open")
    for each in orders["troubled"][:GROUPS_MAX]:
        screen.line(f"order of {each['external_id']} at {each['processor']}: {each['trouble']}")


def _print_wallet(call: Call, wallet: dict[str, Any]) -> None:
    screen = call.screen
    screen.line()
    screen.title(f"Wallet {wallet['wallet']}")
    worker = wallet["worker"] or "nobody: start one with `payout run`"
    screen.facts(
        [
            ("worker", worker),
            ("chain", f"{wallet['height']} blocks" if wallet["height"] else "never looked at"),
            ("looked at", wallet["looked_at"]),
            ("on the way", _counted(len(wallet["on_the_way"]), "transfer")),
        ]
    )
    columns = (
        Column(title="txid"),
        Column(title="kind"),
        Column(title="where"),
        Column(title="conf", right=True),
        Column(title="committed"),
    )
    rows = [
        (
            short(each["tx_id"]),
            each["kind"],
            each["place"] if each["begun"] else "not sent yet",
            each["confirmations"],
            each["committed_at"],
        )
        for each in wallet["on_the_way"]
    ]
    if rows:
        screen.table(columns, rows)


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
