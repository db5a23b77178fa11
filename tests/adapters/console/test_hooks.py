"""The receiver of webhooks, as a server on a socket: it marks orders to be looked at, and does nothing else."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal

import pytest

from adapters.console.hooks import BODY_BYTES_MAX, hook_app
from adapters.console.serve import listen, server
from adapters.memory.processor import HINT_HEADER, MemoryProcessor, SwapService
from adapters.memory.store import MemoryStore
from config.hooks import HookKeys
from payout.change import Change
from payout.errors import SettingsError
from payout.order import Order, OrderStatus
from tests.adapters.console.served import served
from tests.clock import HandClock
from tests.factories import NOW, answered, make_approved, make_funding, make_order

KEYS = HookKeys(bytes(32))
WAIT_SECONDS = 10


class House:
    """A receiver on a port of its own, before one processor and one FUNDED order."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        self.service = SwapService("alpha", HandClock(), prices={"XMR": Decimal(160)})
        self.order = self._funded()
        self.port = 0

    def _funded(self) -> Order:
        refund = make_approved()
        order = make_order(refund, processor="alpha")
        unfunded = answered(order)
        transfer = make_funding("F-1", unfunded)
        funded = unfunded.to(OrderStatus.FUNDED, transfer_id=transfer.id, funded_at=NOW)
        self.store.commit(Change(refunds=(refund,), orders=(order,)))
        self.store.commit(Change(orders=(unfunded,)))
        self.store.commit(Change(orders=(funded,), transfers=(transfer,)))
        return funded

    @property
    def row(self) -> Order:
        found = self.store.order(self.order.id)
        assert found is not None
        return found

    @property
    def path(self) -> str:
        return f"/hooks/alpha/{KEYS.token('alpha')}"

    def post(
        self, path: str, body: bytes | Iterator[bytes], headers: dict[str, str] | None = None, method: str = "POST"
    ) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=WAIT_SECONDS)
        try:
            connection.request(method, path, body=body, headers=headers or {})
            return connection.getresponse().status
        finally:
            connection.close()

    def genuine(self, processor_id: str | None = None) -> int:
        body = (processor_id or self.order.processor_id or "").encode()
        return self.post(self.path, body, {HINT_HEADER: self.service.hint_key})


@contextmanager
def receiving(house: House) -> Iterator[House]:
    processors = {"alpha": MemoryProcessor(house.service)}
    app = hook_app(processors, KEYS.fits, house.store, HandClock())
    with served(server(app)) as house.port:
        yield house


@pytest.fixture
def house() -> Iterator[House]:
    with receiving(House()) as found:
        yield found


def test_a_genuine_webhook_makes_us_look_at_its_order_and_changes_nothing_else(house: House) -> None:
    before = house.row

    assert house.genuine() == 204

    assert house.row == replace(before, poked_at=NOW)


def test_one_of_an_order_that_we_do_not_have_is_taken_like_any_other(house: House) -> None:
    assert house.genuine("swap of somebody else") == 204
    assert house.row.poked_at is None


def test_one_that_the_processor_did_not_sign_marks_nothing(house: House) -> None:
    body = (house.order.processor_id or "").encode()

    assert house.post(house.path, body, {HINT_HEADER: "guessed"}) == 204
    assert house.row.poked_at is None


@pytest.mark.parametrize(
    "path",
    [
        "/hooks/alpha/" + "0" * 64,
        "/hooks/alpha/",
        "/hooks/alpha",
        "/hooks/beta/" + KEYS.token("beta"),
        "/hooks/beta/" + KEYS.token("alpha"),
        "/hooks/alpha/" + KEYS.token("alpha") + "/more",
        "/",
        "/docs",
        "/openapi.json",
    ],
)
def test_whoever_does_not_know_the_address_finds_nothing(house: House, path: str) -> None:
    body = (house.order.processor_id or "").encode()

    assert house.post(path, body, {HINT_HEADER: house.service.hint_key}) == 404
    assert house.row.poked_at is None


def test_nothing_can_be_read_there(house: House) -> None:
    assert house.post(house.path, b"", method="GET") == 405
    assert house.row.poked_at is None


def test_a_body_beyond_all_sense_is_refused_whatever_length_it_claims(house: House) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(BODY_BYTES_MAX // 1000 + 2):
            yield b"x" * 1000

    try:
        status = house.post(house.path, endless())
    except (BrokenPipeError, ConnectionResetError):  # It may stop listening before we have said it all.
        status = 413
    assert status == 413


def test_the_address_is_derived_from_the_key_and_differs_for_each_processor_and_key() -> None:
    other = HookKeys(bytes([1]) * 32)

    tokens = {KEYS.token("alpha"), KEYS.token("beta"), other.token("alpha"), KEYS.secret("alpha")}

    assert len(tokens) == 4
    assert all(len(token) == 64 for token in tokens)
    assert KEYS.fits("alpha", KEYS.token("alpha"))
    assert not KEYS.fits("alpha", KEYS.token("beta"))
    assert not KEYS.fits("alpha", "\u0434")
    assert KEYS.url("https://h", "alpha") == f"https://h/hooks/alpha/{KEYS.token('alpha')}"
    assert "0" * 8 not in repr(KEYS)


def test_an_address_that_is_taken_is_said_in_words(house: House) -> None:
    with pytest.raises(
        SettingsError, match=rf"\[console\] listen: 127.0.0.1:{house.port} cannot be used: another program"
    ):
        listen("127.0.0.1", house.port)
