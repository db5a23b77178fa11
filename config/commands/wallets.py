"""`payout wallets`: what each wallet holds, and whether it is enough for the queue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from config.call import DONE, Call, exit_code
from config.parser import Commands
from config.views import pause_line, short
from payout.errors import PayoutError
from payout.history_json import pause_json
from payout.money import Money
from payout.scope import ALL
from payout.text import plain

if TYPE_CHECKING:
    from config.commands.queue import Need
    from payout.asset import Asset
    from payout.ports import Funds, Standing

_ABOUT = """\
Show what each wallet holds, how many outputs are ready, and what the approved refunds need.

The wallet that pays for swaps needs their deposits too; what processors add to them is not in the sum.

Asks the wallet itself; while the daemon signs a transfer, the answer can take a while.
"""


def add(commands: Commands) -> None:
    commands.add("wallets", run, about=_ABOUT, examples="  payout wallets\n  payout wallets --json")


def run(call: Call) -> int:
    from config.commands.queue import need_of

    worst, bodies = DONE, []
    needs: dict[tuple[Asset, bool], Need] = {}
    rules = call.house.swaps.rules
    for name in call.wallet_names():
        asset = call.house.asset_of(name)
        funds_swaps = rules is not None and rules.wallet == name
        if (asset, funds_swaps) not in needs:
            needs[asset, funds_swaps] = need_of(call, asset, rules.assets if rules and funds_swaps else ())
        need = needs[asset, funds_swaps]
        body = _body(call, name, asset, need)
        try:
            coin = call.house.coin(name)
            standing, funds = coin.check(), coin.funds()
            body |= _holdings(funds, standing, asset, need)
        except PayoutError as error:
            worst = max(worst, exit_code(error))
            body["fault"] = str(error)
        bodies.append(body)
        if not call.json:
            _print(call, body)
    if call.json:
        call.print_json(bodies)
    return worst


def _body(call: Call, name: str, asset: Asset, need: Need) -> dict[str, Any]:
    """What is known of a wallet without asking it."""
    pauses = (*call.house.halts.pauses(), *call.house.store.pauses())
    return {
        "wallet": name,
        "asset": asset.code,
        "paused": [pause_json(pause) for pause in pauses if pause.scope in (ALL, name)],
        "queued_refunds": need.count,
        "needed_usd": str(need.owed),
        "needed": str(need.amount) if need.amount else None,
        "rate_usd": plain(need.quote.rate) if need.quote else None,
        "rate_refusal": need.refusal,
        "outputs_target": call.house.wallet_settings(name).outputs_target,
        "fault": None,
    }


def _holdings(funds: Funds, standing: Standing, asset: Asset, need: Need) -> dict[str, Any]:
    short_units = max(0, need.amount.units - funds.balance) if need.amount else None
    return {
        "address": standing.address,
        "network": standing.network,
        "height": standing.tip,
        "balance": str(Money(funds.balance, asset)),
        "unlocked": str(Money(funds.unlocked, asset)),
        "locked": str(Money(funds.balance - funds.unlocked, asset)),
        "outputs": len(funds.holdings),
        "outputs_unlocked": sum(holding.unlocked for holding in funds.holdings),
        "shortfall": None if short_units is None else str(Money(short_units, asset)),
    }


def _print(call: Call, body: dict[str, Any]) -> None:
    screen, code = call.screen, body["asset"]
    screen.title(body["wallet"])
    held = [] if body["fault"] else _held(body, code)
    if body["fault"]:
        screen.complain(f"wallet {body['wallet']}: {body['fault']}")
    screen.facts([*held, ("queue", _queue(body, code))])
    for pause in body["paused"]:
        screen.line(pause_line(pause))
    screen.line()


def _held(body: dict[str, Any], code: str) -> list[tuple[str, object]]:
    target = body["outputs_target"]
    ready = f"{body['outputs_unlocked']} of {body['outputs']} unlocked, target {target}"
    shortfall = body["shortfall"]
    enough = "none" if shortfall == "0" else f"{shortfall} {code}: deposit at least that, and fees"
    return [
        ("address", short(body["address"])),
        ("chain", f"{body['network']}, {body['height']} blocks"),
        ("balance", f"{body['balance']} {code}"),
        ("unlocked", f"{body['unlocked']} {code}"),
        ("locked", f"{body['locked']} {code}"),
        ("outputs", ready),
        ("shortfall", None if shortfall is None else enough),
    ]


def _queue(body: dict[str, Any], code: str) -> str:
    if not body["queued_refunds"]:
        return "no approved refunds"
    owed = f"{body['queued_refunds']} approved, {body['needed_usd']} USD"
    if body["needed"] is None:
        return f"{owed}; no rate now, see `payout rates`"
    return f"{owed} = {body['needed']} {code} at {body['rate_usd']}"
