"""A stage on which refunds are also swapped: its processes make and follow orders, its people attest what is short."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from payout.errors import PayoutError
from payout.resolution import Resolution
from tests.scenarios.stage import Stage
from tests.scenarios.swaps.exchange import GOOD, Kind

if TYPE_CHECKING:
    from tests.scenarios.swaps.exchange import Exchange
    from tests.scenarios.swaps.swap_world import SwapWorld

ENDED = {"PAID", "CANCELED", "CREDITED", "PAID_OUTSIDE", "REJECTED"}
WATCHED_SECONDS = 4 * 3600
SETTLED_BY = ("alice", "bob")


class SwapStage(Stage):
    """One play of one script."""

    world: SwapWorld
    verbs = ("pay", "track", "orders", "pay")

    @property
    def alpha(self) -> Exchange:
        """The one that quotes best."""
        return self.world.exchanges[0]

    def fate(self, *kinds: Kind) -> None:
        """What becomes of the orders whose deposits come from now on."""
        for exchange in self.world.exchanges:
            exchange.kinds = kinds or GOOD

    def order(self, owner: str = "a") -> None:
        """Return addresses are made, then orders."""
        self.tick(f"{owner}.track", f"{owner}.orders")

    def care(self) -> None:
        """What people do beside their duties: they say how a swap ended that no machine can end."""
        super().care()
        attest(self.world)

    def pass_time(self, blocks: int) -> None:
        """Faster once every refund has ended: what is left is to be watched for a day."""
        super().pass_time(blocks)
        if all(row.status in ENDED for row in self.world.database.rows().refunds.values()):
            self.world.clock.pass_by(WATCHED_SECONDS)

    def _is_done(self) -> bool:
        orders = self.world.database.rows().orders.values()
        ended = all(row.watched or row.status == "DROPPED" for row in orders)
        return ended and super()._is_done()


def attest(world: SwapWorld) -> None:
    """Two people tell that a customer got less, and that it was made up for by hand."""
    rows = world.database.rows()
    for exchange in world.exchanges:
        for key, doing in exchange.doings.items():
            if doing.kind is not Kind.PAYS_SHORT or doing.paid is None:
                continue
            for order in rows.orders.values():
                if order.processor_id == key and order.processor == exchange.service.name and order.status == "FUNDED":
                    for who in SETTLED_BY:
                        with suppress(PayoutError):
                            world.desk().resolve(
                                order.refund_id, Resolution.SETTLED, who, "the rest was given by hand", proof=doing.paid
                            )
