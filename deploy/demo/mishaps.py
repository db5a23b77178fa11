"""What goes wrong at the processors, as it does in life: a check, a deposit sent back, an answer that is lost.

It speaks to the sandbox's processors alone, as their staff would; the worker knows nothing of it.
"""

from __future__ import annotations

from deploy.demo.cast import Cast, Owed
from deploy.demo.shell import DemoError
from deploy.sandbox.processor import Order, ProcessorServer


class Mishaps:
    """Plans them, each for one refund of the cast."""

    def __init__(self, processors: ProcessorServer, cast: Cast) -> None:
        self._engine = processors.engine
        self._cast = cast

    def plan(self) -> None:
        """For the first orders of two refunds."""
        self._engine.fault("return", next_to=self._cast.returned.destination)
        self._engine.fault("hold", next_to=self._cast.stopped.destination)

    def lose_answer_of(self, processor: str) -> None:
        """The next order that it makes is made, and its answer never arrives."""
        self._engine.faults.plan_call("lost", processor=processor, call="create")

    def release(self) -> None:
        """
        What the processor's support does once it was written to.

        Raises:
            DemoError: nothing was stopped.
        """
        order = self._first_order(self._cast.stopped)
        if order is None:
            raise DemoError(f"no processor has an order for {self._cast.stopped.external_id}")
        self._engine.release(order.id)

    def return_txid(self) -> str | None:
        """The transaction that sends the deposit back, once there is one."""
        order = self._first_order(self._cast.returned)
        return order.return_txid if order else None

    def _first_order(self, owed: Owed) -> Order | None:
        return next((each for each in self._engine.orders.values() if each.destination == owed.destination), None)
