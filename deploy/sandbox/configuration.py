"""The worker's configuration for a sandbox, as text for payout.toml.

It names files for secrets and never holds one itself.
"""

from __future__ import annotations

import json
from pathlib import Path

from deploy.sandbox.wallet import WalletRpc

TEMPLATE = """\
[instance]
id = "sandbox"
state_dir = "var"

[database]
url = "sqlite:///var/payout.db"

[wallets.hot]
kind = "monero"
wallet_file = {wallet_file}
password_file = {password_file}
address = {address}
rpc_url = {rpc_url}
rpc_login_file = {login_file}
daemon_url = {daemon_url}
confirmations = 10
outputs_target = 16
# A block reward of 35 XMR makes fees here far higher than mainnet's.
fee_max_usd = "50.00"
"""
RATES = """
[rates]
sources = {sources}
"""
RATE = """
[rates.{source}]
url = {url}
"""
# Coinbase trades no XMR; the worker asks it for its own coins only.
XMR_SOURCES = ("kraken", "coingecko", "bitfinex", "kucoin")


def payout_toml(hot: WalletRpc, login_file: Path, password_file: Path, rates: dict[str, str]) -> str:
    """The text, with `rates` giving the base url of each rate source; none leaves [rates] out."""
    text = TEMPLATE.format(
        wallet_file=_quoted(hot.filename),
        password_file=_quoted(str(password_file)),
        address=_quoted(hot.address()),
        rpc_url=_quoted(hot.url),
        login_file=_quoted(str(login_file)),
        daemon_url=_quoted(hot.daemon_url),
    )
    if rates:
        text += RATES.format(sources=json.dumps([s for s in XMR_SOURCES if s in rates]))
        text += "".join(RATE.format(source=s, url=_quoted(url)) for s, url in rates.items())
    return text


def _quoted(text: str) -> str:
    """JSON's strings are TOML's basic strings for all that occurs here."""
    return json.dumps(text, ensure_ascii=False)
