"""The API on a real database, called from many sides at once: each thing is done once, and everybody is told so."""

from __future__ import annotations

import shutil
import threading
from collections import Counter as Tally
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from adapters.console.api import ApiParts
from adapters.console.api.acting import Act, Answer
from adapters.console.api.problems import Problem
from adapters.console.api.reading import ApiRequest
from adapters.database.store import SqlStore
from config.main import main
from payout.change import Change
from payout.intake import Request
from payout.ports import Store
from payout.refund import RefundLine
from payout.refund_json import refund_json
from tests.adapters.conftest import emptied
from tests.adapters.console.counter import API, OTHER, Counter
from tests.console_process import Caller, ConsoleProcess, make_key
from tests.factories import ADDRESS
from tests.stores import open_test_store

THREADS = 8
PATIENCE_SECONDS = 60
FACTS = {"external_id": "E-1", "usd": "25.00", "asset": "XMR", "destination": ADDRESS}


def create(parts: ApiParts, act: Act, external_id: str) -> str:
    """What POST /refunds does, below HTTP; returns the code of its outcome."""
    asked = Request(external_id=external_id, usd="25.00", asset="XMR", destination=ADDRESS)

    def do(store: Store) -> Answer:
        intake = parts.intake(store)
        refund, _ = intake.read(asked, act.who)
        assert refund is not None
        taken = intake.add([refund])[0]
        return Answer(status=201 if taken.new else 200, body=refund_json(RefundLine(refund=taken.refund)))

    def told(change: Change) -> Answer:
        return Answer(status=201, body=refund_json(RefundLine(refund=change.refunds[0])))

    try:
        said = act.once(do, told)
    except Problem as problem:
        return problem.code
    return "replayed" if "idempotent-replayed" in said.headers else str(said.status_code)


