"""
Bitcoin, Litecoin, Dogecoin: base58check (P2PKH, P2SH), bech32 (witness version 0) and bech32m (version 1).

Litecoin's old P2SH addresses begin with 3 like Bitcoin's and cannot be told from them, so only those with M are taken.
MWEB addresses (ltcmweb1...) cannot be paid by processors. The regtest row also holds the prefixes of bcoin, whose own
regtest chain differs from Bitcoin Core's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from adapters.addresses.decoded import CHECKSUM, Decoded, NotAnAddress


@dataclass(frozen=True, slots=True, kw_only=True)
class Prefixes:
    """What addresses of one chain begin with."""

    words: tuple[str, ...] = ()
    """Of bech32."""
    keys: tuple[bytes, ...]
    scripts: tuple[bytes, ...]


CHAINS: Final[dict[tuple[str, str], Prefixes]] = {
    ("bitcoin", "mainnet"): Prefixes(words=("bc",), keys=(b"\x00",), scripts=(b"\x05",)),
    ("bitcoin", "testnet"): Prefixes(words=("tb",), keys=(b"\x6f",), scripts=(b"\xc4",)),
    ("bitcoin", "regtest"): Prefixes(words=("bcrt", "rb"), keys=(b"\x6f", b"\x3c"), scripts=(b"\xc4", b"\x26")),
    ("litecoin", "mainnet"): Prefixes(words=("ltc",), keys=(b"\x30",), scripts=(b"\x32",)),
    ("litecoin", "testnet"): Prefixes(words=("tltc",), keys=(b"\x6f",), scripts=(b"\x3a",)),
    ("litecoin", "regtest"): Prefixes(words=("rltc",), keys=(b"\x6f",), scripts=(b"\x3a",)),
    ("dogecoin", "mainnet"): Prefixes(keys=(b"\x1e",), scripts=(b"\x16",)),
    ("dogecoin", "testnet"): Prefixes(keys=(b"\x71",), scripts=(b"\xc4",)),
    ("dogecoin", "regtest"): Prefixes(keys=(b"\x6f",), scripts=(b"\xc4",)),
}

PAYABLE: Final = frozenset({(0, 20), (0, 32), (1, 32)})
"""Witness version and length of its program: P2WPKH, P2WSH, P2TR. Anything else anyone could spend, or nobody."""

_HASH_BYTES: Final = 20
_BURNERS: Final = frozenset(
    {
        "1BitcoinEaterAddressDontSendf59kuE",
        "1CounterpartyXXXXXXXXXXXXXXXUWLpVr",
        "DDogepartyxxxxxxxxxxxxxxxxxxw1dfzr",
    }
)


def decode(network: str, realm: str, text: str) -> Decoded:
    """Raises NotAnAddress."""
    prefixes = CHAINS[network, realm]
    word = text.lower().partition("1")[0]
    if network == "litecoin" and word == "ltcmweb":
        raise NotAnAddress("is an MWEB address, which processors cannot pay", own_words=True)
    if word in prefixes.words:
        return _witness(word, text)
    return _base58(network, prefixes, text)


def _witness(word: str, text: str) -> Decoded:
    from bip_utils import Bech32ChecksumError, SegwitBech32Decoder

    if text != text.lower():
        # Valid, but processors and explorers answer with small letters, and an echo must be the same text.
        raise NotAnAddress("is written in capitals: write it in small letters", own_words=True)
    try:
        version, program = SegwitBech32Decoder.Decode(word, text)
    except (ValueError, Bech32ChecksumError):
        raise NotAnAddress(CHECKSUM, own_words=True) from None
    if (version, len(program)) not in PAYABLE:
        raise NotAnAddress(f"has witness version {version}, which cannot be paid yet", own_words=True)
    burnt = "an address that nobody has the key of" if not any(program) else ""
    return Decoded(payload=bytes([version]) + bytes(program), burnt=burnt)


def _base58(network: str, prefixes: Prefixes, text: str) -> Decoded:
    from bip_utils import Base58ChecksumError, Base58Decoder

    try:
        raw = Base58Decoder.CheckDecode(text)
    except (ValueError, Base58ChecksumError):
        raise NotAnAddress(CHECKSUM) from None
    if network == "litecoin" and raw[:1] == b"\x05" and len(raw) == _HASH_BYTES + 1:
        words = "begins with 3, as Bitcoin's addresses do, so nobody can tell whose it is: ask for the form with M"
        raise NotAnAddress(words, own_words=True)
    if len(raw) != _HASH_BYTES + 1 or raw[:1] not in prefixes.keys + prefixes.scripts:
        raise NotAnAddress("is no address of this network")
    burnt = "an address that nobody has the key of" if text in _BURNERS or not any(raw[1:]) else ""
    return Decoded(payload=bytes(raw), burnt=burnt)
