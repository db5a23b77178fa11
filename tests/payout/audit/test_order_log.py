"""The order log: everything of one refund in order, with its links, and nothing of anybody else."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from payout.audit.chain import AuditKey
from payout.audit.checkpoint import Checkpoint
from payout.audit.order_log import OrderLog, message, order_log
from payout.change import Change
from payout.ports import Store
from tests.factories import NOW, make_endpoint, make_event
from tests.payout.hands import payout, tables
from tests.payout.swaps.depositing import Till
from tests.scenarios.world import World


def key_of(store: Any) -> AuditKey:
    key: AuditKey = store._key
    return key


def log_of(store: Store, refund_id: str) -> OrderLog:
    (line,) = store.refund_lines([refund_id])
    head = store.audit_head()
    checkpoint = Checkpoint(instance="acme", number=head.number, mac=head.mac, at=NOW, signature="signed")
    return order_log(store, key_of(store), line, instance="acme", now=NOW + timedelta(days=1), checkpoint=checkpoint)


def titles(log: OrderLog) -> list[str]:
    return [entry.title for entry in log.entries]


@pytest.fixture
def world() -> World:
    """E1 was amended, held and released, approved twice, and paid together with E2."""
    world = World()
    store, desk, clock = world.database.store, world.desk(), world.clock
    store.commit(Change(endpoints=(make_endpoint(),), events=(make_event("an endpoint"),)))
    key = world.request("E1")
    clock.pass_by(1)
    world.approve(key)
    clock.pass_by(1)
    desk.hold(key, "alice", "a call from the customer")
    clock.pass_by(1)
    desk.amend(key, "another address", None, "bob", "they moved")
    clock.pass_by(1)
    return world


def test_a_refund_that_was_amended_and_held_is_told_step_by_step(world: World) -> None:
    store = world.database.store
    (line,) = store.list_refunds(limit=1)

    log = log_of(store, line.refund.id)

    assert titles(log) == [
        "request",
        "refund.requested",
        "webhook",
        "approval",
        "refund.approved",
        "webhook",
        "refund.held",
        "webhook",
        "revision",
        "refund.amended",
    ]
    by_title = {entry.title: entry for entry in log.entries}
    assert by_title["request"].facts["destination"] == "address of E1", "as it was handed in"
    assert by_title["revision"].facts == {"revision": 1, "destination": "address of E1", "memo": None}
    assert by_title["revision"].who == "bob"
    assert by_title["approval"].facts["kind"] == "hmac"
    assert len(by_title["approval"].facts["digest"]) == 64
    assert by_title["approval"].facts["signature"] is None, "it is made with a key that also checks it"
    assert log.unfit == ()


def test_its_links_stand_in_the_chain_and_the_chain_behind_its_checkpoint(world: World) -> None:
    store = world.database.store
    (line,) = store.list_refunds(limit=1)
    chain = {link.number: link.mac for link in store.audit_lines(0, 1000)}

    log = log_of(store, line.refund.id)

    linked = {entry.number: entry.mac for entry in log.entries if entry.number is not None}
    assert linked
    assert linked.items() <= chain.items()
    assert log.head == (max(chain), chain[max(chain)])
    body = log.to_json()
    assert body["checkpoint"]["mac"] == chain[body["checkpoint"]["number"]]
    assert json.loads(message(body).partition(b"\n")[2]) == body
    assert message(body).startswith(b"payout order log v1\n")


def test_a_paid_refund_has_its_evidence_and_nothing_of_the_others_in_its_transfer() -> None:
    world = World()
    keys = [world.approved(name) for name in ("E1", "E2", "E3")]
    world.worker("a").track()
    world.worker("a").pay()
    world.mine(12)
    world.worker("a").track()
    sent = payout(world)

    log = log_of(world.database.store, keys[0])

    found = titles(log)
    for needed in ("quote", "transfer", "attempt", "attempt.opened", "transfer.begun", "transfer.final", "refund.paid"):
        assert found.count(needed) == 1, needed
    text = json.dumps(log.to_json())
    assert sent.id in text
    for other in ("E2", "E3", keys[1], keys[2]):
        assert other not in text
    assert "sealed" not in text
    assert "tx_key" not in text
    by_title = {entry.title: entry for entry in log.entries}
    assert by_title["attempt"].facts["proof"]
    assert by_title["quote"].facts["samples"]
    assert by_title["transfer"].facts["block_hash"]
    assert [entry.at for entry in log.entries] == sorted(entry.at for entry in log.entries)


def test_a_swap_is_told_with_its_order_and_its_deposit() -> None:
    till = Till()
    key = till.ordered()
    till.worker().pay()
    order = till.last(key)

    log = log_of(till.store, key)

    by_title = {entry.title: entry for entry in log.entries}
    assert by_title["order"].facts["processor_id"] == order.processor_id
    assert by_title["order"].facts["deposit_tx_id"] == till.funding().id == by_title["transfer"].facts["tx_id"]
    assert any(title.startswith("order.") for title in by_title)
    assert order.sealed_secret is None or order.sealed_secret not in json.dumps(log.to_json())


@pytest.mark.parametrize("which", [0, -1])
def test_an_event_that_was_edited_is_called_unfit(world: World, which: int) -> None:
    store = world.database.store
    (line,) = store.list_refunds(limit=1)
    links = tables(world).links
    ours = [place for place, link in enumerate(links) if link.event.refund_id == line.refund.id]
    place = ours[which]
    links[place] = replace(links[place], event=replace(links[place].event, words="nothing to see"))

    assert log_of(store, line.refund.id).unfit == (links[place].number,)


def test_the_first_link_of_all_is_checked_too() -> None:
    world = World()
    key = world.request("E1")
    store = world.database.store
    assert store.audit_lines(0, 1)[0].event.refund_id == key

    assert log_of(store, key).unfit == ()
    links = tables(world).links
    links[0] = replace(links[0], mac="0" * 64)
    assert 1 in log_of(store, key).unfit
