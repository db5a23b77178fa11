"""Serves an application until SIGTERM or SIGINT. TLS is the business of the proxy before it."""

from __future__ import annotations

import signal
import socket
from typing import Final

import uvicorn
from fastapi import FastAPI

from payout.errors import SettingsError

CONNECTIONS_MAX: Final = 64
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
        return socket.create_server((host, port), family=family)
    except OSError as error:
        words = f"[console] listen: {host}:{port} cannot be used: {error.strerror}"
        raise SettingsError((words,)) from None


def server(app: FastAPI) -> uvicorn.Server:
    """Not running yet. No line is logged for a request: an address may hold a token."""
    return uvicorn.Server(
        uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            limit_concurrency=CONNECTIONS_MAX,
            timeout_keep_alive=IDLE_SECONDS,
            timeout_graceful_shutdown=STOP_SECONDS,
            h11_max_incomplete_event_size=HEAD_BYTES_MAX,
            lifespan="off",
            ws="none",
        )
    )


def serve(app: FastAPI, listening: socket.socket) -> None:
    """Until SIGTERM or SIGINT, which then have done their work: they do not end the process as well."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: None)
    server(app).run(sockets=[listening])
