"""`payout api-keys`: what programs of the merchant may do here. A key's text is shown once, and none can approve."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from adapters.show import Column
from config.call import DONE, Call
from config.parser import Commands
from config.views import moment
from payout.api_key import Scope
from payout.approval.acts import Act
from payout.errors import BadInput
from payout.text import iso

if TYPE_CHECKING:
    from payout.api_key import ApiKey

_ABOUT: Final = """\
Keys for programs that use the API.

No key can approve, release or resume, whatever its scopes are. With automatic approvals, a stolen key with
refunds:write is worth at most caps.automatic_day_usd of people.toml a day: --from binds a key to addresses.
"""
_ADD: Final = """\
Make a key, and print it. It is shown this once and is on record nowhere.

scopes: refunds:read (look at refunds and quotes), refunds:write (hand in, amend, cancel), webhooks (endpoints and
deliveries), admin (pause). Default: refunds:read and refunds:write.
"""
_ADD_EXAMPLES: Final = """\
  payout api-keys add panel
  payout api-keys add panel --from 203.0.113.7 --from 2001:db8::/32
  payout api-keys add monitor --scope refunds:read --scope admin
"""
_REVOKE: Final = """\
End a key at once, for good.

What it has handed in stays. To replace one without a gap, add another under a new name first.
"""
_COLUMNS: Final = (
    Column(title="name"),
    Column(title="id"),
    Column(title="scopes", whole=True),
    Column(title="from"),
    Column(title="made"),
    Column(title="by", spare=True),
    Column(title="revoked"),
)


def add(commands: Commands) -> None:
    group = commands.group("api-keys", about=_ABOUT)
    parser = group.add("add", run_add, about=_ADD, examples=_ADD_EXAMPLES)
    parser.add_argument("name", metavar="NAME", help="who it is, in the history: a-z, 0-9 and -")
    parser.add_argument("--scope", action="append", metavar="SCOPE", help="what it may do; may be repeated")
    parser.add_argument(
        "--from", dest="networks", action="append", metavar="NETWORK", help="from where alone; may be repeated"
    )
    group.add("list", run_list, about="List keys, revoked ones too. Their texts are on record nowhere.")
    parser = group.add("revoke", run_revoke, about=_REVOKE, examples="  payout api-keys revoke panel --why leaked\n")
    parser.add_argument("key", metavar="NAME", help="its name or id")
    parser.add_argument("--why", metavar="TEXT", required=True, help="kept in the history")


def run_add(call: Call) -> int:
    from config.api_parts import api_keys

    call.allow(Act.MANAGE)
    scopes = _scopes(call.args.scope or [Scope.READ, Scope.WRITE])
    key, text = api_keys(call.house).add(call.args.name, scopes, call.args.networks or (), call.who)
    if call.json:
        call.print_json({**_json(key), "key": text})
        return DONE
    call.screen.line(text)
    call.screen.line()
    bound = f", from {', '.join(key.networks)} alone" if key.networks else ""
    call.screen.line(f"{key.name} may now use {', '.join(key.scopes)}{bound}. Keep the key: it is not shown again.")
    return DONE


def run_list(call: Call) -> int:
    found = call.house.store.api_keys()
    if call.json:
        call.print_json([_json(key) for key in found])
        return DONE
    if not found:
        call.screen.line("no API keys: payout api-keys add NAME")
        return DONE
    rows = [
        (
            key.name,
            key.id,
            ", ".join(key.scopes),
            ", ".join(key.networks) or "anywhere",
            moment(key.made_at),
            key.made_by,
            moment(key.revoked_at),
        )
        for key in found
    ]
    call.screen.table(_COLUMNS, rows)
    return DONE


def run_revoke(call: Call) -> int:
    from config.api_parts import api_keys

    call.allow(Act.MANAGE)
    key = api_keys(call.house).revoke(call.args.key, call.who, call.why)
    if call.json:
        call.print_json(_json(key))
    else:
        call.screen.line(f"{key.name} ({key.id}) is revoked since {moment(key.revoked_at)} UTC by {key.revoked_by}")
    return DONE


def _scopes(names: list[str]) -> list[Scope]:
    known = {str(scope): scope for scope in Scope}
    for name in names:
        if name not in known:
            raise BadInput("--scope", f"{name[:40]!r} is no scope", f"use {', '.join(known)}; no key can approve")
    return [known[name] for name in names]


def _json(key: ApiKey) -> dict[str, Any]:
    return {
        "id": key.id,
        "name": key.name,
        "scopes": [str(scope) for scope in key.scopes],
        "networks": list(key.networks),
        "made_by": key.made_by,
        "made_at": iso(key.made_at),
        "revoked_at": iso(key.revoked_at),
        "revoked_by": key.revoked_by,
    }
