"""
MoneroCoin: the Coin port on a real monero-wallet-rpc and its monerod.

The wallet signs, forgets and errs; the daemon alone is believed. Nothing here repeats a call that
both makes a transfer and could send it.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

from adapters.coins.monero import answers, calls
from adapters.coins.monero.address import LENGTH_INTEGRATED, check_destination, is_plain
from adapters.coins.monero.addresses import Addresses
from adapters.coins.monero.calls import Call
from adapters.coins.monero.daemon import Daemon
from adapters.coins.monero.rpc import Rpc, RpcFault
from payout.errors import BadInput, RailUnavailable, SentTooEarly, TransferRefused
from payout.ports import Funds, Holding, Receipt, Spend, Standing
from payout.transfer import Output, Payload, Prepared, Sighting, Traced

OUTPUTS_MAX: Final = 15
"""Destinations of one transaction: with the change it has 16 outputs, the most that there can be."""
UNITS_MAX: Final = 2**64 - 1
FULL_WEIGHT: Final = 7342
"""Bytes of a transaction of 2 inputs and 16 outputs, as the wallet reports it."""

log = logging.getLogger(__name__)


class MoneroCoin:
    """One wallet file, one account in it, and the daemon that is asked about it."""

    def __init__(
        self,
        *,
        wallet: Rpc,
        daemon: Rpc,
        wallet_file: str,
        password: str,
        account_index: int = 0,
        priority: int = 1,
    ) -> None:
        self._wallet = wallet
        self._daemon = Daemon(daemon)
        self._wallet_file = wallet_file
        self._password = password
        self._account = account_index
        self._priority = priority
        self._addresses = Addresses(self._ask, self._daemon, account_index)
        self._network = "mainnet"  # Until the daemon has said where it is.

    def check(self) -> Standing:
        """
        Open the wallet if none is open, and refresh it.

        Raises:
            RailUnavailable: wallet or daemon down, or the daemon is behind.
        """
        info = self._daemon.info()
        address = self._open_address()
        self._refresh()
        height = answers.whole(self._ask(calls.wallet_height()), "height")
        self._daemon.compare(info.tip, wallet_height=height)
        self._addresses.learn()
        self._network = info.network
        return Standing(tip=info.tip, network=info.network, address=address)

    def owns(self, address: str) -> bool:
        """One of the wallet's addresses of any account, as of the last check."""
        return self._addresses.owns(address)

    def alone(self, address: str) -> bool:
        """An integrated address shares a transfer with no other."""
        return len(address) == LENGTH_INTEGRATED

    def valid(self, address: str) -> bool:
        """An address on the daemon's network, as of the last check."""
        try:
            check_destination(address, self._network)
        except BadInput:
            return False
        return True

    def new_address(self, label: str) -> tuple[str, int]:
        """A fresh subaddress of the account, on the wallet's disk. Raises RailUnavailable."""
        return self._addresses.make(label)

    def received(self, index: int) -> tuple[Receipt, ...]:
        """Payments to this subaddress; their depth is the daemon's word. Raises RailUnavailable."""
        return self._addresses.received(index)

    def funds(self) -> Funds:
        """What the account holds. Frozen outputs do not count. Raises RailUnavailable."""
        balance = self._ask(calls.balance(self._account))
        outputs = self._ask(calls.unspent_outputs(self._account))
        return Funds(
            balance=answers.whole(balance, "balance"),
            unlocked=answers.whole(balance, "unlocked_balance"),
            blocks_to_unlock=answers.whole(balance, "blocks_to_unlock"),
            holdings=tuple(
                Holding(
                    key_image=answers.hash_of(output, "key_image"),
                    units=answers.whole(output, "amount"),
                    unlocked=output.get("unlocked") is True,
                )
                for output in answers.listed(outputs, "transfers")
                if output.get("frozen") is not True and output.get("spent") is not True
            ),
        )

    def fee_hint(self) -> int:
        """About what a transfer with 15 destinations costs, in piconero. Raises RailUnavailable."""
        return self._daemon.fee_per_byte(self._priority) * FULL_WEIGHT

    def prepare(self, outputs: Sequence[Output]) -> Prepared:
        """
        Sign a transfer and hold it back.

        Raises:
            RailUnavailable: try again later; what was signed is thrown away.
            TransferRefused: this content can never be prepared.
            FundsShort: not enough unlocked money.
            SentTooEarly: it is out; `.prepared` must be committed as sent.
        """
        _check_outputs(outputs)
        call = calls.transfer(outputs, account_index=self._account, priority=self._priority)
        try:
            answer = self._wallet.ask(call)
        except RpcFault as fault:
            raise answers.translated(fault) from None
        return self._held_back(answers.prepared(answer, outputs))

    def prepare_give_up(self, key_image: str) -> Prepared:
        """
        Sign a transfer that spends exactly this output, to our primary address, and hold it back.

        Raises as `prepare`.
        """
        own = self._primary_address()
        answer = self._sweep(own, key_image)
        output = Output(address=own, units=answers.whole(answer, "amount"), own=True)
        prepared = self._held_back(answers.prepared(answer, (output,)))
        if prepared.key_images != (key_image,):
            raise RailUnavailable("the wallet signed a give-up of another output; it is thrown away")
        return prepared

    def relay(self, payload: Payload) -> None:
        """Broadcast through the wallet. Neither an error nor success means anything."""
        try:
            self._wallet.ask(calls.relay(payload.metadata))
        except (RailUnavailable, RpcFault) as error:
            log.debug("relay.unconfirmed: %s", error)

    def resubmit(self, payload: Payload) -> str | None:
        """
        Broadcast past the wallet; the words of the daemon's refusal if it calls the bytes invalid.

        A double spend is no such refusal: `look` finds the rival.

        Raises:
            RailUnavailable: the daemon did not answer.
        """
        return self._daemon.send_raw(payload.blob)

    def look(self, transfers: Sequence[Traced]) -> Mapping[str, Sighting]:
        """What the daemon says about each, in one snapshot. Raises RailUnavailable."""
        return self._daemon.look(transfers) if transfers else {}

    def inputs(self, txid: str) -> tuple[str, ...]:
        """Key images that a transaction spends; none if the daemon misses it."""
        return self._daemon.inputs(txid)

    def spends(self, since_height: int) -> tuple[Spend, ...]:
        """
        The account's outgoing transactions: mined from this height on, and pending.

        `failed` ones are left out: the wallet has freed their inputs. One that is mined and pending
        was relayed once too often. Raises RailUnavailable.
        """
        answer = self._ask(calls.outgoing(self._account, since_height))
        mined = [_spend(entry, answers.whole(entry, "height")) for entry in answers.listed(answer, "out")]
        pending = [_spend(entry, None) for entry in answers.listed(answer, "pending")]
        return (*mined, *pending)

    def prove(self, txid: str, address: str, message: str) -> str:
        """A signature that this transaction paid this address. Raises RailUnavailable."""
        return answers.text(self._ask(calls.tx_proof(txid, address, message)), "signature")

    def mend(self, txid: str) -> None:
        """
        Let the wallet read a mined transaction again, after it was relayed once too often.

        `scan_tx` removes the phantom, `rescan_spent` takes back the inputs that it set free.
        Raises RailUnavailable.
        """
        # An older or restricted wallet-rpc may refuse scan_tx; the rescan alone protects us.
        with suppress(RpcFault):
            self._wallet.ask(calls.scan_tx(txid))
        self.rescan()

    def rescan(self) -> None:
        """Let the wallet ask the daemon which outputs are spent. Raises RailUnavailable."""
        self._ask(calls.rescan_spent())

    def save(self) -> None:
        """Let the wallet write its cache; it never does so by itself. Raises RailUnavailable."""
        self._ask(calls.store())

    # ------------------------------------------------------------ inner works

    def _ask(self, call: Call) -> dict[str, Any]:
        try:
            return self._wallet.ask(call)
        except RpcFault as fault:
            raise answers.outage(fault) from None

    def _primary_address(self) -> str:
        return answers.text(self._ask(calls.addresses(0)), "address")

    def _open_address(self) -> str:
        """The primary address; the wallet is opened if none is, as after a restart."""
        try:
            return answers.text(self._wallet.ask(calls.addresses(0)), "address")
        except RpcFault as fault:
            if fault.code != answers.NO_WALLET:
                raise answers.outage(fault) from None
        if not self._wallet_file:
            raise RailUnavailable("no wallet is open in wallet-rpc: open one, or set wallet_file and password_file")
        self._addresses.forget()
        try:
            self._wallet.ask(calls.open_wallet(self._wallet_file, self._password))
        except RpcFault:
            raise RailUnavailable(
                f"wallet-rpc cannot open the wallet file {self._wallet_file!r}: it is missing, "
                "the password is another, or another process has it open"
            ) from None
        return self._primary_address()

    def _refresh(self) -> None:
        try:
            self._wallet.ask(calls.refresh())
        except RpcFault:
            # The first call after a restart of the daemon fails once more, on the old connection.
            self._ask(calls.refresh())

    def _sweep(self, own: str, key_image: str) -> dict[str, Any]:
        call = calls.sweep_single(own, key_image, account_index=self._account, priority=self._priority)
        try:
            return self._wallet.ask(call)
        except RpcFault as fault:
            if fault.message != answers.NO_OUTPUTS:
                raise answers.translated(fault) from None
        # It takes the output for spent by the transfer that is to be given up: let it ask.
        self.rescan()
        try:
            return self._wallet.ask(call)
        except RpcFault as fault:
            if fault.message != answers.NO_OUTPUTS:
                raise answers.translated(fault) from None
            raise RailUnavailable(
                "the wallet sees no unlocked, unspent output of that key image: it is spent, or "
                "still locked; trying again after the next block"
            ) from None

    def _held_back(self, prepared: Prepared) -> Prepared:
        """Neither wallet nor daemon knows it: only that shows that it was held back."""
        if self._daemon.has(prepared.txid) or self._lists(prepared.txid):
            raise SentTooEarly(prepared)
        return prepared

    def _lists(self, txid: str) -> bool:
        try:
            self._wallet.ask(calls.transfer_by_txid(txid, self._account))
        except RpcFault as fault:
            if fault.code == answers.NOT_FOUND:
                return False
            raise answers.outage(fault) from None
        return True


def _spend(entry: dict[str, Any], height: int | None) -> Spend:
    txid = answers.hash_of(entry, "txid")
    return Spend(txid=txid, height=height, units=answers.whole(entry, "amount"))


def _check_outputs(outputs: Sequence[Output]) -> None:
    if not 0 < len(outputs) <= OUTPUTS_MAX:
        raise TransferRefused(f"a transfer has 1 to {OUTPUTS_MAX} outputs, not {len(outputs)}")
    for output in outputs:
        if type(output.units) is not int or not 0 < output.units <= UNITS_MAX:
            raise TransferRefused(f"an output of {output.units} units cannot be paid")
        if not is_plain(output.address):
            # The wallet would look up a name by DNS and pay whatever that says.
            raise TransferRefused("a destination is not a Monero address")
