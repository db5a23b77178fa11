"""
Reads what others reach us by and how we tell them: `[console]`, `[webhooks]`, `[alarms]` and `[audit]`.

Whatever opens a door, a proxy that is believed or a private network that is called, is closed unless it is written.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from config.settings.model import Alarms, Audit, Console, Webhooks
from config.settings.secret import Secret

if TYPE_CHECKING:
    from config.settings.model import Instance
    from config.settings.table import Table

CHECKPOINTS: Final = "checkpoints.jsonl"
_LISTEN: Final = re.compile(r"(\[[0-9A-Fa-f:]+\]|[A-Za-z0-9.-]+):([0-9]{1,5})")
_PORT_MAX: Final = 65535
_APPRISE: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://\S+")


def read_console(table: Table, instance: Instance) -> Console:
    """`[console]`."""
    given = table.text("listen", "127.0.0.1:8710")
    fits = _LISTEN.fullmatch(given)
    if fits is None or not 0 < int(fits[2]) <= _PORT_MAX:
        table.fault("listen", f"{given!r} is not HOST:PORT, such as 127.0.0.1:8710")
    console = Console(
        host=fits[1].strip("[]") if fits else "127.0.0.1",
        port=int(fits[2]) if fits else 8710,
        public_url=table.optional_url("public_url"),
        hook_key_file=table.path("hook_key_file", instance.state_dir / "hooks.key"),
        trusted_proxies=table.networks("trusted_proxies"),
        requests_per_minute=table.number("requests_per_minute", 600, 1, 100_000),
        changes_per_day=table.number("changes_per_day", 20_000, 1, 10_000_000),
        strangers_per_minute=table.number("strangers_per_minute", 30, 1, 100_000),
        body_kb_max=table.number("body_kb_max", 64, 1, 1024),
    )
    table.done()
    return console


def read_webhooks(table: Table) -> Webhooks:
    """`[webhooks]`."""
    webhooks = Webhooks(
        allow_private=table.networks("allow_private"),
        timeout_seconds=table.number("timeout_seconds", 15, 1, 30),
        keep_days=table.number("keep_days", 30, 1, 3650),
    )
    table.done()
    return webhooks


def read_alarms(table: Table) -> Alarms:
    """`[alarms]`: each line of the file is an address as Apprise writes it; those that begin with # are notes."""
    given = table.secret("urls")
    lines = [line.strip() for line in given.reveal().splitlines()] if given else []
    urls = [line for line in lines if line and not line.startswith("#")]
    key = "urls_file" if table.has("urls_file") else "urls"
    for number, url in enumerate(urls, start=1):
        # The address itself is not shown: most hold a password.
        if not _APPRISE.fullmatch(url):
            table.fault(key, f"address {number} is none as Apprise writes them, such as mailtos://USER:PASSWORD@HOST")
    table.done()
    return Alarms(urls=tuple(Secret(url) for url in urls))


def read_audit(table: Table, instance: Instance) -> Audit:
    """`[audit]`."""
    audit = Audit(
        key_file=table.path("key_file", instance.state_dir / "audit.key"),
        checkpoint_files=table.paths("checkpoint_files", (instance.state_dir / CHECKPOINTS,)),
        checkpoint_minutes=table.number("checkpoint_minutes", 5, 1, 1440),
    )
    table.done()
    return audit
