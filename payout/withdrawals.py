"""
Withdrawals: what people took back, remembered in the spend journal.

A signature goes on saying that a refund may be paid after the refund was held, amended, rejected or canceled: only its
row says that it may not, and rows can be edited, or come from an old backup. The same holds for pauses. So each wallet
journals, outside the database, what it reads of such acts in the audit chain. To take back anybody's word will do; to
lift it takes a genuine link, or signatures that are newer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from payout.approval import API_PREFIX, APPROVAL_LIFE
from payout.audit.genuine import is_genuine
from payout.change import ALL
from payout.errors import WalletUnsafe
from payout.spend_journal import Entry

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from payout.approval import Approved
    from payout.audit.chain import AuditKey, AuditLine
    from payout.refund import Refund
    from payout.spend_journal import JournalView
    from payout.wallet import Wallet

TAKEN_BACK: Final = frozenset(
    {"refund.held", "refund.rejected", "refund.canceled", "refund.amended", "refund.resolved", "refund.credited"}
)
RELEASED: Final = "refund.released"
PAUSED, RESUMED = "wallet.paused", "wallet.resumed"

PAGE: Final = 1000
BACKLOG_MAX: Final = 100_000
"""A wallet whose journal names none yet begins so many links before the end."""

_END: Final = re.compile(r" until (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)Z: ")


@dataclass(slots=True)
class History:
    """How far a process has read the audit chain for one wallet, and the key that tells its links from planted ones."""

    key: AuditKey
    number: int | None = None
    mac: str = ""


def read_history(wallet: Wallet) -> None:
    """
    Read what is new in the chain, and journal what was taken back or lifted. Cheap where nothing is new.

    Raises:
        JournalBroken: a line could not be written.
        WalletUnsafe: a pause is gone, and nobody lifted it.
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


def taken_back(view: JournalView, refund: Refund, approved: Approved) -> str | None:
    """Why these approvals no longer count; None: nobody took the refund back since."""
    found = view.withdrawn(refund.id)
    if found is None or approved.until - APPROVAL_LIFE > datetime.fromisoformat(found["at"]):
        return None
    what = found["kind"].removeprefix("refund.")
    return (
        f"it was {what} by {found['who']} at {found['at']}, says the spend journal, and its approvals are older: was "
        "an old backup restored, or did somebody change the row? If it is to be paid all the same, amend it to the "
        "same destination, so that it is approved anew"
    )


def _read(wallet: Wallet, history: History) -> None:
    for lines in _news(wallet, history):
        told = [line.event.refund_id or "" for line in lines if line.event.kind in TAKEN_BACK]
        # What nobody approved needs signatures before it is paid, which are newer than any line.
        given = {approval.refund_id for approval in wallet.store.approvals(told)} if told else set()
        for line in lines:
            entry = _entry(wallet, history, line, given)
            if entry is not None:
                _write(wallet, entry, line)
            history.number, history.mac = line.number, line.mac


def _news(wallet: Wallet, history: History) -> Iterator[Sequence[AuditLine]]:
    end = wallet.store.audit_head().number
    if history.number is None or history.number > end:  # At the start, or on an older database than before.
        history.number = min(max(wallet.journal.view().read_to, end - BACKLOG_MAX, 0), end)
        history.mac = ""
    while lines := wallet.store.audit_lines(history.number, PAGE):
        yield lines
        if len(lines) < PAGE:
            return


def _entry(wallet: Wallet, history: History, line: AuditLine, given: set[str]) -> Entry | None:
    """What is to be journaled of a link, if anything."""
    event, view = line.event, wallet.journal.view()
    if event.kind in TAKEN_BACK:
        return Entry.WITHDRAW if event.refund_id in given else None
    if event.kind == PAUSED:
        return Entry.PAUSE if event.wallet in (None, wallet.name) else None
    if event.kind == RELEASED and event.refund_id and view.withdrawn(event.refund_id) is not None:
        return Entry.RESTORE if _is_genuine(wallet, history, line) else None
    if event.kind == RESUMED and view.pauses():
        return Entry.RESUME if _is_genuine(wallet, history, line) else None
    return None


def _is_genuine(wallet: Wallet, history: History, line: AuditLine) -> bool:
    """Whoever edited a row may have put a word that allows it there too: only a link of the chain counts."""
    before = history.mac if history.number == line.number - 1 else ""
    return is_genuine(wallet.store, history.key, line, before)


def _write(wallet: Wallet, entry: Entry, line: AuditLine) -> None:
    event = line.event
    body: dict[str, object] = {"number": line.number, "kind": event.kind, "who": event.who, "at": event.at.isoformat()}
    if entry in (Entry.WITHDRAW, Entry.RESTORE):
        subject = body["refund_id"] = event.refund_id
    else:
        subject = body["scope"] = event.wallet or ALL
        body["own"] = event.who.startswith(API_PREFIX)  # A key lifts only its own.
        body["until"] = _end_of(line)
    # Numbers are given again after a restored backup; a MAC is not.
    wallet.journal.append(entry, f"{subject}/{line.mac[:16]}", wallet.now(), body)


def _end_of(line: AuditLine) -> str | None:
    """When a pause ends by itself, as its event says."""
    event = line.event
    found = _END.match(event.words.removeprefix(f"{event.wallet or ALL} paused by {event.who}"))
    return f"{found[1]}+00:00" if found else None


def _lost_pauses(wallet: Wallet) -> list[dict[str, str]]:
    """Pauses that nobody lifted, that have not ended, and of which no row is left."""
    kept = [
        pause
        for pause in wallet.journal.view().pauses()
        if pause["until"] is None or wallet.now() < datetime.fromisoformat(pause["until"])
    ]
    rows = {(pause.scope, pause.who) for pause in wallet.store.pauses()} if kept else set()
    return [pause for pause in kept if (pause["scope"], pause["who"]) not in rows]
