"""The scopes of a pause: the name of a wallet or of a processor, or all."""

from __future__ import annotations

from typing import Final

ALL: Final = "all"
"""Stops every wallet; nothing may be named so."""
