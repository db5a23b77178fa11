"""
What every Store promises. A subclass gives the fixture `store`, made with the fixture `clock`.

If the one in memory drifts from the real ones, a test here says so.
"""

from __future__ import annotations

from tests.contracts.store.audit import Audit
from tests.contracts.store.caps import Caps
from tests.contracts.store.commits import Commits
from tests.contracts.store.deliveries import Deliveries
from tests.contracts.store.guards import Guards
from tests.contracts.store.inputs import Inputs
from tests.contracts.store.leases import Leases
from tests.contracts.store.lists import Lists
from tests.contracts.store.order_lists import OrderLists
from tests.contracts.store.orders import Orders
from tests.contracts.store.outbox import Outbox
from tests.contracts.store.outward import OutwardRows
from tests.contracts.store.pauses import Pauses
from tests.contracts.store.queues import Queues
from tests.contracts.store.races import Races

__all__ = ["StoreContract"]


class StoreContract(
    Commits,
    Guards,
    Pauses,
    Inputs,
    Caps,
    Leases,
    Queues,
    Lists,
    Orders,
    OrderLists,
    Races,
    Audit,
    OutwardRows,
    Outbox,
    Deliveries,
):
    """All of it."""
