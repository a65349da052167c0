"""Which places are taken, which are left, and for whom.

A place is taken by a row that has not expired. A channel may have what is left of the slot and of
its own quota in the session, whichever is less.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, time

from sqlalchemy import ColumnElement, Row, func, or_, select
from sqlalchemy.orm import Session

from sandbox.hospital import model

NOT_RELEASED, OPEN, FULL, STOPPED, ENDED = "0", "1", "2", "3", "4"


def alive(now: datetime) -> ColumnElement[bool]:
    """Return the condition that a place's row still occupies it."""
    return or_(model.Place.expires_at.is_(None), model.Place.expires_at > now)


def at(schedule: model.Schedule, clock_time: str) -> datetime:
    """Return a clock time of the session's day."""
    return datetime.combine(schedule.clinic_date, time.fromisoformat(clock_time))


def left_in_sessions(
    session: Session, schedules: Iterable[model.Schedule], channel: str, now: datetime
) -> dict[str, int]:
    """Return the places left to the channel by schedule code; two queries for any number."""
    free = {schedule.code: schedule.total for schedule in schedules}
    allowance = _quotas(session, list(free), channel)
    for _, code, holder, taken in _taken(session, list(free), now):
        free[code] -= taken
        if holder == channel:
            allowance[code] -= taken
    return {code: max(0, min(places, allowance[code])) for code, places in free.items()}


def left_in_slots(
    session: Session, schedule: model.Schedule, channel: str, now: datetime
) -> dict[str, int]:
    """Return the places of a session left to the channel by slot code."""
    free = dict(
        session.execute(
            select(model.Slot.code, model.Slot.capacity).where(
                model.Slot.schedule_code == schedule.code
            )
        ).all()
    )
    allowance = _quotas(session, [schedule.code], channel)[schedule.code]
    for slot_code, _, holder, taken in _taken(session, [schedule.code], now):
        free[slot_code] -= taken
        if holder == channel:
            allowance -= taken
    return {code: max(0, min(places, allowance)) for code, places in free.items()}


def _taken(session: Session, codes: list[str], now: datetime) -> Sequence[Row[str, str, str, int]]:
    """Return slot code, schedule code, channel and how many places it holds there."""
    place = model.Place
    return session.execute(
        select(place.slot_code, place.schedule_code, place.channel, func.count())
        .where(place.schedule_code.in_(codes), alive(now))
        .group_by(place.slot_code, place.schedule_code, place.channel)
    ).all()


def _quotas(session: Session, codes: list[str], channel: str) -> dict[str, int]:
    rows = session.execute(
        select(model.Quota.schedule_code, model.Quota.channel, model.Quota.places).where(
            model.Quota.schedule_code.in_(codes),
            model.Quota.channel.in_([channel, model.ANY_CHANNEL]),
        )
    ).all()
    quotas = {code: places for code, named, places in rows if named == model.ANY_CHANNEL}
    return quotas | {code: places for code, named, places in rows if named == channel}


def state(schedule: model.Schedule, end_time: str, remaining: int, now: datetime) -> str:
    """Return the state of a session, or of a slot of it that ends at `end_time`."""
    if schedule.stopped:
        return STOPPED
    if now < schedule.release_time:
        return NOT_RELEASED
    if at(schedule, end_time) <= now:
        return ENDED
    return OPEN if remaining else FULL


def free_position(session: Session, slot: model.Slot, now: datetime) -> int | None:
    """Return the lowest free place of a slot whose session is locked, clearing expired rows."""
    taken = set()
    for place in session.scalars(select(model.Place).where(model.Place.slot_code == slot.code)):
        if place.expires_at is not None and place.expires_at <= now:
            session.delete(place)
        else:
            taken.add(place.position)
    session.flush()
    return next((n for n in range(1, slot.capacity + 1) if n not in taken), None)
