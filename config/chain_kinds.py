"""Customers' chains by the kind of node that is asked. A new kind is a file in adapters/chains/ and a line here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from adapters.chains import TIP_AGE_MAX, ChainReader, Node
from adapters.chains.bitcoind import BitcoindChain
from adapters.chains.esplora import EsploraChain
from adapters.chains.evm import EvmChain
from adapters.chains.networks import API_KEY_HEADERS, IDENTITIES, TIP_AGES
from adapters.chains.solana import SolanaChain
from adapters.chains.tron import TronChain
from config.assets import Assets
from config.settings import ChainSettings
from payout.errors import SettingsError
from payout.ports import Clock

KINDS: Final[dict[str, Callable[[Node, Clock], ChainReader]]] = {
    "bitcoind": BitcoindChain,
    "esplora": EsploraChain,
    "evm": EvmChain,
    "solana": SolanaChain,
    "tron": TronChain,
}

COUNTED: Final = frozenset({"bitcoind", "esplora"})
"""Kinds whose chains have no word for final: a depth decides."""


def make_chain(given: ChainSettings, assets: Assets, clock: Clock) -> ChainReader:
    """
    The reader of a configured network. Asks nothing.

    Raises:
        SettingsError: its node cannot be described like that.
    """
    network = given.network
    known = IDENTITIES.get(network, "")
    header = API_KEY_HEADERS.get(given.kind)
    if given.api_key is not None and header is None:
        words = f"a {given.kind} server takes none: put it into the path, and that into url_file"
        raise SettingsError((f"[chains.{network}] api_key: {words}",))
    try:
        node = Node(
            network=network,
            tokens=assets.on(network),
            url=given.url.reveal(),
            identity=given.identity or known,
            depth=_depth(given, assets),
            tip_age_max=_behind(given, known),
            login=given.login.reveal() if given.login else None,
            headers={header: given.api_key.reveal()} if header and given.api_key else {},
        )
        return KINDS[given.kind](node, clock)
    except ValueError as error:
        raise SettingsError((f"[chains.{network}]: {error}",)) from None


def _depth(given: ChainSettings, assets: Assets) -> int | None:
    if given.confirmations is not None or given.kind not in COUNTED:
        return given.confirmations
    rows = assets.rows.values()
    return max((row.confirmations for row in rows if row.asset.network == given.network), default=None)


def _behind(given: ChainSettings, known: str) -> timedelta | None:
    if given.behind_minutes is not None:
        return timedelta(minutes=given.behind_minutes) or None
    # On a chain of our own nobody mines by the clock.
    return TIP_AGES.get(given.network, TIP_AGE_MAX) if given.identity in (None, known) else None
