"""`payout webhooks` and `payout alarms`, and the tick that tells others, on a whole installation."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import standardwebhooks

from payout.change import Change
from tests.adapters.raw_server import RawServer, answering
from tests.config.line import Line
from tests.factories import make_event

PRIVATE = '\n[webhooks]\nallow_private = ["127.0.0.0/8"]\n'


@pytest.fixture
def shop(line: Line) -> Line:
    """An installation that may tell this machine."""
    line.extend(PRIVATE)
    return line


def secret_of(said: str) -> str:
    return said.rpartition(": ")[2].strip()


def headers(request: bytes) -> dict[str, str]:
    lines = request.partition(b"\r\n\r\n")[0].decode().split("\r\n")[1:]
    return {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}


def test_an_endpoint_is_added_listed_rotated_and_stopped(line: Line) -> None:
    added = line("webhooks", "add", "https://shop.example/hook", "--type", "refund.paid", "--as", "alice")
    assert added.code == 0
    assert "is told refund.paid" in added.out
    (endpoint,) = line("webhooks", "list", "--json").json
    assert (endpoint["url"], endpoint["types"], endpoint["made_by"]) == (
        "https://shop.example/hook",
        ["refund.paid"],
        "alice",
    )
    rotated = line("webhooks", "rotate", endpoint["id"])
    assert rotated.code == 0
    assert secret_of(rotated.out) != secret_of(added.out)
    listed = line("webhooks", "list")
    assert "https://shop.example/hook" in listed.out
    assert "whsec_" not in listed.out
    stopped = line("webhooks", "stop", endpoint["id"], "--why", "it moved", "--as", "alice", "--json").json
    assert stopped["stopped_why"] == "alice: it moved"
    assert "it moved" in line("webhooks", "list").out
    assert line("webhooks", "rotate", endpoint["id"]).code == 3


def test_no_secret_is_in_the_database_in_the_clear(line: Line) -> None:
    secret = secret_of(line("webhooks", "add", "https://shop.example/hook").out)
    assert secret.startswith("whsec_")
    files = [path.read_bytes() for path in (line.folder / "var").iterdir() if path.is_file()]
    assert not any(secret.removeprefix("whsec_").encode() in content for content in files)


def test_a_secret_of_the_merchant_s_own_is_taken_from_a_file(line: Line, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n")
    said = line("webhooks", "add", "https://shop.example/", "--secret-file", str(file), "--json").json
    assert said["secret"] == "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    assert line("webhooks", "add", "https://shop.example/", "--secret-file", str(tmp_path / "none")).code == 2


@pytest.mark.parametrize(
    "words",
    [
        ("add", "http://127.0.0.1/"),
        ("add", "https://shop.example/", "--type", "refund.refunded"),
        ("rotate", "we_x"),
        ("stop", "we_x", "--why", "it moved"),
        ("test", "we_x"),
        ("resend", "msg_x.we_x"),
        ("deliveries", "--refund", "E-9"),
        ("deliveries", "--endpoint", "we_none"),
        ("deliveries", "--limit", "-1"),
    ],
)
def test_what_is_wrong_is_said_with_a_remedy(line: Line, words: tuple[str, ...]) -> None:
    said = line("webhooks", *words)
    assert said.code == 2
    assert said.err.strip()


def test_where_people_are_named_only_an_admin_manages_endpoints(line: Line) -> None:
    line.people('[people.alice]\nroles = ["approver"]\n[people.root]\nroles = ["admin"]\n')
    assert line("webhooks", "add", "https://shop.example/", "--as", "alice").code == 3
    assert line("webhooks", "add", "https://shop.example/", "--as", "root").code == 0
    assert line("webhooks", "list", "--as", "alice").code == 0


def test_a_test_says_what_the_endpoint_answered(shop: Line) -> None:
    with RawServer(answering("200 OK", b"")) as server:
        secret = secret_of(shop("webhooks", "add", f"{server.url}/hook").out)
        (endpoint,) = shop("webhooks", "list", "--json").json
        said = shop("webhooks", "test", endpoint["id"])
        (request,) = server.requests
    assert (said.code, said.out) == (0, f"endpoint {endpoint['id']}: answered 200\n")
    body = request.partition(b"\r\n\r\n")[2].decode()
    assert standardwebhooks.Webhook(secret).verify(body, headers(request))["type"] == "webhook.test"
    assert shop("webhooks", "test", endpoint["id"]).code == 1


def test_a_run_delivers_what_happened_and_it_can_be_sent_again(shop: Line) -> None:
    with RawServer(answering("200 OK", b"")) as server:
        shop("webhooks", "add", f"{server.url}/hook")
        shop.add("E-1")
        shop("refunds", "approve", "E-1", "--as", "alice")
        assert "not tried" not in shop("webhooks", "deliveries").out
        shop("run", "--once")
        delivered = shop("webhooks", "deliveries", "--refund", "E-1", "--json").json
        assert [(each["type"], each["status"], each["said"]) for each in reversed(delivered)] == [
            ("refund.requested", "DELIVERED", "answered 200"),
            ("refund.approved", "DELIVERED", "answered 200"),
        ]
        assert shop("webhooks", "resend", delivered[0]["id"], "--as", "alice").code == 0
        shop("run", "--once")
        ids = [headers(request)["webhook-id"] for request in server.requests]
    assert ids == [delivered[1]["message_id"], delivered[0]["message_id"], delivered[0]["message_id"]]
    assert "DELIVERED" in shop("webhooks", "deliveries").out


def test_what_was_given_up_is_listed_by_itself_and_sent_again_at_once(line: Line) -> None:
    line("webhooks", "add", "https://shop.example/hook")
    line.add("E-1")
    (endpoint,) = line("webhooks", "list", "--json").json
    (delivery,) = line("webhooks", "deliveries", "--json").json
    assert (
        "no deliveries; what ended more than 30 days ago is no longer kept"
        in line("webhooks", "deliveries", "--failed").out
    )
    assert line("webhooks", "resend").code == 2
    assert line("webhooks", "resend", delivery["id"], "--failed", endpoint["id"]).code == 2
    with closing(sqlite3.connect(line.folder / "var" / "payout.db")) as database, database:
        database.execute("UPDATE deliveries SET status = 'FAILED', ended_at = next_at")

    assert [each["id"] for each in line("webhooks", "deliveries", "--failed", "--json").json] == [delivery["id"]]
    assert line("webhooks", "resend", "--failed", endpoint["id"]).code == 0
    assert line("webhooks", "deliveries", "--failed", "--json").json == []


@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")
def test_operators_are_told_of_alarms_and_a_test_shows_it(line: Line) -> None:
    with RawServer(answering("200 OK", b"")) as hook:
        urls = line.folder / "alarms"
        urls.write_text(f"# the chat of those on call\njson://{hook.url.removeprefix('http://')}/T0KEN\n")
        urls.chmod(0o600)
        line.extend('\n[alarms]\nurls_file = "alarms"\n')
        said = line("alarms", "test")
        assert (said.code, said.out) == (0, "json (address 1): taken\n")
        line("run", "--once")
        line.add("E-1")
        with line.store() as store:
            store.commit(Change(events=(make_event("an unknown spend", kind="wallet.paused", alarm=True),)))
        line("run", "--once")
        texts = [json.loads(request.partition(b"\r\n\r\n")[2])["title"] for request in hook.requests]
    assert texts == ["payout test: a test", "payout test: wallet.paused"]
    gone = line("alarms", "test")
    assert gone.code == 1
    assert "T0KEN" not in gone.err + gone.out


def test_without_a_service_the_test_says_where_to_name_one(line: Line) -> None:
    said = line("alarms", "test")
    assert said.code == 1
    assert "[alarms] urls_file" in said.err
