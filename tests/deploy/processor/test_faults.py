"""The processor goes wrong exactly as told: answers, what orders show, and what becomes of them."""

from __future__ import annotations

import pytest
import requests

from deploy.sandbox.processor import MONERO, Order, ProcessorServer, Stage
from deploy.sandbox.processor.faults import CALL_FAULTS, NOT_DONE, ORDER_FAULTS
from tests.deploy.processor.clients import (
    BTC_ADDRESS,
    EVM_ADDRESS,
    PATIENCE,
    USDT,
    ChangeNow,
    Client,
    Exolix,
    Trade,
    Trocador,
    ask,
)

NO_ANSWER = requests.exceptions.RequestException


def make(client: Client, server: ProcessorServer) -> tuple[Trade, Order]:
    trade = client.trade(client.create("100").body)
    return trade, server.order(trade.id)


def look(client: Client, order: Order) -> Trade:
    return client.trade(client.read(order.id).body)


# ---------------------------------------------------------------- calls


@pytest.mark.parametrize("kind", ["lost", "drop", "truncated", "html", "html_after", "500", "500_after"])
def test_an_unreadable_answer_to_a_create_leaves_an_order_or_none(kind: str, server: ProcessorServer) -> None:
    server.engine.faults.plan_call(kind, processor="exolix", call="create")
    with pytest.raises((NO_ANSWER, ValueError)):
        Exolix(server).create("100")
    assert len(server.engine.orders) == (kind not in NOT_DONE)
    assert Exolix(server).create("100").status == 201


@pytest.mark.parametrize("kind", ["401", "403", "429", "error_200"])
def test_a_plain_no_is_said_in_each_protocols_own_way(kind: str, client: Client, server: ProcessorServer) -> None:
    server.engine.faults.plan_call(kind, call="create")
    refused = client.create("100")
    assert refused.status == (200 if kind == "error_200" else int(kind))
    assert {"error", "err", "message"} & set(refused.body)
    assert server.engine.orders == {}


def test_too_many_requests_come_with_a_time_to_wait(server: ProcessorServer) -> None:
    server.engine.faults.plan_call("429")
    reply = requests.get(f"{server.base_url('changenow')}/exchange/currencies", timeout=PATIENCE)
    assert (reply.status_code, reply.headers["Retry-After"]) == (429, "7")


def test_a_redirect_names_another_host_and_odd_json_is_none_of_the_protocol(server: ProcessorServer) -> None:
    url = f"{server.base_url('changenow')}/exchange/currencies"
    server.engine.faults.plan_call("redirect")
    assert requests.get(url, timeout=PATIENCE, allow_redirects=False).headers["Location"].endswith("/elsewhere")
    server.engine.faults.plan_call("odd")
    assert "ticker" not in str(ask("GET", url).body)


def test_a_slow_answer_comes_whole(server: ProcessorServer) -> None:
    server.engine.faults.plan_call("slow", call="create", seconds=0.05)
    assert Exolix(server).create("100").status == 201


def test_a_hanging_call_was_done_all_the_same(server: ProcessorServer) -> None:
    server.engine.faults.plan_call("hang", call="create")
    client = Exolix(server)
    body = {**client.pair(USDT, "100"), "withdrawalAddress": EVM_ADDRESS, "refundAddress": client.back}
    with pytest.raises(requests.exceptions.ReadTimeout):
        requests.post(f"{client.url}/transactions", json=body, headers=client.keys, timeout=0.3)
    assert len(server.engine.orders) == 1


def test_a_create_done_twice_answers_with_the_second_order(server: ProcessorServer) -> None:
    server.engine.faults.plan_call("twice", call="create")
    made = Exolix(server).create("100").body["id"]
    assert list(server.engine.orders)[1:] == [made]


def test_a_fault_keeps_to_its_processor_its_call_and_its_number_of_times(server: ProcessorServer) -> None:
    server.engine.faults.plan_call("500", processor="changenow", call="quote", times=2)
    assert Exolix(server).quote("100").status == 200
    client = ChangeNow(server)
    url = f"{client.url}/exchange/estimated-amount"
    codes = [requests.get(url, headers=client.keys, timeout=PATIENCE).status_code for _ in range(3)]
    assert codes == [500, 500, 400]
    server.engine.faults.plan_call("403", processor="exolix", times=None)
    assert [Exolix(server).quote("100").status for _ in range(3)] == [403, 403, 403]
    server.engine.mend()
    assert Exolix(server).quote("100").status == 200


# ---------------------------------------------------------------- what is shown


def test_what_an_order_shows_is_falsified_and_what_it_is_stays_true(client: Client, server: ProcessorServer) -> None:
    server.engine.fault("destination", value=BTC_ADDRESS)
    server.engine.fault("receive", value="0.5")
    server.engine.fault("deposit", value="2")
    server.engine.fault("memo", value="77")
    server.engine.fault("return_address")
    trade, order = make(client, server)
    assert (trade.destination, trade.memo) == (BTC_ADDRESS, "77")
    assert trade.receive == 50
    assert MONERO.units(trade.deposit) == 2 * order.deposit
    assert trade.return_address != order.return_address
    assert order.destination == EVM_ADDRESS
    assert order.receive == 100 * 10**6
    honest, _ = make(client, server)
    assert honest.receive == 100


def test_a_fault_may_wait_for_the_next_order_that_pays_a_destination(client: Client, server: ProcessorServer) -> None:
    server.engine.fault("hold", next_to="0x" + "ab" * 20)
    assert make(client, server)[1].faults == {}
    server.engine.fault("return", next_to=EVM_ADDRESS)
    assert [make(client, server)[1].faults for _ in range(2)] == [{"return": ""}, {}]
    assert len(server.engine.faults.planned()) == 1
    server.engine.mend()
    assert server.engine.faults.planned() == []


