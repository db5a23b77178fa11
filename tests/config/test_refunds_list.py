"""Listings: the keys of the contract, pages, filters, and tables that a person can read."""

from __future__ import annotations

from datetime import timedelta

import pytest

from payout.change import Change
from payout.refund import RefundStatus
from tests.config.line import OTHER, Line
from tests.factories import NOW, make_attempt, make_refund, make_transfer, make_wallet, xmr

KEYS = [
    *("id", "external_id", "status", "waiting_for", "hold_reason", "owed_usd", "asset", "network"),
    *("destination", "amount", "rate_usd", "tx_ids", "confirmations", "reason", "requested_at"),
    *("approved_at", "paid_at"),
]


def paid(line: Line, external_id: str = "E-1", height: int | None = 120) -> str:
    """A refund that was sent, and mined at a height; its txid."""
    refund = make_refund(external_id, status=RefundStatus.PAYING, attempts=1, approved_at=NOW)
    transfer = make_transfer(external_id, height=height, begun_at=NOW)
    attempt = make_attempt(refund, transfer, amount=xmr("0.1"), proof="OutProofV2abc")
    change = Change(
        refunds=(refund,),
        transfers=(transfer,),
        attempts=(attempt,),
        wallets=(make_wallet("hot", tip=125, address=OTHER),),
    )
    with line.store() as store:
        store.commit(change)
    return transfer.id


def test_the_object_of_a_refund_has_the_keys_of_the_contract(line: Line) -> None:
    line.add("E-1", "--reason", "late")

    (found,) = line("refunds", "list", "--json").json

    assert list(found)[: len(KEYS)] == KEYS
    assert found["owed_usd"] == "25.00"
    assert (found["amount"], found["rate_usd"], found["tx_ids"], found["confirmations"]) == (None, None, [], None)
    assert found["requested_at"].endswith("Z")
    assert (found["approved_at"], found["paid_at"], found["waiting_for"]) == (None, None, None)


def test_a_payment_shows_amount_rate_txid_and_confirmations_as_plain_numbers(line: Line) -> None:
    txid = paid(line)

    (listed,) = line("refunds", "list", "--json").json
    shown = line("refunds", "show", "E-1", "--json").json

    assert (listed["amount"], listed["rate_usd"], listed["tx_ids"], listed["confirmations"]) == (
        *("0.1", "330.00", [txid], 5),
    )
    assert {key: shown[key] for key in KEYS} == {key: listed[key] for key in KEYS}


def test_all_are_listed_for_a_program_and_the_newest_for_a_person(line: Line) -> None:
    refunds = tuple(make_refund(f"E-{n}", requested_at=NOW + timedelta(seconds=n)) for n in range(1200))
    with line.store() as store:
        store.commit(Change(refunds=refunds))

    rows = line("refunds", "list", "--json").json
    assert [row["external_id"] for row in rows] == [f"E-{n}" for n in reversed(range(1200))]

    table = line("refunds", "list").out
    assert table.count("REQUESTED") == 50
    assert "--after E-1150" in table
    assert line("refunds", "list", "--after", "E-1150").out.splitlines()[1].startswith("E-1149")


@pytest.mark.parametrize("limit", [0, 1, 3, 600])
def test_a_limit_is_kept(line: Line, limit: int) -> None:
    refunds = tuple(make_refund(f"E-{n}", requested_at=NOW + timedelta(seconds=n)) for n in range(700))
    with line.store() as store:
        store.commit(Change(refunds=refunds))

    assert len(line("refunds", "list", "--json", "--limit", str(limit)).json) == limit


def test_statuses_filter_and_a_wrong_one_is_named(line: Line) -> None:
    for number in (1, 2, 3):
        line.add(f"E-{number}")
    line("refunds", "approve", "E-1")
    line("refunds", "hold", "E-2", "--why", "look")

    def listed(*words: str) -> set[str]:
        return {row["external_id"] for row in line("refunds", "list", "--json", *words).json}

    assert listed("--status", "approved") == {"E-1"}
    assert listed("--status", "HELD", "--status", "REQUESTED") == {"E-2", "E-3"}
    assert listed("--status", "HELD,APPROVED") == {"E-1", "E-2"}
    assert line("refunds", "list", "--status", "nope").code == 2


def test_a_table_is_aligned_and_says_what_a_person_must_know(line: Line) -> None:
    line.add("E-1", usd="5")
    line.add("a-much-longer-id", usd="125.50")
    line("refunds", "hold", "E-1", "--why", "fraud?", "--as", "eve")

    head, first, second = line("refunds", "list").out.splitlines()

    assert head.index("usd") + 3 == first.index("125.50") + 6 == second.index("5.00") + 4
    assert second.endswith("eve: fraud?")


def test_an_empty_list_says_so(line: Line) -> None:
    assert line("refunds", "list").out == "no refunds\n"
    assert line("transfers", "list").out == "no transfers\n"


def test_transfers_are_listed_and_shown_by_the_txid_that_a_table_shows(line: Line) -> None:
    txid = paid(line)

    (listed,) = line("transfers", "list", "--json").json
    assert (listed["tx_id"], listed["amount"], listed["asset"]) == (txid, "0.075", "XMR")

    shortened = line("transfers", "list").out.splitlines()[1].split()[0]
    shown = line("transfers", "show", shortened, "--json").json
    assert [each["external_id"] for each in shown["refunds"]] == ["E-1"]
    assert "sealed" not in shown
    assert line("transfers", "show", "ffffffff").code == 2


def test_giving_up_names_every_refund_that_it_frees_and_when(line: Line) -> None:
    txid = paid(line, height=None)

    said = line("transfers", "give-up", txid, "--why", "stuck")

    assert said.code == 0
    assert "10 blocks deep" in said.out
    assert "then free: E-1, 25.00 USD" in said.out
    assert line("transfers", "show", txid, "--json").json["give_up_why"] == "stuck"
    assert line.status_of() == "PAYING"


def test_what_is_not_open_cannot_be_given_up(line: Line) -> None:
    assert line("transfers", "give-up", "ab" * 32, "--why", "x").code == 2


def test_a_proof_on_record_is_shown_with_what_it_was_signed_over(line: Line) -> None:
    txid = paid(line)
    line.add("E-2")

    shown = line("proof", "show", "E-1", "--json").json

    assert (shown["txid"], shown["signature"]) == (txid, "OutProofV2abc")
    assert shown["message"] == line("refunds", "show", "E-1", "--json").json["id"]
    assert txid in line("proof", "show", "E-1").out
    assert line("proof", "show", "E-2").code == 3
    assert line("proof", "show", "E-3").code == 2


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("--txid", "ab" * 32),
        ("--txid", "zz", "--address", "a", "--message", "m", "--signature", "OutProofV2abc"),
        ("--txid", "ab" * 32, "--address", "a", "--message", "m", "--signature", "11" * 32),
    ],
)
def test_what_does_not_look_like_a_proof_reaches_no_wallet(line: Line, words: tuple[str, ...]) -> None:
    assert line("proof", "check", *words).code == 2
