"""
Who is calling: an API key in the header `Authorization: Bearer payout_<id>_<secret>`.

The key is looked up for every request, so that a revoked one ends at once. A key that does not exist takes as long as
a wrong secret, and neither is told apart in the answer.
"""

from __future__ import annotations

from typing import Final

from fastapi import Request
from fastapi.concurrency import run_in_threadpool

from adapters.console.api.limits import TokenBuckets, neighbourhood
from adapters.console.api.parts import ApiParts
from adapters.console.api.problems import Problem
from payout.api_key import ApiKey, Scope, read_text

_CHALLENGE: Final = {"WWW-Authenticate": 'Bearer realm="payout"'}


class Gate:
    """Lets a request in, or says why not."""

    def __init__(self, parts: ApiParts) -> None:
        self._parts = parts
        self._keys = TokenBuckets(parts.limits.per_minute)
        self._strangers = TokenBuckets(parts.limits.strangers_per_minute)

    async def admit(self, request: Request, scope: Scope) -> ApiKey:
        """
        The key that the request came with.

        Raises:
            Problem: there is no valid key, it may not do this or not from there, or too much came at once.
        """
        address = request.client.host if request.client else ""
        key = await self._known(request)
        if key is None:
            raise self._stranger(address)
        if not key.may_come_from(address):
            raise self._stranger(address, known=True)
        wait = self._keys.take(key.id)
        if wait:
            raise Problem("rate_limited", headers={"Retry-After": str(wait)})
        if scope not in key.scopes:
            held = ", ".join(key.scopes) or "none"
            raise Problem("scope_missing", f"this takes the scope {scope}, and the key {key.name} has {held}")
        return key

    async def _known(self, request: Request) -> ApiKey | None:
        kind, _, text = request.headers.get("authorization", "").partition(" ")
        read = read_text(text.strip()) if kind.lower() == "bearer" else None
        if read is None:
            return None
        return await run_in_threadpool(self._look_up, *read)

    def _look_up(self, key_id: str, secret: str) -> ApiKey | None:
        key = self._parts.store.api_key(key_id)
        fits = self._parts.digests.fits(key, secret)
        if not fits or key is None or key.revoked_at is not None or key.id in self._parts.revoked:
            return None
        return key

    def _stranger(self, address: str, *, known: bool = False) -> Problem:
        """
        Only a failed try is counted against its address: whoever shares the address of a proxy with a stranger, and
        has a valid key, is never locked out by him. No number of tries finds a secret of 256 bits.
        """
        wait = self._strangers.take(neighbourhood(address))
        if wait:
            return Problem("too_many_failures", headers={"Retry-After": str(wait)})
        if known:
            return Problem("address_not_allowed")
        return Problem("unauthenticated", headers=_CHALLENGE)
