"""The seeded hospital: the same for the same seed, moving with its day, and believable."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from sandbox.hospital import identity, model
from sandbox.hospital.database import Database
from sandbox.hospital.rules import Rules
from sandbox.hospital.seeding.founding import carry_on, open_hospital
from tests.postgres import Postgres

# Chance and the calendar make the hospital; the kind of database shows in one test below.
pytestmark = pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)

_TABLES = (
    *("department", "doctor", "schedule", "quota", "slot", "card", "place", "registration"),
    *("invoice", "invoice_item", "report", "report_item"),
)
_FOUNDED = date(2026, 2, 27)

NewDatabase = Callable[[], str]


def _found(new_database: NewDatabase, seed: int) -> Database:
    database = Database(new_database())
    open_hospital(database, seed, _FOUNDED, Rules())
    return database


def _rows(database: Database, query: str) -> set[Any]:
    with database.engine.connect() as connection:
        return {tuple(row) for row in connection.execute(text(query))}


def _kept(database: Database, table: str) -> set[Any]:
    """Return all rows of a table, with the values of its columns' types."""
    with database.engine.connect() as connection:
        every = select(model.Base.metadata.tables[table])
        return {tuple(row) for row in connection.execute(every)}


@pytest.fixture(scope="module")
def database(new_database: NewDatabase) -> Database:
    """A founded hospital that nobody has used."""
    return _found(new_database, 11)


def test_the_same_seed_makes_the_same_hospital(
    database: Database, new_database: NewDatabase
) -> None:
    """Row for row; another seed makes another one."""
    same, other = _found(new_database, 11), _found(new_database, 12)
    for table in _TABLES:
        query = f"SELECT * FROM {table}"
        assert _rows(same, query) == _rows(database, query)
    assert _rows(other, "SELECT name FROM card") != _rows(database, "SELECT name FROM card")


def test_it_is_the_same_hospital_on_either_kind_of_database(
    database: Database, postgres: Postgres
) -> None:
    """Row for row and value for value: dates, times, truth, money and Chinese."""
    other = _found(postgres.database, 11)
    tables = model.Base.metadata.tables
    different = [name for name in tables if _kept(other, name) != _kept(database, name)]
    assert different == []


def test_the_hospital_is_of_a_believable_size(database: Database) -> None:
    """Departments, doctors, patients, and bookings of other channels with a fee due."""
    (counts,) = _rows(
        database,
        "SELECT (SELECT count(*) FROM department), (SELECT count(*) FROM doctor),"
        " (SELECT count(*) FROM card), (SELECT count(*) FROM registration"
        " WHERE channel = 'P114' AND state = '2')",
    )
    assert counts[0] >= 20
    assert counts[1] >= 200
    assert counts[2] >= 300
    assert counts[3] >= 5


def test_identity_numbers_fit_the_people_they_name(database: Database) -> None:
    """Check character, birth date and sex; children have a guardian."""
    people = _rows(
        database, "SELECT doc_no, birth_date, sex, guardian_doc_no FROM card WHERE doc_type = '01'"
    )
    for number, born, sex, guardian in people:
        assert identity.is_valid(number)
        assert str(identity.birth_date(number)) == str(born)
        assert identity.sex_code(number) == sex
        child = identity.age_on(identity.birth_date(number), _FOUNDED) < 14
        assert (guardian is not None) is child


def test_every_department_has_something_to_book_on_every_later_day(database: Database) -> None:
    """A numbered session in the afternoon, not stopped, with room."""
    found = _rows(
        database,
        "SELECT DISTINCT dept_code, clinic_date FROM schedule WHERE numbered AND NOT stopped"
        f" AND period = '2' AND clinic_date > '{_FOUNDED}'",
    )
    assert len(found) == 25 * 7


def test_the_calendar_comes_out_alike_whenever_it_is_made(
    database: Database, new_database: NewDatabase
) -> None:
    """Ten days on in one go or day by day."""
    at_once, daily = _found(new_database, 11), _found(new_database, 11)
    carry_on(at_once, _FOUNDED + timedelta(days=3), Rules())
    for days in (1, 2, 3):
        carry_on(daily, _FOUNDED + timedelta(days=days), Rules())
    query = "SELECT * FROM schedule"
    assert _rows(at_once, query) == _rows(daily, query)
    for table in ("bill_item", "registration", "place", "invoice"):
        assert _rows(at_once, f"SELECT * FROM {table}") == _rows(daily, f"SELECT * FROM {table}")
    assert len(_rows(daily, query)) > len(_rows(database, query))
    open_hospital(daily, 99, _FOUNDED + timedelta(days=3), Rules())
    assert _rows(at_once, query) == _rows(daily, query)


