"""An Idempotency-Key: what its request did is done once, and the same request gets the same answer for ever."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import pytest

from payout.change import Change
from payout.errors import CommitUnknown, KeyUsed, StoreUnavailable
from payout.ports import Store
from payout.reply import Reply
from tests.adapters.console.counter import OTHER, Counter
from tests.factories import ADDRESS, NOW


class Faulty:
    """A store whose next commit goes wrong: before or after it is on record, or by the end of the process."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.before: BaseException | None = None
        self.after: BaseException | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def commit(self, change: Change) -> None:
        before, self.before = self.before, None
        if before is not None:
            raise before
        self._store.commit(change)
        after, self.after = self.after, None
        if after is not None:
            raise after


class Killed(BaseException):
    """The process ends here."""


@pytest.fixture
def faulty(counter: Counter) -> Faulty:
    made = Faulty(counter.store)
    counter.serve(replace(counter.parts, store=cast("Store", made)))
    return made


def test_the_same_request_gets_the_same_answer_whatever_has_happened_since(counter: Counter) -> None:
    first = counter.owe(replay="k-1")
    counter("POST", "/refunds/E-1/cancel", {"why": "w"})
    counter.clock.move(days=400)

    again = counter.owe(replay="k-1")

    assert (first.status, again.status) == (201, 201)
    assert again.body == first.body
    assert again.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.headers


def test_how_a_body_is_spelled_does_not_matter_what_it_says_does(counter: Counter) -> None:
    counter.owe(replay="k-1")
    spelled = f'{{"asset":"XMR", "usd":"25.00",\n"external_id":"\\u0045-1","destination":"{ADDRESS}"}}'.encode()

    same = counter("POST", "/refunds", raw=spelled, headers={"idempotency-key": "k-1"})
    other = counter.owe(replay="k-1", usd="25.01")
    elsewhere = counter("POST", "/refunds/E-1/cancel", {"why": "w"}, headers={"idempotency-key": "k-1"})

    assert same.headers["idempotent-replayed"] == "true"
    assert (other.status, other.code) == (422, "idempotency_key_reused")
    assert (elsewhere.status, elsewhere.code) == (422, "idempotency_key_reused")
    assert counter("GET", "/refunds/E-1").json["status"] == "REQUESTED"


def test_what_was_known_already_is_kept_too(counter: Counter) -> None:
    counter.owe()

    first, again = counter.owe(replay="k-1"), counter.owe(replay="k-1")

    assert (first.status, again.status) == (200, 200)
    assert again.headers["idempotent-replayed"] == "true"
    assert counter.owe("E-2", replay="k-1").code == "idempotency_key_reused"


def test_a_refusal_leaves_the_key_free(counter: Counter) -> None:
    refused = counter.owe(replay="k-1", usd="0.01")

    assert refused.code == "limit_reached"
    assert counter.store.reply("k-1") is None
    assert counter.owe(replay="k-1").status == 201


def test_every_post_that_changes_something_does_it_once(counter: Counter) -> None:
    counter.owe()
    steps: list[tuple[str, Any]] = [
        ("/refunds/E-1/amend", {"destination": OTHER, "why": "w", "revision": 1}),
        ("/refunds/E-1/cancel", {"why": "w"}),
        ("/webhook-endpoints", {"url": "https://shop.example/hook"}),
    ]
    for number, (path, body) in enumerate(steps):
        headers = {"idempotency-key": f"k-{number}"}
        first, again = (counter("POST", path, body, headers=headers) for _ in range(2))
        assert first.status in {200, 201}, path
        assert (again.status, again.body) == (first.status, first.body)
        assert again.headers["idempotent-replayed"] == "true"

    assert len(counter.store.endpoints()) == 1
    made = counter.store.endpoints()[0]
    headers = {"idempotency-key": "k-r"}
    secrets = [counter("POST", f"/webhook-endpoints/{made.id}/rotate-secret", headers=headers).json for _ in range(2)]
    assert secrets[0] == secrets[1]
    assert secrets[0]["secret"].startswith("whsec_")


@pytest.mark.parametrize("key", ["", " ", "a b", "k" * 256, "\u00e4", "k\t"])
def test_a_key_that_cannot_be_kept_is_refused(counter: Counter, key: str) -> None:
    said = counter("POST", "/refunds", {}, headers={"idempotency-key": key})

    assert (said.status, said.code) == (400, "invalid_idempotency_key")


def test_whoever_comes_while_the_first_is_under_way_is_told_to_come_again(counter: Counter, faulty: Faulty) -> None:
    faulty.before = KeyUsed("k-1")

    said = counter.owe(replay="k-1")

    assert (said.status, said.code, said.headers["retry-after"]) == (409, "idempotency_in_progress", "1")
    assert counter.count == 0


def test_whoever_comes_while_this_process_works_on_the_first_is_told_at_once(counter: Counter) -> None:
    counter.parts.under_way["k-1"] = object()

    said = counter.owe(replay="k-1")

    assert (said.status, said.code, said.headers["retry-after"]) == (409, "idempotency_in_progress", "1")
    counter.parts.under_way.clear()
    assert counter.owe(replay="k-1").status == 201
    assert not counter.parts.under_way


def test_a_process_that_ends_before_the_commit_has_done_nothing(counter: Counter, faulty: Faulty) -> None:
    faulty.before = Killed()
    with pytest.raises(Killed):
        counter.owe(replay="k-1")

    assert counter.count == 0
    assert counter.owe(replay="k-1").status == 201


def test_a_process_that_ends_after_the_commit_has_done_it_once_and_the_answer_is_kept(
    counter: Counter, faulty: Faulty
) -> None:
    faulty.after = Killed()
    with pytest.raises(Killed):
        counter.owe(replay="k-1")

    again = counter.owe(replay="k-1")

    assert (again.status, again.headers["idempotent-replayed"]) == (201, "true")
    assert counter.count == 1


def test_a_lost_answer_of_the_database_is_read_again(counter: Counter, faulty: Faulty) -> None:
    faulty.after = CommitUnknown("gone")
    written = counter.owe(replay="k-1")
    faulty.before = CommitUnknown("gone")
    lost = counter.owe("E-2", replay="k-2")

    assert (written.status, counter.count) == (201, 1)
    assert (lost.status, lost.code) == (503, "outcome_unknown")
    assert counter.owe("E-2", replay="k-2").status == 201


def test_a_database_that_is_away_is_told_without_its_name(counter: Counter, faulty: Faulty) -> None:
    faulty.before = StoreUnavailable("connection to db.internal:5432 refused")

    said = counter.owe(replay="k-1")

    assert (said.status, said.code, said.headers["retry-after"]) == (503, "database_unavailable", "1")
    assert b"db.internal" not in said.body


def test_an_answer_that_somebody_wrote_into_the_database_is_not_given(counter: Counter) -> None:
    counter.owe(replay="k-1")
    kept = counter.store.reply("k-1")
    assert kept is not None
    planted = Reply(key="k-2", fingerprint=kept.fingerprint, status=201, body=kept.body, at=NOW)
    garbled = replace(planted, key="k-3", body="sealed not by us")
    counter.store.commit(Change(replies=(planted, garbled)))

    for key in ("k-2", "k-3"):
        said = counter.owe(replay=key)
        assert (said.status, said.code) == (500, "stored_answer_unreadable")
    assert counter.count == 1
