"""
Serves an application until SIGTERM or SIGINT. TLS is the business of the proxy before it.

Only proxies that are named in the settings are believed about who calls: whoever else says so is not.
"""

from __future__ import annotations

import errno
import signal
import socket
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import uvicorn

from adapters.console.connection import Connection
from payout.errors import SettingsError

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

IDLE_SECONDS: Final = 5
STOP_SECONDS: Final = 5
HEAD_BYTES_MAX: Final = 16_384


def listen(host: str, port: int) -> socket.socket:
    """
    The socket to serve on; port 0 takes any that is free.

    Raises:
        SettingsError: another program has it, or this machine has no such address.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family)
    except OSError as error:
        words = f"[console] listen: {host}:{port} cannot be used: {_why(error)}"
        raise SettingsError((words,)) from None
    # Connections inherit it. Else the end of each answer waits 40 ms for the caller's word that its head has come.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


def _why(error: OSError) -> str:
    # Python adds the address to some of these words, and it is named already.
    if error.errno == errno.EADDRINUSE:
        return "another program listens there: stop it, or take another port"
    if error.errno == errno.EADDRNOTAVAIL:
        return "this machine has no such address: 127.0.0.1 is itself, 0.0.0.0 all that it has"
    if error.errno == errno.EACCES:
        return "only root may listen below port 1024: take a higher one, and a proxy before it"
    return error.strerror or type(error).__name__


def under(prefix: str, inner: ASGIApp, other: ASGIApp) -> ASGIApp:
    """One application: what is asked for below `prefix` goes to `inner`, everything else to `other`."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        chosen = inner if path == prefix or path.startswith(f"{prefix}/") else other
        await chosen(scope, receive, send)

    return app


def server(app: ASGIApp, proxies: Sequence[str] = ()) -> uvicorn.Server:
    """Not running yet. uvicorn logs no request, since an address may hold a token, and no news of its own."""
    return uvicorn.Server(
        uvicorn.Config(
            app,
            log_config=None,
            log_level="warning",
            access_log=False,
            server_header=False,
            proxy_headers=bool(proxies),
            forwarded_allow_ips=list(proxies),
            http=Connection,
            timeout_keep_alive=IDLE_SECONDS,
            timeout_graceful_shutdown=STOP_SECONDS,
            h11_max_incomplete_event_size=HEAD_BYTES_MAX,
            lifespan="off",
            ws="none",
        )
    )


def serve(app: ASGIApp, listening: socket.socket, proxies: Sequence[str] = ()) -> None:
    """Until SIGTERM or SIGINT, which then have done their work: they do not end the process as well."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: None)
    server(app, proxies).run(sockets=[listening])
