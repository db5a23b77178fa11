"""`--key FILE`: a person's own key, opened for one command, and whose it is by the people file in force."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from config.call import Call
from payout.errors import BadInput, NotAllowed

if TYPE_CHECKING:
    from argparse import ArgumentParser

    from adapters.signatures import KeyFile

_FILE = "--passphrase-file"


def add_flags(parser: ArgumentParser, *, is_needed: bool) -> None:
    """`--key` and where its passphrase stands."""
    parser.add_argument(
        "--key", metavar="FILE", type=Path, required=is_needed, help="your own, from `payout users key`"
    )
    parser.add_argument(_FILE, metavar="FILE", type=Path, help="holds the key's passphrase; else it is asked for")


def open_key(call: Call) -> KeyFile:
    """The key that `--key` names. Raises BadInput where it cannot be used."""
    from adapters.signatures import open_key_file

    return open_key_file(call.args.key, lambda: passphrase(call, f"passphrase of {call.args.key}: "))


def owner(call: Call, key: KeyFile) -> str:
    """
    Whose key it is. Nobody else's name may be given with it.

    Raises:
        NotAllowed: it is nobody's.
        BadInput: `--as` says another name.
    """
    people = call.house.rules().people.values()
    name = next((each.name for each in people if any(key.is_half_of(public) for public in each.keys)), None)
    if name is None:
        raise NotAllowed(f"{call.args.key} is nobody's key in the people file: have its line put there: {key.public}")
    if call.args.as_name not in {None, name}:
        raise BadInput("--as", f"{call.args.key} is the key of {name}", "leave --as out, or give your own key")
    return name


def passphrase(call: Call, words: str) -> str:
    """From `--passphrase-file`, else from the terminal."""
    file: Path | None = call.args.passphrase_file
    if file is not None:
        return _from_file(file)
    if not sys.stdin.isatty():
        raise BadInput(_FILE, "the key is locked, and nobody is at the terminal to ask", f"give {_FILE}")
    from getpass import getpass

    return getpass(words)


def _from_file(file: Path) -> str:
    from config.settings.table import SECRET_BYTES_MAX, readable_by_others

    try:
        if readable_by_others(file):
            raise BadInput(_FILE, f"others can read {file}", f"chmod 600 {file}")
        with file.open(encoding="utf-8") as stream:
            text = stream.read(SECRET_BYTES_MAX).rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise BadInput(_FILE, f"{file} cannot be read: {why}", "name the file that holds it") from None
    if not text:
        raise BadInput(_FILE, f"{file} is empty", "write the passphrase into it")
    return text
