"""A PostgreSQL server of the tests' own.

It lives in a folder that goes with it and is reached by a socket in there alone, so that no port
and no other server is in its way. It is in another zone than the hospital, so that a time that is
left to it would be found out; what it writes need not outlive the machine.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg

from sandbox.stack.children import Child

_PATIENCE = 60.0
_SUPERUSER = "hospital"
# PostgreSQL refuses to run as root; this is the account that its packages make.
_INSTEAD_OF_ROOT = "postgres"
_SETTINGS = {
    "listen_addresses": "",
    "max_connections": "200",
    "timezone": "America/New_York",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
}


class Postgres:
    """A running server; `make test` installs it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = count(1)

    def database(self) -> str:
        """Make an empty database and return its SQLAlchemy URL."""
        name = f"hospital_{next(self._numbers)}"
        with self._connect() as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return f"postgresql+psycopg://{_SUPERUSER}@/{name}?host={self._folder}"

    def is_ready(self) -> bool:
        """Whether it takes connections."""
        try:
            self._connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def _connect(self) -> psycopg.Connection:
        return psycopg.connect(
            host=str(self._folder), user=_SUPERUSER, dbname="postgres", autocommit=True
        )


@contextmanager
def running() -> Iterator[Postgres]:
    """Make a server in a new folder and run it; then end it and leave nothing."""
    initdb, server = _program("initdb"), _program("postgres")
    user = _INSTEAD_OF_ROOT if os.geteuid() == 0 else None
    # A short path of its own: a socket's may have 107 bytes, and pytest's folders are root's alone.
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    try:
        if user is not None:
            shutil.chown(folder, user, user)
        data = folder / "data"
        made = subprocess.run(
            [
                *(initdb, "--pgdata", str(data), "--username", _SUPERUSER, "--auth", "trust"),
                *("--encoding", "UTF8", "--locale", "C", "--no-sync"),
            ],
            cwd=folder,
            user=user,
            group=user,
            extra_groups=None if user is None else [],
            capture_output=True,
            text=True,
            check=False,
        )
        assert made.returncode == 0, made.stderr
        settings = {**_SETTINGS, "unix_socket_directories": str(folder)}
        child = Child(
            "postgres",
            [server, "-D", str(data), *(f"--{name}={value}" for name, value in settings.items())],
            log=folder / "log",
            cwd=folder,
            environment={},
            user=user,
        )
        try:
            postgres = Postgres(folder)
            child.wait_until(postgres.is_ready, _PATIENCE)
            yield postgres
        finally:
            # The fast way: it waits for nobody who is still connected, and tidies up.
            child.send(signal.SIGINT)
            if not child.wait(_PATIENCE):
                child.end(0)
    finally:
        shutil.rmtree(folder)


def _program(name: str) -> str:
    """The newest there is; Debian keeps servers apart by version and out of everybody's PATH."""
    versions = Path("/usr/lib/postgresql").glob("*/bin")
    newest_first = sorted(versions, key=lambda found: int(found.parent.name), reverse=True)
    path = os.pathsep.join([*map(str, newest_first), os.environ.get("PATH", "")])
    program = shutil.which(name, path=path)
    assert program is not None, "PostgreSQL is missing: apt-get install postgresql"
    return program
