"""
Canonical JSON: the one spelling of facts that are signed, chained or compared by their digest.

What was signed once is spelled again whenever it is verified: this may never come out otherwise.
"""

from __future__ import annotations

import json
from typing import Any, Final

_ENCODER: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def canonical_json(facts: Any) -> str:
    """Sorted keys, no spaces, ASCII."""
    return _ENCODER.encode(facts)
