"""
No wrong answer is accepted: every mutation of an answer, at every call.

A call may fail, in the words of the port. If it does not, then what it returns says the wrong thing as it was said, so
that the comparison with the order finds it; or the answer was as good as the true one.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, ClassVar, Final

import pytest

from adapters.http import Timeouts
from deploy.sandbox.processor.server import ProcessorServer
from payout.errors import (
    OrderMissing,
    OrderRefused,
    OrderUnknown,
    PayoutError,
    ProcessorDenied,
    ProcessorGarbled,
    RailUnavailable,
)
from payout.money import Money
from payout.order import Order, Said, Stage
from payout.ports import Processor
from payout.swaps.offer import Offer
from tests.adapters.processors.mutations.fields import CASES, VALUES, Names, wrongly
from tests.adapters.processors.mutations.tampering import Tampering, Wire
from tests.adapters.processors.mutations.transport import HARMLESS, LOST, NO
from tests.contracts.processor.world import CONTRACTS, FAST, HUNDRED, PATIENT, USDT, Make, access_to, order_of

READ: Final = (RailUnavailable, ProcessorDenied, ProcessorGarbled)
ERRORS: Final = {
    "refresh": READ,
    "quote": (*READ, OrderRefused),
    "create": (RailUnavailable, ProcessorDenied, OrderRefused, OrderUnknown),
    "read": (*READ, OrderMissing),
    "find": READ,
}
CALLS: Final = tuple(ERRORS)
SEVENTY: Final = Money(70_000_000, USDT)
"""What is made under tampering is not taken for the order of before."""
HASTY: Final = Timeouts(connect=5, read=0.3, total=0.3)
SLOW: Final = frozenset({"silent", "dribbling", "whole, then dribbling"})
TOLD: Final = {
    "id": "processor_id",
    "deposit": "deposit",
    "receive": "receive",
    "deposit_address": "deposit_address",
    "destination": "destination",
    "return_address": "return_address",
    "memo": "memo",
    "deposit_memo": "deposit_memo",
    "expires": "expires_at",
    "status": "status_text",
}
"""What is told on, to be compared by the caller. All else must be right, or the answer is refused."""
OFFERED: Final = {"id": "ref", "deposit": "deposit", "expires": "expires_at"}


class Scene:
    """One processor behind a man in the middle, a client, and an order that was made before anything was tampered."""

    def __init__(self, name: str, make: Make, server: ProcessorServer, tampering: Tampering) -> None:
        self.name, self.server, self.tampering = name, server, tampering
        self._make = make
        self.client, self.hasty = self.client_with(PATIENT), self.client_with(HASTY)
        offer = self.client.quote(HUNDRED)
        self.order = order_of(offer)
        self.client.create(self.order, offer)
        (self.order_id,) = server.engine.orders
        self.truth = self.client.read(self.order_id, None, USDT)

    def client_with(self, timeouts: Timeouts) -> Processor:
        """A new client, its lists read without tampering."""
        url = self.tampering.server.url + self.server.front_ends[self.name].prefix
        access = access_to(self.server, self.name, url=url, timeouts=timeouts, pace=FAST)
        client = self._make(self.server, access, CONTRACTS)
        for _ in range(20):  # On a busy machine the hasty one may need more than one try.
            with contextlib.suppress(RailUnavailable):
                client.refresh()
                break
        return client

    def outcome(self, call: str, mutate: Callable[[Wire], Wire], client: Processor | None = None) -> Any:
        """What the call returns, or its error. Anything but an error of the project ends the test."""
        client = client or self.client
        action = self._action(call, client)
        self.tampering.mutate, self.tampering.changed = mutate, False
        try:
            return action()
        except PayoutError as error:
            return error
        finally:
            self.tampering.mutate = lambda wire: wire

    def _action(self, call: str, client: Processor) -> Callable[[], Any]:
        if call == "create":
            for other in self.server.engine.orders.keys() - {self.order_id}:
                del self.server.engine.orders[other]
            offer = self.client.quote(SEVENTY)
            order = order_of(offer)
            return lambda: client.create(order, offer)
        actions: dict[str, Callable[[], Any]] = {
            "refresh": client.refresh,
            "quote": lambda: client.quote(HUNDRED),
            "read": lambda: client.read(self.order_id, None, USDT),
            "find": lambda: client.find(self.order, self.order.asked_at),
        }
        return actions[call]

    def newest(self) -> Said:
        """The order that was made last, as it truly is."""
        return self.client.read(list(self.server.engine.orders)[-1], None, USDT)


class MutationContract:
    """A subclass says how its client is made, and which keys say what in its protocol."""

    name: str
    make: Make
    names: ClassVar[Names]

    @pytest.fixture(scope="class")
    @classmethod
    def scene(cls) -> Iterator[Scene]:
        with ProcessorServer() as server, (tampering := Tampering(server.url)).server:
            yield Scene(cls.name, cls.make, server, tampering)

    @pytest.mark.parametrize("call", CALLS)
    @pytest.mark.parametrize("mutation", LOST)
    def test_an_answer_that_is_none_is_never_taken_for_one(self, scene: Scene, mutation: str, call: str) -> None:
        client = scene.hasty if mutation in SLOW else scene.client
        made = scene.server.requests[self.name, "create"]

        outcome = scene.outcome(call, LOST[mutation], client)

        if call == "create":
            assert isinstance(outcome, OrderUnknown)
            assert scene.server.requests[self.name, "create"] == made + 1
            assert len(scene.server.engine.orders) == 2  # The one of before, and this.
        else:
            assert isinstance(outcome, ERRORS[call]) or (call == "find" and outcome == ())
        if mutation in SLOW and outcome:
            assert "no whole answer within 0.3 s" in str(outcome) or "silent for 0.3 s" in str(outcome)
        assert client.refusal(USDT) is None  # What was listed before still is.

    @pytest.mark.parametrize("call", CALLS)
    @pytest.mark.parametrize("mutation", NO)
    def test_a_no_is_a_no_and_is_sent_once(self, scene: Scene, mutation: str, call: str) -> None:
        made = scene.server.requests[self.name, "create"]

        outcome = scene.outcome(call, NO[mutation], scene.client_with(PATIENT))

        assert isinstance(outcome, ERRORS[call]) or (call == "find" and outcome == ())
        assert scene.server.requests[self.name, "create"] == made + (call == "create")

    @pytest.mark.parametrize("mutation", HARMLESS)
    def test_what_does_not_matter_changes_nothing(self, scene: Scene, mutation: str) -> None:
        mutate = HARMLESS[mutation]

        offer, said = scene.outcome("quote", mutate), scene.outcome("create", mutate)

        assert scene.outcome("refresh", mutate) is None
        assert (offer.receive, offer.deposit) == (HUNDRED, scene.order.offered)
        assert (said.processor_id, said.deposit_address) == (
            scene.newest().processor_id,
            scene.newest().deposit_address,
        )
        assert scene.outcome("read", mutate) == scene.truth
        for found in scene.outcome("find", mutate):
            assert found.processor_id == scene.order_id

    @pytest.mark.parametrize(("meaning", "value"), CASES)
    def test_a_field_that_lies_is_refused_or_told_as_it_is(self, scene: Scene, meaning: str, value: str) -> None:
        mutate = wrongly(meaning, VALUES[meaning][value], self.names)

        self._listed(scene, scene.outcome("refresh", mutate))
        offer = scene.outcome("quote", mutate)
        self._offered(scene, meaning, offer)
        made = scene.outcome("create", mutate)
        changed = scene.tampering.changed
        assert isinstance(made, ERRORS["create"]) or _honest(made, scene.newest(), meaning, changed=changed)
        if isinstance(made, PayoutError):
            assert isinstance(made, OrderUnknown)
        read = scene.outcome("read", mutate)
        assert isinstance(read, ERRORS["read"]) or _honest(read, scene.truth, meaning, changed=scene.tampering.changed)
        if meaning == "id":
            assert isinstance(read, ProcessorGarbled)  # It speaks of another order.
        found = scene.outcome("find", mutate)
        assert isinstance(found, ERRORS["find"]) or all(
            _honest(said, scene.truth, meaning, changed=scene.tampering.changed) for said in found
        )

    def _listed(self, scene: Scene, outcome: Any) -> None:
        """A list that was changed lists nothing of ours; then the true one is read again."""
        if scene.tampering.changed:
            assert isinstance(outcome, ERRORS["refresh"]) or scene.client.refusal(USDT) is not None
            scene.client.refresh()
        assert scene.client.refusal(USDT) is None

    def _offered(self, scene: Scene, meaning: str, offer: Any) -> None:
        if isinstance(offer, ERRORS["quote"]):
            return
        assert isinstance(offer, Offer)
        assert offer.receive == HUNDRED
        rate = list(scene.server.engine.rates.values())[-1]
        true = {"ref": rate.id, "deposit": scene.order.offered, "expires_at": rate.expires_at}
        if scene.tampering.changed and meaning != "status":  # A rate is no trade: its status is not read.
            assert getattr(offer, OFFERED[meaning]) != true[OFFERED[meaning]]
        else:
            assert offer.deposit == true["deposit"]

    def test_orders_of_before_are_still_there(self, scene: Scene) -> None:
        """The scene itself was true."""
        assert scene.truth.stage is Stage.AWAITING_DEPOSIT
        assert scene.order.asked_at < datetime.now(UTC)
        assert isinstance(scene.order, Order)


def _honest(said: Said, truth: Said, meaning: str, *, changed: bool) -> bool:
    """Does it say as it was said? Then what was changed differs from the truth, where the caller compares it."""
    if not changed:
        return all(getattr(said, field) == getattr(truth, field) for field in ("processor_id", "deposit", "receive"))
    return meaning in TOLD and getattr(said, TOLD[meaning]) != getattr(truth, TOLD[meaning])
