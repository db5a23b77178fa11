"""
The daemon: the only witness of what was paid.

Every look is one snapshot: the newest block is the same before and after, or the look is taken
again. A daemon that is behind, lags a bootstrap node or is not synchronised is not believed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from adapters.coins.monero import answers, calls
from adapters.coins.monero.calls import Call
from adapters.coins.monero.rpc import Rpc, RpcFault
from adapters.http import parse_json
from payout.errors import RailUnavailable
from payout.transfer import KeyImage, Place, Sighting, Traced

CHUNK: Final = 100
"""Transactions in one request; a restricted daemon takes no more."""
SNAPSHOTS_MAX: Final = 4
"""Looks at a chain that moves meanwhile, before giving up until the next tick."""
BEHIND_MAX: Final = 3
"""A chain that is more blocks shorter than one seen before is not believed."""

_KEY_IMAGES: Final = {0: KeyImage.FREE, 1: KeyImage.IN_CHAIN, 2: KeyImage.IN_POOL}
_INVALID: Final = (
    "invalid_input",
    "invalid_output",
    "low_mixin",
    "overspend",
    "fee_too_low",
    "too_big",
    "too_few_outputs",
    "sanity_check_failed",
    "tx_extra_too_big",
    "nonzero_unlock_time",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Info:
    """Where the daemon stands: a chain of `tip` blocks."""

    tip: int
    network: str


class Daemon:
    """What is asked of monerod. Every method raises RailUnavailable."""

    def __init__(self, rpc: Rpc) -> None:
        self._rpc = rpc
        self._tip_seen = 0

    def info(self) -> Info:
        """Its chain, if it can be believed."""
        answer = self._ask(calls.info())
        tip = answers.whole(answer, "height")
        target = answers.whole(answer, "target_height") if "target_height" in answer else 0
        if answer.get("synchronized") is not True or target > tip + BEHIND_MAX:
            raise RailUnavailable(f"monerod is not synchronised: {tip} of {max(target, tip)} blocks; wait for it")
        self._note_tip(tip, self._tip_seen)
        network = answers.text(answer, "nettype")
        return Info(tip=tip, network=network)

    def compare(self, tip: int, *, wallet_height: int) -> None:
        """Refuse a wallet that has read another chain than this daemon's, by its length."""
        self._note_tip(tip, wallet_height)
        if wallet_height < tip - BEHIND_MAX:
            raise RailUnavailable(
                f"the wallet has read {wallet_height} of {tip} blocks: wait, or check that "
                "wallet-rpc is connected to the same daemon"
            )

    def look(self, transfers: Sequence[Traced]) -> dict[str, Sighting]:
        """What it says about each, by txid."""
        before = self.info()
        for _ in range(SNAPSHOTS_MAX):
            sightings = self._sightings(transfers, before.tip)
            after = self.info()
            if after == before:
                return sightings
            before = after
        raise RailUnavailable("the chain moves faster than it can be read; looking again later")

    def has(self, txid: str) -> bool:
        """It has this transaction, mined or pooled."""
        return txid in self._transactions([txid])

    def inputs(self, txid: str) -> tuple[str, ...]:
        """Key images that a transaction spends; none if it has no such transaction."""
        answer = self._ask(calls.transactions([txid], as_json=True))
        found = [e for e in answers.listed(answer, "txs") if e.get("tx_hash") == txid]
        if not found:
            return ()
        try:
            body = parse_json(answers.text(found[0], "as_json").encode())
            return tuple(vin["key"]["k_image"] for vin in body["vin"])
        except (ValueError, KeyError, TypeError):
            raise RailUnavailable(f"monerod shows {txid} in a form that cannot be read") from None

    def fee_per_byte(self, priority: int) -> int:
        """What it asks at a priority from 1 to 4, in piconero."""
        answer = self._ask(calls.fee_estimate())
        fees = answer.get("fees")
        if isinstance(fees, list) and len(fees) >= priority:
            return answers.whole({"fees": fees[priority - 1]}, "fees")
        return answers.whole(answer, "fee")

    def send_raw(self, blob: str) -> str | None:
        """Broadcast; the words of its refusal if it calls the bytes invalid, else None."""
        answer = self._ask(calls.send_raw(blob), ok={"OK", "Failed"})
        if answer["status"] == "OK" or answer.get("double_spend") is True:
            return None
        flags = [flag for flag in _INVALID if answer.get(flag) is True]
        if not flags:
            return None
        reason = answer.get("reason")
        words = f" ({ascii(reason)[1:-1]})" if isinstance(reason, str) and reason else ""
        return f"monerod refuses the transaction: {', '.join(flags)}{words}"

    # ------------------------------------------------------------ inner works

    def _note_tip(self, tip: int, longest: int) -> None:
        if tip < longest - BEHIND_MAX:
            raise RailUnavailable(
                f"monerod has {tip} blocks where {longest} were seen: it is behind, or another "
                "daemon; wait until it has caught up, or check daemon_url"
            )
        self._tip_seen = max(self._tip_seen, tip)

    def _sightings(self, transfers: Sequence[Traced], tip: int) -> dict[str, Sighting]:
        entries = self._transactions([transfer.id for transfer in transfers])
        missing = [transfer for transfer in transfers if transfer.id not in entries]
        images = self._key_images(missing)
        # It may have come between the two questions, and then it is itself the spender.
        entries |= self._transactions(
            [t.id for t in missing if any(images[k] is not KeyImage.FREE for k in t.key_images)]
        )
        hashes = self._block_hashes(entries)
        return {
            transfer.id: _sighting(entries[transfer.id], hashes, tip)
            if transfer.id in entries
            else Sighting(tip=tip, key_images=tuple(images[k] for k in transfer.key_images))
            for transfer in transfers
        }

    def _transactions(self, txids: Sequence[str]) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        for start in range(0, len(txids), CHUNK):
            asked = txids[start : start + CHUNK]
            answer = self._ask(calls.transactions(asked))
            entries = {answers.hash_of(e, "tx_hash"): e for e in answers.listed(answer, "txs")}
            missed = answers.words(answer, "missed_tx")
            for txid in asked:
                if txid in entries:
                    found[txid] = entries[txid]
                elif txid not in missed:
                    raise RailUnavailable(f"monerod says nothing about transaction {txid}")
        return found

    def _key_images(self, transfers: Sequence[Traced]) -> dict[str, KeyImage]:
        images = [image for transfer in transfers for image in transfer.key_images]
        states: dict[str, KeyImage] = {}
        for start in range(0, len(images), CHUNK):
            asked = images[start : start + CHUNK]
            said = self._ask(calls.key_images_spent(asked)).get("spent_status")
            if not isinstance(said, list) or len(said) != len(asked):
                raise RailUnavailable("monerod's answer about key images is not whole")
            for image, state in zip(asked, said, strict=True):
                if type(state) is not int or state not in _KEY_IMAGES:
                    raise RailUnavailable(f"monerod calls a key image {state!a}")
                states[image] = _KEY_IMAGES[state]
        return states

    def _block_hashes(self, entries: dict[str, dict[str, Any]]) -> dict[int, str]:
        heights = {answers.whole(entry, "block_height") for entry in entries.values() if not _in_pool(entry)}
        return {height: self._block_hash(height) for height in sorted(heights)}

    def _block_hash(self, height: int) -> str:
        header = self._ask(calls.block_header(height)).get("block_header")
        if not isinstance(header, dict):
            raise RailUnavailable(f"monerod's answer about block {height} is not whole")
        return answers.hash_of(header, "hash")

    def _ask(self, call: Call, *, ok: frozenset[str] | set[str] = frozenset({"OK"})) -> Any:
        try:
            answer = self._rpc.ask(call)
        except RpcFault as fault:
            raise RailUnavailable(str(fault)) from None
        status = answer.get("status")
        if not isinstance(status, str) or status not in ok:
            said = ascii(status)[:80]
            raise RailUnavailable(f"monerod {call.name}: {said}; is it still starting?")
        if answer.get("untrusted") is True:
            raise RailUnavailable(
                f"monerod {call.name}: it answers from a bootstrap node, which is not believed; "
                "wait until it is synchronised"
            )
        return answer


def _in_pool(entry: dict[str, Any]) -> bool:
    value = entry.get("in_pool")
    if not isinstance(value, bool):
        raise RailUnavailable("monerod does not say whether a transaction is in the pool")
    return value


def _sighting(entry: dict[str, Any], hashes: dict[int, str], tip: int) -> Sighting:
    if _in_pool(entry):
        return Sighting(place=Place.POOL, tip=tip)
    height = answers.whole(entry, "block_height")
    return Sighting(
        place=Place.MINED,
        height=height,
        block_hash=hashes[height],
        # Never below 1: a block that came meanwhile is not in `tip`, and voids the whole look.
        depth=max(tip - height, 1),
        tip=tip,
    )
