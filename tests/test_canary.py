"""The hook that keeps secrets in: each way out makes a test fail, and what is no secret passes."""

from __future__ import annotations

import base64
import os
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from tests import canary
from tests.canary import MARK, Watch, secret

KEY = bytes(range(32))

LEAKY = f"""
import base64, logging, subprocess, sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from urllib.request import urlopen
import pytest
from tests.canary import guard, heard

SECRET = {secret("of a fixture")!r}
KEY = {KEY!r}

@pytest.fixture
def daemon(tmp_path):
    yield
    (tmp_path / "daemon.log").write_text("stopped; the login was " + SECRET)

def test_prints():
    print("hello", SECRET)

def test_complains():
    sys.stderr.write(SECRET)

def test_logs():
    logging.getLogger("payout.worker").warning("connecting", extra={{"login": 1}})
    logging.getLogger("payout.worker").error("connecting as %s", SECRET)

def test_writes_through_a_process_of_its_own():
    subprocess.run([sys.executable, "-c", "import sys; print(sys.argv[1])", SECRET], check=True)

def test_exports(tmp_path):
    (tmp_path / "exports").mkdir()
    (tmp_path / "exports" / "refunds.csv").write_text("id,note\\n1," + SECRET)

def test_keeps_in_a_database(tmp_path):
    (tmp_path / "payout.db").write_bytes(b"SQLite" + bytes(100) + SECRET.encode())

def test_logs_when_it_stops(daemon):
    pass

def test_swallows_what_a_process_said():
    told = subprocess.run([sys.executable, "-c", "import sys; print(sys.argv[1])", SECRET], capture_output=True)
    heard(told.stdout)

def test_swallows_an_answer():
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("x-debug", SECRET)
            self.end_headers()
        def log_message(self, *_):
            pass
    server = HTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.handle_request).start()
    with urlopen(f"http://127.0.0.1:{{server.server_address[1]}}/", timeout=5) as answer:
        heard(answer.read())
        heard(str(answer.headers))
    server.server_close()

def test_prints_a_key_that_the_product_made(tmp_path):
    (tmp_path / "seal.key").write_text(KEY.hex() + "\\n")
    print("key", KEY.hex())

def test_writes_a_key_in_another_coat(tmp_path):
    (tmp_path / "seal.key").write_text(KEY.hex() + "\\n")
    heard("signed with " + base64.urlsafe_b64encode(KEY).decode())

def test_prints_a_guarded_secret():
    guard("whsec_of_nobody")
    print("whsec_of_nobody")
"""

TIGHT = f"""
import logging
from tests.canary import guard, heard

SECRET = {secret("of a fixture")!r}

def test_keeps_it(tmp_path):
    (tmp_path / "rpc.login").write_text("worker:" + SECRET)
    (tmp_path / "alarm-secrets.txt").write_text(SECRET)
    (tmp_path / "seal.key").write_text({KEY.hex()!r})
    (tmp_path / "payout.toml").write_text("password = '" + SECRET + "'")
    (tmp_path / "daemon.log").write_text("all is well")
    guard("whsec_of_somebody")
    heard("200 OK")
    print("all is well")
    logging.getLogger("payout").warning("all is well")

def test_the_next_test_is_not_blamed(tmp_path):
    print("whsec_of_somebody", {KEY.hex()!r})
"""

CONFTEST = """
from tests.canary import WATCH

def pytest_configure(config):
    config.pluginmanager.register(WATCH, "canary")
"""
HOUSE = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """What a run of pytest says of the tests above: their names by outcome."""
    folder = tmp_path_factory.mktemp("canaries")
    for name, text in (("conftest", CONFTEST), ("test_leaky", LEAKY), ("test_tight", TIGHT)):
        (folder / f"{name}.py").write_text(text)
    options = ("-q", "-rA", "--tb=line", "-p", "no:cacheprovider", "-p", "no:schemathesis", "-p", "no:xdist")
    command = [sys.executable, "-m", "pytest", *options, f"--rootdir={folder}", f"--basetemp={folder / 'runs'}"]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    environ = {**kept, "PYTHONPATH": str(HOUSE), "COLUMNS": "240"}
    done = subprocess.run([*command, str(folder)], env=environ, cwd=folder, capture_output=True, text=True, check=False)
    told = re.findall(r"^(PASSED|FAILED|ERROR) (\S+)\.py::(\w+)(?: - (.*))?$", done.stdout, re.MULTILINE)
    assert told, f"pytest did not run: {done.returncode}"
    assert all(why.startswith("a secret got out") for outcome, _, _, why in told if outcome == "ERROR")
    found: dict[str, set[str]] = defaultdict(set)
    for outcome, file, name, _ in told:
        found[f"{file} {outcome}"].add(name)
    return found


def test_every_way_out_fails_the_test_that_opened_it(outcomes: dict[str, set[str]]) -> None:
    ways = set(re.findall(r"def (test_\w+)", LEAKY))

    assert len(ways) == 12
    assert outcomes["test_leaky ERROR"] == ways
    assert outcomes["test_leaky FAILED"] == set()


def test_a_secret_in_its_own_file_and_silence_are_no_leak(outcomes: dict[str, set[str]]) -> None:
    assert outcomes["test_tight PASSED"] == {"test_keeps_it", "test_the_next_test_is_not_blamed"}
    assert outcomes["test_tight ERROR"] == set()


def test_a_key_is_known_in_every_coat(tmp_path: Path) -> None:
    watch = Watch()
    watch.guard(KEY)
    coats = (KEY.hex(), KEY.hex().upper(), base64.b64encode(KEY).decode(), base64.urlsafe_b64encode(KEY).decode())
    for coat in coats:
        watch.hear(f"<{coat}>")
    watch.hear(b"raw " + KEY)

    assert len(watch.leaks(())) == 5
    assert watch.leaks(()) == []


def test_what_harnesses_hand_over_reaches_the_watch_of_this_run() -> None:
    canary.heard(f"oops {MARK}")
    canary.heard(b"nothing")

    assert canary.WATCH.leaks(()) == ["what the product said holds a fixture's secret"]


def test_a_folder_of_a_fixture_is_searched_when_it_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "folder.d"
    folder.mkdir()
    (folder / "hot.log").write_text("nothing")
    canary.search(folder)
    (folder / "hot.log").write_text(f"the wallet's password is {MARK}")

    with pytest.raises(AssertionError, match=r"hot\.log holds a fixture's secret"):
        canary.search(folder)
    (folder / "hot.log").unlink()
