"""`payout doctor`: check everything, and say what to do about the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.show import Column
from config.call import DONE, FAULT, Call
from config.parser import Commands
from payout.errors import SettingsError

if TYPE_CHECKING:
    from config.doctor import Check

_ABOUT = """\
Check configuration, keys, database, journal, rates, node and wallet, and say what to do.

Changes nothing. The exit code is 1 if any check fails; a warning is no failure.
"""
_COLUMNS = (
    Column(title="check"),
    Column(title=""),
    Column(title="seen", whole=True),
)


def add(commands: Commands) -> None:
    commands.add("doctor", run, about=_ABOUT, examples="  payout doctor\n  payout doctor --json")


def run(call: Call) -> int:
    from config.doctor import State

    checks = _checks(call)
    failed = sum(check.state is State.FAIL for check in checks)
    if call.json:
        call.print_json(
            [
                {
                    "check": check.what,
                    "state": str(check.state),
                    "ok": check.state is not State.FAIL,
                    "words": check.words,
                    "remedy": check.remedy,
                }
                for check in checks
            ]
        )
        return FAULT if failed else DONE
    rows: list[tuple[str, str, str]] = []
    for check in checks:
        rows.append((check.what, str(check.state), check.words))
        if check.remedy:
            rows.append(("", "", f"-> {check.remedy}"))
    call.screen.table(_COLUMNS, rows)
    call.screen.line()
    warned = sum(check.state is State.WARNING for check in checks)
    call.screen.line(_verdict(failed, warned, len(checks)))
    return FAULT if failed else DONE


def _verdict(failed: int, warned: int, count: int) -> str:
    warnings = f"{warned} warning{'' if warned == 1 else 's'}"
    if failed:
        return f"{failed} of {count} checks failed{f', {warnings}' if warned else ''}"
    return f"nothing is wrong, {warnings}" if warned else "all is well"


def _checks(call: Call) -> list[Check]:
    from config.doctor import examine, fail

    try:
        return list(examine(call.house))
    except SettingsError as error:
        return [
            fail("configuration", problem, f"correct it in {call.args.config or 'payout.toml'}")
            for problem in error.problems
        ]
