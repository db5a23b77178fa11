"""Attacks on who may call and who is told: API keys, stored answers, webhooks; and what a stolen key alone can do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest

from config.api_parts import api_keys
from payout.api_key import Scope
from tests.attacks.panel import Receiver, Thief
from tests.attacks.siege import THIEF, Siege

UNAUTHENTICATED = 401
NOT_ALLOWED = 403
REFUSED = {UNAUTHENTICATED, NOT_ALLOWED}
UNPROCESSABLE = 422


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()


def test_an_api_key_is_planted(siege: Siege) -> None:
    thief = Thief(siege)
    row = siege.row("api_keys", thief.key.id)
    siege.insert("api_keys", row, id="0123456789ab", name="mine", digest="0" * 64)
    status, _ = thief.ask("GET", "/refunds", text=f"payout_0123456789ab_{'0' * 64}")
    assert status == UNAUTHENTICATED
    assert "says what the history does not" in str(siege.verify().faults)


def test_the_digest_of_the_stolen_key_is_copied_under_more_scopes(siege: Siege) -> None:
    thief = Thief(siege)
    row = siege.row("api_keys", thief.key.id)
    siege.insert("api_keys", row, id="0123456789ab", name="mine", scopes=json.dumps([str(each) for each in Scope]))
    secret = thief.text.rsplit("_", 1)[1]
    status, _ = thief.ask("GET", "/pauses", text=f"payout_0123456789ab_{secret}")
    assert status == UNAUTHENTICATED
    assert "says what the history does not" in str(siege.verify().faults)


def test_the_stolen_key_is_given_more_scopes(siege: Siege) -> None:
    thief = Thief(siege)
    assert thief.ask("GET", "/pauses")[0] == NOT_ALLOWED
    siege.set("api_keys", thief.key.id, scopes=json.dumps([str(each) for each in Scope]))
    assert thief.ask("GET", "/pauses")[0] in REFUSED
    assert "says what the history does not" in str(siege.verify().faults)


def test_the_stolen_key_is_made_to_work_from_anywhere(siege: Siege) -> None:
    thief = Thief(siege, networks=("203.0.113.0/24",))
    assert thief.hands_in("X", "5.00")[0] == NOT_ALLOWED
    siege.set("api_keys", thief.key.id, networks="[]")
    assert thief.hands_in("X", "5.00")[0] in REFUSED
    assert "says what the history does not" in str(siege.verify().faults)


def test_a_revoked_key_is_brought_back(siege: Siege) -> None:
    thief = Thief(siege)
    api_keys(siege.house).revoke(thief.key.id, "carol", "it was stolen")
    siege.set("api_keys", thief.key.id, revoked_at=None, revoked_by=None, version=0)
    assert thief.hands_in("X", "5.00")[0] == UNAUTHENTICATED
    assert "says what the history does not" in str(siege.verify().faults)


def test_a_stolen_key_alone_moves_no_more_than_the_automatic_cap_of_a_day(siege: Siege) -> None:
    """60 USD a day at refunds of up to 25 USD: that is the whole bound, and people see each of them."""
    thief = Thief(siege)
    for number in range(5):
        assert thief.hands_in(f"X-{number}", "20.00")[0] == 201
        siege.judge.owe(f"X-{number}", "XMR", "20.00", siege.house.desk.find(f"X-{number}").destination).agreed = True
    siege.run()
    assert len(siege.paid()) == 3
    siege.network.clock.pass_by(timedelta(days=1))
    siege.run()
    assert len(siege.paid()) == 5


def test_a_stolen_key_and_deleted_counters_move_no_more_than_the_automatic_cap_of_a_day(siege: Siege) -> None:
    """What was paid without a person stands in the spend journal too, and that counts."""
    thief = Thief(siege)
    for number in range(5):
        thief.hands_in(f"X-{number}", "20.00")
        siege.judge.owe(f"X-{number}", "XMR", "20.00", siege.house.desk.find(f"X-{number}").destination).agreed = True
        siege.run(1, blocks=3)
        siege.sql("DELETE FROM counters")
        siege.sql("UPDATE attempts SET automatic = 0")
    assert len(siege.paid()) == 3


def test_a_stolen_key_cannot_have_a_large_refund_paid(siege: Siege) -> None:
    thief = Thief(siege, *Scope)
    assert thief.hands_in("X", "60.00")[0] == 201
    for path in ("/refunds/X/approve", "/refunds/X/release", "/refunds/X/resolve"):
        assert thief.ask("POST", path, {})[0] == 404
    siege.run()
    assert siege.paid() == []
    assert siege.house.desk.find("X").status == "REQUESTED"


def test_a_stolen_key_cannot_amend_an_approved_refund_into_a_payment(siege: Siege) -> None:
    """Amending is its right, and takes a person's signature from then on, however small the refund is."""
    thief = Thief(siege)
    siege.network.disk_full = True  # So that it is not paid at once.
    thief.hands_in("X", "20.00")
    siege.approved("E-1", "80.00")
    for name in ("X", "E-1"):
        assert (
            thief.ask("POST", f"/refunds/{name}/amend", {"destination": THIEF, "revision": 1, "why": "he moved"})[0]
            == 200
        )
        assert siege.house.desk.find(name).status == "REQUESTED"
    siege.network.disk_full = False
    siege.run()
    assert siege.paid() == []


