"""`payout orders`, and how refunds, transfers and the status tell of swaps."""

from __future__ import annotations

from datetime import timedelta

from deploy.sandbox.rate_server import RateServer
from payout.order import OrderStatus, Stage
from tests.config.line import Line
from tests.config.swapping import SECRET, SETTLING, TRON, Swap, with_processors, with_rates


def test_without_orders_there_is_nothing_to_list(line: Line) -> None:
    assert line("orders", "list").out == "no orders\n"
    assert line("orders", "list", "--open").out == "no open orders\n"
    assert line("orders", "list", "--json").json == []


def test_orders_are_listed_newest_first_a_page_at_a_time(line: Line) -> None:
    for number in range(3):
        Swap(line, f"E-{number}")

    ids = [each["external_id"] for each in line("orders", "list", "--json").json]
    assert ids == ["E-2", "E-1", "E-0"]
    assert [each["external_id"] for each in line("orders", "list", "--json", "--limit", "1").json] == ["E-2"]
    after = line("orders", "list", "--json", "--after", "E-1").json
    assert [each["external_id"] for each in after] == ["E-0"]
    assert "more follow" in line("orders", "list", "--limit", "2").out
    assert line("orders", "list", "--limit", "-1").code == 2


def test_only_those_that_have_not_ended_are_open(line: Line) -> None:
    Swap(line, "E-1").made()
    Swap(line, "E-2").made().to(OrderStatus.DROPPED, reason="it ran out")

    assert [each["external_id"] for each in line("orders", "list", "--open", "--json").json] == ["E-1"]
    assert "E-2" not in line("orders", "list", "--open").out


def test_an_order_is_shown_by_its_id_by_the_processors_or_by_its_refund(line: Line) -> None:
    swap = Swap(line).made()

    keys = (swap.order.id, swap.order.processor_id or "", "E-1", swap.refund.id)
    assert {line("orders", "show", key, "--json").json["id"] for key in keys} == {swap.order.id}


def test_an_order_that_nobody_knows_is_bad_input(line: Line) -> None:
    line.add("E-9")

    assert "neither an order nor a refund" in line("orders", "show", "nope").err
    said = line("orders", "show", "nope", "E-9")
    assert said.code == 2
    assert "refund E-9 has no orders" in said.err


def test_what_support_needs_stands_in_front_of_the_operator(line: Line) -> None:
    swap = Swap(line).funded()

    said = line("orders", "show", "E-1")

    for words in (
        swap.order.processor_id,
        "https://help.example",
        swap.order.transfer_id,
        swap.order.deposit_address,
        "OutProofV2 of the deposit",
        f"check_tx_proof {swap.order.transfer_id} {swap.order.deposit_address} FILE {swap.refund.id}",
        "secret              kept; --secret shows it",
        TRON,
    ):
        assert str(words) in said.out


def test_the_secret_is_shown_only_when_it_is_asked_for(line: Line) -> None:
    Swap(line).funded()

    silent = (
        line("orders", "show", "E-1").out
        + line("orders", "show", "E-1", "--json").out
        + line("orders", "list", "--json").out
        + line("refunds", "show", "E-1", "--json").out
    )
    assert SECRET not in silent
    assert line("orders", "show", "E-1", "--json").json["has_secret"] is True

    assert SECRET in line("orders", "show", "E-1", "--secret").out
    assert line("orders", "show", "E-1", "--secret", "--json").json["secret"] == SECRET


def test_recheck_asks_for_a_look_and_only_where_there_is_something_to_see(line: Line) -> None:
    swap = Swap(line).funded()
    Swap(line, "E-2").made()

    assert line("orders", "recheck", "E-1").code == 0
    with line.store() as store:
        assert store.order(swap.order.id).poked_at is not None

    said = line("orders", "recheck", "E-1", "E-2", "nope", "--json")
    assert said.code == 3
    assert said.json[0] == {"order": "E-1", "rechecked": 1}
    assert "none of its orders is FUNDED" in said.err
    assert "nope" in said.err


def test_a_refund_tells_both_legs_of_its_swap_and_when_to_expect_the_end(line: Line) -> None:
    swap = Swap(line).funded()

    said = line("refunds", "show", "E-1")

    assert f"through order {swap.order.id}, funded in {swap.order.transfer_id}, proof saved" in said.out
    assert "1. our deposit      0.0763 XMR to deposit .." in said.out
    assert "2. to the customer  25 USDT (tron) to TJRabPrw..8kjpRTv8: changenow says exchanging" in said.out
    assert "a swap may take 24 to 48 hours after its deposit" in said.out
    body = line("refunds", "show", "E-1", "--json").json
    (order,) = body["orders"]
    assert (order["status"], order["stage"], order["overdue"]) == ("FUNDED", "exchanging", False)
    assert body["attempts"][0]["order"] == swap.order.id
    assert body["attempts"][0]["asset"] == "USDT"


def test_an_overdue_swap_says_so_everywhere(line: Line) -> None:
    Swap(line).funded(ago=timedelta(hours=49))

    assert "OVERDUE: funded at" in line("refunds", "show", "E-1").out
    assert line("orders", "show", "E-1", "--json").json["overdue"] is True
    assert "overdue" in line("orders", "list").out
    assert "swaps under way: 1, 1 overdue" in line("status").out


def test_how_long_a_swap_may_take_is_configured(line: Line) -> None:
    with_processors(line, ["exolix"], more="[swaps]\noverdue_hours = 2\n")
    Swap(line).funded(ago=timedelta(hours=3))

    assert line("status", "--json").json["orders"]["overdue"] == 1


