"""Each processor: reachable, key accepted, every asset listed; each customers' chain: the right one, and in step."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from config.assets import label_of
from config.doctor.check import Check, fail, ok, warn
from config.processor_look import ProcessorLook, look_at_all
from config.wiring import House
from payout.asset import USD
from payout.errors import RailUnavailable, SettingsError
from payout.money import Money

if TYPE_CHECKING:
    from payout.swaps.rules import SwapRules

SAMPLE: Final = Money(5000, USD)
"""What a quote is asked for: well above every processor's least amount."""


def examine(house: House) -> Iterator[Check]:
    """Ask every processor for its lists, and every chain where it stands. Makes no order."""
    yield from _contracts(house)
    rules = house.swaps.rules
    if rules is not None:
        # One quote of each is enough: what they list, and whether they take our key, is seen without.
        for look in look_at_all(house, SAMPLE, quotes_max=1):
            yield from _processor(look)
    for network, chain in house.swaps.chains.items():
        try:
            yield ok(f"chain {network}", chain.check())
        except RailUnavailable as error:
            yield fail(f"chain {network}", str(error), f"look at [chains.{network}]")
    if rules is not None:
        yield from _unproven(house, rules)
        yield _hooks(house)


def _contracts(house: House) -> Iterator[Check]:
    """The table of assets pins contracts that are addresses."""
    from adapters.addresses import NETWORKS, contract_problem

    for (code, network), row in house.assets.rows.items():
        problem = contract_problem(network, row.contract) if row.contract and network in NETWORKS else None
        if problem:
            words = f"the contract of {code} on {network} {problem}"
            yield fail("assets", words, "correct it in the table of assets: nothing can be paid on that network")


def _processor(look: ProcessorLook) -> Iterator[Check]:
    what = f"processor {look.name}"
    if look.denied:
        remedy = f"correct api_key_file of [processors.{look.name}], or ask it to let us in"
        yield fail(what, look.fault or "it refuses us", remedy)
        return
    if look.fault is not None:
        yield fail(what, look.fault, f"wait, or look at [processors.{look.name}]; others are asked meanwhile")
        return
    listed = [label_of(each.asset) for each in look.assets if each.listed]
    yield ok(what, f"reachable, takes our key; delivers {', '.join(listed) or 'none of our assets'}")
    for each in look.assets:
        if not each.listed:
            label = label_of(each.asset)
            remedy = f'another processor must deliver it; else [swaps.routes] {label} = "none"'
            yield warn(f"{what} {label}", each.words, remedy)


def _unproven(house: House, rules: SwapRules) -> Iterator[Check]:
    """Networks on which nobody can see what arrived."""
    blind = sorted({asset.network for asset in rules.coins.values()} - house.swaps.chains.keys())
    for network in blind:
        words = "no [chains] table: what customers receive there cannot be seen"
        yield warn(f"chain {network}", words, f"add [chains.{network}], or attest each of its payouts by hand")


def _hooks(house: House) -> Check:
    if house.settings.console.public_url is None:
        return ok("webhooks", "none: without [console] public_url, processors are asked by the clock alone")
    try:
        _ = house.swaps.hooks
    except SettingsError as error:
        return fail("webhooks", error.problems[0], "see there")
    return ok("webhooks", f"asked for at {house.settings.console.public_url}; `payout console` must run there")
