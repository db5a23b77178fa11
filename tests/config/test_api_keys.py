"""`payout api-keys`, and the API of an installation: keys are shown once, and no approving key is ever read."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections import Counter as Tally
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from adapters.console.api import api_app
from config.api_parts import api_parts
from config.settings import load
from config.wiring import House
from deploy.sandbox.process import free_port
from payout.refund import RefundStatus
from tests.adapters.console.caller import Caller
from tests.config.line import OTHER, Line
from tests.factories import ADDRESS

ROOT = Path(__file__).parent.parent.parent
PATIENCE_SECONDS = 200
API = "/api/v1"
RACERS = 8
ROUNDS = 12
CREATED, CONFLICT = 201, 409


def add(line: Line, *more: str, name: str = "panel") -> str:
    said = line("api-keys", "add", name, *more)
    assert said.code == 0, said.err
    return said.out.splitlines()[0]


def bearer(text: str) -> dict[str, str]:
    return {"authorization": f"Bearer {text}"}


def facts(external_id: str) -> dict[str, str]:
    return {"external_id": external_id, "usd": "25.00", "asset": "XMR", "destination": ADDRESS}


@contextmanager
def calling(line: Line) -> Iterator[Caller]:
    house = House(load(line.file))
    with Caller(api_app(api_parts(house))) as caller:
        yield caller
    house.close()


def test_a_key_is_shown_once_and_its_text_is_in_no_file(line: Line) -> None:
    text = add(line, "--from", "203.0.113.7", "--from", "2001:db8::/32")
    listed = line("api-keys", "list", "--json").json

    assert text.startswith("payout_")
    assert listed == [
        {
            "id": text.split("_")[1],
            "name": "panel",
            "scopes": ["refunds:read", "refunds:write"],
            "networks": ["203.0.113.7/32", "2001:db8::/32"],
            "made_by": listed[0]["made_by"],
            "made_at": listed[0]["made_at"],
            "revoked_at": None,
            "revoked_by": None,
        }
    ]
    secret = text.split("_")[2].encode()
    for file in line.folder.rglob("*"):
        assert not file.is_file() or secret not in file.read_bytes(), file


def test_a_key_can_be_printed_for_a_program(line: Line) -> None:
    said = line("api-keys", "add", "shop", "--scope", "admin", "--json").json

    assert said["key"].startswith(f"payout_{said['id']}_")
    assert said["scopes"] == ["admin"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("add", "panel", "--scope", "approve"), "no key can approve"),
        (("add", "Panel!"), "use up to 32"),
        (("add", "panel", "--from", "home"), "is no network"),
        (("revoke", "nobody", "--why", "w"), "see `payout api-keys list`"),
        (("revoke", "nobody", "--why", " "), "say why"),
    ],
)
def test_what_cannot_be_is_refused_with_what_to_do(line: Line, words: tuple[str, ...], told: str) -> None:
    said = line("api-keys", *words)

    assert said.code == 2
    assert told in said.err
    assert line("api-keys", "list", "--json").json == []


def test_where_people_are_named_only_an_admin_makes_and_revokes_keys(line: Line) -> None:
    line.people('[people.alice]\nroles = ["approver"]\n[people.bob]\nroles = ["admin"]\n')

    refused = line("api-keys", "add", "panel", "--as", "alice")
    made = line("api-keys", "add", "panel", "--as", "bob")
    kept = line("api-keys", "revoke", "panel", "--why", "w", "--as", "alice")
    ended = line("api-keys", "revoke", "panel", "--why", "w", "--as", "bob")

    assert (refused.code, kept.code) == (3, 3)
    assert (made.code, ended.code) == (0, 0)
    assert "ask bob" in refused.err


def test_a_revoked_key_ends_in_a_console_that_runs(line: Line) -> None:
    text = add(line)
    with calling(line) as caller:
        before = caller("GET", f"{API}/refunds", headers=bearer(text))
        line("api-keys", "revoke", "panel", "--why", "leaked")
        after = caller("GET", f"{API}/refunds", headers=bearer(text))

    assert (before.status, after.status) == (200, 401)


def test_the_api_works_without_the_keys_that_approve_and_that_open_what_wallets_signed(line: Line) -> None:
    text = add(line, "--scope", "refunds:read", "--scope", "refunds:write", "--scope", "webhooks", "--scope", "admin")
    line.extend('\n[approvals]\nkey_file = "elsewhere/approval.key"\n')
    for name in ("approval.key", "seal.key"):
        (line.folder / "var" / name).unlink()

    with calling(line) as caller:

        def ask(method: str, path: str, body: object = None) -> int:
            return caller(method, API + path, body, headers=bearer(text)).status

        assert ask("POST", "/refunds", facts("E-1")) == 201
        assert ask("POST", "/refunds/E-1/amend", {"destination": OTHER, "why": "w", "revision": 1}) == 200
        assert ask("GET", "/refunds/E-1") == 200
        assert ask("POST", "/quotes", {"refund": "E-1"}) == 200
        assert ask("POST", "/refunds/E-1/cancel", {"why": "w"}) == 200
        assert ask("POST", "/webhook-endpoints", {"url": "https://shop.example/h"}) == 201
        assert ask("PUT", "/pauses/all", {"why": "w"}) == 200
        assert ask("DELETE", "/pauses/all") == 200


def test_what_the_api_hands_in_the_command_line_approves_and_the_other_way_round(line: Line) -> None:
    text = add(line)
    with calling(line) as caller:
        caller("POST", f"{API}/refunds", facts("E-1"), headers=bearer(text))
        line.add("E-2")
        seen = caller("GET", f"{API}/refunds/E-2", headers=bearer(text))
        again = caller("POST", f"{API}/refunds", facts("E-2"), headers=bearer(text))
    approved = line("refunds", "approve", "E-1", "E-2")

    assert (seen.status, again.status) == (200, 200)
    assert approved.code == 0, approved.err
    assert line.status_of("E-1") == line.status_of("E-2") == RefundStatus.APPROVED


@contextmanager
def consoles(line: Line, count: int) -> Iterator[list[tuple[int, subprocess.Popen[bytes]]]]:
    """So many processes on one database, each with its port."""
    running: list[tuple[int, subprocess.Popen[bytes]]] = []
    base = line.file.read_text()
    try:
        for number in range(count):
            port = free_port()
            file = line.folder / f"console{number}.toml"
            file.write_text(base + f'\n[console]\nlisten = "127.0.0.1:{port}"\nrequests_per_minute = 100000\n')
            words = [sys.executable, "-m", "config.main", "console", "--config", str(file)]
            process = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
            running.append((port, process))
        for _, process in running:
            assert process.stdout is not None
            assert b"/api/v1, and receiving" in process.stdout.readline()
        yield running
    finally:
        for _, process in running:
            process.terminate()
        for _, process in running:
            process.communicate(timeout=PATIENCE_SECONDS)


def test_requests_that_race_in_two_processes_of_which_one_is_killed_make_one_refund_a_key(line: Line) -> None:
    headers = bearer(add(line))
    statuses: Tally[int] = Tally()
    told: dict[int, set[str]] = {number: set() for number in range(ROUNDS)}

    with consoles(line, 2) as ((safe, _), (doomed, process)):
        start = threading.Barrier(RACERS, timeout=PATIENCE_SECONDS)

        def race(port: int) -> None:
            session = requests.Session()
            for number in range(ROUNDS):
                if start.wait() == 0 and number == ROUNDS // 2:
                    process.kill()  # While the others are asking.
                said = ask(session, (port, safe), number, headers)
                statuses[said.status_code] += 1
                if said.status_code == CREATED:
                    told[number].add(said.text)

        threads = [threading.Thread(target=race, args=((safe, doomed)[number % 2],)) for number in range(RACERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert statuses.total() == RACERS * ROUNDS
    assert set(statuses) <= {CREATED, CONFLICT}
    assert [len(each) for each in told.values()] == [1] * ROUNDS
    with line.store() as store:
        assert len(store.list_refunds()) == ROUNDS
        assert sum(event.kind == "refund.requested" for event in store.events(limit=1000)) == ROUNDS


def ask(session: requests.Session, ports: tuple[int, int], number: int, headers: dict[str, str]) -> requests.Response:
    """As a client does that tries again: at the same place, then at the other."""
    given = {**headers, "Idempotency-Key": f"k-{number}"}
    for port in ports:
        url = f"http://127.0.0.1:{port}{API}/refunds"
        try:
            return session.post(url, json=facts(f"E-{number}"), headers=given, timeout=PATIENCE_SECONDS)
        except requests.ConnectionError:
            continue
    raise AssertionError("neither answered")