def race(counter: Counter, keys: Sequence[str]) -> Tally[tuple[str, str]]:
    """Every thread creates under every key in turn; how often each (key, outcome) came about."""
    scope = {"type": "http", "method": "POST", "path": "/api/v1/refunds", "query_string": b"", "headers": []}
    start = threading.Barrier(THREADS, timeout=PATIENCE_SECONDS)

    def run() -> Tally[tuple[str, str]]:
        mine = Tally[tuple[str, str]]()
        before = None
        for key in keys:
            if key != before:
                start.wait()
            act = Act(parts=counter.parts, key=counter.panel.key, request=ApiRequest(scope), replay_key=key)
            mine[key, create(counter.parts, act, f"E-{key}")] += 1
            before = key
        return mine

    return sum(at_once(*[run] * THREADS), Tally[tuple[str, str]]())


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Each in a thread of its own; what they returned."""
    with ThreadPoolExecutor(len(acts)) as pool:
        return [each.result() for each in [pool.submit(act) for act in acts]]


class Races:
    racers = 10_000
    keys = 40

    @pytest.fixture
    def counter(self, store: SqlStore) -> Iterator[Counter]:
        made = Counter(store)
        yield made
        made.close()

    def test_thousands_of_racing_creates_with_one_key_make_one_refund(self, counter: Counter, store: SqlStore) -> None:
        outcomes = race(counter, ["k"] * (self.racers // THREADS))

        assert outcomes.total() == self.racers
        assert outcomes["k", "201"] == 1
        assert {outcome for _, outcome in outcomes} <= {"201", "replayed", "idempotency_in_progress"}
        assert counter.count == 1
        assert sum(event.kind == "refund.requested" for event in store.events(limit=1000)) == 1

    def test_each_of_many_keys_that_all_begin_at_the_same_moment_makes_one_refund(self, counter: Counter) -> None:
        keys = [f"k-{number}" for number in range(self.keys)]

        outcomes = race(counter, keys)

        assert [outcomes[key, "201"] for key in keys] == [1] * len(keys)
        assert {outcome for _, outcome in outcomes} <= {"201", "replayed", "idempotency_in_progress"}
        assert counter.count == len(keys)

    def test_many_requests_at_once_with_one_key_are_one_refund_to_every_caller(self, counter: Counter) -> None:
        headers = {**counter.panel.headers, "idempotency-key": "k-1"}
        call = counter.caller.call

        said = counter.caller.gather(*(call("POST", f"{API}/refunds", FACTS, headers=headers) for _ in range(50)))

        told = Tally((each.status, each.headers.get("idempotent-replayed")) for each in said)
        assert told[201, None] == 1
        assert set(told) <= {(201, None), (201, "true"), (409, None)}
        assert len({each.json["id"] for each in said if each.status == 201}) == 1
        assert counter.count == 1

    def test_of_those_who_amend_and_cancel_the_same_revision_one_is_first_and_the_others_are_told(
        self, counter: Counter, store: SqlStore
    ) -> None:
        counter("POST", "/webhook-endpoints", {"url": "https://shop.example/hook"})
        other = counter.key("shop", [*counter.panel.key.scopes])
        ways = ("amend", "cancel")
        for number in range(6):
            name = f"E-{number}"
            counter.owe(name)
            bodies = {"amend": {"destination": OTHER, "why": "w", "revision": 1}, "cancel": {"why": "w", "revision": 1}}
            said = counter.caller.gather(
                *(
                    counter.caller.call("POST", f"{API}/refunds/{name}/{way}", bodies[way], headers=known.headers)
                    for known, way in zip((counter.panel, other), ways if number % 2 else ways[::-1], strict=True)
                )
            )
            refund = store.refund(name)
            assert refund is not None
            won = [each for each in said if each.status == 200]
            lost = [each for each in said if each.status == 409]
            assert len(won) == len(lost) == 1, [(each.status, each.body) for each in said]
            assert lost[0].code in {"stale_revision", "overtaken", "wrong_status"}
            assert won[0].json["status"] == refund.status
            assert len(store.revisions(refund.id)) == refund.revision - 1
            # As many messages as acts: the one that lost told nobody anything.
            told = [parcel.message.type for parcel in store.list_deliveries(refund_id=refund.id)]
            assert sorted(told) == sorted(
                ["refund.requested", *(["refund.canceled"] if refund.status == "CANCELED" else [])]
            )

    def test_a_revision_that_is_gone_is_refused_with_what_has_changed(self, counter: Counter) -> None:
        counter.owe()
        amend = {"destination": OTHER, "why": "w", "revision": 1}
        assert counter("POST", "/refunds/E-1/amend", amend).status == 200

        for path, body in (("amend", amend), ("cancel", {"why": "w", "revision": 1})):
            said = counter("POST", f"/refunds/E-1/{path}", body)
            assert (said.status, said.code) == (409, "stale_revision")
            assert {"field": "destination", "seen": ADDRESS, "now": OTHER} in said.json["differences"]
        assert counter("POST", "/refunds/E-1/cancel", {"why": "w", "revision": 2}).status == 200

    @pytest.mark.parametrize(("path", "name"), [("/refunds", "id"), ("/webhook-deliveries", "refund_id")])
    def test_pages_hold_each_row_once_while_others_are_added(self, counter: Counter, path: str, name: str) -> None:
        counter("POST", "/webhook-endpoints", {"url": "https://shop.example/hook"})
        for number in range(10):
            counter.owe(f"E-{number}")
            counter.clock.move(seconds=number % 3)  # Some of them came at the same moment.
        whole = [each[name] for each in counter("GET", f"{path}?limit=100").json["data"]]

        pages: list[list[str]] = []
        more = f"{path}?limit=3"
        while more:
            counter.owe(f"later-{len(pages)}")
            page = counter("GET", more).json
            pages.append([each[name] for each in page["data"]])
            more = page["next_cursor"] and f"{path}?limit=3&cursor={page['next_cursor']}"

        assert len(whole) == 10
        assert [each for page in pages for each in page][1:] == whole
        assert {len(page) for page in pages[:-1]} == {3}


class TestSqlite(Races):
    @pytest.fixture
    def store(self, sqlite_url: str) -> Iterator[SqlStore]:
        opened = open_test_store(sqlite_url)
        yield opened
        opened.close()


@pytest.fixture
def postgres_url(migrated: sa.Engine) -> str:
    return emptied(migrated)


@pytest.mark.nodes
class TestPostgresql(Races):
    racers = 800  # A read of PostgreSQL takes several times as long.
    keys = 10

    @pytest.fixture
    def store(self, postgres_url: str) -> Iterator[SqlStore]:
        opened = open_test_store(postgres_url)
        yield opened
        opened.close()


@pytest.mark.nodes
def test_two_consoles_of_which_one_is_killed_make_one_refund_of_each_key(tmp_path: Path, postgres_url: str) -> None:
    folders = [tmp_path / name for name in ("one", "two")]
    folders[0].mkdir()
    assert main(["--config", str(folders[0] / "payout.toml"), "init"]) == 0
    settings = (folders[0] / "payout.toml").read_text().replace("sqlite:///var/payout.db", postgres_url)
    (folders[0] / "payout.toml").write_text(settings)
    key = make_key(folders[0] / "payout.toml", "panel")
    shutil.copytree(folders[0], folders[1])
    names = [f"E-{number}" for number in range(12)]
    half = threading.Barrier(3, timeout=PATIENCE_SECONDS)

    def hand_in(port: int) -> int:
        """All of them, each under its key, as long as that console lives; how many were taken."""
        caller, taken = Caller(port, key), 0
        for number, name in enumerate(names):
            if number == len(names) // 2:
                half.wait()
            try:
                said = caller.post("/refunds", {**FACTS, "external_id": name}, Idempotency_Key=name)
            except OSError:
                break
            taken += said.status == 201
        caller.close()
        return taken

    with ConsoleProcess(folders[0] / "payout.toml") as mortal, ConsoleProcess(folders[1] / "payout.toml") as lasting:

        def cut() -> int:
            half.wait()
            mortal.kill()
            return 0

        taken = at_once(lambda: hand_in(mortal.port), lambda: hand_in(lasting.port), cut)
        caller = Caller(lasting.port, key)
        again = [caller.post("/refunds", {**FACTS, "external_id": name}, Idempotency_Key=name) for name in names]
        listed = caller.get("/refunds?limit=100").json["data"]
        caller.close()

    assert taken[1] >= len(names) // 2
    assert {each.status for each in again} == {201}
    assert all(each.headers["idempotent-replayed"] == "true" for each in again)
    assert sorted(each["external_id"] for each in listed) == sorted(names)
    assert {each.json["id"] for each in again} == {each["id"] for each in listed}
