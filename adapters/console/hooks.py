"""
The receiver of processors' webhooks: `POST /hooks/<processor>/<token>`.

A webhook means "look now" and nothing else: whatever it says, the daemon asks the processor itself. So all that is
done here is to find out which order it speaks of, and to mark that one. The token stands in the path, so paths are
never logged.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Final

from fastapi import FastAPI, Request, Response
from fastapi.concurrency import run_in_threadpool

from payout.errors import StoreError
from payout.ports import Clock, Processor, Store

log = logging.getLogger(__name__)

BODY_BYTES_MAX: Final = 64_000
BODY_SECONDS: Final = 10
"""Who sends slower than that is not a processor."""

NO_CONTENT: Final = 204
NOT_FOUND: Final = 404
TIMEOUT: Final = 408
TOO_LARGE: Final = 413
UNAVAILABLE: Final = 503


def hook_app(
    processors: Mapping[str, Processor], fits: Callable[[str, str], bool], store: Store, clock: Clock
) -> FastAPI:
    """The application. `fits` says whether a token is this processor's."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)

    @app.post("/hooks/{name}/{token}")
    async def hook(name: str, token: str, request: Request) -> Response:
        known = processors.get(name)
        # Also for a name that we do not have, so that names cannot be told by the time that an answer takes.
        if not fits(name, token) or known is None:
            return Response(status_code=NOT_FOUND)
        try:
            body = await asyncio.wait_for(_body(request), BODY_SECONDS)
        except TimeoutError:
            return Response(status_code=TIMEOUT)
        if body is None:
            return Response(status_code=TOO_LARGE)
        return await run_in_threadpool(_taken, known, dict(request.headers), body, store, clock)

    return app


async def _body(request: Request) -> bytes | None:
    """The whole body; None if it is too long, whatever length it claims to have."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_BYTES_MAX:
            return None
    return bytes(body)


def _taken(processor: Processor, headers: Mapping[str, str], body: bytes, store: Store, clock: Clock) -> Response:
    """Marks the order. The answer is the same whether there is such an order or not."""
    found = processor.hint(headers, body)
    if found is None:
        log.info("hook.not_genuine", extra={"processor": processor.name})
        return Response(status_code=NO_CONTENT)
    try:
        known = store.poke(processor.name, found, clock.now())
    except StoreError as error:
        log.warning("hook.not_kept", extra={"processor": processor.name, "why": str(error)})
        return Response(status_code=UNAVAILABLE)
    log.info("hook.taken" if known else "hook.for_nobody", extra={"processor": processor.name, "order": found[:64]})
    return Response(status_code=NO_CONTENT)
