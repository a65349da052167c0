"""Founding a hospital in an empty database, and carrying its calendar on day by day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from random import Random
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from sandbox.hospital import model
from sandbox.hospital.database import Database
from sandbox.hospital.reports_model import Report, ReportItem
from sandbox.hospital.rules import Rules
from sandbox.hospital.seeding.bookings import Bookings
from sandbox.hospital.seeding.catalogue import CAMPUSES, catalogue
from sandbox.hospital.seeding.days import Day, Staff, calendar_day
from sandbox.hospital.seeding.invoices import Invoices, of_registrations
from sandbox.hospital.seeding.people import patients
from sandbox.hospital.seeding.reports import Reports

_DAYS_BACK = 7


def open_hospital(database: Database, seed: int, today: date, rules: Rules) -> None:
    """Make the tables, found the hospital where there is none, and bring its calendar up to date.

    A database that is already a hospital stays the one it is, whatever the seed.
    """
    model.Base.metadata.create_all(database.engine)

    def found(session: Session) -> None:
        if session.scalar(select(model.Founding)) is None:
            _found(session, seed, today, rules)

    database.write(found)
    carry_on(database, today, rules)


def carry_on(database: Database, today: date, rules: Rules) -> None:
    """Add the days that the calendar lacks up to the last one that patients may see."""
    until = today + timedelta(days=rules.days_ahead)

    def extend(session: Session) -> None:
        founding = session.scalars(select(model.Founding).with_for_update()).one()
        if founding.calendar_until >= until:
            return
        staff = _staff(session)
        first = (founding.calendar_until - founding.founded_on).days + 1
        last = (until - founding.founded_on).days
        for offset in range(first, last + 1):
            _insert_day(session, _day(founding.seed, founding.founded_on, offset, staff, rules))
        founding.calendar_until = until

    database.write(extend)


def _found(session: Session, seed: int, today: date, rules: Rules) -> None:
    random = Random(seed)
    made = catalogue(random)
    people = patients(random, today)
    _insert(session, model.Campus, CAMPUSES)
    _insert(session, model.Department, made.departments)
    _insert(session, model.Doctor, made.doctors)
    _insert(session, model.Card, people)
    staff = _staff(session)
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
        _insert_day(session, day)
    _insert(session, model.Order, bookings.orders)
    _insert(session, model.Place, bookings.places)
    _insert(session, model.MoneyRecord, bookings.money)
    invoices = Invoices(Random(f"{seed}:invoices"), rules)
    names = {one["card_no"]: one["name"] for one in people}
    invoices.add(of_registrations(bookings.orders, bookings.money, names))
    session.add_all(invoices.invoices)
    session.flush()  # the items refer to them
    session.add_all(invoices.items)
    reports = Reports(Random(f"{seed}:reports"), today, made.doctors)
    reports.write(people)
    _insert(session, Report, reports.reports)
    _insert(session, ReportItem, reports.items)
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


def _staff(session: Session) -> list[Staff]:
    on_duty: dict[str, list[tuple[str, str]]] = {}
    for doctor in session.scalars(
        select(model.Doctor).where(model.Doctor.on_duty).order_by(model.Doctor.code)
    ):
        on_duty.setdefault(doctor.dept_code, []).append((doctor.code, doctor.title))
    departments = session.scalars(select(model.Department).order_by(model.Department.code))
    return [Staff(one.code, one.kind, on_duty[one.code]) for one in departments]


def _insert_day(session: Session, day: Day) -> None:
    _insert(session, model.Schedule, day.schedules)
    _insert(session, model.Quota, day.quotas)
    _insert(session, model.Slot, day.slots)


def _insert(session: Session, table: type[model.Base], rows: list[dict[str, Any]]) -> None:
    session.execute(insert(table), rows)
