"""
`payout init`: everything that a first start needs, and later the upgrade of the database.

It never overwrites: what is there is left alone and named, so it can be run again at any time.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from config.call import DONE, Call
from config.keys import make_key
from config.parser import Commands
from config.settings import Settings, find_file
from config.trust import key_files
from payout.errors import SettingsError

TEMPLATE: Final = Path(__file__).parent.parent / "template.toml"
FILE_MODE: Final = 0o600
FOLDER_MODE: Final = 0o700

_ABOUT = """\
Write a commented payout.toml, make the keys, and create the database.

Never overwrites. Run it again after an upgrade of this program: it brings the database along and
makes only what is missing.
"""
_EXAMPLES = """\
  payout init                               in the working folder
  payout init --config /etc/payout/payout.toml
"""


def add(commands: Commands) -> None:
    commands.add("init", run, about=_ABOUT, examples=_EXAMPLES)


def run(call: Call) -> int:
    """Make what is missing, and say what was there."""
    file = find_file(call.args.config)
    steps = [("configuration", str(file), _write_template(file))]
    settings = call.settings
    steps.append(("state", str(settings.instance.state_dir), _make_state(settings)))
    steps += [(what, str(key), _made(key)) for what, _, key in key_files(settings)]
    steps.append(("database", settings.database.shown, _make_database(settings)))
    sealed = _seal(call, is_upgrade=("intake key", "made") in {(what, done) for what, _, done in steps})
    if sealed:
        steps.append(("refunds", f"{sealed} that were on record carry intake's seal now", "sealed"))
    if call.json:
        rows = [{"what": what, "where": where, "done": done} for what, where, done in steps]
        call.print_json(rows)
        return DONE
    call.screen.facts((what, f"{done}: {where}") for what, where, done in steps)
    call.screen.line()
    if steps[0][2] == "written":
        call.screen.line(f"Next: set the wallet's and the daemon's addresses in {file.name}, then run `payout doctor`.")
    else:
        call.screen.line("Next: run `payout doctor`.")
    call.screen.line("Keep a copy of the keys, apart from the database's: a lost one stops every payment.")
    return DONE


def _write_template(file: Path) -> str:
    text = TEMPLATE.read_bytes()
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE)
    except FileExistsError:
        return "kept"
    except OSError as error:
        raise SettingsError((f"{file}: cannot be written: {error.strerror}",)) from None
    with os.fdopen(handle, "wb") as stream:
        stream.write(text)
    return "written"


def _make_state(settings: Settings) -> str:
    folder = settings.instance.state_dir
    try:
        folder.mkdir(mode=FOLDER_MODE, parents=True)
    except FileExistsError:
        if folder.is_dir():
            return "kept"
        raise SettingsError((f"instance.state_dir: {folder} is not a folder",)) from None
    except OSError as error:
        words = f"instance.state_dir: {folder} cannot be made: {error.strerror}"
        raise SettingsError((words,)) from None
    return "made"


def _made(key: Path) -> str:
    try:
        return "made" if make_key(key) else "kept"
    except OSError as error:
        raise SettingsError((f"{key}: cannot be written: {error.strerror}",)) from None


def _make_database(settings: Settings) -> str:
    from adapters.database.migrate import migrate

    file = settings.database.sqlite_file
    new = file is not None and not file.exists()
    if file is not None:
        file.parent.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    migrate(settings.database.url.reveal())
    return "made" if new else "up to date"


def _seal(call: Call, *, is_upgrade: bool) -> int:
    """
    An upgrade from before intake had seals: what is on record gets one, once.

    `is_upgrade`: intake's key was made just now, so that nothing can have a seal yet, whatever the history says.
    """
    from payout.approval import Approver
    from payout.sealing import seal_open_refunds

    house = call.house
    # Where there is a checkpoint there was a chain: what has no seal then was edited, however empty the chain is now.
    if house.audit.files.newest() is not None:
        return 0
    # Not the house's own: that reads the people file, which the history is told of, and the chain has begun then.
    approver = Approver(
        instance=house.settings.instance.id, rules=house.rules, signatures=house.signatures, intake=house.intake_seal
    )
    return seal_open_refunds(house.store, approver, house.clock.now(), is_upgrade=is_upgrade)