def test_a_stolen_key_cannot_resume_what_people_paused(siege: Siege) -> None:
    thief = Thief(siege, *Scope)
    siege.house.desk.pause("all", "carol", "an audit")
    siege.approved("E-1")
    assert thief.ask("DELETE", "/pauses/all")[0] == NOT_ALLOWED
    siege.run(1)
    assert siege.paid() == []


def test_a_stored_answer_is_planted(siege: Siege) -> None:
    """Answers are sealed: a planted one is no answer, and the request is not done under its key."""
    thief = Thief(siege)
    siege.sql(
        "INSERT INTO replies (key, fingerprint, status, body, at) VALUES ('k', ?, 201, '{}', '2026-11-22')", "0" * 64
    )
    status, _ = thief.hands_in("X", "5.00", **{"Idempotency-Key": "k"})
    assert status == UNPROCESSABLE
    assert siege.rows("SELECT id FROM refunds") == []


def test_the_stored_answer_to_another_key_is_asked_for(siege: Siege) -> None:
    """It holds an endpoint's signing secret; what was asked, and under which Idempotency-Key, the database tells."""
    thief = Thief(siege, *Scope)
    _, shop = api_keys(siege.house).add("shop", (Scope.WEBHOOKS,), (), "carol")
    asked, once = {"url": "https://shop.example/hook"}, {"Idempotency-Key": "k"}
    status, made = thief.ask("POST", "/webhook-endpoints", asked, shop, **once)
    assert status == 201
    status, told = thief.ask("POST", "/webhook-endpoints", asked, **once)
    assert status == UNPROCESSABLE
    assert made["secret"] not in json.dumps(told)


def test_an_endpoint_is_planted(siege: Siege, receiver: Receiver) -> None:
    made = endpoint(siege, receiver)
    siege.insert("endpoints", siege.row("endpoints", made), id="we_thief", url=receiver.url)
    siege.request("E-1", "50.00")
    told(siege)
    assert len(receiver.requests) == 1  # By the true one alone.
    assert "endpoint.forged" in siege.alarms()


@pytest.mark.parametrize("url", ["http://169.254.169.254/latest/meta-data", "http://10.0.0.1:8710/", "other"])
def test_the_address_of_an_endpoint_is_edited(siege: Siege, receiver: Receiver, url: str) -> None:
    made = endpoint(siege, receiver)
    siege.set("endpoints", made, url=receiver.url + "/thief" if url == "other" else url)
    siege.request("E-1", "50.00")
    told(siege)
    assert receiver.requests == []
    assert "endpoint.forged" in siege.alarms()
    assert siege.row("endpoints", made)["stopped_at"]


@pytest.mark.parametrize("edit", [False, True])
def test_a_message_is_planted_or_edited(siege: Siege, receiver: Receiver, *, edit: bool) -> None:
    """'It is paid': the shop would ship on it."""
    endpoint(siege, receiver)
    siege.request("E-1", "50.00")
    message = siege.rows("SELECT * FROM messages")[0]
    lie = message["body"].replace("refund.requested", "refund.paid").replace("REQUESTED", "PAID")
    if edit:
        siege.set("messages", message["id"], body=lie, type="refund.paid")
    else:
        delivery = siege.rows("SELECT * FROM deliveries")[0]
        siege.insert("messages", message, id="msg_thief", body=lie, type="refund.paid", number=message["number"] + 99)
        siege.insert("deliveries", delivery, id="msg_thief.x", message_id="msg_thief", number=message["number"] + 99)
    told(siege)
    assert not [body for body in receiver.requests if b"PAID" in body]
    assert "message.forged" in siege.alarms()


def endpoint(siege: Siege, receiver: Receiver) -> str:
    """The merchant's own."""
    return siege.house.webhooks.endpoints(siege.house.store).create(receiver.url, (), "carol").endpoint.id


def told(siege: Siege) -> None:
    """Every message has been tried."""
    for _ in range(3):
        siege.tick("deliver")
        siege.network.clock.pass_by(timedelta(seconds=30))
