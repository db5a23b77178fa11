"""An application of the console on a real socket, in a thread of the test."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from adapters.console.serve import listen

if TYPE_CHECKING:
    import socket

    import uvicorn

STOP_SECONDS = 20


@contextmanager
def served(serving: uvicorn.Server, listening: socket.socket | None = None) -> Iterator[int]:
    """While the block lasts; its port. What is sent before the server runs waits for it."""
    with ExitStack() as stack:
        sock = listening or stack.enter_context(listen("127.0.0.1", 0))
        thread = threading.Thread(target=serving.run, args=([sock],), daemon=True)
        thread.start()
        try:
            yield sock.getsockname()[1]
        finally:
            while not serving.started:
                time.sleep(0.01)
            serving.should_exit = True
            thread.join(STOP_SECONDS)
            assert not thread.is_alive()
