"""Attacks on what bounds payments: prices, caps, pauses, leases, and which wallet pays."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from decimal import Decimal

from tests.attacks.network import PRICE, address_of
from tests.attacks.siege import THIEF, Begun, Siege, paid


def test_a_quote_at_a_price_of_the_intruders_is_planted(begun: Begun) -> None:
    siege, _ = begun(paid)
    for quote in siege.rows("SELECT * FROM quotes"):
        siege.insert("quotes", quote, id="q" * 64, body=quote["body"].replace(str(PRICE), "0.01"))
    siege.sql("UPDATE quotes SET body = replace(body, ?, '0.01')", str(PRICE))
    siege.approved("E-2")
    siege.run()
    assert siege.paid() == ["E-1", "E-2"]  # The judge computes what each is worth.
    assert "of its payment is gone, or was changed" in str(siege.verify().faults)


def test_a_persons_word_for_a_rate_that_jumped_is_planted(siege: Siege) -> None:
    """Sources that all say 30 % less are not believed for ten minutes; only a person may vouch for them."""
    siege.tick("rates")
    siege.network.clock.pass_by(timedelta(seconds=40))
    siege.network.prices["XMR"] = PRICE * Decimal("0.7")
    siege.approved("E-1")
    words = f"XMR at {siege.network.prices['XMR']:f} USD: I looked"
    last = siege.rows("SELECT * FROM events WHERE number IS NOT NULL ORDER BY number DESC LIMIT 1")[0]
    at = siege.network.clock.now().isoformat(timespec="microseconds")
    planted = {"at": at, "kind": "rates.accepted", "words": words, "who": "carol", "alarm": 1}
    siege.insert("events", last, number=None, mac=None, **planted)
    siege.insert("events", last, number=last["number"] + 1, mac="0" * 64, **planted)
    siege.sql("UPDATE audit_head SET number = number + 1, mac = ?", "0" * 64)  # So that others still are written.
    siege.run(1, blocks=0)
    assert siege.paid() == []
    assert not siege.verify().sound


def test_the_days_counters_are_set_below_zero(siege: Siege) -> None:
    for number in range(4):
        siege.approved(f"E-{number}", "90.00")
    siege.run()
    assert siege.paid() == ["E-0", "E-1", "E-2", "E-3"]
    siege.sql("UPDATE counters SET used = -100000000")
    siege.approved("E-4", "90.00")
    siege.run(2)
    assert siege.paid() == ["E-0", "E-1", "E-2", "E-3"]
    assert "It was lowered" in siege.alarms()["counter.edited"]


def test_the_counters_are_deleted_while_refunds_wait_for_tomorrow(siege: Siege) -> None:
    for number in range(5):
        siege.approved(f"E-{number}", "90.00")
    siege.run(1)
    before = siege.paid()
    siege.sql("DELETE FROM counters")
    siege.run(2)
    assert siege.paid() == before
    assert len(before) == 4
    assert "It was lowered" in siege.alarms()["counter.edited"]


def test_counters_are_raised_so_that_nothing_is_paid(siege: Siege) -> None:
    """Denial of service: it is told, and nothing is lost."""
    siege.sql("INSERT INTO counters (scope, day, used) VALUES ('day', '2026-11-22', 99999999)")
    key = siege.approved("E-1")
    siege.run(1)
    assert siege.paid() == []
    assert "day_usd" in siege.row("refunds", key)["waiting_for"]
    assert "It was raised" in siege.alarms()["counter.edited"]


def test_a_wallets_address_is_edited(siege: Siege) -> None:
    siege.sql("UPDATE wallets SET address = ?", THIEF)
    siege.approved("E-1")
    siege.run()
    assert siege.paid() == []
    assert "wallet.paused" in siege.alarms()


def test_our_own_address_is_taken_out_of_the_database_and_asked_to_be_paid(siege: Siege) -> None:
    siege.sql("UPDATE wallets SET address = ?", THIEF)
    siege.approved("E-1", to=address_of("hot"))
    siege.sql("UPDATE wallets SET address = ?", address_of("hot"))
    siege.run()
    assert siege.paid() == []
    assert "refund.held" in siege.alarms()


def test_the_lease_is_stolen(siege: Siege) -> None:
    """The daemon stands by while somebody else seems to work: nothing is paid, until the lease runs out."""
    siege.approved("E-1")
    later = siege.network.clock.now() + timedelta(minutes=40)
    siege.sql("UPDATE leases SET owner = 'nobody', epoch = epoch + 1000, expires_at = ?",
              later.isoformat(timespec="microseconds"))  # fmt: skip
    siege.run(2)
    assert siege.paid() == []
    assert "worker nobody has had the wallet" in siege.alarms()["wallet.idle"]
    siege.run()
    assert siege.paid() == ["E-1"]


def test_a_pause_is_deleted(siege: Siege) -> None:
    siege.house.desk.pause("all", "carol", "an audit")
    siege.approved("E-1")
    siege.run(1)
    siege.sql("DELETE FROM pauses")
    siege.run(1)
    assert siege.paid() == []
    assert "the pause of all by carol is gone" in siege.alarms()["wallet.paused"]
    siege.house.desk.resume("hot", "carol")  # Who is told of it, and wants it so, lifts it.
    siege.run(1)
    assert siege.paid() == ["E-1"]


def test_a_pause_is_deleted_with_its_event_and_a_word_that_lifts_it_is_planted(siege: Siege) -> None:
    siege.house.desk.pause("hot", "carol", "an audit")
    siege.approved("E-1")
    siege.run(1)
    paused = siege.rows("SELECT * FROM events WHERE kind = 'wallet.paused'")[0]
    siege.sql("DELETE FROM pauses")
    siege.sql("DELETE FROM events WHERE kind = 'wallet.paused'")
    last = siege.sql("SELECT max(number) FROM events")[0][0]
    siege.insert("events", paused, kind="wallet.resumed", words="hot resumed by carol", number=last + 1)
    siege.run(1)
    assert siege.paid() == []
    assert not siege.verify().sound


def test_a_pause_file_holds_whatever_the_database_says(siege: Siege) -> None:
    (siege.folder / "var" / "PAUSE").write_text("carol: an intruder\n")
    siege.approved("E-1")
    siege.sql("DELETE FROM pauses")
    siege.run()
    assert siege.paid() == []


def test_the_pause_that_the_daemon_set_itself_is_deleted(begun: Begun) -> None:
    """What made it stop is found again before anything is committed."""
    siege, _ = begun(paid)
    siege.sql("DELETE FROM attempts")
    siege.sql("DELETE FROM transfers")
    siege.approved("E-2")
    siege.run(1)
    assert siege.paid() == ["E-1"]
    siege.sql("DELETE FROM pauses")
    siege.run(1)
    assert siege.paid() == ["E-1"]
    assert "wallet.paused" in siege.alarms()


def test_a_pauses_end_is_moved_into_the_past(siege: Siege) -> None:
    end = siege.network.clock.now() + timedelta(days=1)
    siege.house.desk.pause("all", "carol", "an audit", end)
    siege.approved("E-1")
    siege.run(1)
    siege.sql("UPDATE pauses SET until = '2026-01-01T00:00:00.000000+00:00'")
    siege.run(1)
    assert siege.paid() == []
    assert "wallet.paused" in siege.alarms()


def test_rows_are_made_unreadable(siege: Siege) -> None:
    """Denial of service: the tick fails loudly, and pays nothing by what it cannot read."""
    key = siege.approved("E-1")
    siege.set("refunds", key, owed_cents="a lot", approved_at="yesterday")
    with suppress(ValueError):
        siege.run(1)
    assert siege.paid() == []
