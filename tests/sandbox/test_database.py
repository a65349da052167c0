"""Transactions mean the same on either kind of database."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sandbox.hospital import model
from sandbox.hospital.database import LOCKED, Database


@pytest.fixture
def database(new_database: Callable[[], str]) -> Iterator[Database]:
    """A database with two rows in it."""
    made = Database(new_database())
    model.Base.metadata.create_all(made.engine)
    made.write(lambda session: session.add_all(_campus(code) for code in ("01", "02")))
    yield made
    made.close()


def _campus(code: str) -> model.Campus:
    return model.Campus(code=code, name="本部")


def _count(session: Session) -> int:
    return session.scalars(select(func.count()).select_from(model.Campus)).one()


def test_a_read_is_of_one_moment(database: Database) -> None:
    """What is written between two of its questions is in neither answer."""

    def twice(session: Session) -> tuple[int, int]:
        before = _count(session)
        database.write(lambda other: other.add(_campus("03")))
        return before, _count(session)

    assert database.read(twice) == (2, 2)
    assert database.read(_count) == 3


def test_a_write_that_fails_leaves_nothing(database: Database) -> None:
    """What was written before the failure goes with it."""

    def fail(session: Session) -> None:
        session.add(_campus("03"))
        session.flush()
        raise LookupError

    with pytest.raises(LookupError):
        database.write(fail)
    assert database.read(_count) == 2


@pytest.mark.parametrize("new_database", ["postgresql"], indirect=True)
def test_a_deadlock_is_nobodys_loss(database: Database) -> None:
    """Two that wait for each other: they are run again from their start until both are done.

    On SQLite one writes at a time, so that there is nobody to wait for.
    """
    met = threading.Barrier(2)
    runs: list[str] = []

    def rename(first: str, second: str) -> None:
        def work(session: Session) -> None:
            runs.append(first)
            for code in (first, second):
                campus = session.get_one(model.Campus, code, with_for_update=LOCKED)
                campus.name += first
                session.flush()
                if code == first and len(runs) <= 2:
                    met.wait(30)

        database.write(work)

    threads = [threading.Thread(target=rename, args=pair) for pair in (("01", "02"), ("02", "01"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(runs) > 2
    names = database.read(lambda session: session.scalars(select(model.Campus.name)).all())
    assert sorted(names[0].removeprefix("本部")) == sorted("0102")
    assert names[0] == names[1]
