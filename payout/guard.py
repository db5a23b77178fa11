"""
The guards: before a worker may spend from a wallet, wallet, database, journal and chain must tell one story.

They run at start, at each lease take-over and after each resume. What they find stops the wallet; nothing here mends.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from payout.change import Change, WalletRecord
from payout.errors import WalletUnsafe
from payout.spend_journal import Entry

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from payout.change import Lease
    from payout.ports import Standing
    from payout.wallet import Wallet

KNOWN_CHUNK = 500
"""Txids asked for in one query."""

BEGUN_CHECKED = 200
"""The newest begun transfers of the database that the journal must have."""

REPAIR = "run `payout reconcile --repair`, then `payout resume`"


def guard(wallet: Wallet, standing: Standing, lease: Lease) -> None:
    """
    Check that it is safe to spend.

    Raises:
        WalletUnsafe: says what disagrees, and the next safe action.
        JournalBroken: the journal itself cannot be read.
    """
    missing = missing_transfers(wallet)
    if missing:
        raise WalletUnsafe(
            f"the spend journal knows {len(missing)} transfers that the database lacks, the first of "
            f"them {missing[0]}: was an old backup restored?",
            REPAIR,
        )
    lost = unjournaled_transfers(wallet)
    if lost:
        raise WalletUnsafe(
            f"the database began {len(lost)} transfers that the spend journal lacks, one of them "
            f"{lost[0]}: was the journal file lost or replaced?",
            f"put the journal file back, or {REPAIR}",
        )
    adopt(wallet, standing, lease)
    unknown = unknown_spends(wallet)
    if unknown:
        raise WalletUnsafe(
            f"the wallet made {len(unknown)} transactions that nobody here knows, one of them {unknown[0]}",
            "find out who made them; if you did, explain each with "
            "`payout ledger classify TXID --why ...`, then `payout resume`",
        )


def check_identity(wallet: Wallet, standing: Standing) -> WalletRecord | None:
    """
    The open wallet is the one that was pinned, and the node is on its network. Checked at every tick.

    Returns what is remembered of the wallet.

    Raises:
        WalletUnsafe: nothing may be signed or broadcast here.
    """
    record = wallet.store.wallet(wallet.name)
    adopted = wallet.journal.view().adopted
    pins = {
        "the configuration": wallet.rules.address,
        "the database": record.address if record else None,
        "the spend journal": adopted["address"] if adopted else None,
    }
    for where, address in pins.items():
        if address is not None and address != standing.address:
            raise WalletUnsafe(
                f"the open wallet is {standing.address[:12]}…, but {where} pins {address[:12]}…",
                "open the right wallet file, or give this wallet another name in the configuration",
            )
    networks = frozenset({record.network}) if record else wallet.rules.networks
    if standing.network not in networks:
        raise WalletUnsafe(
            f"the daemon is on {standing.network}, but this wallet pays on {' or '.join(sorted(networks))}",
            "correct daemon_url",
        )
    return record


def adopt(wallet: Wallet, standing: Standing, lease: Lease) -> None:
    """At the first run: pin the wallet, and from which height on its spends are ours to explain."""
    view = wallet.journal.view()
    if view.adopted is None:
        body = {
            "wallet": wallet.name,
            "address": standing.address,
            "network": standing.network,
            "height": standing.tip,
        }
        wallet.journal.append(Entry.ADOPT, "", wallet.now(), body)
        view = wallet.journal.view()
    if wallet.store.wallet(wallet.name) is None and view.adopted is not None:
        record = WalletRecord(
            name=wallet.name,
            address=standing.address,
            network=standing.network,
            adopted_height=int(view.adopted["height"]),
            tip=standing.tip,
            tip_at=wallet.now(),
        )
        words = f"adopted at height {record.adopted_height}"
        event = wallet.event("wallet.adopted", words)
        wallet.store.commit(Change(wallets=(record,), events=(event,), lease=lease))


def missing_transfers(wallet: Wallet) -> tuple[str, ...]:
    """Journaled transfers that the database lacks, oldest first."""
    commits = wallet.journal.view().commits()
    unknown = set(_unknown(wallet, commits))
    # One that a person took for a stranger's and explained is no less missing: nobody knows what it paid.
    unknown |= {s.txid for s in wallet.store.known_spends(wallet.name) if wallet.store.transfer(s.txid) is None}
    return tuple(txid for txid in commits if txid in unknown)


def unjournaled_transfers(wallet: Wallet) -> tuple[str, ...]:
    """Begun transfers that the journal lacks, newest first."""
    view = wallet.journal.view()
    begun = wallet.store.last_begun(wallet.name, BEGUN_CHECKED)
    return tuple(txid for txid in begun if not view.has(Entry.COMMIT, txid))


def unknown_spends(wallet: Wallet) -> tuple[str, ...]:
    """Transactions that the wallet made since it was adopted, and that are neither ours nor explained."""
    record = wallet.store.wallet(wallet.name)
    if record is None:
        return ()
    spends = wallet.coin.spends(record.adopted_height)
    view = wallet.journal.view()
    # What is journaled is ours, also where the database lacks it: that is for repair, never to be explained away.
    strange = [spend.txid for spend in spends if not view.has(Entry.COMMIT, spend.txid)]
    return _unknown(wallet, dict.fromkeys(strange))


def _unknown(wallet: Wallet, txids: Iterable[str]) -> tuple[str, ...]:
    unknown: list[str] = []
    for chunk in _chunks(txids):
        known = wallet.store.known(chunk)
        unknown += [txid for txid in chunk if txid not in known]
    return tuple(unknown)


def _chunks(txids: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(txids)
    while chunk := list(islice(rest, KNOWN_CHUNK)):
        yield chunk
