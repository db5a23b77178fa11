"""
What a create is compared with: FastAPI, and one INSERT by SQLAlchemy into a table with a unique external_id.

As durable as ours (WAL, synchronous = FULL), and nothing else: no key, no check, no history, no message to anybody.

    python tests/bench/bare_api.py FILE PORT
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel
from sqlalchemy.engine.interfaces import DBAPIConnection

PRAGMAS = ("journal_mode = WAL", "synchronous = FULL", "busy_timeout = 30000")

refunds = sa.Table(
    "refunds",
    sa.MetaData(),
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("external_id", sa.Text, nullable=False, unique=True),
    sa.Column("usd", sa.Text, nullable=False),
    sa.Column("asset", sa.Text, nullable=False),
    sa.Column("destination", sa.Text, nullable=False),
    sa.Column("at", sa.Text, nullable=False),
)


class RefundIn(BaseModel):
    """What is handed in."""

    external_id: str
    usd: str
    asset: str
    destination: str


def bare_app(url: str) -> FastAPI:
    """One route."""
    engine = sa.create_engine(url)
    sa.event.listen(engine, "connect", _durable)
    refunds.metadata.create_all(engine)
    app = FastAPI(openapi_url=None)

    @app.post("/refunds", status_code=201)
    def create(given: RefundIn) -> dict[str, Any]:
        row = {**given.model_dump(), "at": datetime.now(UTC).isoformat()}
        with engine.begin() as conn:
            number = conn.execute(sa.insert(refunds).values(row)).inserted_primary_key
        return {"id": number[0] if number else None, **row}

    return app


def _durable(connection: DBAPIConnection, _record: object) -> None:
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


if __name__ == "__main__":
    uvicorn.run(bare_app(f"sqlite:///{sys.argv[1]}"), host="127.0.0.1", port=int(sys.argv[2]), log_config=None)
