"""Around every request: its id, the headers that every answer has, one log line, and no stack trace for anybody."""

from __future__ import annotations

import logging
import time
import uuid
from typing import TYPE_CHECKING, Any, Final

from starlette.datastructures import MutableHeaders

from adapters.console.api.problems import RETRY_SECONDS, Problem

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = logging.getLogger("payout.api")

REQUESTS_MAX: Final = 64
"""At once. More would only wait for each other."""

REQUEST_ID: Final = "X-Request-Id"
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}


def instance_of(scope: Scope | dict[str, Any]) -> str:
    """What names this answer, in the log too."""
    return f"urn:uuid:{scope['state']['request_id']}"


class Shell:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._running = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = str(uuid.uuid4())
        scope.setdefault("state", {})["request_id"] = request_id
        began, status = time.monotonic(), 0

        async def dressed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers[REQUEST_ID] = request_id
                for name, value in _HEADERS.items():
                    headers[name] = value
            await send(message)

        self._running += 1
        try:
            if self._running > REQUESTS_MAX:
                await Problem("busy", headers={"Retry-After": str(RETRY_SECONDS)}).response(instance_of(scope))(
                    scope, receive, dressed
                )
            else:
                await self._app(scope, receive, dressed)
        except Exception:
            log.exception("api.fault", extra={"request": request_id})
            if not status:
                await Problem("internal").response(instance_of(scope))(scope, receive, dressed)
        finally:
            self._running -= 1
        _tell(scope, request_id, status, time.monotonic() - began)


def _tell(scope: Scope, request_id: str, status: int, seconds: float) -> None:
    """One line. The route, never the address itself: what stands in that is the merchant's."""
    act = scope["state"].get("act")
    route = getattr(scope.get("route"), "path", "")
    fields = {
        "request": request_id,
        "method": scope["method"],
        "route": route or "none",
        "status": status,
        "key": act.key.name if act else "none",
        "milliseconds": round(seconds * 1000),
    }
    log.info("api.request", extra=fields)
