"""One day of the seeded hospital's calendar: its sessions, their slots and quotas."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from sandbox.hospital.model import ANY_CHANNEL
from sandbox.hospital.rules import Rules

# Period: start and length in minutes.
_PERIODS = {"1": (time(8, 0), 240), "2": (time(13, 30), 240), "3": (time(18, 0), 180)}
_EMERGENCY = "6"
# Title: clinic type, fee in fen, patients in half an hour, chance of a session in a period.
_BY_TITLE = {
    "1": ("2", 8000, 2, 0.40),
    "2": ("2", 6000, 3, 0.40),
    "3": ("1", 5000, 4, 0.40),
    "4": ("1", 5000, 4, 0.15),
}
_SPECIAL_NEEDS = ("3", 30000, 1)
_SPECIAL_NEEDS_CHANCE = 0.15
_GENERAL = ("1", 5000, 8)
_COUNTED_CHANCE = 0.25
_STOPPED_CHANCE = 0.02
# The share of a session's places that a channel may have; the clinic itself may have all.
_SHARES = {ANY_CHANNEL: 0.6, "P114": 0.3, "CLINIC": 1.0, "WINDOW": 1.0}


@dataclass(frozen=True, slots=True)
class Day:
    """Rows for the tables schedule, quota and slot."""

    schedules: list[dict[str, Any]] = field(default_factory=list)
    quotas: list[dict[str, Any]] = field(default_factory=list)
    slots: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Staff:
    """What a session needs to know of department and doctor."""

    dept_code: str
    dept_kind: str
    doctors: list[tuple[str, str]]  # code and title of those on duty


def calendar_day(random: Random, day: date, staff: Iterable[Staff], rules: Rules) -> Day:
    """Return a day's sessions: a general clinic by period, and the doctors' own.

    Every department has, each day, a numbered doctor's session in the afternoon that is not
    stopped, so that there is always something to book.
    """
    made = Day()
    for department in staff:
        periods = ("1", "2", "3") if department.dept_kind == _EMERGENCY else ("1", "2")
        for period in periods:
            _add(made, random, day, department, period, None, _GENERAL, False, False, rules)
        certain = random.choice(department.doctors)
        for doctor in department.doctors:
            code, title = doctor
            clinic_type, fee, pace, chance = _BY_TITLE[title]
            for period in _PERIODS:
                sure = doctor == certain and period == "2"
                if not sure and random.random() >= (chance if period != "3" else chance / 8):
                    continue
                terms = (clinic_type, fee, pace)
                if title == "1" and random.random() < _SPECIAL_NEEDS_CHANCE:
                    terms = _SPECIAL_NEEDS
                numbered = sure or random.random() >= _COUNTED_CHANCE
                stopped = not sure and random.random() < _STOPPED_CHANCE
                _add(made, random, day, department, period, code, terms, numbered, stopped, rules)
    return made


def _add(
    made: Day,
    random: Random,
    day: date,
    department: Staff,
    period: str,
    doctor_code: str | None,
    terms: tuple[str, int, int],
    numbered: bool,
    stopped: bool,
    rules: Rules,
) -> None:
    clinic_type, fee_fen, pace = terms
    start, minutes = _PERIODS[period]
    opens = datetime.combine(day, start)
    code = f"{day:%y%m%d}{department.dept_code}{period}{doctor_code or '00000'}"
    capacity = max(1, pace + random.choice((-1, 0, 0, 1)))
    slots = minutes // 30
    for index in range(slots):
        begin = opens + timedelta(minutes=30 * index)
        made.slots.append(
            {
                "code": f"{code}{index + 1:02d}",
                "schedule_code": code,
                "start_time": f"{begin:%H:%M}",
                "end_time": f"{begin + timedelta(minutes=30):%H:%M}",
                "capacity": capacity,
                "first_number": index * capacity + 1,
            }
        )
    total = slots * capacity
    made.quotas.extend(
        {"schedule_code": code, "channel": channel, "places": max(1, int(total * share))}
        for channel, share in _SHARES.items()
    )
    made.schedules.append(
        {
            "code": code,
            "dept_code": department.dept_code,
            "doctor_code": doctor_code,
            "clinic_date": day,
            "period": period,
            "clinic_type": clinic_type,
            "start_time": f"{opens:%H:%M}",
            "end_time": f"{opens + timedelta(minutes=minutes):%H:%M}",
            "fee_fen": fee_fen,
            "numbered": numbered,
            "stopped": stopped,
            "release_time": rules.released_at(day),
            "total": total,
        }
    )
