"""`payout run`: the daemon."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from config.call import Call
from config.parser import Commands
from payout.errors import StoreUnavailable

if TYPE_CHECKING:
    from config.daemon import Daemon

WAIT_FIRST: Final = 1.0
WAIT_MAX: Final = 30.0

_ABOUT = """\
Pay approved refunds and follow what was paid, until stopped (Ctrl-C or SIGTERM, within 10 s).

Stopping, even by kill -9, never loses or repeats a payment: the next start takes up what is on its
way. Several may run; one at a time works on a wallet.
"""
_EXAMPLES = """\
  payout run
  payout run --once                         every due tick one time, for cron or a first look
  payout run --log-level debug
"""


def add(commands: Commands) -> None:
    parser = commands.add("run", run, about=_ABOUT, examples=_EXAMPLES)
    parser.add_argument("--once", action="store_true", help="every due tick one time, then exit")
    parser.add_argument("--log-level", choices=("debug", "info", "warning", "error"), help="default: [logs] level")
    parser.add_argument("--log-form", choices=("text", "json"), help="default: [logs] form")


def run(call: Call) -> int:
    from adapters import logs
    from config.daemon import Daemon

    names = call.wallet_names()
    given, settings = call.args, call.settings
    logs.set_up(given.log_level or settings.logs.level, given.log_form or settings.logs.form)
    if call.args.once:
        return Daemon(call.house, names).once()
    return _start(call, names).run()


def _start(call: Call, names: tuple[str, ...]) -> Daemon:
    """The daemon, as soon as the database answers: machines do not start in order."""
    from config.daemon import Daemon

    pause_seconds = WAIT_FIRST
    while True:
        try:
            return Daemon(call.house, names)
        except StoreUnavailable as error:
            if pause_seconds == WAIT_FIRST:
                call.screen.complain(f"{error}; waiting for it")
            time.sleep(pause_seconds)
            pause_seconds = min(2 * pause_seconds, WAIT_MAX)
