"""
Withdrawals: what people took back, remembered in the spend journal.

A signature goes on saying that a refund may be paid after the refund was held, amended, rejected or canceled: only its
row says that it may not, and rows can be edited, or come from an old backup. The same holds for pauses. So each wallet
journals, outside the database, what it reads of such acts in the audit chain. To take back anybody's word will do; to
lift it takes a genuine link, or signatures that are newer.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import TYPE_CHECKING, Final

from payout.approval import API_PREFIX, APPROVAL_LIFE
from payout.audit.chain import canonical
from payout.audit.reader import mac_of
from payout.errors import WalletUnsafe
from payout.spend_journal import Entry

if TYPE_CHECKING:
    from payout.approval import Approved
    from payout.audit.chain import AuditLine
    from payout.audit.reader import ChainReader
    from payout.refund import Refund
    from payout.spend_journal import JournalView
    from payout.wallet import Wallet

TAKEN_BACK: Final = frozenset(
    {"refund.held", "refund.rejected", "refund.canceled", "refund.amended", "refund.resolved", "refund.credited"}
)
RELEASED: Final = frozenset({"refund.released", "refund.approved"})
PAUSED: Final = frozenset({"wallet.paused", "processor.paused"})
RESUMED: Final = frozenset({"wallet.resumed", "processor.resumed"})
_ANYBODYS: Final = frozenset({Entry.WITHDRAW, Entry.PAUSE})

BACKLOG_MAX: Final = 100_000
"""A wallet whose journal names none yet begins so many links before the end."""

STRANGE_MAX: Final = 100
"""Words that are no links of the chain, journaled in one look: whoever plants more is not to fill the disk."""

MARK_CHARS: Final = 16


def read_history(wallet: Wallet) -> None:
    """
    Read what is new in the chain, and journal what was taken back or lifted. Cheap where nothing is new.

    Raises:
        JournalBroken: a line could not be written.
        WalletUnsafe: a pause is gone, and nobody lifted it; or somebody floods the history.
    """
    if wallet.history is None:
        return
    _read(wallet, wallet.history)
    if _lost_pauses(wallet):
        _read(wallet, wallet.history)  # Somebody may have lifted it between the two looks.
        lost = _lost_pauses(wallet)
        if lost:
            raise WalletUnsafe(
                f"the pause of {lost[0]['scope']} by {lost[0]['who']} is gone from the database, and nobody lifted it: "
                "was an old backup restored, or did somebody change the rows?",
                f"find out who, then `payout resume {wallet.name}`",
            )


def taken_back(view: JournalView, refund: Refund, approved: Approved | None) -> str | None:
    """Why these approvals, or any, do not count; None: nobody took the refund back since."""
    found = view.withdrawn(refund.id)
    if found is None or (approved and approved.until - APPROVAL_LIFE > datetime.fromisoformat(found["at"])):
        return None
    what = found["kind"].removeprefix("refund.")
    return (
        f"it was {what} by {found['who']} at {found['at']}, says the spend journal, and its approvals are older: was "
        "an old backup restored, or did somebody change the row? If it is to be paid all the same, amend it to the "
        "same destination and release it, so that it is approved anew"
    )


def _read(wallet: Wallet, history: ChainReader) -> None:
    strange, view = 0, wallet.journal.view()  # It grows with what is written here.
    news = history.news(wallet.store, lambda line: _entry(wallet, view, line), lambda end: _start(wallet, view, end))
    for line, entry, is_true in news:
        strange += not is_true
        # Whoever edited a row may have put a word that allows it there too: only a link of the chain lifts it.
        if is_true or (entry in _ANYBODYS and strange <= STRANGE_MAX):
            _write(wallet, entry, line, is_true=is_true)
    if strange > STRANGE_MAX:
        raise WalletUnsafe(
            f"{strange} events say that refunds or wallets were stopped, and are no links of the audit chain: "
            "somebody floods the database",
            f"find out who, run `payout audit verify`, then `payout resume {wallet.name}`",
        )


def _start(wallet: Wallet, view: JournalView, end: int) -> int:
    """Where to begin: behind the last link that the journal speaks of, if it is in this database."""
    if 0 < view.read_to <= end and (mac_of(wallet.store, view.read_to) or "").startswith(view.read_mac):
        return max(view.read_to, end - BACKLOG_MAX)
    return max(0, end - BACKLOG_MAX)


def _entry(wallet: Wallet, view: JournalView, line: AuditLine) -> Entry | None:
    """
    What is to be journaled of a link, if anything.

    Whether somebody approved the refund is not asked: the rows that say so may be gone while this is read.
    """
    event = line.event
    if event.kind in TAKEN_BACK:
        return Entry.WITHDRAW if event.refund_id else None
    if event.kind in PAUSED:
        return Entry.PAUSE if event.wallet in (None, wallet.name) and event.fact("scope") else None
    if event.kind in RELEASED and event.refund_id:
        taken = view.withdrawn(event.refund_id)  # An older word, which is read again, lifts nothing.
        return Entry.RESTORE if taken is not None and int(taken["number"]) < line.number else None
    if event.kind in RESUMED and view.pauses():
        return Entry.RESUME if event.wallet in (None, wallet.name) and event.fact("scope") else None
    return None


def _write(wallet: Wallet, entry: Entry, line: AuditLine, *, is_true: bool) -> None:
    event = line.event
    # What somebody else wrote holds from now on: its own time may be any, and would end it or make it last for ever.
    at = event.at if is_true else wallet.now()
    body: dict[str, object] = {"number": line.number, "kind": event.kind, "who": event.who, "at": at.isoformat()}
    if entry in (Entry.WITHDRAW, Entry.RESTORE):
        subject = body["refund_id"] = event.refund_id
        body["revision"] = event.fact("revision") if is_true else None
    else:
        subject = body["scope"] = event.fact("scope")
        body["own"] = event.who.startswith(API_PREFIX)  # A key lifts only its own.
        body["until"] = event.fact("until") if is_true else None
    if entry is Entry.RESUME:
        # Whoever resumes the wallet has been told of every pause that was gone; of those that stand they said nothing.
        body["lost"] = _lost_pauses(wallet) if event.wallet == wallet.name else []
    wallet.journal.append(entry, f"{subject}/{_mark(line, is_true=is_true)}", wallet.now(), body)


def _mark(line: AuditLine, *, is_true: bool) -> str:
    """Tells one word from another. Numbers are given again after a restored backup; a MAC is not, but can be copied."""
    if is_true:
        return line.mac[:MARK_CHARS]
    return hashlib.sha256(f"{line.number}\n{line.mac}\n{canonical(line.event)}".encode()).hexdigest()[:MARK_CHARS]


def _lost_pauses(wallet: Wallet) -> list[dict[str, str]]:
    """Pauses that nobody lifted, that have not ended, and of which no row is left."""
    kept = [
        pause
        for pause in wallet.journal.view().pauses()
        if pause["until"] is None or wallet.now() < datetime.fromisoformat(pause["until"])
    ]
    rows = {(pause.scope, pause.who) for pause in wallet.store.pauses()} if kept else set()
    return [pause for pause in kept if (pause["scope"], pause["who"]) not in rows]
