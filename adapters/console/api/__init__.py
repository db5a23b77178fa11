"""
The API for programs of the merchant: `/api/v1`.

It writes intentions and reads records, by keys that can never approve. What it writes is checked again by the worker,
like everything else.
"""

from __future__ import annotations

from adapters.console.api.app import api_app, routes_of
from adapters.console.api.parts import ApiLimits, ApiParts
from adapters.console.api.route import PREFIX

__all__ = ["PREFIX", "ApiLimits", "ApiParts", "api_app", "routes_of"]
