"""The files of the installation that is besieged."""

from __future__ import annotations

from pathlib import Path

from tests.attacks.network import PROCESSOR
from tests.attacks.people import people_file

CONFIGURATION = f"""\
[instance]
id = "acme"

[wallets.hot]
rpc_url = "http://127.0.0.1:9"
daemon_url = "http://127.0.0.1:9"
outputs_target = 8
watch_depth = 25

[rates]
sources = ["bitfinex", "kraken"]

[limits]
refund_max_usd = "500.00"
day_max_usd = "500.00"

[processors.{PROCESSOR}]
api_key_file = "processor-key"

[webhooks]
allow_private = ["127.0.0.1"]

[worker]
lease_seconds = 30
"""


def lay_out(folder: Path) -> None:
    """The files of an installation, save those that `payout init` makes."""
    (folder / "payout.toml").write_text(CONFIGURATION)
    (folder / "people.toml").write_text(people_file())
    key = folder / "processor-key"
    key.write_text("k")
    key.chmod(0o600)
