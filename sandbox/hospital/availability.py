"""Which places are taken, which are left, and for whom.

A place is taken by a row that has not expired. A channel may have what is left of the slot and of
its own quota in the session, whichever is less.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from sandbox.hospital import model

NOT_RELEASED, OPEN, FULL, STOPPED, ENDED = "0", "1", "2", "3", "4"


def alive(now: datetime) -> ColumnElement[bool]:
    """Return the condition that a place's row still occupies it."""
    return or_(model.Place.expires_at.is_(None), model.Place.expires_at > now)


def at(schedule: model.Schedule, clock_time: str) -> datetime:
    """Return a clock time of the session's day."""
    return datetime.combine(schedule.clinic_date, time.fromisoformat(clock_time))


@dataclass(frozen=True, slots=True)
class Left:
    """Places left to one channel: in the session and in each of its slots, by slot code."""

    total: int
    by_slot: dict[str, int]


def left(
    session: Session, schedules: Iterable[model.Schedule], channel: str, now: datetime
) -> dict[str, Left]:
    """Return what is left to the channel, by schedule code; three queries however many sessions."""
    codes = [schedule.code for schedule in schedules]
    allowed = _quotas(session, codes, channel)
    free: dict[str, dict[str, int]] = {code: {} for code in codes}
    used = dict.fromkeys(codes, 0)
    for slot_code, schedule_code, capacity in session.execute(
        select(model.Slot.code, model.Slot.schedule_code, model.Slot.capacity).where(
            model.Slot.schedule_code.in_(codes)
        )
    ):
        free[schedule_code][slot_code] = capacity
    for slot_code, schedule_code, holder, taken in session.execute(
        select(model.Place.slot_code, model.Place.schedule_code, model.Place.channel, func.count())
        .where(model.Place.schedule_code.in_(codes), alive(now))
        .group_by(model.Place.slot_code, model.Place.schedule_code, model.Place.channel)
    ):
        free[schedule_code][slot_code] -= taken
        if holder == channel:
            used[schedule_code] += taken
    return {code: _capped(free[code], allowed.get(code, 0) - used[code]) for code in codes}


def _capped(free: dict[str, int], allowance: int) -> Left:
    allowance = max(allowance, 0)
    return Left(
        total=min(sum(free.values()), allowance),
        by_slot={slot: min(places, allowance) for slot, places in free.items()},
    )


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
