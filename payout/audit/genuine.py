"""Is one link genuine? For whoever acts on a single event: a row that somebody planted must not count as a word."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from payout.audit.chain import AuditKey, AuditLine
    from payout.ports import Store


def is_genuine(store: Store, key: AuditKey, line: AuditLine, before: str = "") -> bool:
    """
    Its MAC is made with the key. `before`: the MAC of the link before it, where the caller has it.

    One that was genuine stays so although another was deleted since; the whole chain is `verify`'s.
    """
    return key.link(before or _before(store, key, line.number), line.number, line.event) == line.mac


def _before(store: Store, key: AuditKey, number: int) -> str:
    """The MAC of the link before this number; empty where it is gone."""
    if number == 1:
        return key.first(store.audit_head().before)
    found = store.audit_lines(number - 2, 1)
    return found[0].mac if found and found[0].number == number - 1 else ""
