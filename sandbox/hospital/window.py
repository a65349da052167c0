"""What the hospital does by itself: stops and moves sessions, replaces doctors, refunds.

Each writes its changes in the same transaction, for the channels to ask after.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from sandbox.hospital import booking, changes, model, visits
from sandbox.hospital.availability import free_position
from sandbox.hospital.database import LOCKED
from sandbox.hospital.platform import Desk, Refused
from sandbox.hospital.visits import BY_HOSPITAL, Visit

_ALIVE = (visits.UNPAID, visits.PAID, visits.TAKEN)
_SESSION_STARTS = {"1": "08:00", "2": "13:30", "3": "18:00"}


def stop(desk: Desk, code: str, reason: str | None, replacement: str | None) -> list[str]:
    """Stop a session and cancel its orders; return their numbers.

    With a replacement session each order is replaced there by an unpaid one, as far as it has room.
    """
    schedules = {one: _locked(desk, one) for one in sorted({code, replacement or code})}
    schedule = schedules[code]
    schedule.stopped = True
    changes.tell(desk, changes.SCHEDULE_STOPPED, schedule_code=code, reason=reason)
    affected = _alive_visits(desk, code)
    for visit in affected:
        order = visit.order
        if replacement is not None:
            order.replaced_by = _book_instead(desk, order, schedules[replacement])
        _cancel(desk, order, reason)
    _drop_holds(desk, code)
    return [visit.order.order_no for visit in affected]


def move(
    desk: Desk, code: str, clinic_date: date, period: str | None, reason: str | None
) -> list[str]:
    """Move a session with all its orders to another date or period; return the orders' numbers."""
    schedule = _locked(desk, code)
    if (clinic_date, period or schedule.period) == (schedule.clinic_date, schedule.period):
        raise Refused("2008", "出诊日期和时段未变")
    affected = _alive_visits(desk, code)
    if period is not None and period != schedule.period:
        _shift(desk, schedule, period)
    schedule.clinic_date = clinic_date
    moved: dict[str, Any] = {
        "schedule_code": code,
        "new_clinic_date": clinic_date,
        "new_period": schedule.period,
        "reason": reason,
    }
    changes.tell(desk, changes.SCHEDULE_MOVED, **moved)
    return _tell_each(desk, changes.SCHEDULE_MOVED, affected, moved)


def replace_doctor(desk: Desk, code: str, doctor_code: str, reason: str | None) -> list[str]:
    """Give a session to another doctor; return the numbers of its orders."""
    schedule = _locked(desk, code)
    if desk.session.get(model.Doctor, doctor_code) is None:
        raise Refused("2009", "医生不存在")
    if doctor_code == schedule.doctor_code:
        raise Refused("2008", "出诊医生未变")
    schedule.doctor_code = doctor_code
    replaced: dict[str, Any] = {
        "schedule_code": code,
        "new_doctor_code": doctor_code,
        "reason": reason,
    }
    changes.tell(desk, changes.DOCTOR_REPLACED, **replaced)
    return _tell_each(desk, changes.DOCTOR_REPLACED, _alive_visits(desk, code), replaced)


def refund(desk: Desk, order_no: str, reason: str | None) -> str:
    """Cancel an order at the window, with refund when it was paid; return its number."""
    order = desk.session.get(model.Order, order_no)
    if order is None:
        raise Refused("2009", "预约记录不存在")
    desk.session.get_one(model.Card, order.card_no, with_for_update=LOCKED)
    _locked(desk, order.schedule_code)
    visit = visits.load(desk.session, model.Order.order_no == order_no)[0]
    visits.settle(desk.session, visit, desk.now)
    if visit.order.state not in (*_ALIVE, visits.NO_SHOW):
        raise Refused("2014", "该预约已取消")
    _cancel(desk, visit.order, reason)
    return order_no


def _locked(desk: Desk, code: str) -> model.Schedule:
    schedule = desk.session.get(model.Schedule, code, with_for_update=LOCKED)
    if schedule is None:
        raise Refused("2009", "出诊不存在")
    return schedule


def _alive_visits(desk: Desk, code: str) -> list[Visit]:
    loaded = visits.load(desk.session, model.Order.schedule_code == code)
    return [visit for visit in loaded if visit.state(desk.now)[0] in _ALIVE]


def _cancel(desk: Desk, order: model.Order, reason: str | None) -> None:
    booking.void(desk, order, BY_HOSPITAL, reason)
    of_order: dict[str, Any] = {
        "channel": order.channel,
        "schedule_code": order.schedule_code,
        "order_no": order.order_no,
        "card_no": order.card_no,
        "reason": reason,
    }
    changes.tell(desk, changes.ORDER_CANCELLED, **of_order)
    if order.refund_fen is not None:
        changes.tell(desk, changes.REFUNDED, refund_fen=order.refund_fen, **of_order)


def _book_instead(desk: Desk, order: model.Order, schedule: model.Schedule) -> str | None:
    for slot in desk.session.scalars(
        select(model.Slot)
        .where(model.Slot.schedule_code == schedule.code)
        .order_by(model.Slot.start_time)
    ):
        position = free_position(desk.session, slot, desk.now)
        if position is None:
            continue
        numbered = schedule.numbered
        instead = model.Order(
            order_no=booking.new_order_no(desk.now),
            card_no=order.card_no,
            channel=order.channel,
            state=visits.UNPAID,
            slot_code=slot.code,
            schedule_code=schedule.code,
            position=position,
            queue_no=booking.queue_number(slot, position) if numbered else None,
            fee_fen=schedule.fee_fen,
            create_time=desk.now,
        )
        place = model.Place(
            slot_code=slot.code,
            position=position,
            schedule_code=schedule.code,
            channel=order.channel,
            card_no=order.card_no,
            order_no=instead.order_no,
        )
        desk.session.add_all([instead, place])
        desk.effect(
            "booked",
            card_no=order.card_no,
            slot_code=slot.code,
            order_no=instead.order_no,
            amount_fen=schedule.fee_fen,
        )
        desk.session.flush()
        return instead.order_no
    return None


def _drop_holds(desk: Desk, code: str) -> None:
    for place in desk.session.scalars(
        select(model.Place).where(model.Place.schedule_code == code, model.Place.order_no.is_(None))
    ):
        hold = desk.session.get_one(model.Hold, place.hold_code)
        hold.state = booking.RELEASED
        desk.session.delete(place)


def _shift(desk: Desk, schedule: model.Schedule, period: str) -> None:
    """Move the clock times of a session and its slots from the start of one period to another's."""
    by = _clock(_SESSION_STARTS[period]) - _clock(_SESSION_STARTS[schedule.period])
    schedule.period = period
    schedule.start_time = _later(schedule.start_time, by)
    schedule.end_time = _later(schedule.end_time, by)
    for slot in desk.session.scalars(
        select(model.Slot).where(model.Slot.schedule_code == schedule.code)
    ):
        slot.start_time = _later(slot.start_time, by)
        slot.end_time = _later(slot.end_time, by)


def _clock(clock_time: str) -> datetime:
    return datetime.combine(date.min, datetime.strptime(clock_time, "%H:%M").time())  # noqa: DTZ007


def _later(clock_time: str, by: timedelta) -> str:
    return f"{_clock(clock_time) + by:%H:%M}"


def _tell_each(desk: Desk, kind: str, affected: list[Visit], details: dict[str, Any]) -> list[str]:
    for visit in affected:
        order = visit.order
        changes.tell(
            desk,
            kind,
            channel=order.channel,
            order_no=order.order_no,
            card_no=order.card_no,
            **details,
        )
    return [visit.order.order_no for visit in affected]
