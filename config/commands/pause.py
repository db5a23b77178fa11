"""`payout pause` and `payout resume`: stop commits, of one wallet, to one processor, or of all."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from adapters.show import Column
from config.call import DONE, REFUSED, Call
from config.parser import Commands
from config.times import read_duration, read_time
from config.views import short
from payout.errors import PayoutError, SettingsError, StoreError
from payout.history_json import pause_json
from payout.scope import ALL
from payout.text import iso

if TYPE_CHECKING:
    from payout.pausing import Committed, Leaving

_PAUSE = """\
Stop payouts of one wallet, through one processor, or of all.

Nothing more is committed; what is committed already is still broadcast and followed, and is
listed. When the database does not answer, the pause is left as a file in the state folder.
"""
_PAUSE_EXAMPLES = """\
  payout pause                                        everything, until somebody resumes it
  payout pause hot --why "moving the node" --for 2h   one wallet, for two hours
  payout pause trocador --until 2026-11-22T18:00Z     no new orders there; funded ones go on
"""
_RESUME = """\
Lift a pause, whoever set it.

Every guard of the wallet runs again before anything is paid.
"""
_RESUME_EXAMPLES = """\
  payout resume
  payout resume hot
"""
_TRANSFERS = (
    Column(title="txid"),
    Column(title="wallet", spare=True),
    Column(title="kind"),
    Column(title="where"),
    Column(title="amount", right=True),
    Column(title="refunds", whole=True),
)
_ORDERS = (
    Column(title="refund", give=True),
    Column(title="processor"),
    Column(title="order"),
    Column(title="deposit", right=True),
    Column(title="customer gets", right=True),
    Column(title="it says", spare=True),
)


def add(commands: Commands) -> None:
    parser = commands.add("pause", run_pause, about=_PAUSE, examples=_PAUSE_EXAMPLES)
    parser.add_argument("scope", nargs="?", default=ALL, help="a wallet's or processor's name; default: all")
    parser.add_argument("--why", default="no reason given", metavar="TEXT", help="kept in the history")
    end = parser.add_mutually_exclusive_group()
    end.add_argument("--for", dest="duration", metavar="TIME", help="it ends by itself after 30m, 2h, 1d or 1h30m")
    end.add_argument("--until", metavar="TIME", help="it ends by itself at 2026-11-22T18:00Z")
    parser = commands.add("resume", run_resume, about=_RESUME, examples=_RESUME_EXAMPLES)
    parser.add_argument("scope", nargs="?", default=ALL, help="a wallet's or processor's name; default: all")


def run_pause(call: Call) -> int:
    scope, why = _scope(call), call.why
    until = _until(call)
    try:
        pause = call.house.desk.pause(scope, call.who, why, until)
    except (StoreError, SettingsError) as error:  # Stopping works while anything else is broken.
        return _by_file(call, scope, f"{call.who}: {why}", until, error)
    left = _committed(call, scope)
    if call.json:
        call.print_json({"pause": pause_json(pause), "still_going_out": left.to_json()})
        return DONE
    call.screen.line(f"{scope} is paused{_ends(until)}; lift it with: payout resume {scope}")
    _print_left(call, left)
    return DONE


def _by_file(call: Call, scope: str, why: str, until: datetime | None, error: PayoutError) -> int:
    halts = call.house.halts
    file = halts.put(scope, why, until)
    call.complain(error)
    if call.json:
        put = [pause_json(pause) for pause in halts.pauses() if pause.scope == scope]
        call.print_json({"pause": put[0] if put else None, "file": str(file), "still_going_out": None})
    else:
        call.screen.line(f"{scope} is paused{_ends(until)} by the file {file}: remove it to resume")
    return DONE


def run_resume(call: Call) -> int:
    scope = _scope(call)
    house = call.house
    lifted = house.desk.resume(scope, call.who)
    by_file = [pause for pause in house.halts.pauses() if pause.scope == scope]
    left = [*by_file, *(pause for pause in house.store.pauses() if pause.scope != scope)]
    if call.json:
        call.print_json({"resumed": lifted, "still_paused": [pause_json(pause) for pause in left]})
        return REFUSED if by_file else DONE
    if by_file:
        call.screen.complain(f"the file {house.halts.file(scope)} still pauses {scope}: remove it")
        return REFUSED
    call.screen.line(f"{scope} is resumed" if lifted else f"{scope} was not paused")
    for pause in left:
        call.screen.line(f"still: {pause.words}")
    return DONE


def _ends(until: datetime | None) -> str:
    return f" until {iso(until)}" if until else ""


def _until(call: Call) -> datetime | None:
    if call.args.duration is not None:
        return call.house.clock.now() + read_duration("--for", call.args.duration)
    return None if call.args.until is None else read_time("--until", call.args.until)


def _committed(call: Call, scope: str) -> Committed:
    from payout.pausing import committed

    return committed(call.house.store, [wallet.name for wallet in call.settings.wallets], scope)


def _print_left(call: Call, left: Committed) -> None:
    screen = call.screen
    if not left.transfers and not left.orders:
        screen.line("nothing is on its way")
        return
    if left.transfers:
        screen.line()
        screen.title("Committed already, and still going out")
        screen.table(_TRANSFERS, [_transfer_cells(call, each) for each in left.transfers])
    if left.orders:
        screen.line()
        screen.title("Orders that are funded, and go on")
        rows = [
            (
                refund.external_id if refund else order.refund_id,
                order.processor,
                order.processor_id,
                f"{order.deposit} {order.deposit.asset.code}" if order.deposit else None,
                f"{order.receive} {order.receive.asset.code}",
                order.stage,
            )
            for order, refund in left.orders
        ]
        screen.table(_ORDERS, rows)


def _transfer_cells(call: Call, leaving: Leaving) -> tuple[object, ...]:
    from payout.money import Money

    transfer = leaving.transfer
    amount = Money(transfer.units, call.house.asset_of(transfer.wallet))
    where = f"{transfer.place}, {transfer.depth} deep" if transfer.depth else transfer.place
    return (
        short(transfer.id),
        transfer.wallet,
        transfer.kind,
        where if transfer.begun else "not sent yet",
        f"{amount} {amount.asset.code}",
        ", ".join(each.refund.external_id for each in leaving.pays) or "none: to ourselves",
    )


def _scope(call: Call) -> str:
    from payout.pausing import check_scope

    scope: str = call.args.scope
    given = call.settings
    check_scope(scope, (wallet.name for wallet in given.wallets), (each.name for each in given.processors))
    return scope
