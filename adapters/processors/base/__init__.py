"""What the clients of processors share: access, pace, errors, reading of answers, lists of coins."""

from __future__ import annotations

from adapters.processors.base.access import Access
from adapters.processors.base.answer import Answer, in_words, pays, same_address, stage_of
from adapters.processors.base.calls import Calls
from adapters.processors.base.client import FIND_BEFORE, Client, Shown
from adapters.processors.base.listing import UNNAMED, Contracts, Entry, Words, readable
from adapters.processors.base.pace import Pace
from adapters.processors.base.webhook import order_named, webhook_key

__all__ = [
    "FIND_BEFORE",
    "UNNAMED",
    "Access",
    "Answer",
    "Calls",
    "Client",
    "Contracts",
    "Entry",
    "Pace",
    "Shown",
    "Words",
    "in_words",
    "order_named",
    "pays",
    "readable",
    "same_address",
    "stage_of",
    "webhook_key",
]
