"""When a policy closes a function: every day between two times, or once from one to another.

All windows are half-open, [start, end), in the zone of the time that they are asked with.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo
from typing import Final, TypeAlias

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
"""The days of a week as policies name them, in the order of `datetime.weekday`."""

_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Daily:
    """Between two times of the day, on the days of the week on which it begins (Monday is 0)."""

    start: time
    end: time
    days: frozenset[int]

    def reopens(self, now: datetime) -> datetime | None:
        """When it ends, if it is closed `now`."""
        for begun in (now - _DAY, now):
            start = datetime.combine(begun.date(), self.start, now.tzinfo)
            end = datetime.combine(begun.date(), self.end, now.tzinfo)
            if self.end <= self.start:
                end += _DAY
            if begun.weekday() in self.days and start <= now < end:
                return end
        return None

    def __str__(self) -> str:
        days = "" if len(self.days) == len(DAYS) else f", {', '.join(self._named())}"
        return f"daily {self.start:%H:%M}-{self.end:%H:%M}{days}"

    def _named(self) -> Iterable[str]:
        return (DAYS[day] for day in sorted(self.days))


@dataclass(frozen=True, slots=True)
class Period:
    """Once, from one time to another."""

    start: datetime
    end: datetime

    def reopens(self, now: datetime) -> datetime | None:
        """When it ends, if it is closed `now`."""
        return self.end.astimezone(now.tzinfo) if self.start <= now < self.end else None

    def __str__(self) -> str:
        return f"from {self.start:%Y-%m-%dT%H:%M} until {self.end:%Y-%m-%dT%H:%M}"


Window: TypeAlias = Daily | Period
Message: TypeAlias = Mapping[str, str]
"""What callers are told, by language."""


@dataclass(frozen=True, slots=True)
class Closure:
    """What a policy closes a route by."""

    window: Window
    message: Message | None


def daily(text: str, days: Iterable[str]) -> Daily:
    """`HH:MM-HH:MM`; raises `ValueError` where it begins and ends at one time."""
    start, _, end = text.partition("-")
    window = Daily(
        time.fromisoformat(start),
        time.fromisoformat(end),
        frozenset(DAYS.index(day) for day in days),
    )
    if window.start == window.end:
        raise ValueError("begins and ends at one time")
    return window


def period(start: str, end: str, zone: tzinfo) -> Period:
    """`YYYY-MM-DDTHH:MM` each; raises `ValueError` for a day that is none, or an end before it."""
    try:
        window = Period(
            datetime.fromisoformat(start).replace(tzinfo=zone),
            datetime.fromisoformat(end).replace(tzinfo=zone),
        )
    except ValueError:
        raise ValueError("follows or names a day that there is not") from None
    if window.end <= window.start:
        raise ValueError("is not after the beginning")
    return window
