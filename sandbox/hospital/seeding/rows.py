"""The rows of the seeded hospital: how they are written down, and what is read to add to them."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from sqlalchemy import exists, insert, select
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
from sandbox.hospital.seeding.bills import Bills
from sandbox.hospital.seeding.bookings import Bookings
from sandbox.hospital.seeding.days import Day, Staff
from sandbox.hospital.seeding.invoices import Invoices


def untouched(session: Session, day: date) -> Day:
    """The sessions of a day that are held, and those of their slots that nobody has a place in."""
    schedules = session.execute(
        select(model.Schedule.__table__)
        .where(model.Schedule.clinic_date == day, ~model.Schedule.stopped)
        .order_by(model.Schedule.code)
    ).mappings()
    slots = session.execute(
        select(model.Slot.__table__)
        .join(model.Schedule, model.Schedule.code == model.Slot.schedule_code)
        .where(
            model.Schedule.clinic_date == day,
            ~model.Schedule.stopped,
            ~exists().where(model.Place.slot_code == model.Slot.code),
        )
        .order_by(model.Slot.code)
    ).mappings()
    return Day(schedules=[dict(one) for one in schedules], slots=[dict(one) for one in slots])


def founders(session: Session, founded_on: date) -> list[dict[str, Any]]:
    """The cards that were there at the founding: a day comes out alike whoever came since."""
    cards = session.execute(
        select(model.Card.__table__)
        .where(model.Card.create_time < datetime.combine(founded_on, time()))
        .order_by(model.Card.card_no)
    ).mappings()
    return [dict(one) for one in cards]


def insert_bookings(session: Session, bookings: Bookings) -> None:
    """Write orders down, with the places that they take and the money that they moved."""
    put(session, model.Order, bookings.orders)
    put(session, model.Place, bookings.places)
    put(session, model.MoneyRecord, bookings.money)


def insert_invoices(session: Session, invoices: Invoices) -> None:
    """Write invoices down, then the items that refer to them."""
    session.add_all(invoices.invoices)
    session.flush()
    session.add_all(invoices.items)


def insert_bills(session: Session, bills: Bills) -> None:
    """Write bills down, with all that was quoted, paid and paid back."""
    put(session, Bill, bills.bills)
    put(session, BillItem, bills.items)
    put(session, Settlement, bills.settlements)
    put(session, BillPayment, bills.payments)
    put(session, BillRefund, bills.refunds)
    put(session, BillRefundItem, bills.refund_items)
    put(session, model.MoneyRecord, bills.money)


def on_duty(session: Session) -> list[Staff]:
    """The departments, each with the doctors who hold its sessions."""
    doctors: dict[str, list[tuple[str, str]]] = {}
    for doctor in session.scalars(
        select(model.Doctor).where(model.Doctor.on_duty).order_by(model.Doctor.code)
    ):
        doctors.setdefault(doctor.dept_code, []).append((doctor.code, doctor.title))
    departments = session.scalars(select(model.Department).order_by(model.Department.code))
    return [Staff(one.code, one.kind, doctors[one.code]) for one in departments]


def insert_day(session: Session, day: Day) -> None:
    """Write a day of the calendar down."""
    put(session, model.Schedule, day.schedules)
    put(session, model.Quota, day.quotas)
    put(session, model.Slot, day.slots)


def put(session: Session, table: type[model.Base], rows: list[dict[str, Any]]) -> None:
    """Write rows of one table down."""
    if rows:
        session.execute(insert(table), rows)
