"""
MemoryCoin: the Coin port on a wallet and a chain in memory.

Several may share one wallet, as several workers do. It adds faults, and nothing that would help.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import TypeVar

from adapters.memory.coin.chain import MemoryChain, Refusal, weight
from adapters.memory.coin.faults import Effect, Faults, NoFaults
from adapters.memory.coin.wallet import MemoryWallet
from payout.errors import RailUnavailable, SentTooEarly
from payout.ports import Funds, Receipt, Spend, Standing
from payout.transfer import Output, Payload, Place, Prepared, Sighting, Traced

BEHIND_MAX = 3
"""A node whose chain is more than this shorter than it was is not believed."""
FULL_INPUTS, FULL_OUTPUTS = 2, 16

_T = TypeVar("_T")


class MemoryCoin:
    """One worker's connection to a wallet and its node."""

    def __init__(self, wallet: MemoryWallet, faults: Faults | None = None) -> None:
        self.wallet = wallet
        self.chain: MemoryChain = wallet.chain
        self.faults: Faults = faults or NoFaults()
        self._tip_seen = 0

    def check(self) -> Standing:
        """Open and refresh. Raises RailUnavailable: wallet or node down, or not synchronised."""
        return self._ask("check", self._check, wallet=False)

    def owns(self, address: str) -> bool:
        """This address is one of the wallet's. Needs no connection."""
        return address in self.wallet.view.addresses

    def alone(self, address: str) -> bool:
        """A transfer to it has no other destination. Needs no connection."""
        return self.wallet.alone(address)

    def valid(self, address: str) -> bool:
        """An address of this coin. Needs no connection."""
        return self.wallet.valid(address)

    def new_address(self, label: str) -> tuple[str, int]:
        """A fresh subaddress, on the wallet's disk. Raises RailUnavailable."""
        return self._ask("new_address", self.wallet.new_address, node=False)

    def received(self, index: int) -> tuple[Receipt, ...]:
        """Payments to this subaddress. Raises RailUnavailable."""
        return self._ask("received", lambda: self.wallet.received(index))

    def funds(self) -> Funds:
        """What the wallet believes, also while the node is down. Raises RailUnavailable."""
        return self._ask("funds", self.wallet.funds, node=False)

    def fee_hint(self) -> int:
        """Of 2 inputs and 16 outputs. Raises RailUnavailable."""
        return self._ask(
            "fee_hint",
            lambda: self.chain.fee_per_byte * weight(FULL_INPUTS, FULL_OUTPUTS),
            wallet=False,
        )

    def prepare(self, outputs: Sequence[Output]) -> Prepared:
        """Sign and hold back. Raises RailUnavailable, TransferRefused, FundsShort, SentTooEarly."""
        return self._prepare("prepare", lambda: self.wallet.transfer(outputs))

    def prepare_give_up(self, key_image: str) -> Prepared:
        """Sign a sweep of one output to ourselves. Raises as `prepare`."""

        def sweep() -> Prepared:
            with suppress(RailUnavailable):
                return self.wallet.sweep_single(key_image)
            # The wallet may take it for spent by the transfer that is to be given up.
            self.wallet.rescan()
            return self.wallet.sweep_single(key_image)

        return self._prepare("prepare_give_up", sweep)

    def relay(self, payload: Payload) -> None:
        """Broadcast through the wallet; whatever happens, nothing is said."""
        with suppress(RailUnavailable):
            self._do(
                "relay",
                lambda: self.wallet.relay(payload),
                when_late=lambda: self._at_node(payload),
                node=False,
            )

    def resubmit(self, payload: Payload) -> str | None:
        """Broadcast past the wallet; the words of a refusal as invalid. Raises RailUnavailable."""
        refusals: list[Refusal | None] = []
        self._do("resubmit", lambda: refusals.append(self._at_node(payload)), wallet=False)
        refusal = refusals[0] if refusals else None
        if refusal in {None, Refusal.DOUBLE_SPEND}:
            return None
        return f"the node refuses the transaction: {refusal}"

    def look(self, transfers: Sequence[Traced]) -> Mapping[str, Sighting]:
        """What the node says. Raises RailUnavailable: it is down or behind."""
        return self._ask("look", lambda: self._look(transfers), wallet=False)

    def inputs(self, txid: str) -> tuple[str, ...]:
        """Key images that it spends. Raises RailUnavailable."""

        def read() -> tuple[str, ...]:
            tx = self.chain.transaction(txid)
            return tx.key_images if tx else ()

        return self._ask("inputs", read, wallet=False)

    def spends(self, since_height: int) -> tuple[Spend, ...]:
        """Outgoing transactions. Raises RailUnavailable."""
        return self._ask("spends", lambda: self.wallet.spends(since_height))

    def prove(self, txid: str, address: str, message: str) -> str:
        """Raises RailUnavailable: also when the wallet has forgotten the transaction's key."""

        def sign() -> str:
            if not self.wallet.has_key(txid) or not self.chain.has(txid):
                raise RailUnavailable(f"the wallet cannot prove {txid}: it has no key for it")
            return f"proof:{txid}:{address}:{message}"

        return self._ask("prove", sign)

    def mend(self, txid: str) -> None:
        """Let the wallet read a mined transaction again. Raises RailUnavailable."""
        self._do("mend", lambda: self.wallet.mend(txid))

    def rescan(self) -> None:
        """Let the wallet ask what is spent. Raises RailUnavailable."""
        self._do("rescan", self.wallet.rescan)

    def save(self) -> None:
        """Let the wallet save. Raises RailUnavailable."""
        self._do("save", self.wallet.save, node=False)

    # ------------------------------------------------------------ inner works

    def _check(self) -> Standing:
        if not self.wallet.running:
            raise RailUnavailable("the wallet does not answer: start it")
        if not self.wallet.is_open:
            self.wallet.open()
        self.wallet.sync()
        self._see_tip()
        return Standing(tip=self.chain.seen_tip, network=self.chain.network, address=self.wallet.address)

    def _look(self, transfers: Sequence[Traced]) -> dict[str, Sighting]:
        self._see_tip()
        return {transfer.id: self._sight(transfer) for transfer in transfers}

    def _sight(self, transfer: Traced) -> Sighting:
        chain, tip = self.chain, self.chain.seen_tip
        height = chain.height_of(transfer.id)
        if height is not None:
            return Sighting(
                place=Place.MINED,
                height=height,
                block_hash=chain.blocks[height].hash,
                depth=tip - height,
                tip=tip,
            )
        if chain.has(transfer.id):
            return Sighting(place=Place.POOL, tip=tip)
        images = tuple(chain.key_image(image) for image in transfer.key_images)
        return Sighting(tip=tip, key_images=images)

    def _see_tip(self) -> None:
        tip = self.chain.seen_tip
        if not self.chain.synchronized or tip < self._tip_seen - BEHIND_MAX:
            raise RailUnavailable(
                f"the node is behind: it has {tip} blocks and {self._tip_seen} were seen; wait until it has caught up"
            )
        self._tip_seen = max(self._tip_seen, tip)

    def _prepare(self, name: str, build: Callable[[], Prepared]) -> Prepared:
        effect = self._before(name)
        self._need()
        prepared = build()
        if effect is Effect.EARLY:
            self.wallet.relay(prepared.payload)
            raise SentTooEarly(prepared)
        self._after(name)
        return prepared

    def _ask(self, name: str, read: Callable[[], _T], *, wallet: bool = True, node: bool = True) -> _T:
        self._before(name)
        self._need(wallet=wallet, node=node)
        answer = read()
        self._after(name)
        return answer

    def _do(
        self,
        name: str,
        deed: Callable[[], object],
        when_late: Callable[[], object] | None = None,
        *,
        wallet: bool = True,
        node: bool = True,
    ) -> None:
        effect = self._before(name)
        self._need(wallet=wallet, node=node)
        life = self.wallet.life

        def arrive() -> None:
            if not wallet or self.wallet.life == life:
                deed()
            elif when_late is not None:
                # The node had it already when the wallet died.
                when_late()

        if effect is Effect.LATE:
            self.chain.postpone(arrive)
        elif effect is not Effect.LOST:
            arrive()
        if effect is Effect.TWICE:
            arrive()
        self._after(name)

    def _at_node(self, payload: Payload) -> Refusal | None:
        return self.wallet.resubmit(payload) if self.chain.running else None

    def _need(self, *, wallet: bool = True, node: bool = True) -> None:
        if wallet and not self.wallet.is_open:
            raise RailUnavailable("no wallet is open: it is opened at the next check")
        if node and not self.chain.running:
            raise RailUnavailable("the node does not answer: start it")

    def _before(self, name: str) -> Effect | None:
        return self.faults.at(f"coin.{name}", before=True)

    def _after(self, name: str) -> None:
        self.faults.at(f"coin.{name}", before=False)
