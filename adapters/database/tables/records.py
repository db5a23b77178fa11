"""The smaller tables: wallets and their leases, pauses, counters."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import BigInteger, Boolean, Column, Index, Text

from adapters.database.columns import Moment
from adapters.database.tables.base import metadata

wallets = sa.Table(
    "wallets",
    metadata,
    Column("name", Text, primary_key=True),
    Column("address", Text, nullable=False),
    Column("network", Text, nullable=False),
    Column("adopted_height", BigInteger, nullable=False),
    Column("tip", BigInteger, nullable=False),
    Column("tip_at", Moment),
    Column("low", Boolean, nullable=False, server_default=sa.false()),
)

known_spends = sa.Table(
    "known_spends",
    metadata,
    Column("txid", Text, primary_key=True),
    Column("wallet", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("at", Moment, nullable=False),
)
Index("known_spends_of_wallet", known_spends.c.wallet, known_spends.c.at)

leases = sa.Table(
    "leases",
    metadata,
    Column("wallet", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("expires_at", Moment, nullable=False),
)


pauses = sa.Table(
    "pauses",
    metadata,
    Column("scope", Text, primary_key=True),
    Column("who", Text, primary_key=True),
    Column("why", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("until", Moment),
)

counters = sa.Table(
    "counters",
    metadata,
    Column("scope", Text, primary_key=True),
    Column("day", Text, primary_key=True),
    Column("used", BigInteger, nullable=False),
)
