"""A PostgreSQL server of our own for one test run: Debian's binaries, reachable by socket only.

It never listens on a port, so runs cannot meet, and it gives up durability for speed: it must not
hold anything that anyone wants back.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

import psycopg

OWNER = "postgres"
SETTINGS = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c listen_addresses=''"


class PostgresServer:
    def __init__(self) -> None:
        """Start it. Raises RuntimeError when PostgreSQL is not installed."""
        self._binaries = _binaries()
        # Not pytest's own folder: the server's user could not reach through it.
        self.folder = Path(tempfile.mkdtemp(prefix="payout-postgres-"))
        if os.geteuid() == 0:
            shutil.chown(self.folder, OWNER)
        self._run("initdb", "-D", self._data, "-A", "trust", "-U", OWNER, "--no-sync",
                  "--locale=C.UTF-8", "-E", "UTF8")  # fmt: skip
        options = f"{SETTINGS} -c unix_socket_directories={self.folder}"
        self._run("pg_ctl", "-D", self._data, "-w", "-s", "-l", f"{self.folder}/log",
                  "-o", options, "start")  # fmt: skip
        self._made = 0

    def create_database(self) -> str:
        """A fresh, empty database; its name."""
        self._made += 1
        name = f"payout_{self._made}"
        self._execute(f"CREATE DATABASE {name}")
        return name

    def drop_database(self, name: str) -> None:
        """Drop it, whoever is still connected."""
        self._execute(f"DROP DATABASE {name} WITH (FORCE)")

    def url(self, name: str) -> str:
        return f"postgresql+psycopg://{OWNER}@/{name}?host={self.folder}"

    def stop(self) -> None:
        self._run("pg_ctl", "-D", self._data, "-m", "immediate", "-w", "-s", "stop")
        shutil.rmtree(self.folder)

    @property
    def _data(self) -> str:
        return f"{self.folder}/data"

    def _execute(self, statement: str) -> None:
        with psycopg.connect(host=str(self.folder), user=OWNER, dbname=OWNER, autocommit=True) as connection:
            connection.execute(statement.encode())

    def _run(self, program: str, *arguments: str) -> None:
        """PostgreSQL refuses to run as root, so root becomes its owner for the call."""
        become = ["runuser", "-u", OWNER, "--"] if os.geteuid() == 0 else []
        # The server inherits its outputs, so they must not be pipes that someone waits on.
        with (self.folder / f"{program}.out").open("ab") as out:
            done = subprocess.run(
                [*become, str(self._binaries / program), *arguments],
                cwd="/", stdin=subprocess.DEVNULL, stdout=out, stderr=out, check=False,
            )  # fmt: skip
        if done.returncode != 0:
            said = (self.folder / f"{program}.out").read_text()[-2000:]
            raise RuntimeError(f"{program} failed:\n{said}")


def _binaries() -> Path:
    """The newest of Debian's versions."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[4]))
    if not found or (os.geteuid() == 0 and not _has_user(OWNER)):
        raise RuntimeError("PostgreSQL is not installed: run `make system`")
    return found[-1].parent


def _has_user(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True
