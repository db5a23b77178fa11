"""
A person's own key: an Ed25519 private key in a PEM file (PKCS #8), mode 0600, with a passphrase or without.

It belongs on the person's machine, not on the worker's: whoever has it and the passphrase approves in that name.
"""

from __future__ import annotations

import base64
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from adapters.signatures.ed25519 import PREFIX
from payout.approval.people import KeyKind
from payout.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from payout.approval.people import PublicKey

FILE_MODE: Final = 0o600
FILE_BYTES_MAX: Final = 10_000
_OTHERS: Final = 0o077
_FIELD: Final = "--key"


@dataclass(frozen=True, slots=True)
class KeyFile:
    """An opened key: signs."""

    _key: Ed25519PrivateKey = field(repr=False)

    @property
    def kind(self) -> KeyKind:
        """Ed25519."""
        return KeyKind.ED25519

    @property
    def public(self) -> str:
        """As the people file writes it: `ed25519:BASE64`."""
        return PREFIX + base64.b64encode(self._key.public_key().public_bytes_raw()).decode()

    def is_half_of(self, public: PublicKey) -> bool:
        """This is the public key's private half."""
        return public.kind is KeyKind.ED25519 and PREFIX + public.text == self.public

    def sign(self, message: bytes) -> str:
        """The signature, in base64."""
        return base64.b64encode(self._key.sign(message)).decode()


def make_key_file(file: Path, passphrase: str | None) -> KeyFile:
    """
    Make a key and write it; never over another file.

    Raises:
        BadInput: there is a file, or it cannot be written.
    """
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = Ed25519PrivateKey.generate()
    lock = serialization.BestAvailableEncryption(passphrase.encode()) if passphrase else serialization.NoEncryption()
    text = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, lock)
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE)
    except FileExistsError:
        raise BadInput("file", f"{file} is there already", "name another one: a key is never overwritten") from None
    except OSError as error:
        raise BadInput("file", f"{file} cannot be written: {error.strerror}", "name another one") from None
    with os.fdopen(handle, "wb") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    return KeyFile(key)


def open_key_file(file: Path, passphrase: Callable[[], str]) -> KeyFile:
    """
    Read a key; `passphrase` is asked only where the file is locked.

    Raises:
        BadInput: there is no such file, others can read it, it holds no Ed25519 key, or the passphrase is wrong.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    text = _read(file)
    is_locked = b"ENCRYPTED" in text
    try:
        key = load_pem_private_key(text, passphrase().encode() if is_locked else None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        # `from None`: no library's message may quote what is in the file.
        why = "the passphrase is wrong, or it holds no key" if is_locked else "it holds no key in PEM"
        raise BadInput(_FIELD, f"{file}: {why}", "make one with `payout users key`") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise BadInput(_FIELD, f"{file} holds another kind of key", "make one with `payout users key`")
    return KeyFile(key)


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            if os.fstat(stream.fileno()).st_mode & _OTHERS:
                raise BadInput(_FIELD, f"others can read {file}", f"chmod 600 {file}")
            text = stream.read(FILE_BYTES_MAX + 1)
    except FileNotFoundError:
        raise BadInput(_FIELD, f"{file} does not exist", "make one with `payout users key`") from None
    except OSError as error:
        raise BadInput(_FIELD, f"{file} cannot be read: {error.strerror}", "see who owns it") from None
    if len(text) > FILE_BYTES_MAX:
        raise BadInput(_FIELD, f"{file} is over {FILE_BYTES_MAX} bytes", "it is no key: name another one")
    return text
