"""Founding a hospital in an empty database, and carrying its calendar on day by day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from random import Random
from typing import Any

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from sandbox.hospital import model
from sandbox.hospital.database import Database
from sandbox.hospital.reports_model import Report, ReportItem
from sandbox.hospital.rules import Rules
from sandbox.hospital.seeding import rows
from sandbox.hospital.seeding.bills import Bills, Patient
from sandbox.hospital.seeding.bookings import Bookings
from sandbox.hospital.seeding.catalogue import CAMPUSES, catalogue
from sandbox.hospital.seeding.days import Day, Staff, calendar_day
from sandbox.hospital.seeding.invoices import Invoices, of_registrations
from sandbox.hospital.seeding.people import patients
from sandbox.hospital.seeding.reports import Reports

_DAYS_BACK = 7


class OtherVersion(Exception):
    """The database is a hospital of other tables than these."""

    def __init__(self, table: str) -> None:
        super().__init__(f"its table {table} is of another version of the hospital; remove it")


def open_hospital(database: Database, seed: int, today: date, rules: Rules) -> None:
    """Make the tables, found the hospital where there is none, and bring its calendar up to date.

    A database that is already a hospital stays the one it is, whatever the seed; OtherVersion when
    it lacks what this one has.
    """
    model.Base.metadata.create_all(database.engine)
    _require_columns(database)

    def found(session: Session) -> None:
        if session.scalar(select(model.Founding)) is None:
            _found(session, seed, today, rules)

    database.write(found)
    carry_on(database, today, rules)


def _require_columns(database: Database) -> None:
    kept = inspect(database.engine)
    for table in model.Base.metadata.sorted_tables:
        columns = {column["name"] for column in kept.get_columns(table.name)}
        if not columns.issuperset(table.columns.keys()):
            raise OtherVersion(table.name)


def carry_on(database: Database, today: date, rules: Rules) -> None:
    """Add the days that the calendar lacks up to the last one that patients may see."""
    until = today + timedelta(days=rules.days_ahead)

    def extend(session: Session) -> None:
        founding = session.scalars(select(model.Founding).with_for_update()).one()
        if founding.calendar_until >= until:
            return
        staff = rows.on_duty(session)
        first = (founding.calendar_until - founding.founded_on).days + 1
        last = (until - founding.founded_on).days
        bills = Bills(rules)
        for offset in range(first, last + 1):
            rows.insert_day(session, _day(founding.seed, founding.founded_on, offset, staff, rules))
            _add_bills(bills, session, founding.seed, founding.founded_on, offset, staff)
            _add_bookings(session, founding.seed, founding.founded_on, offset, staff, rules)
        rows.insert_bills(session, bills)
        founding.calendar_until = until

    database.write(extend)


def _found(session: Session, seed: int, today: date, rules: Rules) -> None:
    random = Random(seed)
    made = catalogue(random)
    people = patients(random, today)
    rows.put(session, model.Campus, CAMPUSES)
    rows.put(session, model.Department, made.departments)
    rows.put(session, model.Doctor, made.doctors)
    rows.put(session, model.Card, people)
    staff = rows.on_duty(session)
    # The past is only there to carry history: one doctor of each department is enough.
    few = [Staff(one.dept_code, one.dept_kind, one.doctors[:1]) for one in staff]
    past = [_day(seed, today, -offset, few, rules) for offset in range(1, _DAYS_BACK + 1)]
    ahead = {n: _day(seed, today, n, staff, rules) for n in range(rules.days_ahead + 1)}
    kinds = {one.dept_code: one.dept_kind for one in staff}
    bookings = Bookings(random, today, people, kinds)
    released = {n: day for n, day in ahead.items() if n < rules.days_ahead}
    bookings.book_ahead(released)
    bookings.fill_sessions(day for n, day in released.items() if n > 0)
    bookings.look_back(past)
    for day in (*past, *ahead.values()):
        rows.insert_day(session, day)
    rows.insert_bookings(session, bookings)
    invoices = Invoices(Random(f"{seed}:invoices"), rules)
    invoices.add(of_registrations(bookings.orders, bookings.money, _names(people)))
    bills = Bills(rules)
    for offset in range(-_DAYS_BACK, rules.days_ahead + 1):
        _add_bills(bills, session, seed, today, offset, staff)
    rows.insert_bills(session, bills)
    invoices.add(bills.settled)
    rows.insert_invoices(session, invoices)
    reports = Reports(Random(f"{seed}:reports"), today, made.doctors)
    reports.write(people)
    rows.put(session, Report, reports.reports)
    rows.put(session, ReportItem, reports.items)
    session.add(
        model.Founding(
            seed=seed, founded_on=today, calendar_until=today + timedelta(days=rules.days_ahead)
        )
    )


def _day(seed: int, founded_on: date, offset: int, staff: Iterable[Staff], rules: Rules) -> Day:
    # Each day has a generator of its own, so that it comes out alike whenever it is made.
    return calendar_day(
        Random(f"{seed}:{offset}"), founded_on + timedelta(days=offset), staff, rules
    )


def _add_bills(
    bills: Bills,
    session: Session,
    seed: int,
    founded_on: date,
    offset: int,
    staff: Iterable[Staff],
) -> None:
    patients = [Patient(one["card_no"], one["name"]) for one in rows.founders(session, founded_on)]
    day = founded_on + timedelta(days=offset)
    bills.add_day(Random(f"{seed}:bills:{offset}"), day, patients, staff, past=offset < 0)


def _add_bookings(
    session: Session,
    seed: int,
    founded_on: date,
    offset: int,
    staff: Iterable[Staff],
    rules: Rules,
) -> None:
    """Book on the day before a new one: others have had it since yesterday."""
    people = rows.founders(session, founded_on)
    bookings = Bookings(
        Random(f"{seed}:bookings:{offset}"),
        founded_on + timedelta(days=offset - rules.days_ahead),
        people,
        {one.dept_code: one.dept_kind for one in staff},
    )
    bookings.book_new(rows.untouched(session, founded_on + timedelta(days=offset - 1)))
    rows.insert_bookings(session, bookings)
    invoices = Invoices(Random(f"{seed}:invoices:{offset}"), rules)
    invoices.add(of_registrations(bookings.orders, bookings.money, _names(people)))
    rows.insert_invoices(session, invoices)


def _names(people: Iterable[dict[str, Any]]) -> dict[str, str]:
    return {one["card_no"]: one["name"] for one in people}
