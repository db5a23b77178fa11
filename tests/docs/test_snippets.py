"""Whoever types what stands on the pages, line by line, gets what the pages say."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from deploy.sandbox.process import free_port
from deploy.sandbox.rate_server import RateServer
from tests.canary import heard
from tests.console_process import PATIENCE_SECONDS, ConsoleProcess
from tests.docs.pages import Block, blocks
from tests.docs.test_tables import shape

MARK = "=== block "
BIN = Path(sys.executable).parent
SOURCES = ("kraken", "coingecko", "bitfinex", "kucoin")
LISTEN, RECEIVER = "127.0.0.1:8710", "127.0.0.1:8000"
"""What the pages say; here any ports that are free."""


class Reader:
    """Types a page's blocks into one shell, in a folder with an installation; Python goes to Python."""

    def __init__(self, folder: Path, rates: RateServer) -> None:
        self.folder = folder
        self.ports = {RECEIVER: f"127.0.0.1:{free_port()}"}
        self.environ = {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}"}
        self.told = ""
        self.type(Block("sh", "payout init && mkdir other-host\n"))
        self._add("".join(f'[rates.{name}]\nurl = "{rates.urls()[name]}"\n' for name in SOURCES))

    def console(self) -> ConsoleProcess:
        """`payout console`, in another terminal."""
        console = ConsoleProcess(self.folder / "payout.toml")
        self.ports[LISTEN] = f"127.0.0.1:{console.port}"
        return console

    def type(self, *typed: Block) -> list[str]:
        """What each block printed; a command that fails fails the test, as it would stop a reader."""
        for block in typed:
            if block.kind == "toml":
                self._add(block.text.replace("/mnt/other-host", "other-host"))
        script = "".join(f"printf '\\n{MARK}{n}\\n'\n{self._line(n, block)}" for n, block in enumerate(typed))
        # Whatever was started in the background ends with its shell.
        ends = "trap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n"
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", ends + script],
            cwd=self.folder,
            env=self.environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        self.told += done.stdout + done.stderr
        return re.split(rf"\n{MARK}\d+\n", done.stdout)[1:]

    def page(self, name: str) -> list[tuple[Block, str]]:
        """Each block of a page with what it printed."""
        found = [block for block in blocks(name) if not (block.kind == "sh" and block.text.strip() == "payout init")]
        return list(zip(found, self.type(*found), strict=True))

    def _line(self, number: int, block: Block) -> str:
        text = block.text
        for said, real in self.ports.items():
            text = text.replace(said, real).replace(_python(said), _python(real))
        if block.kind == "sh":
            return text
        if block.kind != "python":
            return ""
        named = re.match(r"# (\w+\.py)\n", text)
        file = self.folder / (named[1] if named else f"block{number}.py")
        file.write_text(text)
        return "" if named else f"python3 {file.name}\n"

    def _add(self, toml: str) -> None:
        file = self.folder / "payout.toml"
        file.write_text(f"{file.read_text()}\n{toml}")


def _python(address: str) -> str:
    """As a program names it."""
    host, _, port = address.partition(":")
    return f'("{host}", {port})'


@pytest.fixture
def reader(tmp_path: Path, rate_server: RateServer) -> Iterator[Reader]:
    made = Reader(tmp_path, rate_server)
    yield made
    heard(re.sub(r"payout_[0-9a-f_]+|whsec_\S+", "", made.told))  # What was shown once is meant to be seen.


def examples(typed: list[tuple[Block, str]]) -> Iterator[tuple[Any, Any]]:
    """Each JSON example, with what the block of commands before it printed."""
    said = ""
    for block, printed in typed:
        if block.kind == "sh":
            said = printed
        elif block.kind == "json" and said.lstrip().startswith("{"):
            yield json.loads(block.text), json.loads(said)
            said = ""


def test_the_api_page_can_be_typed_as_it_stands(reader: Reader) -> None:
    with reader.console():
        typed = reader.page("api.md")

    shown, said = next(examples(typed))
    assert shape(shown) == shape(said)
    assert (said["external_id"], said["status"], said["owed_usd"]) == ("R-1042", "REQUESTED", "25.00")
    printed = "".join(text for _, text in typed)
    problem = next(json.loads(block.text) for block, _ in typed if '"code": "invalid"' in block.text)
    assert f"invalid: {problem['detail']}. {problem['remedy']}" in printed
    assert printed.count('"status":"CANCELED"') == 2
    assert "monitor" in printed


def test_the_webhooks_page_can_be_typed_as_it_stands(reader: Reader) -> None:
    typed = reader.page("webhooks.md")

    expected = next(block.text for block, _ in typed if not block.kind and "webhook.test" in block.text)
    printed = "".join(text for _, text in typed)
    assert expected in printed
    assert printed.count("DELIVERED") == 2
    (reader.folder / "received").unlink()


def test_the_approvals_page_can_be_typed_as_it_stands(reader: Reader) -> None:
    typed = reader.page("approvals.md")

    listed = next(text for block, text in typed if block.text.rstrip().endswith("payout refunds list"))
    standing = {line.split()[0]: line.split()[1] for line in listed.splitlines() if re.match(r"R-300\d .*\.00", line)}
    assert standing == {"R-3001": "APPROVED", "R-3002": "APPROVED", "R-3003": "APPROVED"}
    assert "signed by bob: it is in force" in reader.told
    assert "mallory is not in the people file, and may not cancel a refund: ask bob, carol" in reader.told


def test_the_audit_page_can_be_typed_as_it_stands(reader: Reader) -> None:
    typed = reader.page("audit.md")

    forged = next(text for block, text in typed if "mallory" in block.text)
    assert "the history is whole" in forged
    assert "edited" in forged or "edited" in reader.told
    assert "refund.approved" in reader.told
