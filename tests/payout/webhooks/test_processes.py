"""The courier and its processes: whichever dies, sleeps or hangs, a refund's history is told in order."""

from __future__ import annotations

import random
import threading
from collections.abc import Mapping
from pathlib import Path
from shutil import copyfile

import pytest

from adapters.database.migrate import migrate
from adapters.memory.telling import MemorySender, Sent, answered
from payout.ports.webhooks import Answer
from payout.swaps.errands import ThreadErrands
from tests.clock import HandClock
from tests.payout.webhooks.telling import LIFE, OTHER, SHOP, TOLD, Post
from tests.stores import open_test_store


class Flaky:
    """Takes two of three messages, and writes down what it took."""

    def __init__(self, taken: list[tuple[str, str]]) -> None:
        self._taken = taken
        self._drawn = random.Random(7)
        self._lock = threading.Lock()

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        sent = Sent(url=url, headers=headers, body=body)
        with self._lock:
            if self._drawn.random() < 0.33:
                return answered(500)
            self._taken.append((sent.told["data"]["refund"]["external_id"], sent.told["type"]))
            return answered(200)


def test_a_process_that_dies_between_a_send_and_its_report_is_followed_by_the_same_id_again(post: Post) -> None:
    class Killed(BaseException):
        pass

    class Mortal(MemorySender):
        def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
            super().post(url, headers, body)
            raise Killed

    post.endpoint()
    post.owe("E-1")
    post.happen("E-1", "refund.requested", "refund.approved")
    mortal = Mortal()
    ((_, work),) = post.courier(mortal).rounds()
    with pytest.raises(Killed):
        work()

    post.deliver()
    assert post.arrived() == []  # Its claim still stands.
    post.clock.move(minutes=2)
    post.deliver()
    assert post.arrived() == [("E-1", TOLD[0]), ("E-1", TOLD[1])]
    assert mortal.sent[0].id == post.taker.sent[0].id


def test_a_process_that_slept_through_its_claim_sends_nothing_any_more(post: Post) -> None:
    post.endpoint()
    post.owe("E-1", "E-2")
    post.happen("E-1", "refund.requested")
    post.happen("E-2", "refund.requested")

    class Sleepy(MemorySender):
        def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
            answer = super().post(url, headers, body)
            clock.move(minutes=5)  # Suspended after its first message; meanwhile another one took over.
            other.deliver()
            return answer

    clock, other, sleepy = post.clock, post, Sleepy()
    ((_, work),) = post.courier(sleepy).rounds()
    work()
    assert len(sleepy.sent) == 1
    assert sorted(post.arrived()) == [("E-1", TOLD[0]), ("E-2", TOLD[0])]


def test_a_hanging_endpoint_keeps_nobody_else_waiting(post: Post) -> None:
    free, hung = threading.Event(), threading.Event()

    def hang(_sent: Sent) -> Answer:
        hung.set()
        free.wait(30)
        return answered(200)

    hanging = post.endpoint(OTHER)
    post.endpoint(SHOP)
    post.owe(*(f"E-{n}" for n in range(20)))
    for n in range(20):
        post.happen(f"E-{n}", "refund.requested")
    post.taker.answers[OTHER] = hang
    errands = ThreadErrands(width=1)
    try:
        for endpoint_id, work in post.courier().rounds():
            errands.begin(endpoint_id, endpoint_id, work)
        assert hung.wait(30)
        arrived = threading.Event()
        while len(post.arrived(SHOP)) < 20:
            arrived.wait(0.01)
        assert len(post.arrived(OTHER)) == 1
        # The next tick begins nothing anew for the one that hangs.
        work = dict(post.courier().rounds())[hanging.id]
        assert not errands.begin(hanging.id, hanging.id, work)
    finally:
        free.set()
        assert errands.wait(30)


def test_two_processes_at_once_never_tell_a_refund_s_history_out_of_order(tmp_path: Path, migrated: Path) -> None:
    race(f"sqlite:///{copyfile(migrated, tmp_path / 'payout.db')}")


@pytest.mark.nodes
def test_nor_do_two_processes_on_postgresql(postgres_url: str) -> None:
    migrate(postgres_url)
    race(postgres_url)


def race(url: str) -> None:
    """
    Real threads on one database; every third try fails, and the clock runs past claims, so that some messages arrive
    twice. A receiver knows these by their ids.
    """
    clock = HandClock()
    stores = [open_test_store(url, clock) for _ in range(2)]
    taken: list[tuple[str, str]] = []
    posts = [Post(store, clock, Flaky(taken)) for store in stores]
    posts[0].endpoint()
    refunds = [f"E-{n}" for n in range(6)]
    posts[0].owe(*refunds)
    for kind in LIFE:
        for refund in refunds:
            posts[0].happen(refund, kind)

    def work(post: Post) -> None:
        for _ in range(12):
            post.deliver()
            clock.move(minutes=20)

    threads = [threading.Thread(target=work, args=(post,)) for post in posts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for _ in range(20):
        posts[0].deliver()
        clock.move(hours=10)
    for store in stores:
        store.close()
    told = {refund: [kind for name, kind in dict.fromkeys(taken) if name == refund] for refund in refunds}
    assert told == dict.fromkeys(refunds, TOLD)
