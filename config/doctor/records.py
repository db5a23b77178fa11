"""The database, the spend journals, pauses, and who works."""

from __future__ import annotations

from collections.abc import Iterator

from config.doctor.check import Check, fail, ok, warn
from config.wiring import House
from payout.errors import JournalBroken
from payout.guard import missing_transfers, unjournaled_transfers
from payout.wallet import Wallet

REPAIR = "stop the daemon, then `payout reconcile --repair`"


def examine(house: House) -> Iterator[Check]:
    """Everything that is on record."""
    from adapters.database.durability import weakness

    store = house.store
    shown = house.settings.database.shown
    yield ok("database", f"{shown}: reachable, schema up to date")
    weak = weakness(house.settings.database.url.reveal())
    if weak is None:
        yield ok("durability", "a commit survives a power cut")
    else:
        yield fail("durability", weak, "correct the database server's configuration")
    by_file, by_people = house.halts.pauses(), store.pauses()
    for pause in (*by_file, *by_people):
        lift = f"remove {house.halts.file(pause.scope)}" if pause in by_file else f"payout resume {pause.scope}"
        yield warn("pause", pause.words, f"when that is settled: {lift}")
    if not by_file and not by_people:
        yield ok("pause", "nothing is paused")
    for wallet in house.settings.wallets:
        yield from _journal(house.wallet(wallet.name))
        yield _worker(house, wallet.name)


def _journal(wallet: Wallet) -> Iterator[Check]:
    what = f"journal {wallet.name}"
    try:
        lines = sum(1 for _ in wallet.journal.lines())
        missing, lost = missing_transfers(wallet), unjournaled_transfers(wallet)
    except JournalBroken as error:
        yield fail(what, str(error), "nothing is paid until it is restored")
        return
    if missing:
        yield fail(what, f"{len(missing)} of its transfers are not in the database", REPAIR)
    if lost:
        yield fail(what, f"it lacks {len(lost)} transfers that the database began", REPAIR)
    if not missing and not lost:
        yield ok(what, f"{lines} lines, unbroken, and the database agrees")


def _worker(house: House, name: str) -> Check:
    holder = house.store.lease_holder(name)
    if holder is None:
        return warn(f"worker {name}", "nobody works on this wallet now", "start `payout run`")
    return ok(f"worker {name}", f"{holder.owner} holds it until {holder.until:%H:%M:%S} UTC")
