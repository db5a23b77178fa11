"""An old copy takes the place of the database: a backup that is put back, by an intruder or by mistake."""

from __future__ import annotations

import pytest

from tests.attacks.network import address_of
from tests.attacks.siege import Siege


def test_the_database_is_rolled_back_to_before_a_payment(siege: Siege) -> None:
    siege.approved("E-1")
    copy = siege.copy()
    siege.run()
    assert siege.paid() == ["E-1"]
    siege.put_back(copy)
    siege.run()
    assert siege.paid() == ["E-1"]
    assert "wallet.paused" in siege.alarms()


def test_the_database_is_rolled_back_to_before_a_payment_and_the_pause_is_deleted_ever_again(siege: Siege) -> None:
    siege.approved("E-1")
    copy = siege.copy()
    siege.run()
    siege.put_back(copy)
    for _ in range(3):
        siege.run(1)
        siege.sql("DELETE FROM pauses")
    assert siege.paid() == ["E-1"]


@pytest.mark.parametrize("end", ["cancel", "reject", "hold", "amend"])
def test_the_database_is_rolled_back_to_before_people_took_a_refund_back(siege: Siege, end: str) -> None:
    """The daemon had five seconds to read of it: from then on its own journal remembers."""
    siege.house.desk.pause("hot", "carol", "so that it is not paid at once")
    key = siege.approved("E-1")
    copy = siege.copy()
    desk, why = siege.house.desk, "it was a mistake"
    {
        "cancel": lambda: desk.cancel(key, "panel", why),
        "reject": lambda: desk.reject(key, "alice", why),
        "hold": lambda: desk.hold(key, "alice", why),
        "amend": lambda: desk.amend(key, address_of("elsewhere"), None, "panel", why),
    }[end]()
    siege.withdraw("E-1")
    siege.run(1)
    siege.put_back(copy)
    siege.run(1)
    siege.house.desk.resume("hot", "carol")
    siege.run()
    assert siege.paid() == []
    assert siege.status(key) == "HELD"
    assert "refund.held" in siege.alarms()
    assert not siege.verify().sound


def test_the_database_is_rolled_back_before_the_daemon_read_of_a_cancellation(siege: Siege) -> None:
    """What nothing outside the database ever heard of is lost with it: the limit that the documents name."""
    key = siege.approved("E-1")
    copy = siege.copy()
    siege.house.desk.cancel(key, "panel", "it was a mistake")
    siege.put_back(copy)
    siege.run()
    assert siege.paid() == ["E-1"]


def test_the_database_is_rolled_back_to_before_a_pause(siege: Siege) -> None:
    siege.approved("E-1")
    copy = siege.copy()
    siege.house.desk.pause("all", "carol", "an audit")
    siege.run(1)
    siege.put_back(copy)
    siege.run()
    assert siege.paid() == []
    assert "wallet.paused" in siege.alarms()


def test_the_spend_journals_own_memory_is_not_fooled_by_numbers_that_are_given_twice(siege: Siege) -> None:
    """After a rollback new events take the numbers of lost ones: an old word of release must not lift a new hold."""
    siege.house.desk.pause("hot", "carol", "so that it is not paid at once")
    key = siege.approved("E-1")
    siege.house.desk.hold(key, "alice", "first")
    siege.run(1)
    siege.house.desk.release(key, "alice")
    released = siege.copy()
    siege.run(1)
    siege.house.desk.hold(key, "alice", "second thoughts")
    siege.withdraw("E-1")
    siege.run(1)
    siege.put_back(released)
    siege.run(1)
    siege.house.desk.resume("hot", "carol")
    siege.run()
    assert siege.paid() == []
    assert siege.status(key) == "HELD"


def test_the_lease_is_stolen_until_a_cancellation_can_be_rolled_back(siege: Siege) -> None:
    """For as long as it stands by the daemon pays nothing; it must hear of what people take back all the same."""
    key = siege.approved("E-1")
    copy = siege.copy()
    siege.sql("UPDATE leases SET owner = 'nobody', epoch = epoch + 1000, expires_at = ?",
              "2027-01-01T00:00:00.000000+00:00")  # fmt: skip
    siege.run(1)
    siege.house.desk.cancel(key, "panel", "it was a mistake")
    siege.withdraw("E-1")
    siege.run(2)
    siege.put_back(copy)
    siege.run()
    assert siege.paid() == []
    assert "refund.held" in siege.alarms()
