"""Refunds, what amendments replaced, the payments that they give back, and the signatures over them."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, Text

from adapters.database.columns import Moment, Sequence64, Units
from adapters.database.tables.base import is_literally, metadata, partial

refunds = sa.Table(
    "refunds",
    metadata,
    Column("id", Text, primary_key=True),
    Column("external_id", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("owed_cents", BigInteger, nullable=False),
    Column("asset_code", Text, nullable=False),
    Column("asset_network", Text, nullable=False),
    Column("asset_decimals", Integer, nullable=False),
    Column("destination", Text, nullable=False),
    Column("memo", Text),
    Column("payment_tx", Text),
    Column("paid_cents", BigInteger),
    Column("amount_max_units", Units),
    Column("reason", Text),
    Column("facts", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("waiting_for", Text),
    Column("hold_reason", Text),
    Column("passed_over", Integer, nullable=False),
    Column("requested_by", Text, nullable=False),
    Column("requested_at", Moment, nullable=False),
    Column("approved_at", Moment),
    Column("approved_until", Moment),
    Column("paid_at", Moment),
    Column("attempts", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("amended_at", Moment),
    Column("amended_by", Text),
    Column("seal", Text, nullable=False, server_default=""),
)
APPROVED = is_literally(refunds.c.status, "APPROVED")
Index("refunds_external_id", refunds.c.external_id, unique=True)
Index("refunds_listed", refunds.c.requested_at, refunds.c.id)
Index("refunds_by_status", refunds.c.status, refunds.c.requested_at, refunds.c.id)
partial(
    "refunds_payable",
    refunds.c.asset_code,
    refunds.c.asset_network,
    refunds.c.approved_at,
    refunds.c.id,
    where=APPROVED,
)
partial("refunds_expiring", refunds.c.approved_until, refunds.c.id, where=APPROVED)
partial("refunds_of_payment", refunds.c.payment_tx, where=refunds.c.payment_tx.is_not(None))

payments = sa.Table(
    "payments",
    metadata,
    Column("payment_tx", Text, primary_key=True),
    Column("paid_cents", BigInteger),
)

approvals = sa.Table(
    "approvals",
    metadata,
    Column("seq", Sequence64, primary_key=True),
    Column("refund_id", Text, ForeignKey("refunds.id"), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("signer", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("signed_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("signature", Text, nullable=False),
    Column("policy", Text, nullable=False, server_default="first form"),
)
Index("approvals_of_refund", approvals.c.refund_id, approvals.c.seq)

revisions = sa.Table(
    "revisions",
    metadata,
    Column("refund_id", Text, ForeignKey("refunds.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("destination", Text, nullable=False),
    Column("memo", Text),
    Column("replaced_by", Text, nullable=False),
    Column("replaced_at", Moment, nullable=False),
)
