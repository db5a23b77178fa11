"""Whose address is this? Only to say so in an error: nothing is ever paid by a guess."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from adapters.addresses import evm, solana, tron, utxo
from adapters.addresses.decoded import NotAnAddress

_MONERO: Final[dict[bytes, str]] = {
    b"\x12": "Monero",
    b"\x13": "Monero",
    b"\x2a": "Monero",
    b"\x18": "Monero stagenet",
    b"\x19": "Monero stagenet",
    b"\x24": "Monero stagenet",
    b"\x35": "Monero testnet",
    b"\x36": "Monero testnet",
    b"\x3f": "Monero testnet",
}
_MONERO_LENGTHS: Final = frozenset({95, 106})


def recognised(text: str) -> tuple[str, ...]:
    """The chains that this is a valid address of, as people write them."""
    found = []
    for network, realm in utxo.CHAINS:
        if _is(partial(utxo.decode, network, realm, text)):
            found.append(network.capitalize() if realm == "mainnet" else f"{network.capitalize()} {realm}")
    if _is(partial(evm.decode, text)):
        found.append("Ethereum")
    if _is(partial(tron.decode, text)):
        found.append("Tron")
    if len(text) in _MONERO_LENGTHS:
        found += _monero(text)
    elif not found and _is(partial(solana.decode, text)):
        found.append("Solana")
    return tuple(found)


def _is(decode: Callable[[], object]) -> bool:
    try:
        decode()
    except NotAnAddress:
        return False
    return True


def _monero(text: str) -> list[str]:
    from bip_utils import Base58XmrDecoder

    try:
        raw = bytes(Base58XmrDecoder.Decode(text))
    except ValueError:
        return []
    name = _MONERO.get(raw[:1])
    return [name] if name else []
