"""A command line in a folder of its own, run in this process: what it printed, and its exit code."""

from __future__ import annotations

import contextlib
import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.main import main
from config.settings import load
from config.wiring import House
from tests.canary import heard
from tests.factories import ADDRESS

OTHER = "888tNkZrPN6JsEgekjMnABU4TBzc2Dt29EPAvkRxbANsAnjyPbb3iQ1YBRk1UXcdRsiKc9dhwMVgN5S9cQUiyoogDavup3H"
"""The Monero project's own subaddress: valid, and nobody's here."""

CONFIGURATION = """\
[instance]
id = "test"

[wallets.hot]
rpc_url = "http://127.0.0.1:9"
daemon_url = "http://127.0.0.1:9"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What one command did."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Line:
    """An installation in one folder."""

    def __init__(self, folder: Path, configuration: str = CONFIGURATION) -> None:
        self.folder = folder
        self.file = folder / "payout.toml"
        self.file.write_text(configuration)

    def __call__(self, *words: str) -> Said:
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = main([*words, "--config", str(self.file)])
        heard(out.getvalue() + err.getvalue())
        return Said(code=code, out=out.getvalue(), err=err.getvalue())

    def extend(self, text: str) -> None:
        self.file.write_text(self.file.read_text() + text)

    def people(self, text: str) -> None:
        (self.folder / "people.toml").write_text(text)

    def add(self, external_id: str = "E-1", *more: str, usd: str = "25.00") -> Said:
        words = ("--external-id", external_id, "--usd", usd, "--asset", "XMR")
        return self("refunds", "add", *words, "--destination", ADDRESS, *more)

    def status_of(self, external_id: str = "E-1") -> str:
        status: str = self("refunds", "show", external_id, "--json").json["status"]
        return status

    @contextlib.contextmanager
    def store(self) -> Any:
        house = House(load(self.file))
        try:
            yield house.store
        finally:
            house.close()
