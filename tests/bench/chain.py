"""What the chain says about transactions, whoever made them: both sides are read by the same eyes."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.sandbox import Network


@contextmanager
def started(outputs: int) -> Iterator[Network]:
    """A network whose hot wallet has so many unlocked outputs: from the same snapshot, each time that it is asked."""
    with (
        tempfile.TemporaryDirectory(prefix="bench-") as folder,
        Network.start(Path(folder) / "network", outputs=outputs) as network,
    ):
        yield network


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One transaction as the daemon has it. `height` is None while it waits in the pool."""

    txid: str
    inputs: int
    fee: int
    height: int | None


def read(network: Network, txids: Sequence[str]) -> list[Seen]:
    """Each of these transactions; one that the daemon misses is left out."""
    if not txids:
        return []
    answer = network.daemon.post("get_transactions", txs_hashes=list(txids), decode_as_json=True)
    return [_seen(entry) for entry in answer.get("txs", [])]


def _seen(entry: dict[str, object]) -> Seen:
    body = json.loads(str(entry["as_json"]))
    height = None if entry["in_pool"] else int(str(entry["block_height"]))
    return Seen(
        txid=str(entry["tx_hash"]),
        inputs=len(body["vin"]),
        fee=int(body["rct_signatures"]["txnFee"]),
        height=height,
    )