@pytest.mark.parametrize(("value", "shown"), [("0", "0"), ("null", None), (BTC_ADDRESS, BTC_ADDRESS)])
def test_a_deposit_address_may_be_nonsense(
    value: str, shown: str | None, client: Client, server: ProcessorServer
) -> None:
    server.engine.fault("address", value=value)
    assert make(client, server)[0].deposit_address == shown


def test_a_strangers_deposit_address_may_stand_in_readings_alone(client: Client, server: ProcessorServer) -> None:
    server.engine.fault("address@read")
    made, order = make(client, server)
    assert made.deposit_address == order.deposit_address
    later = [look(client, order).deposit_address for _ in range(2)]
    assert later[0] == later[1] != order.deposit_address
    assert server.vault.valid(str(later[0]))


def test_an_order_may_be_born_expired_or_speak_a_word_of_its_own(server: ProcessorServer) -> None:
    server.engine.fault("expires", value="-60")
    server.engine.fault("word")
    trade, order = make(ChangeNow(server), server)
    body = ChangeNow(server).read(trade.id).body
    assert body["validUntil"] < body["createdAt"]
    assert body["status"] == "sulking"
    assert order.stage is Stage.WAITING


def test_another_contract_may_be_named(server: ProcessorServer) -> None:
    server.engine.fault("contract")
    assert Exolix(server).create("100").body["coinTo"]["contract"].startswith("0xbad0")


# ---------------------------------------------------------------- what becomes of it


def test_an_order_expires_early_and_one_that_vanished_is_not_found(client: Client, server: ProcessorServer) -> None:
    _, early = make(client, server)
    server.engine.fault("expire", early.id)
    server.engine.step()
    assert early.stage is Stage.EXPIRED
    server.engine.fault("vanish", early.id)
    assert client.read(early.id).status == 404
    server.engine.mend(early.id)
    assert client.read(early.id).status == 200


@pytest.mark.parametrize("kind", ["hold", "fail", "stuck"])
def test_what_stops_an_order_ends_when_a_person_releases_it(kind: str, client: Client, server: ProcessorServer) -> None:
    server.engine.fault(kind)
    _, paid = make(client, server)
    server.complete(paid.id)
    assert paid.stage is {"hold": Stage.HELD, "fail": Stage.FAILED, "stuck": Stage.EXCHANGING}[kind]
    assert server.till.payouts == []
    server.engine.release(paid.id, "pay")
    server.engine.settle()
    assert paid.stage is Stage.FINISHED
    assert len(server.till.payouts) == 1


def test_a_return_comes_less_its_fee_and_a_claimed_one_never(client: Client, server: ProcessorServer) -> None:
    server.engine.fault("return", value="2")
    _, honest = make(client, server)
    server.engine.fault("claim_return")
    _, liar = make(client, server)
    liar.return_address = server.vault.new_address()
    for order in (honest, liar):
        server.complete(order.id)
        assert order.stage is Stage.RETURNED
        assert look(client, order).status == "refunded"
        assert order.return_txid
    assert server.vault.sent_back == {honest.return_address: honest.deposit * 98 // 100}
    assert server.till.payouts == []


def test_a_settlement_may_lack_its_transaction_or_name_a_wrong_one(client: Client, server: ProcessorServer) -> None:
    server.engine.fault("no_hash")
    _, silent = make(client, server)
    server.engine.fault("wrong_hash")
    _, wrong = make(client, server)
    server.complete(silent.id)
    server.complete(wrong.id)
    assert look(client, silent).settle_txid is None
    named = {look(client, wrong).settle_txid for _ in range(2)}
    assert len(named) == 1
    assert named.isdisjoint(payout.txid for payout in server.till.payouts)
    assert len(server.till.payouts) == 2


def test_finished_may_be_said_before_it_is_paid_or_never_paid(server: ProcessorServer) -> None:
    client = ChangeNow(server)
    server.engine.fault("early")
    _, early = make(client, server)
    server.engine.fault("never")
    _, never = make(client, server)
    server.deposit(early.id)
    assert look(client, early).status == "finished"
    assert server.till.payouts == []
    server.complete(early.id)
    server.complete(never.id)
    assert len(server.till.payouts) == 1
    said = look(client, never)
    assert (said.status, bool(said.settle_txid)) == ("finished", True)


@pytest.mark.parametrize(("kind", "units"), [("underpay", [90_000_000]), ("double", [100_000_000, 100_000_000])])
def test_a_payout_may_be_short_or_come_twice(kind: str, units: list[int], server: ProcessorServer) -> None:
    server.engine.fault(kind)
    _, order = make(Exolix(server), server)
    server.complete(order.id)
    assert [payout.units for payout in server.till.payouts] == units
    assert order.stage is Stage.FINISHED


def test_a_payout_may_go_astray(server: ProcessorServer) -> None:
    server.engine.fault("astray")
    _, order = make(Exolix(server), server)
    server.complete(order.id)
    assert server.till.payouts[0].address != order.destination
    assert look(Exolix(server), order).destination == order.destination


def test_a_finished_order_may_fall_back_for_some_looks(server: ProcessorServer) -> None:
    server.engine.fault("backwards", value="2")
    client = Trocador(server)
    _, order = make(client, server)
    server.complete(order.id)
    words = [look(client, order).status for _ in range(5)]
    assert words == ["finished", "confirming", "confirming", "finished", "finished"]


def test_every_fault_is_said_in_words() -> None:
    assert all({**CALL_FAULTS, **ORDER_FAULTS}.values())
    assert {kind for kind, words in CALL_FAULTS.items() if words.startswith("not done")} == NOT_DONE
