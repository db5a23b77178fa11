"""On a real node: what waits, why, and that it goes on by itself; what must be isolated, is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from deploy.sandbox import XMR, Network, RateServer
from payout.asset import XMR as MONERO
from payout.money import parse_money
from payout.refund import RefundStatus
from payout.transfer import TransferKind
from tests.nodes.house import Installation, off_curve_address, quiet, replenish
from tests.nodes.recipients import judge

pytestmark = pytest.mark.nodes

SPLITS_MAX = 3
"""A transfer may take two outputs to make many, so the target can be missed by one or two at first."""


@pytest.fixture(scope="module")
def network(common_network: Network) -> Network:
    return common_network


def test_a_fee_above_its_cap_waits_and_is_paid_when_the_cap_allows(
    network: Network, rate_server: RateServer, tmp_path: Path
) -> None:
    replenish(network)
    before = network.daemon.height()
    house = Installation(network, rate_server, tmp_path / "house", fee_max_usd="0.01")
    owed = house.owe("25.00")
    with house.hands() as hands:
        hands.pay()
        waiting = house.refund(owed[0]).waiting_for or ""
        assert "a lower network fee" in waiting
        assert "fee_max_usd = 0.01" in waiting
        assert house.transfers() == ()
        assert network.daemon.pool() == set()

    house.config.write_text(house.config.read_text().replace('"0.01"', '"100.00"'))
    with house.hands("again") as hands:
        hands.pay()
        hands.settle(*owed)
    assert judge(house, owed, before=before).faults == {}


def test_an_integrated_address_goes_alone_and_the_others_together(house: Installation, network: Network) -> None:
    before = network.daemon.height()
    customer = network.customer
    addresses = [*customer.new_addresses(2), customer.integrated("0123456789abcdef"), *customer.new_addresses(2)]
    owed = house.owe("10.00", "11.00", "12.00", "13.00", "14.00", to=addresses)
    with house.hands() as hands:
        hands.pay()
        paid = [
            sorted(output.address for output in transfer.outputs if not output.own) for transfer in house.transfers()
        ]
        assert sorted(paid, key=len) == [[addresses[2]], sorted([*addresses[:2], *addresses[3:]])]
        hands.settle(*owed)
    received = customer.received()
    assert {each.destination: received[each.destination] for each in owed} == {
        each.destination: house.parts.store.attempts([house.refund(each).id])[0].amount.units for each in owed
    }
    rest = [each for each in owed if each.destination != addresses[2]]
    assert judge(house, rest, before=before).strangers == [customer.address()]


def test_a_destination_that_only_the_wallet_refuses_is_held_and_the_others_are_paid(
    house: Installation, network: Network
) -> None:
    before = network.daemon.height()
    bad = off_curve_address()
    addresses = network.customer.new_addresses(6)
    owed = house.owe(*(["20.00"] * 7), to=[*addresses[:3], bad, *addresses[3:]])
    with house.hands() as hands:
        hands.pay()
        held = house.refund(owed[3])
        assert held.status is RefundStatus.HELD
        assert "the wallet refused it" in (held.hold_reason or "")
        good = [*owed[:3], *owed[4:]]
        hands.settle(*good)
    assert judge(house, good, before=before).faults == {}


def test_a_pause_file_stops_commits_and_not_what_is_committed(house: Installation, network: Network) -> None:
    before = network.daemon.height()
    with house.hands() as hands:
        first = house.owe("30.00")
        hands.pay()
        pause = house.state / "PAUSE"
        pause.write_text("the auditors are here")
        second = house.owe("31.00")
        hands.settle(*first)
        assert house.refund(second[0]).status is RefundStatus.APPROVED
        assert "the auditors are here" in (house.refund(second[0]).waiting_for or "")
        assert len(house.transfers()) == 1

        pause.unlink()
        hands.pay()
        hands.settle(*second)
    assert judge(house, [*first, *second], before=before).faults == {}


def test_an_idle_wallet_is_split_until_it_has_its_target_of_outputs(
    network: Network, rate_server: RateServer, tmp_path: Path
) -> None:
    replenish(network)
    outputs = len(network.hot.outputs())
    target = outputs + 8
    house = Installation(network, rate_server, tmp_path / "house", outputs_target=target)
    with house.hands() as hands:
        hands.pay()
        (transfer,) = house.transfers()
        assert transfer.kind is TransferKind.SPLIT
        assert transfer.units == 0
        hands.pay()
        assert len(house.transfers()) == 1, "a split under way was not counted"
        made = 0
        while made < len(house.transfers()) <= SPLITS_MAX:
            made = len(house.transfers())
            quiet(network)
            hands.track()
            hands.pay()
    unlocked = [entry for entry in network.hot.outputs() if entry["unlocked"]]
    assert len(unlocked) >= target
    assert made <= SPLITS_MAX


def test_a_shortfall_is_stated_to_the_piconero_and_paid_once_just_that_is_deposited(
    house: Installation, network: Network
) -> None:
    before = network.daemon.height()
    unlocked = network.hot.unlocked()
    dollars = f"{150 * unlocked // XMR + 450}.00"
    large, small = house.owe(dollars, "25.00")
    with house.hands() as hands:
        hands.pay()
        assert house.refund(small).status is RefundStatus.PAYING
        hands.settle(small)
        quiet(network)
        hands.pay()

        asked = hands.wallet.pricing.quote("XMR", hands.wallet.now()).amount_for(house.refund(large).owed, MONERO)
        words = house.refund(large).waiting_for or ""
        stated = re.fullmatch(r"([\d.]+) XMR more: .*; deposit ([\d.]+) XMR", words)
        assert stated is not None, words
        assert stated[1] == stated[2], "nothing is locked, so all that lacks must be deposited"
        short = parse_money(stated[1], MONERO, name="shortfall").units
        fee = short - (asked.units - network.hot.unlocked())
        assert 0 < fee < 4 * hands.wallet.coin.fee_hint()

        network.fund(short)
        hands.pay()
        refund = house.refund(large)
        assert refund.status is RefundStatus.PAYING, f"{refund.waiting_for} {refund.hold_reason}"
        hands.settle(large)
    assert judge(house, [large, small], before=before).faults == {}
