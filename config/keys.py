"""
The instance's keys: files of 64 hexadecimal digits, mode 0600, made once by `payout init`.

They never enter the database: whoever can only write there can neither approve nor read what is sealed.
One key may serve several ends: each gets a key of its own by its label, and a label is never given another end.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from config.settings.table import readable_by_others
from payout.errors import SettingsError

KEY_BYTES: Final = 32
KEY_MODE: Final = 0o600

SEALS: Final = "automatic approvals"
API_KEYS: Final = "api keys"
WEBHOOKS: Final = "webhook secrets"
REPLIES: Final = "api replies"
"""Labels of intake's key."""

CHAIN: Final = "chain"
CHECKPOINTS: Final = "checkpoints"
"""Labels of the audit key."""

_DOMAIN: Final = b"payout key v1\n"


@dataclass(frozen=True, slots=True)
class Ring:
    """The keys that are derived from one file."""

    _key: bytes = field(repr=False)

    def derive(self, label: str) -> bytes:
        """32 bytes for this end: HMAC-SHA256 by the label."""
        return hmac.new(self._key, _DOMAIN + label.encode(), hashlib.sha256).digest()


def make_key(file: Path) -> bool:
    """Write a new random key, unless there is one: an existing key is never replaced."""
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, KEY_MODE)
    except FileExistsError:
        return False
    with os.fdopen(handle, "w", encoding="ascii") as stream:
        stream.write(secrets.token_hex(KEY_BYTES) + "\n")
        stream.flush()
        os.fsync(stream.fileno())
    return True


def read_key(file: Path, key_name: str) -> bytes:
    """
    The key in this file. `key_name` is the setting that names it.

    Raises:
        SettingsError: it is missing, readable by others, or no key.
    """
    try:
        if readable_by_others(file):
            raise SettingsError((f"{key_name}: others can read {file}: chmod 600 {file}",))
        key = bytes.fromhex(file.read_text(encoding="ascii"))
    except FileNotFoundError:
        words = f"{key_name}: {file} does not exist: run `payout init`, or restore it from a backup"
        raise SettingsError((words,)) from None
    except OSError as error:
        raise SettingsError((f"{key_name}: {file} cannot be read: {error.strerror}",)) from None
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        words = f"{key_name}: {file} does not hold {2 * KEY_BYTES} hexadecimal digits: restore it"
        raise SettingsError((words,))
    return key
