"""
What every processor client promises, run against the sandbox's server of its real protocol.

Subclass it with how the client is made. Each fault is one that the real services show.
"""

from __future__ import annotations

from tests.contracts.processor.lost import LostAnswersContract
from tests.contracts.processor.offers import OffersContract
from tests.contracts.processor.orders import OrdersContract


class ProcessorContract(OffersContract, OrdersContract, LostAnswersContract):
    """All of it."""
