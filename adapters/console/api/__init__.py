"""
The API for programs of the merchant: `/api/v1`.

It writes intentions and reads records, by keys that can never approve. What it writes is checked again by the worker,
like everything else.
"""

from __future__ import annotations

from adapters.console.api.app import PREFIX, api_app
from adapters.console.api.parts import ApiLimits, ApiParts

__all__ = ["PREFIX", "ApiLimits", "ApiParts", "api_app"]
