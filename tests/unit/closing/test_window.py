"""The windows of a policy, to the minute."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from gateway.closing.window import DAYS, daily, period
from gateway.translation.values import HOSPITAL_ZONE


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=HOSPITAL_ZONE)


@pytest.mark.parametrize(
    ("window", "now", "reopens"),
    [
        ("12:00-13:30", "2031-03-14T11:59:59", None),
        ("12:00-13:30", "2031-03-14T12:00:00", "2031-03-14T13:30"),
        ("12:00-13:30", "2031-03-14T13:29:59", "2031-03-14T13:30"),
        ("12:00-13:30", "2031-03-14T13:30:00", None),
        ("23:30-00:30", "2031-03-14T23:29:59", None),
        ("23:30-00:30", "2031-03-14T23:30:00", "2031-03-15T00:30"),
        ("23:30-00:30", "2031-03-15T00:29:59", "2031-03-15T00:30"),
        ("23:30-00:30", "2031-03-15T00:30:00", None),
        ("22:00-00:00", "2031-12-31T23:59:59", "2032-01-01T00:00"),
        ("22:00-00:00", "2032-01-01T00:00:00", None),
        ("00:00-06:00", "2031-03-14T00:00:00", "2031-03-14T06:00"),
    ],
)
def test_a_daily_window_is_half_open(window: str, now: str, reopens: str | None) -> None:
    """The beginning belongs to it and the end does not, across midnight too."""
    assert daily(window, DAYS).reopens(at(now)) == (at(reopens) if reopens else None)


@pytest.mark.parametrize(
    ("now", "closed"),
    [
        ("2031-03-13T23:45", False),  # a Thursday
        ("2031-03-14T00:15", False),
        ("2031-03-14T23:45", True),
        ("2031-03-15T00:15", True),
        ("2031-03-15T23:45", False),
    ],
)
def test_the_days_are_those_on_which_a_window_begins(now: str, closed: bool) -> None:
    """Friday's goes on until Saturday morning."""
    assert (daily("23:30-00:30", ["fri"]).reopens(at(now)) is not None) is closed


def test_windows_are_shown_as_policies_write_them() -> None:
    """In `explain`, to those who wrote them."""
    assert str(daily("23:30-00:30", DAYS)) == "daily 23:30-00:30"
    assert str(daily("23:30-00:30", ["sun", "sat"])) == "daily 23:30-00:30, sat, sun"
    window = period("2026-12-31T20:00", "2027-01-01T06:00", HOSPITAL_ZONE)
    assert str(window) == "from 2026-12-31T20:00 until 2027-01-01T06:00"


def test_a_period_is_half_open_and_of_the_hospitals_zone() -> None:
    """Whatever zone it is asked in."""
    window = period("2026-12-31T20:00", "2027-01-01T06:00", HOSPITAL_ZONE)
    assert window.reopens(at("2026-12-31T19:59:59")) is None
    assert window.reopens(at("2027-01-01T05:59:59")) == at("2027-01-01T06:00")
    assert window.reopens(at("2027-01-01T06:00")) is None
    assert window.reopens(datetime(2026, 12, 31, 12, tzinfo=UTC)) == at("2027-01-01T06:00")


@pytest.mark.parametrize(
    ("start", "end", "why"),
    [
        ("2027-01-01T06:00", "2027-01-01T06:00", "is not after the beginning"),
        ("2027-02-30T06:00", "2027-03-01T06:00", "a day that there is not"),
    ],
)
def test_what_can_be_no_period_is_said_to_be_none(start: str, end: str, why: str) -> None:
    """In words for people."""
    with pytest.raises(ValueError, match=why):
        period(start, end, HOSPITAL_ZONE)


def test_a_day_that_is_closed_whole_is_no_window() -> None:
    """A function that is always closed is no function."""
    with pytest.raises(ValueError, match="begins and ends at one time"):
        daily("00:00-00:00", DAYS)
