"""`payout ledger classify`: explain a spend of the wallet that this system did not make."""

from __future__ import annotations

import re

from config.call import DONE, Call
from config.parser import Commands
from payout.errors import BadInput

TXID = re.compile(r"[0-9a-f]{64}")

_CLASSIFY = """\
Explain a spend of the wallet that this system did not make.

An unexplained spend pauses its wallet. Once all are explained, `payout resume` lets it go on.
"""
_EXAMPLES = '  payout ledger classify 7413d2... --why "moved the float to cold storage"'


def add(commands: Commands) -> None:
    group = commands.group("ledger", about="What left the wallet, and why.")
    parser = group.add("classify", run_classify, about=_CLASSIFY, examples=_EXAMPLES)
    parser.add_argument("txid", metavar="TXID")
    parser.add_argument("--why", metavar="TEXT", required=True, help="kept in the history")
    parser.add_argument("--wallet", metavar="NAME", help="needed only where there are several")


def run_classify(call: Call) -> int:
    txid = call.args.txid.strip().lower()
    if not TXID.fullmatch(txid):
        raise BadInput("txid", f"{txid[:70]!r} is none", "give its 64 hexadecimal digits")
    name = _wallet(call)
    if txid in call.house.store.known([txid]):
        call.screen.line(f"{txid} is known already: nothing to explain")
        return DONE
    call.house.desk.classify(name, txid, call.who, call.why)
    call.screen.line(f"{txid} is explained, as a spend of {name}")
    return DONE


def _wallet(call: Call) -> str:
    names = call.wallet_names()
    given: str | None = call.args.wallet
    if given is None and len(names) == 1:
        return names[0]
    if given not in names:
        problem = f"{given!r} is no wallet" if given else "is needed, as there are several wallets"
        raise BadInput("--wallet", problem, f"use {' or '.join(names)}")
    return given
