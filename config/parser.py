"""
The command line's grammar: every command and flag, and nothing that takes time to import.

Flags that every command has may stand before or after it.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any, Final

from payout import __version__

if TYPE_CHECKING:
    from config.call import Run

DESCRIPTION: Final = """\
Pays approved refunds, each exactly once: in Monero from your own wallet, at the USD rate of the day.

  payout init                        write payout.toml, the keys and the database
  payout doctor                      check everything, and say what to do about the rest
  payout refunds add ...             put a refund on record
  payout refunds approve E-1         sign it
  payout run                         the daemon that pays
"""
EPILOG: Final = """\
exit codes: 0 done, 1 a fault, 2 bad input, 3 refused by a rule (limit, pause, missing approval)
"""

_DEFAULTS: Final[dict[str, Any]] = {
    "config": None,
    "as_name": None,
    "json": False,
    "debug": False,
    "run": None,
}


class _Parser(argparse.ArgumentParser):
    """Names the word that somebody probably meant."""

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        known = [str(choice) for choice in action.choices or ()]
        if known and value not in known:
            from difflib import get_close_matches

            near = get_close_matches(str(value), known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"use one of {', '.join(known)}"
            raise argparse.ArgumentError(action, f"{value!r} is not known; {hint}")


class Commands:
    """Adds commands to a parser, each with the common flags and its examples."""

    def __init__(self, parser: _Parser, title: str) -> None:
        self._subparsers = parser.add_subparsers(title=title, metavar="COMMAND")

    def add(self, name: str, run: Run, *, about: str, examples: str = "") -> _Parser:
        """A command that does something. Returns its parser, for its own arguments."""
        parser = self._parser(name, about, f"examples:\n{examples}" if examples else "")
        parser.set_defaults(run=run)
        return parser

    def group(self, name: str, *, about: str) -> Commands:
        """A noun with verbs of its own."""
        parser = self._parser(name, about, "")
        parser.set_defaults(run=None, shown=parser)
        return Commands(parser, "commands")

    def group_or_run(self, name: str, run: Run, *, about: str, examples: str) -> Commands:
        """A noun that does something by itself, and has verbs too."""
        return Commands(self.add(name, run, about=about, examples=examples), "commands")

    def _parser(self, name: str, about: str, epilog: str) -> _Parser:
        first = about.strip().partition("\n")[0]
        parser = self._subparsers.add_parser(
            name,
            help=(first[0].lower() + first[1:].rstrip(".")).replace("%", "%%"),
            description=about,
            epilog=epilog,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        add_common(parser)
        return parser


def root() -> tuple[argparse.ArgumentParser, Commands]:
    """The parser of `payout` itself, and where its commands are added."""
    parser = _Parser(
        prog="payout",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.set_defaults(shown=parser)
    parser.add_argument("--version", action="version", version=f"payout {__version__}")
    add_common(parser)
    return parser, Commands(parser, "commands")


def add_common(parser: argparse.ArgumentParser) -> None:
    """The flags of every command. Suppressed defaults let them stand on either side of it."""
    group = parser.add_argument_group("common")
    quiet = argparse.SUPPRESS
    group.add_argument("--config", metavar="PATH", default=quiet, help="default: PAYOUT_CONFIG, else payout.toml")
    group.add_argument("--as", dest="as_name", metavar="NAME", default=quiet, help="who acts; default: your login")
    group.add_argument("--json", action="store_true", default=quiet, help="print JSON")
    group.add_argument("--debug", action="store_true", default=quiet, help="show tracebacks")


def complete(args: argparse.Namespace) -> argparse.Namespace:
    """Fill in the common flags that were not given."""
    for name, value in _DEFAULTS.items():
        if not hasattr(args, name):
            setattr(args, name, value)
    return args
