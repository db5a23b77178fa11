"""`payout pause` and `payout resume`: stop commits, of one wallet, to one processor, or of all."""

from __future__ import annotations

from config.call import DONE, REFUSED, Call
from config.parser import Commands
from payout.change import ALL
from payout.errors import BadInput, StoreUnavailable

_PAUSE = """\
Stop payouts of one wallet, through one processor, or of all.

Nothing more is committed; what is committed already is still broadcast and followed. When the
database does not answer, the pause is left as a file in the state folder.
"""
_PAUSE_EXAMPLES = """\
  payout pause                              everything
  payout pause hot --why "moving the node"  one wallet
  payout pause trocador                     no new orders there; those that are funded go on
"""
_RESUME = """\
Lift a pause.

Every guard of the wallet runs again before anything is paid.
"""
_RESUME_EXAMPLES = """\
  payout resume
  payout resume hot
"""


def add(commands: Commands) -> None:
    parser = commands.add("pause", run_pause, about=_PAUSE, examples=_PAUSE_EXAMPLES)
    parser.add_argument("scope", nargs="?", default=ALL, help="a wallet's or processor's name; default: all")
    parser.add_argument("--why", default="no reason given", metavar="TEXT", help="kept in history")
    parser = commands.add("resume", run_resume, about=_RESUME, examples=_RESUME_EXAMPLES)
    parser.add_argument("scope", nargs="?", default=ALL, help="a wallet's or processor's name; default: all")


def run_pause(call: Call) -> int:
    scope, why = _scope(call), call.why
    try:
        call.house.desk.pause(scope, call.who, why)
    except StoreUnavailable as error:
        file = call.house.halts.put(scope, f"{call.who}: {why}")
        call.complain(error)
        call.screen.line(f"{scope} is paused by the file {file}: remove it to resume")
        return DONE
    call.screen.line(f"{scope} is paused; lift it with: payout resume {scope}")
    return DONE


def run_resume(call: Call) -> int:
    scope = _scope(call)
    lifted = call.house.desk.resume(scope, call.who)
    file = call.house.halts.file(scope)
    if file.exists():
        call.screen.complain(f"the file {file} still pauses {scope}: remove it")
        return REFUSED
    call.screen.line(f"{scope} is resumed" if lifted else f"{scope} was not paused")
    left = [pause for pause in call.house.store.pauses() if pause.scope != scope]
    for pause in left:
        call.screen.line(f"{pause.scope} is still paused by {pause.who}: {pause.why}")
    return DONE


def _scope(call: Call) -> str:
    scope: str = call.args.scope
    given = call.settings
    known = (ALL, *(wallet.name for wallet in given.wallets), *(each.name for each in given.processors))
    if scope not in known:
        raise BadInput("scope", f"{scope!r} is no wallet or processor", f"use {' or '.join(known)}")
    return scope
