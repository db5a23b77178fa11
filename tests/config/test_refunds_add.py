"""`payout refunds add`: on record once, or refused with every problem by name."""

from __future__ import annotations

import pytest

from tests.config.line import OTHER, Line
from tests.factories import ADDRESS, make_wallet


def test_a_refund_is_put_on_record_and_the_next_step_is_said(line: Line) -> None:
    said = line.add("E-1", "--reason", "late")

    assert said.code == 0
    assert "payout refunds approve E-1" in said.out
    assert line.status_of() == "REQUESTED"


def test_the_same_facts_again_are_the_same_refund(line: Line) -> None:
    first = line.add("E-1", "--json").json
    again = line.add("E-1", "--json", usd="25").json

    assert (first["new"], again["new"]) == (True, False)
    assert first["id"] == again["id"]
    assert len(line("refunds", "list", "--json").json) == 1


def test_the_same_id_with_other_facts_is_bad_input_and_changes_nothing(line: Line) -> None:
    line.add("E-1")

    said = line.add("E-1", usd="26.00")

    assert said.code == 2
    assert "E-1 is on record with other facts" in said.err
    assert line("refunds", "show", "E-1", "--json").json["owed_usd"] == "25.00"


@pytest.mark.parametrize(
    "usd",
    ["0", "0.00", "-5", "1e3", "nan", "inf", "1,000.00", "25.001", "٢٥", "25.00\u200b", "9" * 30, "", "0x10", "+5"],
)
def test_an_amount_that_is_not_plain_is_refused_by_its_name(line: Line, usd: str) -> None:
    words = ("--external-id", "E-1", f"--usd={usd}", "--asset", "XMR", "--destination", ADDRESS)

    said = line("refunds", "add", *words)

    assert said.code == 2
    assert said.err.startswith("payout: usd: ")
    assert line("refunds", "list", "--json").json == []


def test_every_problem_is_named_at_once(line: Line) -> None:
    words = ("--external-id", "", "--usd", "1e3", "--asset", "DOGE", "--destination", "x", "--paid-usd", "5")

    said = line("refunds", "add", *words)

    assert said.code == 2
    named = {text.split(": ")[1] for text in said.err.splitlines()}
    assert {"external_id", "usd", "asset", "paid_usd"} <= named


@pytest.mark.parametrize(
    "destination",
    [ADDRESS[:-1], ADDRESS[:-1] + "1", ADDRESS + " x", "donate@getmonero.org", "monero:" + ADDRESS, "", "9" * 95],
)
def test_a_destination_that_is_no_address_is_refused(line: Line, destination: str) -> None:
    words = ("--external-id", "E-1", "--usd", "5", "--asset", "XMR", f"--destination={destination}")

    said = line("refunds", "add", *words)

    assert said.code == 2
    assert "destination: " in said.err


def test_an_address_of_our_own_wallet_is_refused(line: Line) -> None:
    line.extend(f'address = "{ADDRESS}"\n')

    said = line.add()

    assert said.code == 2
    assert "is an address of our own wallet" in said.err


def test_the_address_that_the_database_pinned_is_our_own_too(line: Line) -> None:
    from payout.change import Change

    with line.store() as store:
        store.commit(Change(wallets=(make_wallet("hot"),)))

    assert line.add().code == 2


def test_an_address_of_another_network_is_refused(line: Line) -> None:
    line.extend('network = "stagenet"\n')

    said = line.add()

    assert said.code == 2
    assert "mainnet" in said.err
    assert "stagenet" in said.err


def test_a_memo_is_refused_where_the_coin_has_none(line: Line) -> None:
    said = line.add("E-1", "--memo", "77")

    assert said.code == 2
    assert "memo: Monero has no memo" in said.err


@pytest.mark.parametrize("usd", ["0.99", "500.01"])
def test_what_is_outside_the_limits_is_refused_by_a_rule(line: Line, usd: str) -> None:
    said = line.add("E-1", usd=usd)

    assert said.code == 3
    assert "limits.refund_m" in said.err


def test_refunds_of_one_payment_never_sum_above_its_worth(line: Line) -> None:
    paid = ("--payment-tx", "P-1", "--paid-usd", "40.00")
    assert line.add("E-1", *paid).code == 0

    said = line.add("E-2", *paid)

    assert said.code == 3
    assert "15.00 USD are left" in said.err or "15.00 are left" in said.err
    line("refunds", "cancel", "E-1", "--why", "wrong one")
    assert line.add("E-2", *paid).code == 0


def test_a_subaddress_is_a_destination(line: Line) -> None:
    words = ("--external-id", "E-1", "--usd", "5", "--asset", "xmr", "--destination", OTHER, "--network", "monero")

    assert line("refunds", "add", *words).code == 0
