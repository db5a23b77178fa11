"""On a real node, what the pages promise a developer: handed in by API, approved by two, paid, told, provable."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook

from deploy.sandbox import Miner, Network, RateServer
from tests.canary import guard
from tests.console_process import Caller, ConsoleProcess, make_key
from tests.nodes.house import Installation, replenish, until

pytestmark = pytest.mark.nodes

PEOPLE = """\
quorum = 2
[people.alice]
roles = ["approver", "admin"]
keys = ["{alice}"]
[people.bob]
roles = ["approver"]
keys = ["{bob}"]
"""


class Receiver:
    """The merchant's own server: it takes what verifies, and nothing else."""

    def __init__(self) -> None:
        self.webhook: Webhook | None = None
        self.taken: list[Any] = []
        self.refused: list[str] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                self.send_response(outer.take(body, dict(self.headers.items())))
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Silent."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/payout"

    @property
    def types(self) -> list[str]:
        return [message["type"] for message in self.taken]

    def take(self, body: bytes, headers: dict[str, str]) -> int:
        try:
            assert self.webhook is not None
            self.taken.append(self.webhook.verify(body, headers))
        except Exception as error:  # noqa: BLE001 -- Whatever is wrong with it, it is not taken.
            self.refused.append(repr(error))
            return 400
        return 204

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture(scope="module")
def network(common_network: Network) -> Network:
    return common_network


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()


def key_of(house: Installation, name: str) -> str:
    """Make a key file; the line for people.toml."""
    said = house.must("users", "key", str(house.folder / f"{name}.key")).out
    return next(word for word in said.split('"') if word.startswith("ed25519:"))


def test_a_refund_handed_in_by_api_is_approved_by_two_people_paid_told_and_provable(
    network: Network, rate_server: RateServer, receiver: Receiver, tmp_path: Path
) -> None:
    replenish(network)
    address = network.customer.new_addresses(1)[0]
    with Installation(network, rate_server, tmp_path / "house") as house:
        house.config.write_text(house.config.read_text() + '\n[webhooks]\nallow_private = ["127.0.0.0/8"]\n')
        key = make_key(house.config, "panel", "refunds:read", "refunds:write", "webhooks")
        guard(key)
        people = PEOPLE.format(alice=key_of(house, "alice"), bob=key_of(house, "bob"))
        (house.folder / "people.toml").write_text(people)
        with ConsoleProcess(house.config) as console:
            panel = Caller(console.port, key)
            endpoint = panel.post("/webhook-endpoints", {"url": receiver.url}).json
            guard(endpoint["secret"])
            receiver.webhook = Webhook(endpoint["secret"])

            asked = {"external_id": "R-1042", "usd": "25.00", "asset": "XMR", "destination": address}
            made = panel.post("/refunds", asked, Idempotency_Key="refund-R-1042")
            again = panel.post("/refunds", asked, Idempotency_Key="refund-R-1042")
            assert (made.status, made.json["status"]) == (201, "REQUESTED")
            assert (again.body, again.headers["idempotent-replayed"]) == (made.body, "true")

            approve = ("refunds", "approve", "R-1042", "--revision", "1", "--key")
            house.must(*approve, str(house.folder / "alice.key"), "--as", "alice")
            assert panel.get("/refunds/R-1042").json["status"] == "REQUESTED", "one of two is not enough"
            house.must(*approve, str(house.folder / "bob.key"), "--as", "bob")

            daemon = house.daemon("daemon")
            try:
                with Miner(network.daemon.url, every=0.5):
                    until(lambda: "refund.paid" in receiver.types, "the merchant to be told that it is paid")
                daemon.stop()
            finally:
                daemon.end()
            panel.close()
            last = Caller(console.port, key)
            paid = last.get("/refunds/R-1042").json
            last.close()

        steps = ["requested", "approved", "paying", "broadcast", "paid"]
        assert receiver.types == [f"refund.{step}" for step in steps]
        assert receiver.refused == []
        told = receiver.taken[-1]["data"]["refund"]
        assert {**told, "confirmations": paid["confirmations"]} == {name: paid[name] for name in told}
        assert paid["status"] == "PAID"
        assert [approval["signer"] for approval in paid["approvals"]] == ["alice", "bob"]
        assert network.customer.received_at(address) == round(float(paid["amount"]) * 10**12)
        assert "the history is whole" in house.must("audit", "verify").out
