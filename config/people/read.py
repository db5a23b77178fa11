"""
Reads the text of a people file, and names every problem with it, by line.

    quorum = 1
    [people.alice]
    roles = ["approver"]
    keys = ["ed25519:..."]

Nobody in it means a one-person install: whoever can run the command line may approve. A file by which nothing could
ever be approved is refused, and so is one in which some approvers have keys and others have none.
"""

from __future__ import annotations

import re
import tomllib
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from config.call import NAME_MAX, OURS
from config.people.tiers import read_tiers
from config.settings.lines import key_lines
from config.settings.table import Problems, Table, url_fault
from payout.approval.people import KeyKind, Person, PublicKey, Role
from payout.approval.rules import Caps, CoolingOff, Rules
from payout.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from payout.money import Money

ROLES: Final = tuple(str(role) for role in Role)
OLDER: Final[Mapping[str, tuple[Role, ...]]] = {"operator": (Role.ADMIN, Role.APPROVER)}
"""Roles of older files, and what they are now."""

TABLES: Final = ("quorum", "tiers", "caps", "cooling_off", "passkeys", "people")
KNOWN: Final = "quorum, [[tiers]], [caps], [cooling_off], [passkeys], [people.NAME]"
HOURS_MAX: Final = 720
_HOST: Final = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")
_ORIGIN: Final = re.compile(r"(https?)://([a-z0-9.-]+)(:[0-9]{1,5})?")


def read_rules(text: str, file: Path, *, is_vetted: bool = False) -> Rules:
    """
    The rules that this text sets; `file` is only named in what is said about it.

    `is_vetted`: the text was read before, so that passkeys need not be parsed again, which takes half a second.

    Raises:
        SettingsError: lists every problem in it.
    """
    try:
        body = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise SettingsError((f"{file.name}: cannot be read as TOML: {error}",)) from None
    problems = Problems(file, key_lines(text))
    rules = _rules(body, problems, is_vetted=is_vetted)
    if problems.found:
        raise SettingsError(problems.found)
    return rules


def named_problem(name: str) -> str | None:
    """Why nobody may be called so, or None."""
    if not name.strip() or name != name.strip() or len(name) > NAME_MAX or not name.isprintable():
        return f"{name[:NAME_MAX]!r} is not a name: use at most {NAME_MAX} visible characters"
    if name in OURS or ":" in name:
        return f"{name!r} is how this program names itself or an API key: use another name"
    return None


def _rules(body: dict[str, Any], problems: Problems, *, is_vetted: bool) -> Rules:
    for key in sorted(body.keys() - set(TABLES)):
        problems.add(key, f"is not a known key: use {KNOWN}")
    people = _people(body.get("people"), problems, is_vetted=is_vetted)
    caps = _caps(Table("caps", body.get("caps"), problems))
    rp_id, origin = _passkeys(body, problems, people)
    rules = Rules(
        people=people,
        tiers=read_tiers(body, problems),
        caps=caps,
        cooling_off=_cooling_off(body, problems),
        rp_id=rp_id,
        origin=origin,
    )
    _check_whole(rules, body, problems)
    return rules


def _check_whole(rules: Rules, body: dict[str, Any], problems: Problems) -> None:
    """Rules that look at more than one table."""
    approvers = [person for person in rules.people.values() if Role.APPROVER in person.roles]
    most = rules.most_approvals
    # With fewer approvers than that, the largest payment could never be made, nor this file be changed.
    if len(approvers) < most and (rules.people or most > 1):
        where = "tiers" if "tiers" in body else "quorum"
        words = f"{most} must approve, but {len(approvers)} have the role approver: give it to more people"
        problems.add(where, words)
    if any(tier.approvals == 0 for tier in rules.tiers) and rules.caps.automatic_day is None:
        words = "is missing: refunds that nobody approves need a sum for each day"
        problems.add("caps.automatic_day_usd", words)
    if rules.keyed:
        for person in approvers:
            if not person.keys:
                words = "has no key, and others have: make one with `payout users key`, or take the role approver away"
                problems.add(f"people.{person.name}", words)


def _people(values: Any, problems: Problems, *, is_vetted: bool) -> dict[str, Person]:
    found: dict[str, Person] = {}
    owners: dict[str, str] = {}
    for name, value in Table("people", values, problems).values.items():
        table = Table(f"people.{name}", value, problems)
        fault = named_problem(name)
        if fault:
            problems.add(f"people.{name}", fault)
        keys = (*_keys(table), *_passkeys_of(name, table, is_vetted=is_vetted))
        for key in keys:
            # Its text as well as its id: of a passkey only the key itself is proved by a signature.
            marks = {key.text, key.credential or key.text}
            owner = next((who for mark in sorted(marks) if (who := owners.setdefault(mark, name)) != name), name)
            if owner != name or sum(not marks.isdisjoint({each.text, each.credential}) for each in keys) > 1:
                whose = "of this person twice" if owner == name else f"the one of {owner} too: two people need two keys"
                table.fault("keys" if key.credential is None else "passkeys", f"{_short(key)} is {whose}")
        found[name] = Person(name=name, roles=_roles(table), keys=keys)
        table.done()
    return found


