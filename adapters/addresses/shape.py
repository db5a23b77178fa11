"""What no address of any network looks like: spaces, payment links, names, and texts beyond all length."""

from __future__ import annotations

import unicodedata
from typing import Final

FIELD: Final = "destination"
LENGTH_MAX: Final = 128
SHOWN_MAX: Final = 24
_NAMES: Final = (".eth", ".sol", ".trx", ".crypto", ".x", ".nft", ".wallet")


def shape_problem(text: str) -> str | None:  # noqa: PLR0911  (one line a reason reads best)
    """Why this can be no address at all, or None."""
    if not text:
        return "is empty"
    if any(unicodedata.category(char) in {"Cc", "Cf", "Zl", "Zp"} for char in text):
        return f"contains a control character: {shown(text)}"
    if any(char.isspace() for char in text):
        return f"contains a space: {shown(text)}"
    if not text.isascii():
        return f"contains a character that is not ASCII: {shown(text)}"
    if len(text) > LENGTH_MAX:
        return f"is too long for an address: {len(text)} characters"
    if ":" in text or "?" in text or "/" in text:
        return f"is a payment link, not an address: {shown(text)}"
    if "@" in text or text.lower().endswith(_NAMES):
        return f"is a name, not an address: {shown(text)}"
    return None


def shown(text: str) -> str:
    """Safe to print: escaped, and cut where it is long."""
    cut = text if len(text) <= SHOWN_MAX else f"{text[:SHOWN_MAX]}..."
    return ascii(cut)
