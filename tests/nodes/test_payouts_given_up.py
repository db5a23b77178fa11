"""On a real node: giving up makes a transfer impossible first, and pays its refunds anew only then."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate

import pytest

from deploy.sandbox import XMR, Network, RateServer
from payout.event import SYSTEM
from payout.ports import SpendJournal
from payout.refund import RefundStatus
from payout.spend_journal import Entry, JournalView
from payout.transfer import TransferKind, TransferStatus
from tests.nodes.house import Hands, Installation, Owed, replenish
from tests.nodes.recipients import judge

pytestmark = pytest.mark.nodes


class PowerCut(BaseException):
    """The process ends here. No code of the product catches it."""


@dataclass(frozen=True)
class DyingJournal:
    """The wallet's own journal; the power goes just before a transfer's line is written."""

    journal: SpendJournal

    def view(self) -> JournalView:
        return self.journal.view()

    def append(self, entry: Entry, txid: str, at: datetime, body: dict[str, object]) -> bool:
        if entry is Entry.COMMIT:
            raise PowerCut
        return self.journal.append(entry, txid, at, body)


@pytest.fixture(scope="module")
def long_lived(network: Network, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """One installation for the whole module: the wallet goes on listing for minutes what was given up."""
    with RateServer() as rates, Installation(network, rates, tmp_path_factory.mktemp("house")) as made:
        yield made


@pytest.fixture
def house(long_lived: Installation, network: Network) -> Installation:
    replenish(network)
    return long_lived


def give_up(house: Installation, txid: str) -> None:
    house.must("transfers", "give-up", txid, "--why", "the node lost it")


def follow_the_give_up(house: Installation, hands: Hands, old: str, owed: list[Owed]) -> None:
    """From the request on: replaced, the replacement final, the old one VOID, the refunds paid anew."""
    hands.track()
    (replacement,) = [t for t in house.transfers() if t.replaces == old]
    assert replacement.kind is TransferKind.GIVE_UP
    hands.pay()
    assert {house.refund(each).status for each in owed} == {RefundStatus.PAYING}, "freed before it was impossible"
    for _ in range(3):
        was = house.parts.store.transfer(old)
        assert was is not None
        assert was.status is TransferStatus.OPEN, "void before the replacement was final"
        house.network.mine()
        hands.track()
    after = house.parts.store.transfer(old)
    assert after is not None
    assert after.status is TransferStatus.VOID
    blob = hands.wallet.sealer.unseal(after.sealed).blob
    assert house.network.daemon.send_raw(blob)["double_spend"] is True
    hands.pay()
    hands.settle(*owed)


def youngest_decoy(network: Network, txid: str) -> int:
    """The height of the newest output that the rings of a transaction hold."""
    (entry,) = network.daemon.post("get_transactions", txs_hashes=[txid], decode_as_json=True)["txs"]
    offsets = [vin["key"]["key_offsets"] for vin in json.loads(entry["as_json"])["vin"]]
    asked = [{"amount": 0, "index": index} for each in offsets for index in accumulate(each)]
    return max(int(out["height"]) for out in network.daemon.post("get_outs", outputs=asked)["outs"])


def test_what_a_deep_reorganisation_made_invalid_for_ever_is_given_up_and_paid_anew(
    house: Installation, network: Network
) -> None:
    """First in this file: the wallet's outputs must be older than the decoys."""
    funded = max(entry["block_height"] for entry in network.hot.outputs())
    for address in network.customer.new_accounts(3):  # A coinbase is no decoy before its 60 blocks, but these are.
        network.customer.send(*[(address, XMR // 100)] * 15)
    network.mine(12)
    owed = []
    with house.hands() as hands:
        for dollars in ("49.00", "50.00", "51.00"):
            owed += house.owe(dollars)
            hands.pay()
        decoys = {house.paid_by(each): youngest_decoy(network, house.paid_by(each)) for each in owed}
        old = max(decoys, key=lambda txid: decoys[txid])
        assert decoys[old] > funded
        # The newest output of its rings goes away, so no branch can ever take these bytes again.
        network.reorg(network.daemon.height() - decoys[old], drop=True)
        for _ in range(4):
            hands.track()
            network.mine(4)
        transfer = house.parts.store.transfer(old)
        assert transfer is not None
        assert transfer.give_up_by == SYSTEM, "the worker itself gives up what was refused for ten blocks"
        hands.settle(*owed)
    assert judge(house, owed, before=funded + 1).faults == {}
    assert old not in {house.paid_by(each) for each in owed}


def test_given_up_before_its_broadcast_it_is_void_at_once_and_the_refund_is_paid_by_another(
    house: Installation, network: Network
) -> None:
    before = network.daemon.height()
    owed = house.owe("40.00")
    journal = DyingJournal(house.parts.journal("hot"))
    with house.hands(journal=journal) as hands, pytest.raises(PowerCut):
        hands.pay()
    old = house.paid_by(owed[0])
    assert old not in network.daemon.pool()
    give_up(house, old)
    with house.hands("next") as hands:
        hands.track()
        transfer = house.parts.store.transfer(old)
        assert transfer is not None
        assert transfer.status is TransferStatus.VOID
        assert house.refund(owed[0]).status is RefundStatus.APPROVED
        hands.pay()
        assert house.paid_by(owed[0]) != old
        hands.settle(*owed)
    assert judge(house, owed, before=before).faults == {}


def test_a_committed_transfer_whose_worker_died_is_finished_with_the_same_bytes(
    house: Installation, network: Network
) -> None:
    before = network.daemon.height()
    owed = house.owe("41.00", "42.00")
    with house.hands(journal=DyingJournal(house.parts.journal("hot"))) as hands, pytest.raises(PowerCut):
        hands.pay()
    old = house.paid_by(owed[0])
    with house.hands("next") as hands:
        hands.track()
        assert old in network.daemon.pool()
        hands.settle(*owed)
    assert judge(house, owed, before=before).faults == {}
    assert {house.paid_by(each) for each in owed} == {old}


def test_given_up_after_its_broadcast_when_the_pool_forgot_it(house: Installation, network: Network) -> None:
    before = network.daemon.height()
    owed = house.owe("43.00", "44.00", "45.00")
    with house.hands() as hands:
        hands.pay()
        old = house.paid_by(owed[0])
        assert old in network.daemon.pool()
        network.daemon.flush_pool()
        give_up(house, old)
        follow_the_give_up(house, hands, old, owed)
    assert judge(house, owed, before=before).faults == {}


def test_given_up_after_it_was_mined_and_reorged_out_by_an_empty_branch(house: Installation, network: Network) -> None:
    before = network.daemon.height()
    owed = house.owe("46.00", "47.00")
    with house.hands() as hands:
        hands.pay()
        old = house.paid_by(owed[0])
        network.mine()
        hands.track()
        network.reorg(1, drop=True)
        give_up(house, old)
        follow_the_give_up(house, hands, old, owed)
    assert judge(house, owed, before=before).faults == {}
    assert any("a reorganisation took it out" in event.words for event in house.parts.store.events(transfer_id=old))


def test_a_give_up_that_comes_too_late_is_refused_and_the_transfer_pays(house: Installation, network: Network) -> None:
    before = network.daemon.height()
    owed = house.owe("48.00")
    with house.hands() as hands:
        hands.pay()
        old = house.paid_by(owed[0])
        give_up(house, old)
        network.mine()
        hands.track()
        assert "transfer.give_up_refused" in {event.kind for event in house.parts.store.events(transfer_id=old)}
        hands.settle(*owed)
    assert judge(house, owed, before=before).faults == {}


def test_a_payment_from_change_that_a_reorganisation_moved_says_what_to_do_and_is_then_paid_anew(
    house: Installation, network: Network
) -> None:
    """Its input has another place in the chain now, and wallet-rpc insists on the ring that it once chose for it."""
    addresses = [network.customer.integrated() for _ in range(3)]
    outputs = [entry["key_image"] for entry in network.hot.outputs() if entry["amount"] > XMR]
    for image in outputs[1:]:
        network.hot.call("freeze", key_image=image)
    with house.hands() as hands:
        first = house.owe("52.00", to=addresses[:1])  # An integrated address goes alone, and at once.
        hands.pay()
        network.mine(11)
        hands.track()
        second = house.owe("53.00", to=addresses[1:2])
        hands.pay()
        assert house.paid_by(first[0]) != house.paid_by(second[0])
        network.mine()
        hands.track()
        network.reorg(14, drop=True)
        hands.settle(*first)
        for _ in range(4):
            network.mine(5)
            hands.track()
        third = house.owe("54.00", to=addresses[2:])
        hands.pay()
        assert "--shared-ringdb-dir" in (house.refund(third[0]).waiting_for or "")
        events = house.parts.store.events(transfer_id=house.paid_by(second[0]))
        said = [event for event in events if "--shared-ringdb-dir" in event.words]
        assert [event.alarm for event in said] == [True], "said once, however many ticks it lasts"
        assert house.refund(second[0]).status is RefundStatus.PAYING

        network.hot.stop()  # What the runbook says.
        shutil.rmtree(network.root / "ringdb")
        network.hot.start()
        network.hot.open()
        for image in outputs[1:]:
            network.hot.call("thaw", key_image=image)
        hands.settle(*second, *third)
    received = network.customer.received()
    for each in (*first, *second, *third):
        assert received[each.destination] == house.parts.store.attempts([house.refund(each).id])[-1].amount.units