def test_trouble_stands_in_the_list_in_the_story_and_in_the_status(line: Line) -> None:
    trouble = "changenow holds it: ask its support"
    Swap(line).funded().to(OrderStatus.FUNDED, stage=Stage.HOLD, trouble=trouble)

    for words in (("orders", "list"), ("orders", "show", "E-1"), ("refunds", "show", "E-1"), ("status",)):
        assert trouble in line(*words).out
    assert "https://help.example" in line("refunds", "show", "E-1").out
    assert line("status", "--json").json["orders"]["troubled"][0]["external_id"] == "E-1"


def test_the_list_of_refunds_says_where_a_swap_is(line: Line) -> None:
    Swap(line).funded()

    assert "at changenow, exchanging" in line("refunds", "list").out


def test_a_swapped_refund_reads_the_same_in_the_list_and_in_its_story(line: Line) -> None:
    Swap(line).funded().to(OrderStatus.FUNDED, stage=Stage.SETTLED, settle_txid=SETTLING)

    (listed,) = line("refunds", "list", "--json").json
    shown = line("refunds", "show", "E-1", "--json").json

    assert {key: shown[key] for key in listed} == listed
    assert listed["tx_ids"][-1] == SETTLING
    assert "unproven" in line("refunds", "list").out
    assert "unproven: no chain has shown it yet" in line("orders", "list").out


def test_the_word_of_a_first_person_waits_for_a_second(line: Line) -> None:
    Swap(line).funded().to(OrderStatus.FUNDED, attested_by=f"alice: settled by {SETTLING}")

    assert f"alice: settled by {SETTLING}, and another person must say the same" in line("orders", "show", "E-1").out


def test_the_wallet_that_pays_for_swaps_needs_their_deposits_too(line: Line, rate_server: RateServer) -> None:
    rate_server.set_price("XMR", "100.00")
    with_rates(line, rate_server)
    swap = Swap(line)  # 25 USD, approved
    assert line("wallets", "--json").json[0]["queued_refunds"] == 0

    with_processors(line, ["exolix"])
    (wallet,) = line("wallets", "--json").json
    assert (wallet["queued_refunds"], wallet["needed_usd"]) == (1, str(swap.refund.owed))
    assert wallet["needed"] == "0.25"


def test_settled_by_word_alone_is_called_unproven_and_says_how_to_attest(line: Line) -> None:
    Swap(line).funded().to(OrderStatus.FUNDED, stage=Stage.SETTLED, settle_txid=SETTLING)

    said = line("orders", "show", "E-1")

    assert f"settled in {SETTLING} by changenow's word; unproven" in said.out
    assert "payout refunds resolve E-1 --how settled --proof TXID --why TEXT" in said.out
    assert line("status", "--json").json["orders"]["unproven"] == 1


def test_every_end_is_told_as_what_it_was(line: Line) -> None:
    seen = {"settle_txid": SETTLING, "arrival_id": "a", "settle_height": 77}
    Swap(line, "E-1").funded().to(OrderStatus.SETTLED, **seen)
    attested = {"settle_txid": SETTLING, "arrival_id": "b", "attested_by": "alice, bob"}
    Swap(line, "E-2").funded().to(OrderStatus.SETTLED, **attested)
    back = {"returned_units": 75_000_000_000, "return_txid": "77" * 32}
    Swap(line, "E-3").funded().to(OrderStatus.RETURNED, **back)
    Swap(line, "E-4").made().to(OrderStatus.DROPPED, reason="it ran out")

    def story(key: str) -> str:
        return line("refunds", "show", key).out

    assert f"arrived in {SETTLING}, seen in block 77" in story("E-1")
    assert "attested by alice, bob" in story("E-2")
    assert f"0.075 XMR came back to us in {'77' * 32}, a loss of 0.0013 XMR" in story("E-3")
    assert "nothing: dropped, never paid for; it ran out" in story("E-4")
    assert "expected" not in story("E-1") + story("E-4")


def test_a_funding_transfer_names_its_orders(line: Line) -> None:
    swap = Swap(line).funded()

    body = line("transfers", "show", swap.order.transfer_id or "", "--json").json
    assert body["kind"] == "FUNDING"
    assert body["orders"][swap.order.id]["processor_id"] == swap.order.processor_id
    assert body["refunds"][0]["order"] == swap.order.id

    text = line("transfers", "show", swap.order.transfer_id or "").out
    assert "25 USDT" in text
    assert "0.0763 XMR" in text
    assert f"changenow {swap.order.processor_id}" in text


def test_the_proof_of_a_swap_is_of_its_deposit(line: Line) -> None:
    swap = Swap(line).funded()

    proof = line("proof", "show", "E-1", "--json").json

    assert (proof["address"], proof["amount"], proof["asset"]) == (swap.order.deposit_address, "0.0763", "XMR")


def test_a_swap_is_attested_with_its_proof_and_nothing_else_takes_one(line: Line) -> None:
    Swap(line).funded()

    without = line("refunds", "resolve", "E-1", "--how", "settled", "--why", "seen")
    assert without.code == 2
    assert "--proof TXID" in without.err
    stray = line("refunds", "resolve", "E-1", "--how", "credited", "--why", "w", "--proof", SETTLING)
    assert stray.code == 2
    assert "does not go with credited" in stray.err
    early = line("refunds", "resolve", "E-1", "--how", "settled", "--why", "seen", "--proof", SETTLING)
    assert early.code == 3
    assert "is not final" in early.err


def test_the_array_of_refunds_keeps_its_contract(line: Line) -> None:
    Swap(line).funded()

    (refund,) = line("refunds", "list", "--json").json

    contract = (
        "id external_id status waiting_for hold_reason owed_usd asset network destination amount rate_usd tx_ids"
        " confirmations reason requested_at approved_at paid_at"
    )
    assert set(contract.split()) <= refund.keys()
    assert (refund["asset"], refund["network"], refund["amount"]) == ("USDT", "tron", "25")
