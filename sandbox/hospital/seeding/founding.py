"""Founding a hospital in an empty database, and carrying its calendar on day by day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from sqlalchemy import insert, inspect, select
from sqlalchemy.orm import Session

from sandbox.hospital import model
from sandbox.hospital.billing_model import (
    Bill,
    BillItem,
    BillPayment,
    BillRefund,
    BillRefundItem,
    Settlement,
)
from sandbox.hospital.database import Database
from sandbox.hospital.reports_model import Report, ReportItem
from sandbox.hospital.rules import Rules
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
        staff = _staff(session)
        first = (founding.calendar_until - founding.founded_on).days + 1
        last = (until - founding.founded_on).days
        bills = Bills(rules)
        for offset in range(first, last + 1):
            _insert_day(session, _day(founding.seed, founding.founded_on, offset, staff, rules))
            _add_bills(bills, session, founding.seed, founding.founded_on, offset, staff)
        _insert_bills(session, bills)
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
    bills = Bills(rules)
    for offset in range(-_DAYS_BACK, rules.days_ahead + 1):
        _add_bills(bills, session, seed, today, offset, staff)
    _insert_bills(session, bills)
    invoices.add(bills.settled)
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


def _add_bills(
    bills: Bills,
    session: Session,
    seed: int,
    founded_on: date,
    offset: int,
    staff: Iterable[Staff],
) -> None:
    # Only those who were there at the founding, so that a day comes out alike whoever came since.
    cards = session.execute(
        select(model.Card.card_no, model.Card.name)
        .where(model.Card.create_time < datetime.combine(founded_on, time()))
        .order_by(model.Card.card_no)
    )
    patients = [Patient(card_no, name) for card_no, name in cards]
    day = founded_on + timedelta(days=offset)
    bills.add_day(Random(f"{seed}:bills:{offset}"), day, patients, staff, past=offset < 0)


def _insert_bills(session: Session, bills: Bills) -> None:
    _insert(session, Bill, bills.bills)
    _insert(session, BillItem, bills.items)
    _insert(session, Settlement, bills.settlements)
    _insert(session, BillPayment, bills.payments)
    _insert(session, BillRefund, bills.refunds)
    _insert(session, BillRefundItem, bills.refund_items)
    _insert(session, model.MoneyRecord, bills.money)


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
    if rows:
        session.execute(insert(table), rows)
