"""
What the wallet's answers mean: the one place where its error codes become our errors.

An answer is taken whole or not at all; a field that is missing or of the wrong type is an outage,
never a guess. Codes and words as wallet-rpc 0.18 gives them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from adapters.coins.monero.rpc import RpcFault
from payout.errors import FundsShort, RailError, RailUnavailable, TransferRefused
from payout.transfer import Output, Payload, Prepared

NOT_FOUND: Final = -8
NO_WALLET: Final = -13
NO_OUTPUTS: Final = "No outputs found"
_OTHER_RING: Final = "known ring does not include"
_OTHER_RING_REMEDY: Final = (
    "wallet-rpc keeps a ring from before a reorganisation for an output that has moved since, and so cannot spend it: "
    "stop wallet-rpc, delete the folder of its --shared-ringdb-dir (it holds no money), and start it again"
)

_SHORT: Final = frozenset({-16, -17, -37})
"""Not possible, as all outputs together do not pay the fee too; not enough money; not enough unlocked money."""
_REFUSED: Final = frozenset({-2, -5, -18, -20, -46})
"""Wrong address; payment id; too large; no destination; zero."""
_GENERIC: Final = -4
_GENERIC_REFUSED: Final = ("not constructed", "transaction sum + fee exceeds")

_HEX: Final = re.compile(r"(?:[0-9a-f]{2})+")
_HASH: Final = re.compile(r"[0-9a-f]{64}")


def translated(fault: RpcFault) -> RailError:
    """The error that a refusal to prepare means. What is not known for sure will pass with time."""
    message = fault.message.lower()
    if fault.code in _SHORT:
        return FundsShort(str(fault))
    refused = fault.code == _GENERIC and any(words in message for words in _GENERIC_REFUSED)
    return TransferRefused(str(fault)) if refused or fault.code in _REFUSED else outage(fault)


def outage(fault: RpcFault) -> RailUnavailable:
    """For a call whose refusal can only pass."""
    if fault.code == NO_WALLET:
        return RailUnavailable("no wallet is open in wallet-rpc: it is opened at the next check")
    if _OTHER_RING in fault.message.lower():
        return RailUnavailable(_OTHER_RING_REMEDY)
    return RailUnavailable(str(fault))


def prepared(answer: dict[str, Any], outputs: Sequence[Output]) -> Prepared:
    """A transfer that was signed for exactly these outputs. Raises RailUnavailable."""
    asked = sum(output.units for output in outputs)
    paid = whole(answer, "amount")
    if paid != asked:
        raise RailUnavailable(f"the wallet signed {paid} units where {asked} were asked for")
    fee = whole(answer, "fee")
    if fee <= 0:
        raise RailUnavailable(f"the wallet answers with a fee of {fee} units")
    return Prepared(
        txid=hash_of(answer, "tx_hash"),
        fee=fee,
        key_images=_key_images(answer),
        outputs=tuple(outputs),
        payload=Payload(
            metadata=_hex(answer, "tx_metadata"),
            blob=_hex(answer, "tx_blob"),
            tx_key=_hex(answer, "tx_key"),
        ),
    )


def whole(answer: dict[str, Any], name: str) -> int:
    """A whole number that is not negative."""
    value = answer.get(name)
    if type(value) is not int or value < 0:
        raise _unusable(name)
    return value


def text(answer: dict[str, Any], name: str) -> str:
    """Text that is not empty."""
    value = answer.get(name)
    if not isinstance(value, str) or not value:
        raise _unusable(name)
    return value


def hash_of(answer: dict[str, Any], name: str) -> str:
    """A hash, a txid or a key image."""
    value = text(answer, name)
    if not _HASH.fullmatch(value):
        raise _unusable(name)
    return value


def listed(answer: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """A list of objects. The node leaves an empty one out."""
    value = answer.get(name, [])
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise _unusable(name)
    return value


def words(answer: dict[str, Any], name: str) -> frozenset[str]:
    """A list of texts. The node leaves an empty one out."""
    value = answer.get(name, [])
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise _unusable(name)
    return frozenset(value)


def _key_images(answer: dict[str, Any]) -> tuple[str, ...]:
    holder = answer.get("spent_key_images")
    images = holder.get("key_images") if isinstance(holder, dict) else None
    if not isinstance(images, list) or not images:
        raise RailUnavailable(
            "the wallet does not say which outputs it spends (spent_key_images): use monero-wallet-rpc 0.18 or newer"
        )
    if not all(isinstance(image, str) and _HASH.fullmatch(image) for image in images):
        raise _unusable("spent_key_images")
    return tuple(images)


def _hex(answer: dict[str, Any], name: str) -> str:
    value = answer.get(name)
    if not isinstance(value, str) or not _HEX.fullmatch(value):
        raise _unusable(name)
    return value


def _unusable(name: str) -> RailUnavailable:
    return RailUnavailable(f"the answer has no usable {name}; it is ignored")
