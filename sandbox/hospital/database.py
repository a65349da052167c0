"""One engine, two kinds of transaction: reads that wait for nobody, writes that are all or nothing.

A read is of one moment, however much it asks. On SQLite (WAL) that is so by itself, and a write
begins at once as the only writer. On PostgreSQL a read is REPEATABLE READ; writers lock the rows
they decide on (card, then session), and one that loses a race is run again from its start.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any, TypeVar

from sqlalchemy import URL, Connection, create_engine, event
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

_Result = TypeVar("_Result")

# Row locks that let others refer to the row meanwhile, as foreign keys do (FOR NO KEY UPDATE).
LOCKED = {"key_share": True}

_ATTEMPTS = 8
_LOST_A_RACE = {"40001", "40P01"}  # PostgreSQL: serialization failure, deadlock
_BUSY_MILLISECONDS = 30_000
_CONNECTIONS = 48


class Database:
    """The hospital's database, SQLite or PostgreSQL, by a SQLAlchemy URL."""

    def __init__(self, url: str | URL) -> None:
        self.engine = create_engine(url, pool_size=_CONNECTIONS, max_overflow=16)
        self._writer: AbstractContextManager[Any] = nullcontext()
        reading: dict[str, Any] = {}
        if self.engine.dialect.name == "sqlite":
            # One writer at a time is SQLite's own rule; queueing here spares its busy-waiting.
            self._writer = threading.Lock()
            event.listen(self.engine, "connect", _prepare_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)
        else:
            reading = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        self._reading = self.engine.execution_options(**reading)
        self._writing = self.engine.execution_options(writing=True)

    def read(self, work: Callable[[Session], _Result]) -> _Result:
        """Run `work` in a transaction that changes nothing and sees one moment."""
        with Session(self._reading, expire_on_commit=False) as session:
            return work(session)

    def write(self, work: Callable[[Session], _Result]) -> _Result:
        """Run `work` in one transaction, again from the start when it lost a race."""
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                with (
                    self._writer,
                    Session(self._writing, expire_on_commit=False) as session,
                    session.begin(),
                ):
                    return work(session)
            except DBAPIError as error:
                if attempt == _ATTEMPTS or not _lost_a_race(error):
                    raise
        raise AssertionError("the last attempt returns or raises")

    def close(self) -> None:
        """Let all connections go."""
        self.engine.dispose()


def _lost_a_race(error: DBAPIError) -> bool:
    # A unique key taken meanwhile (a serial, a card) is there to be found by the next attempt.
    if isinstance(error, IntegrityError):
        return True
    return getattr(error.orig, "sqlstate", None) in _LOST_A_RACE


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # transactions begin where we say, not where the driver does
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute(f"PRAGMA busy_timeout = {_BUSY_MILLISECONDS}")


def _begin_sqlite(connection: Connection) -> None:
    writing = connection.get_execution_options().get("writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
