"""The hospital's clock: Asia/Shanghai wall time, never the machine's zone, settable for tests."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")


def wall_time() -> datetime:
    """Return the real time in the hospital's zone, without offset."""
    return datetime.now(ZONE).replace(tzinfo=None)


class Clock:
    """Local time without offset and in whole seconds; it runs on from wherever it is set."""

    def __init__(self, source: Callable[[], datetime] = wall_time) -> None:
        self._source = source
        self._ahead = timedelta(0)

    def now(self) -> datetime:
        """Return the hospital's time, to the second."""
        return (self._source() + self._ahead).replace(microsecond=0)

    def today(self) -> date:
        """Return the hospital's date."""
        return self.now().date()

    def set(self, now: datetime | None) -> None:
        """Set the time, local and without offset; None goes back to the real time."""
        self._ahead = now - self._source() if now else timedelta(0)

    def set_date(self, today: date) -> None:
        """Move to another date, keeping the time of day."""
        self._ahead += timedelta(days=(today - self.today()).days)
