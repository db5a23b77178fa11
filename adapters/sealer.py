"""
Seals payloads and orders' secrets: what was signed is kept compressed and encrypted, in database and journal.

Whoever reads a payload can broadcast it and see whom it pays; without the key file nobody can. A
lost key makes open transfers unreadable, so it belongs into the backup beside the wallet's seed.
"""

from __future__ import annotations

import base64
import json
import zlib
from typing import TYPE_CHECKING, Final

from payout.errors import WalletUnsafe
from payout.transfer import Payload

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

KEY_BYTES: Final = 32
UNSEALED_BYTES_MAX: Final = 4_000_000
"""A payload of the largest transaction that the network takes has about 1.5 MB."""
_REMEDY: Final = "restore the seal key file (instance.seal_key_file) that was in use when it was sealed, then resume"
_TEXT: Final = b"text:"
"""Told apart from a payload: one that was moved to an order's column must not be shown as its secret."""


def open_sealer(key: bytes) -> FernetSealer:
    """
    A sealer with this key of 32 random bytes.

    Raises:
        ValueError: the key has another length.
    """
    return FernetSealer(key)


class FernetSealer:
    """Fernet: AES-128-CBC with an HMAC-SHA256, so that altered text is noticed."""

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise ValueError(f"a seal key has {KEY_BYTES} bytes, not {len(key)}")
        self._key = key
        self._made: Fernet | None = None

    def seal(self, payload: Payload) -> str:
        """Compress and encrypt to text."""
        facts = {
            "metadata": payload.metadata,
            "blob": payload.blob,
            "tx_key": payload.tx_key,
            "txid": payload.txid,
            "line": payload.line,
        }
        # Hexadecimal halves at any level, and level 1 is the fastest.
        packed = zlib.compress(json.dumps(facts).encode(), level=1)
        return self._fernet.encrypt(packed).decode("ascii")

    def unseal(self, sealed: str) -> Payload:
        """
        Decrypt.

        Raises:
            WalletUnsafe: the key is another one, or the text was altered.
        """
        from cryptography.fernet import InvalidToken

        try:
            packed = self._fernet.decrypt(sealed.encode())
            facts = json.loads(_unpacked(packed))
            return Payload(
                metadata=facts["metadata"],
                blob=facts["blob"],
                tx_key=facts["tx_key"],
                txid=facts.get("txid", ""),
                line=facts.get("line", ""),
            )
        except (InvalidToken, ValueError, KeyError, TypeError, zlib.error):
            # `from None`: no library's message may quote what was sealed.
            raise _cannot_open("transfer") from None

    def seal_text(self, text: str) -> str:
        """Encrypt a short secret to text."""
        return self._fernet.encrypt(_TEXT + text.encode()).decode("ascii")

    def unseal_text(self, sealed: str) -> str:
        """
        Decrypt what `seal_text` made.

        Raises:
            WalletUnsafe: the key is another one, or the text was altered or is a sealed transfer's.
        """
        from cryptography.fernet import InvalidToken

        try:
            opened = self._fernet.decrypt(sealed.encode())
            if not opened.startswith(_TEXT):
                raise ValueError("not a sealed text")
            return opened.removeprefix(_TEXT).decode()
        except (InvalidToken, ValueError):
            raise _cannot_open("secret of an order") from None

    @property
    def _fernet(self) -> Fernet:
        # Made late: a listing never seals, and must not pay for the import.
        if self._made is None:
            from cryptography.fernet import Fernet

            self._made = Fernet(base64.urlsafe_b64encode(self._key))
        return self._made


def _cannot_open(what: str) -> WalletUnsafe:
    return WalletUnsafe(
        f"a sealed {what} cannot be opened: the seal key is another one, or the text was altered", _REMEDY
    )


def _unpacked(packed: bytes) -> bytes:
    unpacking = zlib.decompressobj()
    unpacked = unpacking.decompress(packed, UNSEALED_BYTES_MAX)
    if unpacking.unconsumed_tail:
        raise ValueError("too large")
    return unpacked
