"""
Making and upgrading the tables. Alembic is imported when it is called for, never at start.

Migrations are configured in `migrations/env.py` alone: a caller hands over a connection, not an ini file.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from adapters.database.engine import create_file, make_engine, parse_url, writer
from adapters.database.faults import translated

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy import Engine

NEWEST = "head"
NOTHING = "base"
_FOLDER = Path(__file__).parent / "migrations"


def migrate(url: str, to: str = NEWEST) -> None:
    """
    Bring a database to a revision, all or nothing; NOTHING takes all tables away.

    Raises:
        SettingsError: the address is wrong.
        StoreUnavailable: the database did not answer; nothing was changed.
    """
    parsed = parse_url(url)
    create_file(parsed)
    engine = make_engine(parsed)
    try:
        migrate_engine(engine, to)
    finally:
        engine.dispose()


def migrate_engine(engine: Engine, to: str = NEWEST) -> None:
    """As `migrate`, through an engine that is open: the only way for a database in memory."""
    from alembic import command

    config = alembic_config()
    with translated(), writer(engine).begin() as conn:
        config.attributes["connection"] = conn
        if to == NOTHING:
            command.downgrade(config, to)
        else:
            command.upgrade(config, to)


def alembic_config() -> Config:
    """Where the migrations are."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    return config
