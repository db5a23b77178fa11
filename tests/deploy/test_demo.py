"""The demo: what it counts at the end, and that it plays from its first act to its last."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from config.commands.init import TEMPLATE
from deploy.demo.cast import Owed, with_a_slip, write_csv
from deploy.demo.configuration import SOURCES, fill_in
from deploy.demo.shell import DemoError
from deploy.demo.tally import Line, Tally, take, xmr

RATE = Decimal("150.03")
AMOUNT = 166_633_339_998
"""25.00 USD at RATE, in piconero, rounded down."""

OWED = Owed(external_id="R-1", cents=2500, destination="8" + "A" * 94, kind="subaddress", reason="late")
LINE = Line(owed=OWED, status="PAID", rate=RATE, recorded=AMOUNT, received=AMOUNT, txid="f00d")
GOOD = Tally(lines=(LINE,), transfers=1, fees=7, spent=AMOUNT + 7, payments=1)


def test_a_refund_paid_once_and_to_the_unit_is_no_fault() -> None:
    assert GOOD.faults() == []


@pytest.mark.parametrize(
    ("tally", "said"),
    [
        (replace(GOOD, lines=(replace(LINE, received=AMOUNT - 1),)), "-0.000000000001 XMR other than"),
        (replace(GOOD, lines=(replace(LINE, status="PAYING"),)), "is PAYING, not PAID"),
        (replace(GOOD, lines=(replace(LINE, recorded=AMOUNT + 1, received=AMOUNT + 1),)), "not paid what it is worth"),
        (replace(GOOD, payments=2), "lists 2 payments for 1 refunds"),
        (replace(GOOD, spent=2 * AMOUNT + 7), "not by payments and fees"),
    ],
)
def test_whatever_is_not_as_it_must_be_is_named(tally: Tally, said: str) -> None:
    assert any(said in fault for fault in tally.faults())


def test_only_a_payment_in_the_refunds_own_transaction_counts_as_received() -> None:
    record = {"external_id": "R-1", "status": "PAID", "tx_ids": ["f00d"], "rate_usd": "150.03", "amount": xmr(AMOUNT)}
    elsewhere = {("beef", OWED.destination): [AMOUNT]}
    assert take([OWED], [record], [], payments=elsewhere, spent=0).lines[0].received == 0
    twice = {("f00d", OWED.destination): [AMOUNT, AMOUNT]}
    tally = take([OWED], [record], [], payments=twice, spent=0)
    assert tally.lines[0].received == 2 * AMOUNT
    assert tally.payments == 2


def test_the_slip_changes_one_letter_of_one_row(tmp_path: Path) -> None:
    refunds = [replace(OWED, external_id=f"R-{number}") for number in range(5)]
    write_csv(tmp_path / "right.csv", refunds)
    write_csv(tmp_path / "wrong.csv", with_a_slip(refunds))
    right, wrong = (tmp_path / "right.csv").read_text(), (tmp_path / "wrong.csv").read_text()
    assert sum(a != b for a, b in zip(right, wrong, strict=True)) == 1


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
def test_the_demo_pays_its_queue_through_a_kill_and_finds_everyone_paid_once(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "deploy.demo", "--dir", str(tmp_path / "demo")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=280)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "kill -9" in done.stdout
    assert "Every refund was paid once, and to the last unit." in done.stdout
