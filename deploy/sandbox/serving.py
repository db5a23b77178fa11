"""What the servers of the sandbox share: a loopback port, a thread of this process, and answers in JSON."""

from __future__ import annotations

import contextlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

from deploy.sandbox.rate_protocols import Json, encode

HANG_SECONDS = 60.0
HTML_PAGE = "<!DOCTYPE html><html><title>Just a moment...</title></html>"


class Serving:
    """Use it as a context manager, or call `start` and `stop`."""

    def __init__(self, handler: type[BaseHTTPRequestHandler], port: int = 0) -> None:
        self.stopping = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", port), handler)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self._threads = [threading.Thread(target=self.serve_forever, daemon=True)]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def start(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def serve_forever(self) -> None:
        """Answer on this thread until `stop` is called from another."""
        self._server.serve_forever(poll_interval=0.01)

    def stop(self) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()
        for thread in self._threads:
            if thread.is_alive():
                thread.join()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()


class JsonHandler(BaseHTTPRequestHandler):
    """Answers in JSON, unless told otherwise. Whoever serves keeps its own count, so nothing is logged."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    """Head and body are two writes: the second would wait 40 ms for the other side's word of the first."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""

    def send_json(self, answer: Json, *headers: tuple[str, str]) -> None:
        self.send(answer.status, encode(answer.value), *headers)

    def send(self, status: int, body: str, *headers: tuple[str, str]) -> None:
        data = body.encode()
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self._head(status, len(data), headers)
            self.wfile.write(data)

    def send_half(self, status: int, body: str) -> None:
        """And then close."""
        self.close_connection = True
        data = body.encode()
        self._head(status, len(data), ())
        self.wfile.write(data[: len(data) // 2])

    def _head(self, status: int, length: int, headers: tuple[tuple[str, str], ...]) -> None:
        self.send_response_only(status)
        for header, value in {"Content-Type": "application/json", **dict(headers)}.items():
            self.send_header(header, value)
        self.send_header("Content-Length", str(length))
        self.end_headers()
