"""The demo: what it counts at the end, and that it plays from its first act to its last."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from config.commands.init import TEMPLATE
from deploy.demo.accounts import Accounts
from deploy.demo.cast import Owed, with_a_slip, write_csv
from deploy.demo.configuration import ORDER_MAX_USD, SOURCES, fill_in, raise_order_max
from deploy.demo.shell import DemoError
from deploy.demo.swap import Swap, swaps_of
from deploy.demo.tally import Line, Tally, take
from deploy.demo.units import coins

RATE = Decimal("150.03")
AMOUNT = 166_633_339_998
"""25.00 USD at RATE, in piconero, rounded down."""

OWED = Owed(external_id="R-1", cents=2500, destination="8" + "A" * 94, kind="subaddress", reason="late")
LINE = Line(owed=OWED, status="PAID", rate=RATE, recorded=AMOUNT, received=AMOUNT, txid="f00d")

WEI = 9_998_000_000_000_000
"""25.00 USD at 2500.5 USD, rounded down to the eighth decimal."""
DEPOSIT = 170_000_000_000
ETHER = replace(OWED, external_id="R-2", asset="ETH", destination="0x" + "ab" * 20, kind="ethereum")
SWAP = Swap(processor="exolix", number=1, status="SETTLED", recorded=DEPOSIT, deposited=DEPOSIT, returned=0, rate=RATE)
SENT_BACK = replace(SWAP, processor="changenow", status="RETURNED", returned=DEPOSIT - 5)
SWAPPED = Line(
    owed=ETHER, status="PAID", rate=Decimal("2500.5"), recorded=WEI, received=WEI, txid="beef", swaps=(SENT_BACK, SWAP)
)
GOOD = Tally(
    lines=(LINE, SWAPPED),
    transfers=Counter(PAYOUT=1, FUNDING=2),
    fees=7,
    spent=AMOUNT + DEPOSIT + 5 + 7,
    payments=1,
)
EMPTY = Accounts(payments={}, elsewhere={}, deposits={}, incoming={})


def tally_with(line: Line, **changes: Any) -> Tally:
    return replace(GOOD, lines=(line, SWAPPED) if line.owed.is_direct else (LINE, line), **changes)


def test_refunds_paid_once_and_to_the_unit_are_no_fault() -> None:
    assert GOOD.faults() == []


@pytest.mark.parametrize(
    ("tally", "said"),
    [
        (tally_with(replace(LINE, received=AMOUNT - 1)), "-0.000000000001 XMR other than"),
        (tally_with(replace(LINE, status="PAYING")), "is PAYING, not PAID"),
        (tally_with(replace(LINE, recorded=AMOUNT + 1, received=AMOUNT + 1)), "not paid what it is worth"),
        (replace(GOOD, payments=2), "lists 2 payments for 1 refunds"),
        (replace(GOOD, spent=GOOD.spent + 1), "the merchant's balance fell by"),
        (tally_with(replace(SWAPPED, received=2 * WEI)), "R-2 received 0.00999800 ETH other than"),
        (tally_with(replace(SWAPPED, received=WEI + 1)), "R-2 received 0.000000000000000001 ETH other than"),
        (tally_with(replace(SWAPPED, recorded=WEI + 10**10)), "R-2 was not paid what it is worth"),
        (tally_with(replace(SWAPPED, swaps=(SWAP, SWAP))), "2 deposits of it stayed with processors"),
        (tally_with(replace(SWAPPED, swaps=(SENT_BACK,))), "0 deposits of it stayed with processors"),
        (tally_with(replace(SWAPPED, swaps=(replace(SWAP, deposited=2 * DEPOSIT),))), "exolix got 0.340000000000 XMR"),
    ],
)
def test_whatever_is_not_as_it_must_be_is_named(tally: Tally, said: str) -> None:
    assert any(said in fault for fault in tally.faults())


def test_what_a_swap_cost_is_its_deposits_worth_above_what_was_owed() -> None:
    spent = Decimal(DEPOSIT + 5) / 10**12
    assert SWAPPED.extra_usd == spent * RATE - 25


def test_only_a_payment_in_the_refunds_own_transaction_counts_as_received() -> None:
    record = {"external_id": "R-1", "status": "PAID", "tx_ids": ["f00d"], "rate_usd": "150.03", "amount": coins(AMOUNT)}
    elsewhere = replace(EMPTY, payments={("beef", OWED.destination): [AMOUNT]})
    assert take([OWED], [record], [], {}, accounts=elsewhere, spent=0).lines[0].received == 0
    twice = replace(EMPTY, payments={("f00d", OWED.destination): [AMOUNT, AMOUNT]})
    tally = take([OWED], [record], [], {}, accounts=twice, spent=0)
    assert tally.lines[0].received == 2 * AMOUNT
    assert tally.payments == 2


def test_a_swap_counts_what_the_wallets_of_processor_and_merchant_say_and_an_unpaid_order_nothing() -> None:
    accounts = replace(EMPTY, deposits={"8deposit": 170}, incoming={"8back": 160})
    order = {
        "external_id": "R-2",
        "processor": "exolix",
        "status": "RETURNED",
        "deposit": "0.000000000169",
        "deposit_address": "8deposit",
        "return_address": "8back",
        "deposit_tx_id": "f00d",
        "asked_at": "2026-05-04T12:00:30Z",
    }
    before, after = (datetime(2026, 5, 4, 12, minute, tzinfo=UTC) for minute in (0, 1))
    rates = [(before, Decimal(150)), (after, Decimal(151))]
    later = order | {"deposit_address": "8other", "return_address": "8none", "asked_at": "2026-05-04T12:01:30Z"}
    unpaid = order | {"deposit_tx_id": None}
    first, second = swaps_of([later, unpaid, order], accounts, rates)["R-2"]
    assert (first.recorded, first.deposited, first.returned, first.rate) == (169, 170, 160, Decimal(150))
    assert (second.deposited, second.returned, second.rate) == (0, 0, Decimal(151))


def test_the_slip_changes_one_letter_of_one_row(tmp_path: Path) -> None:
    refunds = [replace(OWED, external_id=f"R-{number}") for number in range(5)]
    write_csv(tmp_path / "right.csv", refunds)
    write_csv(tmp_path / "wrong.csv", with_a_slip(refunds, refunds[3]))
    right, wrong = (tmp_path / "right.csv").read_text(), (tmp_path / "wrong.csv").read_text()
    assert sum(a != b for a, b in zip(right, wrong, strict=True)) == 1


def test_the_limit_of_one_processor_alone_is_raised(tmp_path: Path) -> None:
    file = tmp_path / "payout.toml"
    section = f'order_max_usd = "{ORDER_MAX_USD}"\n'
    file.write_text(f"[processors.exolix]\n{section}[processors.trocador]\n{section}")
    raise_order_max(file, "exolix", "250.00")
    body = tomllib.loads(file.read_text())["processors"]
    assert {name: each["order_max_usd"] for name, each in body.items()} == {"exolix": "250.00", "trocador": "100.00"}
    with pytest.raises(DemoError, match="no order_max_usd under"):
        raise_order_max(file, "changenow", "250.00")


def test_the_configuration_that_init_writes_shows_what_the_demo_sets(tmp_path: Path) -> None:
    file = tmp_path / "payout.toml"
    file.write_text(TEMPLATE.read_text())
    url = "http://127.0.0.1:1"
    fill_in(file, {("wallets.hot", "rpc_url"): url, ("worker", "tick_seconds"): 1}, dict.fromkeys(SOURCES, url))
    body = tomllib.loads(file.read_text())
    assert body["wallets"]["hot"]["rpc_url"] == url
    assert body["worker"]["tick_seconds"] == 1
    assert body["rates"]["kraken"]["url"] == url


def test_a_setting_that_init_does_not_show_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "payout.toml"
    file.write_text(TEMPLATE.read_text())
    with pytest.raises(DemoError, match="shows no rpc_uri"):
        fill_in(file, {("wallets.hot", "rpc_uri"): ""}, {})


@pytest.mark.nodes
def test_the_demo_pays_a_mixed_queue_through_all_that_goes_wrong_and_finds_everyone_paid_once(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "deploy.demo", "--dir", str(tmp_path / "demo")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=280)
    assert done.returncode == 0, done.stdout + done.stderr
    said = " ".join(done.stdout.split())  # Where its lines break depends on its figures.
    for words in (
        "kill -9",
        "it is too large for the processors' limits",
        "the answer was found again",
        "stopped the order for a check",
        "changenow -> exolix",
        "again: the same answer, Idempotent-Replayed: true",
        "among them that each of 40 refunds is paid",
        "the history is whole",
        "the same, to the unit",
        "Every refund was paid once, and to the last unit.",
    ):
        assert words in said
