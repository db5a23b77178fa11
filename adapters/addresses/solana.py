"""
Solana: base58 of an ed25519 public key. There is no checksum: half of all wrong 32 bytes pass.

Addresses that are no point of the curve belong to programs: token accounts, which somebody pasted for their wallet,
and vaults of several people, which processors often cannot pay. They are refused.
"""

from __future__ import annotations

from typing import Final

from adapters.addresses.decoded import Decoded, NotAnAddress

KEY_BYTES: Final = 32
BURNERS: Final = {
    "11111111111111111111111111111111": "the system program",
    "1nc1nerator11111111111111111111111111111111": "the incinerator",
    "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA": "the token program",
    "TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb": "the token program",
    "ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL": "the program of token accounts",
    "So11111111111111111111111111111111111111112": "the token of wrapped SOL",
    "Vote111111111111111111111111111111111111111": "the vote program",
    "Stake11111111111111111111111111111111111111": "the stake program",
    "ComputeBudget111111111111111111111111111111": "a program of the chain itself",
}


def decode(text: str) -> Decoded:
    """Raises NotAnAddress."""
    from bip_utils import Base58Decoder, SolAddrDecoder

    try:
        raw = bytes(Base58Decoder.Decode(text))
    except ValueError:
        raise NotAnAddress("is not base58") from None
    if len(raw) != KEY_BYTES:
        raise NotAnAddress(f"is not the base58 of {KEY_BYTES} bytes")
    if text in BURNERS:
        return Decoded(payload=raw, burnt=BURNERS[text])
    try:
        SolAddrDecoder.DecodeAddr(text)
    except ValueError:
        words = "belongs to a program (it is off the curve): a token account or a shared vault, not a wallet"
        raise NotAnAddress(words, own_words=True) from None
    return Decoded(payload=raw)
