"""Resolutions: what people may say of how a refund ended. Apart from the desk: the grammar of commands names them."""

from __future__ import annotations

from enum import StrEnum


class Resolution(StrEnum):
    """How a refund ended without this system paying it, or how its swap ended where nothing can show that."""

    CREDITED = "credited"
    PAID_OUTSIDE = "paid-outside"
    SETTLED = "settled"  # a swap: the customer has it, in the transaction that is named as proof
    FAILED = "failed"  # a swap: it is over, and the customer got nothing
