"""A revision that another replaced: what people may have seen before a refund was amended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from payout.refund import Refund


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """The facts that an amendment changed, as they stood before it."""

    refund_id: str
    number: int
    destination: str
    memo: str | None
    replaced_by: str
    replaced_at: datetime


def replaced(refund: Refund, who: str, at: datetime) -> Revision:
    """What stood there until this amendment."""
    return Revision(
        refund_id=refund.id,
        number=refund.revision,
        destination=refund.destination,
        memo=refund.memo,
        replaced_by=who,
        replaced_at=at,
    )