def _roles(table: Table) -> frozenset[Role]:
    given: Any = table.values.get("roles")
    older = [role for role in given if isinstance(role, str) and role in OLDER] if isinstance(given, list) else []
    if older:
        table.values = {**table.values, "roles": [role for role in given if role not in older]}
    named = {Role(role) for role in table.names("roles", (), ROLES)}
    return frozenset(named.union(*(OLDER[role] for role in older)))


def _keys(table: Table) -> tuple[PublicKey, ...]:
    from adapters.signatures import ed25519

    found = []
    for number, given in enumerate(table.items("keys"), start=1):
        text = given.removeprefix(ed25519.PREFIX) if isinstance(given, str) else ""
        fault = "does not begin with `ed25519:`" if text in {given, ""} else ed25519.key_fault(text)
        if fault:
            table.fault("keys", f"key {number} {fault}: copy the line that `payout users key` printed")
            continue
        found.append(PublicKey(kind=KeyKind.ED25519, text=text))
    return tuple(found)


def _passkeys_of(name: str, table: Table, *, is_vetted: bool) -> tuple[PublicKey, ...]:
    from adapters.signatures import passkey

    found = []
    for number, given in enumerate(table.items("passkeys"), start=1):
        each = Table(f"people.{name}.passkeys {number}", given, table.problems)
        credential, public_key = each.text("id"), each.text("public_key")
        each.done()
        if not passkey.unpadded(credential):
            each.fault("id", "is not base64url without padding: copy what the console shows")
        fault = None if is_vetted else passkey.key_fault(public_key)
        if fault:
            each.fault("public_key", f"{fault}: copy what the console shows")
        found.append(PublicKey(kind=KeyKind.WEBAUTHN, text=public_key, credential=credential))
    return tuple(found)


def _passkeys(body: dict[str, Any], problems: Problems, people: Mapping[str, Person]) -> tuple[str | None, str | None]:
    """Which console passkeys are bound to: its host name and its address."""
    table = Table("passkeys", body.get("passkeys"), problems)
    rp_id, origin = table.optional("rp_id"), table.optional("origin")
    table.done()
    if any(key.kind is KeyKind.WEBAUTHN for person in people.values() for key in person.keys):
        for key, given in (("rp_id", rp_id), ("origin", origin)):
            if given is None:
                table.fault(key, "is missing: a passkey is bound to the console's host name and address")
    if rp_id is not None and not _HOST.fullmatch(rp_id):
        table.fault("rp_id", f"{rp_id!r} is no host name in small letters, such as console.example")
    if origin is not None:
        fault = _origin_fault(origin, rp_id)
        if fault:
            table.fault("origin", fault)
    return rp_id, origin


def _origin_fault(origin: str, rp_id: str | None) -> str | None:
    fits = _ORIGIN.fullmatch(origin)
    if url_fault(origin) or fits is None:
        return f"{origin!r} is not the console's address, such as https://console.example"
    host = fits[2]
    if fits[1] != "https" and host != "localhost":
        return "must be https: no browser asks a passkey anywhere else"
    if rp_id is not None and host != rp_id and not host.endswith(f".{rp_id}"):
        return f"is not below rp_id = {rp_id}: no browser would ask a passkey there"
    return None


def _caps(table: Table) -> Caps:
    wallets = Table("caps.wallet_day_usd", table.values.get("wallet_day_usd"), table.problems)
    table.asked.append("wallet_day_usd")
    caps = Caps(
        refund=_cap(table, "refund_usd"),
        automatic_day=_cap(table, "automatic_day_usd"),
        destination_day=_cap(table, "destination_day_usd"),
        day=_cap(table, "day_usd"),
        total=_cap(table, "total_usd"),
        wallet_day={name: wallets.usd(name, "1000.00") for name in wallets.values},
    )
    table.done()
    return caps


def _cap(table: Table, key: str) -> Money | None:
    # `usd` may not be asked where there is nothing: its default would become a cap.
    if table.has(key):
        return table.usd(key, "1000.00")
    table.asked.append(key)
    return None


def _cooling_off(body: dict[str, Any], problems: Problems) -> CoolingOff | None:
    if "cooling_off" not in body:
        return None
    table = Table("cooling_off", body["cooling_off"], problems)
    found = CoolingOff(
        above=table.usd("above_usd", "100.00"),
        wait=timedelta(hours=table.number("hours", 24, 1, HOURS_MAX)),
    )
    table.done()
    return found


def _short(key: PublicKey) -> str:
    return f"{(key.credential or key.text)[:12]}.."
