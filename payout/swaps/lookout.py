"""
The lookout: asks everyone who may know something of an order: its processor, the customer's chain, our wallet.

It decides nothing and writes nothing. Who does not answer is told apart from who has nothing to say.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from payout.errors import OrderMissing, ProcessorDenied, RailError, WalletUnsafe
from payout.spend_journal import Entry
from payout.swaps.evidence import NO_CHAIN, Back, Proof, come_back, prove
from payout.swaps.hearing import changed, hear, miss, txids

if TYPE_CHECKING:
    from collections.abc import Mapping

    from payout.order import Order, Said
    from payout.ports import Chain, Clock, Processor, Sealer, Store
    from payout.wallet import Wallet

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One answer of a processor, and what it makes of the order's row."""

    order: Order
    news: tuple[str, ...] = ()
    txids: tuple[str, ...] = ()
    """Every transaction that is named for the customer."""
    changed: str | None = None
    """What it says otherwise than it was agreed."""
    denied: str | None = None
    """It refuses our key or our place, in its words."""
    answered: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookout:
    """All whom an order's fate can be asked of."""

    store: Store
    clock: Clock
    sealer: Sealer
    processors: Mapping[str, Processor]
    chains: Mapping[str, Chain]
    """By network."""
    wallets: Mapping[str, Wallet]

    def hear(self, order: Order) -> Heard:
        """What its processor says now; the row as it is where nothing can be heard."""
        named = (order.settle_txid,) if order.settle_txid else ()
        try:
            said = self._ask(order)
        except OrderMissing:
            missed, news = miss(order, self.clock.now())
            return Heard(order=missed, news=news, txids=named, answered=True)
        except (RailError, WalletUnsafe) as error:
            log.info("order.unheard", extra={"order": order.id, "why": str(error)})
            denied = str(error) if isinstance(error, ProcessorDenied) else None
            return Heard(order=order, txids=named, denied=denied)
        if said is None:
            return Heard(order=order, txids=named)
        heard, news = hear(order, said, self.clock.now())
        every = tuple(dict.fromkeys((*named, *txids(said.settle_txids))))
        return Heard(order=heard, news=news, txids=every, changed=changed(order, said), answered=True)

    def prove(self, heard: Heard, *, searching: bool = True) -> Proof:
        """What the customer's chain shows; see `evidence.prove`."""
        chain = self.chain(heard.order)
        if chain is None:
            return NO_CHAIN
        return prove(chain, heard.order, heard.txids, self.store, searching=searching)

    def chain(self, order: Order) -> Chain | None:
        """The verifier of what the customer gets; None where none is configured."""
        return self.chains.get(order.receive.asset.network)

    def come_back(self, order: Order) -> Back | None:
        """What came to its return address; None where the wallet cannot be asked."""
        wallet = self.wallets.get(order.wallet)
        return None if wallet is None else come_back(wallet.coin, order, wallet.rules.confirmations)

    def journaled(self, order: Order) -> bool:
        """The wallet's journal knows that its return frees its refund."""
        wallet = self.wallets.get(order.wallet)
        return wallet is not None and wallet.journal.view().has(Entry.RETURN, order.id)

    def _ask(self, order: Order) -> Said | None:
        processor = self.processors.get(order.processor)
        if processor is None or order.processor_id is None:
            return None
        secret = self.sealer.unseal_text(order.sealed_secret) if order.sealed_secret else None
        said = processor.read(order.processor_id, secret, order.receive.asset)
        # Of another order than was asked for: no answer at all.
        return said if said.processor_id == order.processor_id else None
