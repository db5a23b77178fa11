"""Pauses, status, doctor, wallets, rates, reconcile and ledger, on an installation without a node."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy.sandbox.rate_server import RateServer
from payout.change import Change
from tests.config.line import CONFIGURATION, Line
from tests.factories import digest, make_event, make_transfer


def with_rates(line: Line, server: RateServer) -> Line:
    line.extend('[rates]\nsources = ["kraken", "coingecko", "bitfinex", "kucoin"]\n')
    for name in ("kraken", "coingecko", "bitfinex", "kucoin"):
        line.extend(f'[rates.{name}]\nurl = "{server.base_url(name)}"\n')
    return line


def test_a_pause_is_kept_with_who_and_why_until_it_is_resumed(line: Line) -> None:
    assert line("pause", "hot", "--why", "moving", "--as", "alice").code == 0

    (pause,) = line("status", "--json").json["pauses"]
    assert (pause["scope"], pause["who"], pause["why"]) == ("hot", "alice", "moving")

    assert "hot is resumed" in line("resume", "hot").out
    assert "hot was not paused" in line("resume", "hot").out
    assert line("status", "--json").json["pauses"] == []


def test_a_pause_without_a_scope_is_for_all(line: Line) -> None:
    line("pause")
    said = line("resume", "hot")

    assert "still: all is paused" in said.out
    assert "all is resumed" in line("resume").out


def test_a_scope_that_is_no_wallet_is_bad_input(line: Line) -> None:
    for verb in ("pause", "resume"):
        said = line(verb, "cold")
        assert said.code == 2
        assert "use all or hot" in said.err


def test_a_pause_by_file_is_shown_and_only_removing_the_file_lifts_it(line: Line) -> None:
    (line.folder / "var" / "PAUSE").write_text("fire drill\n")

    assert line("status", "--json").json["pauses"][0]["why"] == "fire drill"
    found = {each["check"]: each["remedy"] for each in line("doctor", "--json").json}
    assert found["pause"] == f"when that is settled: remove {line.folder / 'var' / 'PAUSE'}"
    said = line("resume")
    assert said.code == 3
    assert "PAUSE still pauses all: remove it" in said.err


def test_a_pause_works_while_the_database_is_down(line: Line) -> None:
    line.extend('[database]\nurl = "postgresql://nobody@127.0.0.1:9/none"\n')

    said = line("pause", "--why", "help", "--as", "alice")

    assert said.code == 0
    assert (line.folder / "var" / "PAUSE").read_text() == "alice: help\n"


def test_status_groups_what_refunds_wait_for(line: Line) -> None:
    for number in (1, 2, 3):
        line.add(f"E-{number}")
    line("refunds", "approve", "E-1", "E-2")
    line("refunds", "hold", "E-3", "--why", "look", "--as", "eve")
    with line.store() as store:
        store.note_all(("XMR", "monero"), "a rate: 1 fresh source, 2 needed")
        store.commit(Change(events=(make_event("the wallet is paused", alarm=True),)))

    body = line("status", "--json").json
    assert body["refunds"]["APPROVED"] == 2
    assert body["waiting"][0] == {"status": "APPROVED", "for": "a rate: 1 fresh source, 2 needed", "refunds": 2}
    assert body["alarms"][0]["words"] == "the wallet is paused"

    text = line("status").out
    assert "2 APPROVED wait for a rate: 1 fresh source, 2 needed" in text
    assert "1 HELD: eve: look" in text


def test_the_doctor_names_what_is_wrong_and_what_to_do_and_fails(line: Line, rate_server: RateServer) -> None:
    said = with_rates(line, rate_server)("doctor", "--json")

    checks = {check["check"]: check for check in said.json}
    assert said.code == 1
    assert all(checks[name]["ok"] for name in ("configuration", "seal key", "database", "durability", "rate of XMR"))
    for name in ("node hot", "wallet hot"):
        assert not checks[name]["ok"]
        assert "127.0.0.1:9" in checks[name]["remedy"]


def test_the_doctor_reports_a_broken_configuration_as_failed_checks(line: Line) -> None:
    line.extend("nope = 1\nmore = 2\n")

    said = line("doctor", "--json")

    assert said.code == 1
    assert [check["state"] for check in said.json] == ["FAIL", "FAIL"]


@pytest.mark.parametrize("damage", ["key", "database", "journal", "people"])
def test_the_doctor_finds(line: Line, rate_server: RateServer, damage: str) -> None:
    with_rates(line, rate_server)
    state = line.folder / "var"
    what = {"key": "approval key", "database": "database", "journal": "journal hot", "people": "files"}[damage]
    if damage == "key":
        (state / "approval.key").chmod(0o644)
    elif damage == "database":
        (state / "payout.db").unlink()
    elif damage == "people":
        line.people("quorum = 7\n")
    else:
        with line.store() as store:
            store.commit(Change(transfers=(make_transfer("T-1"),)))
            begun = store.transfer(digest("T-1")).begin(make_transfer("T-1").committed_at)
            store.commit(Change(transfers=(begun,)))

    checks = [check for check in line("doctor", "--json").json if check["check"] == what]

    assert [check["state"] for check in checks][-1] == "FAIL"
    assert checks[-1]["remedy"]


def test_rates_show_each_source_and_what_they_come_to(line: Line, rate_server: RateServer) -> None:
    with_rates(line, rate_server)
    rate_server.set_price("XMR", "160.00")
    rate_server.fault("kraken", "500")

    said = line("rates", "--json")

    assert said.code == 0
    (report,) = said.json
    assert report["rate_usd"].startswith("160")
    taken = {source["source"]: source["taken"] for source in report["sources"]}
    assert taken == {"bitfinex": True, "coingecko": True, "kraken": False, "kucoin": True}
    text = line("rates").out
    assert "1 XMR = 160" in text


def test_rates_that_disagree_are_a_fault_that_says_why(line: Line, rate_server: RateServer) -> None:
    with_rates(line, rate_server)
    for source in ("coingecko", "kucoin"):
        rate_server.fault(source, "500")
    rate_server.set_offset("bitfinex", "0.10")

    said = line("rates")

    assert said.code == 1
    assert "the only two fresh sources differ by more than 3 %" in said.err


def test_accepting_a_rate_is_written_for_the_worker_with_who_and_why(line: Line, rate_server: RateServer) -> None:
    with_rates(line, rate_server)

    assert line("rates", "accept", "XMR").code == 2
    assert line("rates", "accept", "DOGE", "--why", "x").code == 2
    assert line("rates", "accept", "xmr", "--why", "checked", "--as", "alice").code == 0

    (alarm,) = line("status", "--json").json["alarms"]
    assert (alarm["kind"], alarm["who"]) == ("rates.accepted", "alice")
    assert alarm["words"].startswith("XMR at 150")


def test_wallets_show_the_queue_even_when_the_wallet_is_out_of_reach(line: Line, rate_server: RateServer) -> None:
    with_rates(line, rate_server)
    line.add("E-1", usd="30.00")
    line("refunds", "approve", "E-1")

    said = line("wallets", "--json")

    assert said.code == 1
    (wallet,) = said.json
    assert (wallet["queued_refunds"], wallet["needed_usd"], wallet["needed"]) == (1, "30.00", "0.2")
    assert wallet["fault"]


def test_reconcile_agrees_on_a_fresh_installation(line: Line) -> None:
    said = line("reconcile")

    assert said.code == 0
    assert "agree" in said.out
    assert line("reconcile", "--json").json == []


def test_a_transfer_that_the_journal_lacks_is_found(line: Line) -> None:
    transfer = make_transfer("T-1")
    with line.store() as store:
        store.commit(Change(transfers=(transfer,)))
        store.commit(Change(transfers=(transfer.begin(transfer.committed_at),)))

    said = line("reconcile", "--json")

    assert said.code == 1
    assert [(each["kind"], each["subject"]) for each in said.json] == [("transfer.unjournaled", transfer.id)]


def test_a_spend_is_explained_once(line: Line) -> None:
    txid = digest("somebody's")

    assert line("ledger", "classify", txid, "--why", "cold storage", "--as", "alice").code == 0
    assert "known already" in line("ledger", "classify", txid, "--why", "again").out
    assert line("ledger", "classify", "nope", "--why", "x").code == 2
    assert line("ledger", "classify", txid).code == 2
    with line.store() as store:
        (spend,) = store.known_spends("hot")
    assert (spend.who, spend.why) == ("alice", "cold storage")


def test_the_same_commands_work_on_postgresql(tmp_path: Path, postgres_url: str, rate_server: RateServer) -> None:
    line = with_rates(Line(tmp_path, CONFIGURATION + f'[database]\nurl = "{postgres_url}"\n'), rate_server)

    assert line("refunds", "list").code == 2
    assert line("init").code == 0
    assert line.add().code == 0
    assert line("refunds", "approve", "E-1").out == "E-1: APPROVED\n"
    assert line("pause", "--why", "test").code == 0
    assert line.status_of() == "APPROVED"
    assert line("status", "--json").json["refunds"]["APPROVED"] == 1
    # The tests' server has fsync switched off, which no real one may have.
    durability = [check for check in line("doctor", "--json").json if check["check"] == "durability"]
    assert [(check["ok"], "fsync is off" in check["words"]) for check in durability] == [(False, True)]
