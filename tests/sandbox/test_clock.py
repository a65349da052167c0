"""The hospital's clock keeps the hospital's time, wherever the machine thinks it is."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta

import pytest

from sandbox.hospital.clock import Clock

_EVENING = datetime.fromisoformat("2026-03-10T23:50:00")


@pytest.mark.parametrize("zone", ["UTC", "America/Los_Angeles", "Asia/Shanghai"])
def test_the_machines_zone_does_not_matter(monkeypatch: pytest.MonkeyPatch, zone: str) -> None:
    """The time is eight hours ahead of UTC and carries no offset."""
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("TZ", zone)
        time.tzset()
        now = Clock().now()
        expected = datetime.now(UTC).replace(tzinfo=None) + timedelta(hours=8)
    time.tzset()
    assert now.tzinfo is None
    assert abs(expected - now) < timedelta(minutes=1)


def test_a_clock_that_was_set_runs_on() -> None:
    """Set, moved to a date, and given back to real time."""
    real = _EVENING
    clock = Clock(lambda: real)
    clock.set(datetime.fromisoformat("2026-05-01T07:00:00"))
    real += timedelta(hours=1)
    assert clock.now() == datetime.fromisoformat("2026-05-01T08:00:00")
    clock.set_date(date(2026, 6, 2))
    assert clock.now() == datetime.fromisoformat("2026-06-02T08:00:00")
    clock.set(None)
    assert clock.now() == real
