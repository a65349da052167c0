"""Registrations together with what they are for, and what time has made of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from sandbox.hospital import model
from sandbox.hospital.availability import at
from sandbox.hospital.rules import Rules

UNPAID, TAKEN, CANCELLED, REFUNDED, PAID, NO_SHOW = "2", "3", "4", "5", "6", "7"
BY_PATIENT, BY_HOSPITAL, BY_TIMEOUT = "1", "2", "3"


@dataclass(frozen=True, slots=True)
class Visit:
    """An order with what it is for."""

    order: model.Order
    slot: model.Slot
    schedule: model.Schedule
    department: model.Department
    campus: model.Campus
    doctor: model.Doctor | None

    @property
    def starts(self) -> datetime:
        """Return when the slot begins."""
        return at(self.schedule, self.slot.start_time)

    @property
    def ends(self) -> datetime:
        """Return when the slot ends."""
        return at(self.schedule, self.slot.end_time)

    def cancel_until(self, rules: Rules) -> datetime:
        """Return until when the patient may cancel what is paid."""
        return self.starts - timedelta(minutes=rules.cancel_before_minutes)

    def take_from(self, rules: Rules) -> datetime:
        """Return when taking the number opens."""
        return self.starts - timedelta(minutes=rules.take_number_opens_minutes)

    def take_until(self, rules: Rules) -> datetime:
        """Return when taking the number closes."""
        closes = self.starts + timedelta(minutes=rules.take_number_closes_minutes)
        return min(closes, self.ends)

    def pay_until(self) -> datetime:
        """Return until when an unpaid order lives."""
        return min(self.order.expire_time or self.ends, self.ends)

    def state(self, now: datetime) -> tuple[str, str | None]:
        """Return state and canceller as time has made them: timed out, or not turned up."""
        if self.order.state == UNPAID and self.pay_until() <= now:
            return CANCELLED, BY_TIMEOUT
        if self.order.state == PAID and self.ends <= now:
            return NO_SHOW, None
        return self.order.state, self.order.cancelled_by


def load(session: Session, *conditions: ColumnElement[bool]) -> Sequence[Visit]:
    """Return the visits that fit, the latest clinic first, fresh from the database."""
    rows: Sequence[Any] = session.execute(
        select(
            model.Order,
            model.Slot,
            model.Schedule,
            model.Department,
            model.Campus,
            model.Doctor,
        )
        .join(model.Slot, model.Slot.code == model.Order.slot_code)
        .join(model.Schedule, model.Schedule.code == model.Order.schedule_code)
        .join(model.Department, model.Department.code == model.Schedule.dept_code)
        .join(model.Campus, model.Campus.code == model.Department.campus_code)
        .outerjoin(model.Doctor, model.Doctor.code == model.Schedule.doctor_code)
        .where(*conditions)
        .order_by(
            model.Schedule.clinic_date.desc(), model.Slot.start_time.desc(), model.Order.order_no
        )
        .execution_options(populate_existing=True)
    ).all()
    return [Visit(*row) for row in rows]


def settle(session: Session, visit: Visit, now: datetime) -> None:
    """Write down what time has made of the order; a timed-out one gives its place back."""
    state, cancelled_by = visit.state(now)
    if state == visit.order.state:
        return
    visit.order.state, visit.order.cancelled_by = state, cancelled_by
    if state == CANCELLED:
        give_back(session, visit.order)


def give_back(session: Session, order: model.Order) -> None:
    """Free the place of an order."""
    place = session.get(model.Place, (order.slot_code, order.position))
    if place is not None and place.order_no == order.order_no:
        session.delete(place)