def test_other_channels_go_on_booking_as_days_come(new_database: NewDatabase) -> None:
    """Weeks later there are bookings ahead, fees due among them, paid for and invoiced."""
    database = _found(new_database, 11)
    today = _FOUNDED + timedelta(days=20)
    carry_on(database, today, Rules())
    ahead = _rows(
        database,
        "SELECT r.channel, r.state, r.order_no, r.create_time FROM registration r"
        " JOIN schedule s ON s.code = r.schedule_code"
        f" WHERE s.clinic_date > '{today}' AND NOT s.stopped",
    )
    assert {(channel, state) for channel, state, *_ in ahead} == {
        *(("P114", "2"), ("P114", "6"), ("CLINIC", "6"))
    }
    assert len(ahead) > 100
    assert all(str(created) < f"{today}" for *_, created in ahead)
    invoiced = _rows(database, "SELECT reference FROM invoice WHERE business = '1'")
    assert {(order,) for _, state, order, _ in ahead if state == "6"} <= invoiced


def test_every_payment_of_a_fee_has_its_invoice(database: Database) -> None:
    """Of its amount; a refund has a red one that takes it back."""
    paid = "SELECT order_no, fee_fen, refund_fen IS NOT NULL FROM registration WHERE paid_fen > 0"
    invoiced = (
        "SELECT reference, total_fen, reversed_by IS NOT NULL FROM invoice"
        " WHERE business = '1' AND colour = 'blue'"
    )
    assert _rows(database, paid) == _rows(database, invoiced)
    assert len(_rows(database, paid)) >= 200
    assert _rows(
        database, "SELECT reversed_by FROM invoice WHERE reversed_by IS NOT NULL"
    ) == _rows(database, "SELECT invoice_no FROM invoice WHERE colour = 'red'")


def test_reports_are_of_every_sort(database: Database) -> None:
    """Hundreds of both kinds; unsigned, amended and kept back ones, infectious and genetic ones."""
    (counts,) = _rows(
        database,
        "SELECT count(*), count(DISTINCT kind), count(DISTINCT state),"
        " count(CASE WHEN NOT audited THEN 1 END), count(CASE category WHEN '08' THEN 1 END),"
        " count(CASE category WHEN '09' THEN 1 END) FROM report",
    )
    total, kinds, states, *special = counts
    assert total > 400
    assert (kinds, states) == (2, 3)
    assert all(special)


def test_a_result_is_flagged_by_its_range(database: Database) -> None:
    """H above, L below, N within."""
    for value, reference, flag in _rows(
        database, "SELECT value, reference, flag FROM report_item WHERE reference LIKE '%-%'"
    ):
        low, high = map(float, reference.split("-"))
        expected = "H" if float(value) > high else "L" if float(value) < low else "N"
        assert flag == expected, (value, reference)


def test_there_are_bills_of_every_kind(database: Database) -> None:
    """Hundreds; paid, paid back and open ones; what a payment comes to is what its items cost."""
    (counts,) = _rows(
        database,
        "SELECT count(*), count(DISTINCT category), (SELECT count(*) FROM bill_payment),"
        " (SELECT count(*) FROM bill_refund) FROM bill",
    )
    assert counts[0] >= 500
    assert counts[1] == 3
    assert counts[2] >= 100
    assert counts[3] >= 10
    assert not _rows(
        database,
        "SELECT p.pay_no FROM bill_payment p JOIN bill_item i ON i.bill_no = p.bill_no"
        " GROUP BY p.pay_no, p.amount_fen HAVING sum(i.amount_fen - i.fund_fen) <> p.amount_fen",
    )
    assert not _rows(
        database,
        "SELECT p.pay_no FROM bill_payment p JOIN bill b ON b.bill_no = p.bill_no"
        " WHERE b.category = '3' AND p.channel <> 'WINDOW'",
    )
