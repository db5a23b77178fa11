"""
The one door to HTTP. No other file in `adapters` may import requests or tenacity for calls.

An error says which of three things happened, because a caller that moves money must know: the
request never left (`NotSent`), the other side said a definite no (`Refused`), or nobody can tell
(`Unknown`, which is the default).
"""

from __future__ import annotations

from adapters.http.client import HttpClient, Timeouts, parse_json, retry_read
from adapters.http.errors import HttpFailed, NotSent, Refused, Unknown

__all__ = [
    "HttpClient",
    "HttpFailed",
    "NotSent",
    "Refused",
    "Timeouts",
    "Unknown",
    "parse_json",
    "retry_read",
]
