"""
Return addresses: subaddresses of ours, made ahead, so that each order can name one that no other has.

They are made under the lease and are on the wallet's disk before they are on record: a processor must never be given
an address that the wallet could forget.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from payout.change import Change, ReturnAddress

if TYPE_CHECKING:
    from payout.change import Lease
    from payout.wallet import Wallet

log = logging.getLogger(__name__)

POOL = 20
"""Free ones to keep."""

MADE_PER_TICK = 5
"""Each takes two calls of the wallet, and other ticks wait meanwhile."""

LABEL = "payout: swap order returns"


def top_up(wallet: Wallet, lease: Lease) -> None:
    """
    Make a few, while fewer than POOL are free.

    Raises:
        RailUnavailable: the wallet or its disk did not take it; what was made is not used.
    """
    free = len(wallet.store.free_return_addresses(wallet.name, POOL))
    for _ in range(min(MADE_PER_TICK, POOL - free)):
        address, index = wallet.coin.new_address(LABEL)
        made = ReturnAddress(address=address, wallet=wallet.name, index=index, made_at=wallet.now())
        wallet.store.commit(Change(return_addresses=(made,), lease=lease))
        log.debug("return_address.made %s", index)
