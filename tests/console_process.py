"""`payout console` as a process of its own, on an installation in a folder, and a caller of its API."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from config.main import main
from deploy.sandbox.process import free_port
from tests.canary import heard

HOUSE: Final = Path(__file__).resolve().parents[1]
PATIENCE_SECONDS: Final = 240
PREFIX: Final = "/api/v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the API said."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Caller:
    """One keep-alive connection to the API."""

    def __init__(self, port: int, key: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
        self._headers = {"Authorization": f"Bearer {key}"}

    def get(self, path: str) -> Answer:
        return self._ask("GET", path, None, {})

    def post(self, path: str, body: object, **headers: str) -> Answer:
        """`headers` by name, with _ in place of -."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self._ask("POST", path, json.dumps(body), {"Content-Type": "application/json", **named})

    def close(self) -> None:
        self._connection.close()

    def _ask(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> Answer:
        self._connection.request(method, PREFIX + path, body=body, headers={**self._headers, **headers})
        reply = self._connection.getresponse()
        return Answer(status=reply.status, headers=dict(reply.getheaders()), body=reply.read())


class ConsoleProcess:
    """Serving when entered, ended by SIGTERM when left. Its log lies beside the configuration."""

    def __init__(self, config: Path) -> None:
        self.config = config
        self.port = free_port()
        self.log = config.parent / "console.log"
        with config.open("a") as out:
            out.write(f'\n[console]\nlisten = "127.0.0.1:{self.port}"\n')
            out.write("requests_per_minute = 100000\nchanges_per_day = 10000000\n")
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}{PREFIX}"

    def __enter__(self) -> Self:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "config.main", "--config", str(self.config), "console"],
                cwd=self.config.parent,
                env={**os.environ, "PYTHONPATH": str(HOUSE)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        ends = time.monotonic() + PATIENCE_SECONDS
        while b"serving " not in self.log.read_bytes():
            if self._process.poll() is not None or time.monotonic() > ends:
                raise RuntimeError(f"the console does not serve: {self.log.read_text()[-2000:]}")
            time.sleep(0.02)
        return self

    def kill(self) -> None:
        """As a power cut would, but for this process alone."""
        if self._process is not None:
            self._process.kill()

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(timeout=PATIENCE_SECONDS)
            finally:
                self._process.kill()
                self._process.wait()
        heard(self.log.read_bytes())


def make_key(config: Path, name: str, *scopes: str) -> str:
    """An API key, as `payout api-keys add` shows it once."""
    from contextlib import redirect_stdout
    from io import StringIO

    out = StringIO()
    words = [word for scope in scopes for word in ("--scope", scope)]
    with redirect_stdout(out):
        code = main(["--config", str(config), "api-keys", "add", name, "--json", *words])
    if code != 0:
        raise RuntimeError(f"`payout api-keys add {name}` ended with {code}")
    key: str = json.loads(out.getvalue())["key"]
    return key
