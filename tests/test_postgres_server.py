"""The PostgreSQL that tests run on: a real server, and a database for each test that asks."""

from __future__ import annotations

import psycopg
import pytest

from tests.postgres_server import PostgresServer

pytestmark = pytest.mark.nodes


def plain(url: str) -> str:
    """The same without SQLAlchemy's choice of driver."""
    return url.replace("postgresql+psycopg", "postgresql", 1)


@pytest.mark.parametrize("time", ["first", "second"])
def test_each_test_gets_an_empty_database(postgres_url: str, time: str) -> None:
    with psycopg.connect(plain(postgres_url)) as connection:
        found = connection.execute(
            "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'"
        ).fetchone()
        assert found == (0,)
        connection.execute("CREATE TABLE left_behind (n int)")


def test_it_is_a_version_that_the_worker_supports(postgres_url: str) -> None:
    with psycopg.connect(plain(postgres_url)) as connection:
        assert connection.info.server_version >= 150000


def test_a_database_is_dropped_though_someone_is_still_connected(postgres: PostgresServer) -> None:
    name = postgres.create_database()
    with psycopg.connect(plain(postgres.url(name))) as connection:
        postgres.drop_database(name)
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(plain(postgres.url(name)))
