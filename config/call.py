"""One call of the command line: its arguments, who acts, where it writes, and the parts that it needs."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from adapters.show import Screen
from config.settings import Settings, find_file, load
from payout.errors import BadInput, NotAllowed, PayoutError, RefusedByRule, SettingsError

if TYPE_CHECKING:
    from config.wiring import House
    from payout.approval.acts import Act

DONE: Final = 0
FAULT: Final = 1
BAD_INPUT: Final = 2
REFUSED: Final = 3
NAME_MAX: Final = 64
LIMIT_MAX: Final = 1_000_000_000
OURS: Final = ("payout", "policy")
"""Who acts by itself in the history."""

Run = Callable[["Call"], int]
"""A command: does its work and returns the exit code."""


@dataclass
class Call:
    """Everything is made when it is first asked for: a listing never opens a wallet."""

    args: Namespace
    screen: Screen

    @property
    def json(self) -> bool:
        """The output is for a program."""
        return bool(self.args.json)

    @cached_property
    def settings(self) -> Settings:
        return load(find_file(self.args.config))

    @cached_property
    def house(self) -> House:
        from config.wiring import House

        return House(self.settings)

    def close(self) -> None:
        """Let go of what was opened."""
        if "house" in vars(self):
            self.house.close()

    @cached_property
    def who(self) -> str:
        """`--as NAME`, else the login name."""
        name = self.args.as_name if self.args.as_name is not None else _login()
        if not name.strip() or len(name) > NAME_MAX or not name.isprintable():
            remedy = f"give a name of at most {NAME_MAX} visible characters"
            raise BadInput("--as", f"{name[:NAME_MAX]!r} is not a name", remedy)
        if ":" in name or name.strip() in OURS:
            raise BadInput("--as", f"{name!r} is how this program or an API key is named", "say who acts: --as NAME")
        return name.strip()

    def allow(self, act: Act) -> None:
        """
        Whoever acts may do this, by the people file.

        Raises:
            NotAllowed: their roles do not cover it.
        """
        from payout.approval.acts import permit

        permit(self.house.rules(), self.who, act)

    @property
    def why(self) -> str:
        """`--why TEXT`, which must say something."""
        text: str = self.args.why.strip()
        if not text:
            raise BadInput("--why", "is empty", "say why, for whoever reads the history")
        return text

    @property
    def limit(self) -> int | None:
        """`--limit N`; None: it was not given."""
        limit: int | None = self.args.limit
        if limit is not None and not 0 <= limit <= LIMIT_MAX:
            raise BadInput("--limit", f"{limit} is out of range", f"use 0 to {LIMIT_MAX}")
        return limit

    def wallet_names(self) -> tuple[str, ...]:
        """Every configured wallet; there must be one."""
        names = tuple(wallet.name for wallet in self.settings.wallets)
        if not names:
            words = f"{self.settings.file.name}: no wallet is configured: add a [wallets.NAME]"
            raise SettingsError((words,))
        return names

    def act_on_each(
        self, what: str, names: Iterable[str], act: Callable[[str], tuple[dict[str, Any], Iterable[str]]]
    ) -> int:
        """
        Do it to each that was named, report each, and return the worst exit code.

        `act` gives its JSON and its lines. With --json all are one array of `{what: name, ...}`; what could not be
        done has `error` there.
        """
        worst, told = DONE, []
        for name in dict.fromkeys(names):
            try:
                body, lines = act(name)
            except PayoutError as error:
                worst = max(worst, self.complain(error, "" if name in str(error) else name))
                told.append({what: name, "error": str(error)})
                continue
            told.append({what: name, **body})
            for line in lines if not self.json else ():
                self.screen.line(line)
        if self.json:
            self.print_json(told)
        return worst

    def show_each(self, names: Sequence[str], show: Callable[[str], Iterable[Any]]) -> int:
        """
        Show each that was named, and return the worst exit code.

        `show` prints, unless for a program, and gives its JSON: an object where one alone was named, else an array.
        """
        worst = DONE
        bodies: list[Any] = []
        for name in names:
            try:
                bodies += show(name)
            except PayoutError as error:
                worst = max(worst, self.complain(error))
        if self.json:
            self.print_json(bodies[0] if len(names) == len(bodies) == 1 else bodies)
        return worst

    def print_json(self, body: Any) -> None:
        """One JSON document on stdout."""
        self.screen.raw(json.dumps(body, indent=2, ensure_ascii=False))

    def print_json_rows(self, rows: Iterable[Any]) -> None:
        """A JSON array, written row by row, so that a long one is never held in memory."""
        before = "[\n"
        for row in rows:
            self.screen.out.write(before + json.dumps(row, ensure_ascii=False))
            before = ",\n"
        self.screen.raw("[]" if before == "[\n" else "\n]")

    def complain(self, error: PayoutError, about: str = "") -> int:
        """Say what went wrong, a line for each problem; returns the exit code."""
        problems = error.problems if isinstance(error, SettingsError) else (str(error),)
        for problem in problems:
            self.screen.complain(f"{about}: {problem}" if about else problem)
        if isinstance(error, NotAllowed) and self.args.as_name is None and "who" in vars(self):
            self.screen.complain(f"{self.who} is your login: say who acts with --as NAME")
        return exit_code(error)


def exit_code(error: PayoutError) -> int:
    """What an error means to whoever called us: see DESIGN, "Command line"."""
    match error:
        case BadInput() | SettingsError():
            return BAD_INPUT
        case RefusedByRule():
            return REFUSED
        case _:
            return FAULT


def _login() -> str:
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError):
        raise BadInput("--as", "nobody is logged in by a name", "say who acts: --as NAME") from None
