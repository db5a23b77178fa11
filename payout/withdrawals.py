"""
Withdrawals: what people took back, remembered in the spend journal.

A signature goes on saying that a refund may be paid after the refund was held, amended, rejected or canceled: only its
row says that it may not, and rows can be edited, or come from an old backup. The same holds for pauses. So each wallet
journals, outside the database, what it reads of such acts in the audit chain. To take back anybody's word will do; to
lift it takes a genuine link, or signatures that are newer.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from payout.approval import API_PREFIX, APPROVAL_LIFE
from payout.audit.chain import canonical
from payout.audit.genuine import is_genuine
from payout.change import ALL
from payout.errors import WalletUnsafe
from payout.spend_journal import Entry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from payout.approval import Approved
    from payout.audit.chain import AuditKey, AuditLine
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

PAGE: Final = 1000
BACKLOG_MAX: Final = 100_000
"""A wallet whose journal names none yet begins so many links before the end."""

STRANGE_MAX: Final = 100
"""Words that are no links of the chain, journaled in one look: whoever plants more is not to fill the disk."""

MARK_CHARS: Final = 16

_OF_PROCESSOR: Final = re.compile(r"(\S+) (?:paused|resumed) by |\S+ lifted their own pause of (\S+?)(?:;|$)")
_END: Final = re.compile(r" until (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)Z: ")


@dataclass(slots=True)
class History:
    """How far a process has read the audit chain for one wallet, and the key that tells its links from planted ones."""

    key: AuditKey
    place: tuple[int, str] | None = None
    """Number and MAC of the last link that was read. One value: ticks of one process may read at the same time."""


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
    strange = 0
    head = wallet.store.audit_head()
    if history.place == (head.number, head.mac):
        return
    number, mac = _place(wallet, history.place, head.number)
    for line in _news(wallet, number, head.number):
        entry = _entry(wallet, line)
        if entry is not None:
            # Whoever edited a row may have put a word that allows it there too: only a link of the chain lifts it.
            is_true = is_genuine(wallet.store, history.key, line, mac if number == line.number - 1 else "")
            strange += not is_true
            if is_true or (entry in _ANYBODYS and strange <= STRANGE_MAX):
                _write(wallet, entry, line, is_true=is_true)
        number, mac = history.place = (line.number, line.mac)
    if strange > STRANGE_MAX:
        raise WalletUnsafe(
            f"{strange} events say that refunds or wallets were stopped, and are no links of the audit chain: "
            "somebody floods the database",
            f"find out who, run `payout audit verify`, then `payout resume {wallet.name}`",
        )


def _news(wallet: Wallet, number: int, end: int) -> Iterator[AuditLine]:
    """What is new, up to the chain's end: a planted row with a high number must not pass for what comes after it."""
    while lines := [line for line in wallet.store.audit_lines(number, PAGE) if line.number <= end]:
        number = lines[-1].number
        yield from lines


def _place(wallet: Wallet, place: tuple[int, str] | None, end: int) -> tuple[int, str]:
    """Behind the last link that was read, as long as the chain goes through it: an older database may be there now."""
    if place is not None and place[0] <= end and _mac_of(wallet, place[0]) == place[1]:
        return place
    return _start(wallet, end), ""


def _start(wallet: Wallet, end: int) -> int:
    """Where to begin: behind the last link that the journal speaks of, if it is in this database."""
    view = wallet.journal.view()
    if 0 < view.read_to <= end and (_mac_of(wallet, view.read_to) or "").startswith(view.read_mac):
        return max(view.read_to, end - BACKLOG_MAX)
    return max(0, end - BACKLOG_MAX)


def _mac_of(wallet: Wallet, number: int) -> str | None:
    found = wallet.store.audit_lines(number - 1, 1)
    return found[0].mac if found and found[0].number == number else None


def _entry(wallet: Wallet, line: AuditLine) -> Entry | None:
    """
    What is to be journaled of a link, if anything.

    Whether somebody approved the refund is not asked: the rows that say so may be gone while this is read.
    """
    event = line.event
    if event.kind in TAKEN_BACK:
        return Entry.WITHDRAW if event.refund_id else None
    if event.kind in PAUSED:
        return Entry.PAUSE if event.wallet in (None, wallet.name) and _scope_of(line) else None
    if event.kind in RELEASED and event.refund_id and _is_withdrawn(wallet, event.refund_id):
        return Entry.RESTORE
    if event.kind in RESUMED and wallet.journal.view().pauses():
        return Entry.RESUME if event.wallet in (None, wallet.name) and _scope_of(line) else None
    return None


def _is_withdrawn(wallet: Wallet, refund_id: str) -> bool:
    return wallet.journal.view().withdrawn(refund_id) is not None


def _write(wallet: Wallet, entry: Entry, line: AuditLine, *, is_true: bool) -> None:
    event = line.event
    # What somebody else wrote holds from now on: its own time may be any, and would end it or make it last for ever.
    at = event.at if is_true else wallet.now()
    body: dict[str, object] = {"number": line.number, "kind": event.kind, "who": event.who, "at": at.isoformat()}
    if entry in (Entry.WITHDRAW, Entry.RESTORE):
        subject = body["refund_id"] = event.refund_id
    else:
        subject = body["scope"] = _scope_of(line)
        body["own"] = event.who.startswith(API_PREFIX)  # A key lifts only its own.
        body["until"] = _end_of(line) if is_true else None
    if entry is Entry.RESUME:
        # Whoever resumes the wallet has been told of every pause that was gone; of those that stand they said nothing.
        body["lost"] = _lost_pauses(wallet) if event.wallet == wallet.name else []
    wallet.journal.append(entry, f"{subject}/{_mark(line, is_true=is_true)}", wallet.now(), body)


def _mark(line: AuditLine, *, is_true: bool) -> str:
    """Tells one word from another. Numbers are given again after a restored backup; a MAC is not, but can be copied."""
    if is_true:
        return line.mac[:MARK_CHARS]
    return hashlib.sha256(f"{line.number}\n{line.mac}\n{canonical(line.event)}".encode()).hexdigest()[:MARK_CHARS]


def _scope_of(line: AuditLine) -> str | None:
    """What is paused or resumed. No column names a processor: only the words do. None: they name none."""
    if not line.event.kind.startswith("processor."):
        return line.event.wallet or ALL
    found = _OF_PROCESSOR.match(line.event.words)
    return (found[1] or found[2]) if found else None


def _end_of(line: AuditLine) -> str | None:
    """When a pause ends by itself, as its event says."""
    event = line.event
    found = _END.match(event.words.removeprefix(f"{_scope_of(line)} paused by {event.who}"))
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
