"""Is a link genuine? For whoever acts on single events: a row that somebody planted must not count as a word."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection

    from payout.audit.chain import AuditKey, AuditLine
    from payout.event import Event
    from payout.ports import Store

LINKS_MAX: Final = 10_000
"""Of one refund or order; none has a hundredth of it."""


def is_genuine(store: Store, key: AuditKey, line: AuditLine, before: str = "") -> bool:
    """
    Its MAC is made with the key. `before`: the MAC of the link before it, where the caller has it.

    One that was genuine stays so although another was deleted since; the whole chain is `verify`'s.
    """
    return key.link(before or _before(store, key, line.number), line.number, line.event) == line.mac


def genuine_events(
    store: Store, key: AuditKey, kinds: Collection[str], *, refund_id: str | None = None, order_id: str | None = None
) -> tuple[Event, ...]:
    """What the chain says of a refund or an order, oldest first; only events of these kinds."""
    lines = store.audit_lines(0, LINKS_MAX, refund_id=refund_id, order_id=order_id)
    return tuple(line.event for line in lines if line.event.kind in kinds and is_genuine(store, key, line))


def _before(store: Store, key: AuditKey, number: int) -> str:
    """The MAC of the link before this number; empty where it is gone."""
    if number == 1:
        return key.first(store.audit_head().before)
    found = store.audit_lines(number - 2, 1)
    return found[0].mac if found and found[0].number == number - 1 else ""
