"""The configuration, the state folder, the keys, the people, and room on the disk."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import Final

from config.doctor.check import Check, fail, ok, warn
from config.keys import read_key
from config.settings.table import readable_by_others
from config.trust import key_files
from config.wiring import House
from payout.approval.people import Role
from payout.errors import SettingsError

FREE_FAIL: Final = 100_000_000
FREE_WARN: Final = 1_000_000_000
MEGA: Final = 1_000_000


def examine(house: House) -> Iterator[Check]:
    """Everything on this machine that is not a database."""
    settings = house.settings
    yield ok("configuration", str(settings.file))
    has_password = settings.database.shown != settings.database.url.reveal()
    if has_password and readable_by_others(settings.file):
        remedy = f"chmod 600 {settings.file}, or use url_file"
        yield warn("configuration", "others can read it, and so the database's password", remedy)
    for name in settings.unused:
        yield warn("configuration", f"[{name}] is not read by this version", "nothing, or remove it")
    if not settings.wallets:
        yield fail("configuration", "no wallet is configured", "add a [wallets.NAME] table")
    for wallet in settings.wallets:
        if wallet.rpc_login is None:
            remedy = "start wallet-rpc with --rpc-login, and name the login: rpc_login_file"
            yield warn(f"wallet {wallet.name}", "its wallet-rpc is spoken to without login", remedy)
    yield from _state_dir(house)
    yield from _keys(house)
    yield from _people(house)


def _state_dir(house: House) -> Iterator[Check]:
    folder = house.settings.instance.state_dir
    if not folder.is_dir():
        yield fail("state folder", f"{folder} does not exist", "run `payout init`")
        return
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        yield fail("state folder", f"{folder} cannot be written", f"chown it to {os.geteuid()}")
    elif readable_by_others(folder):
        yield warn("state folder", f"others can look into {folder}", f"chmod 700 {folder}")
    else:
        yield ok("state folder", str(folder))
    free = shutil.disk_usage(folder).free
    words = f"{free // MEGA} MB are free at {folder}"
    if free < FREE_FAIL:
        yield fail("disk", words, "make room: without it nothing can be committed")
    elif free < FREE_WARN:
        yield warn("disk", words, "make room soon")
    else:
        yield ok("disk", words)


def _keys(house: House) -> Iterator[Check]:
    for what, name, file in key_files(house.settings):
        if what == "hook key" and not file.exists():
            # Made when the console starts; without a public address nothing needs it.
            continue
        try:
            read_key(file, name)
        except SettingsError as error:
            yield fail(what, error.problems[0], "see there")
        else:
            yield ok(what, str(file))


def _people(house: House) -> Iterator[Check]:
    state = house.people.state()
    rules = state.rules
    if state.proposal is not None:
        yield warn("people", state.proposal.words, state.proposal.remedy)
    if not rules.people:
        yield ok("people", "a one-person install: whoever runs `payout` may approve")
        return
    approvers = sum(Role.APPROVER in person.roles for person in rules.people.values())
    how = "with keys of their own" if rules.keyed else "with the instance's key"
    most = rules.most_approvals
    yield ok("people", f"{len(rules.people)} people, {approvers} approvers {how}, quorum {most} for the largest")
    if len(rules.people) > 1 and not rules.keyed:
        words = "whoever can read the approval key can approve in anybody's name"
        yield warn("people", words, "give each approver a key: payout users key")
    for name in sorted(rules.caps.wallet_day.keys() - {wallet.name for wallet in house.settings.wallets}):
        yield warn("people", f"[caps.wallet_day_usd] {name} is no wallet here", "correct its name")
