"""
Who is calling: an API key in the header `Authorization: Bearer payout_<id>_<secret>`.

A revoked key ends at once by the file of revocations, which is looked at for every request; by its row, where another
host's command line revoked it, within `ROW_SECONDS`. A key that does not exist takes as long as a wrong secret, and
neither is told apart in the answer.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from fastapi import Request
from fastapi.concurrency import run_in_threadpool

from adapters.console.api.limits import DAY, TokenBuckets, neighbourhood
from adapters.console.api.parts import ApiParts
from adapters.console.api.problems import Problem
from payout.api_key import ApiKey, Scope, read_text

_CHALLENGE: Final = {"WWW-Authenticate": 'Bearer realm="payout"'}


ROW_SECONDS: Final = 1.0
"""So long the row of a key that was just used is not read again: each read is a tenth of a request."""

ROWS_MAX: Final = 1000


class Gate:
    """Lets a request in, or says why not."""

    def __init__(self, parts: ApiParts, now: Callable[[], float] = time.monotonic) -> None:
        self._parts = parts
        self._now = now
        self._rows: OrderedDict[str, tuple[ApiKey, float]] = OrderedDict()
        self._keys = TokenBuckets(parts.limits.per_minute)
        self._changes = TokenBuckets(parts.limits.changes_per_day, seconds=DAY)
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
        if request.method != "GET" and scope is not Scope.READ:
            # Each leaves rows for ever. By scope: whoever has handed in too much can still pause.
            wait = self._changes.take(f"{key.id} {scope}")
            if wait:
                said = f"the key {key.name} has made more changes in a day than [console] changes_per_day"
                raise Problem("rate_limited", said, headers={"Retry-After": str(wait)})
        return key

    async def _known(self, request: Request) -> ApiKey | None:
        # Of two keys neither is taken: a proxy may have looked at the other one.
        given = request.headers.getlist("authorization")
        kind, _, text = given[0].partition(" ") if len(given) == 1 else ("", "", "")
        read = read_text(text.strip()) if kind.lower() == "bearer" else None
        if read is None:
            return None
        key_id, secret = read
        kept, until = self._rows.get(key_id, (None, 0.0))
        if kept is None or until <= self._now():
            kept = await run_in_threadpool(self._parts.store.api_key, key_id)
        if not self._parts.digests.fits(kept, secret) or kept is None:
            return None
        if kept.revoked_at is not None or kept.id in self._parts.revoked:
            return None
        self._keep(kept)
        return kept

    def _keep(self, key: ApiKey) -> None:
        """Only a key that has just proved itself: nobody else can fill this."""
        if key.id not in self._rows or self._rows[key.id][1] <= self._now():
            self._rows[key.id] = (key, self._now() + ROW_SECONDS)
            self._rows.move_to_end(key.id)
        if len(self._rows) > ROWS_MAX:
            self._rows.popitem(last=False)

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
