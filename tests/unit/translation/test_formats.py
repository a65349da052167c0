"""How hospitals write days and moments in text."""

from __future__ import annotations

import locale
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.translation.formats import Format, format_of

HERE = timezone(timedelta(hours=8))
MORNING = datetime(2031, 3, 4, 0, 5, 6, tzinfo=HERE)
EVENING = datetime(2031, 11, 23, 16, 45, 56, tzinfo=HERE)


def made(text: str) -> Format:
    """The format, which there is."""
    written = format_of(text)
    assert written is not None
    return written


@pytest.mark.parametrize(
    ("text", "morning", "evening"),
    [
        ("%Y%m%d", "20310304", "20311123"),
        ("%Y-%m-%d %H:%M:%S", "2031-03-04 00:05:06", "2031-11-23 16:45:56"),
        ("%Y-%m-%d %I:%M:%S %p", "2031-03-04 12:05:06 AM", "2031-11-23 04:45:56 PM"),
        ("%Y/%-m/%-d %-H:%M:%S", "2031/3/4 0:05:06", "2031/11/23 16:45:56"),
        ("%-m/%-d/%Y %-I:%M:%S %p", "3/4/2031 12:05:06 AM", "11/23/2031 4:45:56 PM"),
        ("%Y年%m月%d日", "2031年03月04日", "2031年11月23日"),
        ("%Y%m%d%H%M%S%f", "20310304000506000000", "20311123164556000000"),
        ("%Y-%m-%dT%H:%M:%S%z", "2031-03-04T00:05:06+0800", "2031-11-23T16:45:56+0800"),
        ("%Y-%m-%dT%H:%M:%S%:z", "2031-03-04T00:05:06+08:00", "2031-11-23T16:45:56+08:00"),
        ("100%% %Y", "100% 2031", "100% 2031"),
    ],
)
def test_a_format_writes_as_the_field_does(text: str, morning: str, evening: str) -> None:
    """Midnight and noon of a twelve-hour clock are its twelve."""
    assert [made(text).write(one) for one in (MORNING, EVENING)] == [morning, evening]


@pytest.mark.parametrize(
    "text",
    ["%Y-%m-%d %I:%M:%S %p", "%-d.%-m.%Y %-H:%M:%S", "%Y%m%d%H%M%S", "%S/%M/%H %d %m %Y"],
)
@given(moment=st.datetimes())
def test_what_is_written_is_read(text: str, moment: datetime) -> None:
    """To the second, for every year that has four digits."""
    moment = moment.replace(microsecond=0)
    assert made(text).read(made(text).write(moment)) == moment


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("2031-03-04T00:05:06+08:00", MORNING),
        ("2031-03-03T16:05:06Z", MORNING),
        ("2031-03-03T11:35:06-04:30", MORNING),
    ],
)
def test_an_offset_is_read(text: str, told: datetime) -> None:
    """Of whatever zone it is."""
    assert made("%Y-%m-%dT%H:%M:%S%:z").read(text) == told


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("%Y%m%d", "2031111"),
        ("%Y%m%d", "20310229"),
        ("%Y%m%d", "\uff12\uff10310304"),
        ("%Y-%m-%d", "2031-03-04 "),
        ("%H:%M", "24:00"),
        ("%I:%M %p", "00:30 AM"),
        ("%I:%M %p", "13:30 PM"),
        ("%I:%M %p", "01:30 pm"),
        ("%-m/%-d", "03/04"),
        ("%H%z", "10+2500"),
    ],
)
def test_what_is_not_written_so_is_refused(text: str, wrong: str) -> None:
    """Neither padding nor another clock is guessed."""
    with pytest.raises(ValueError):  # noqa: PT011 - of datetime's own words there are many
        made(text).read(wrong)


@pytest.mark.parametrize(
    "text", ["", "today", "%c", "%x", "%y%m%d", "%B", "%Q", "%", "%Y%Y", "%H %-H", "%-m%d", "%f0"]
)
def test_what_is_no_format_is_none(text: str) -> None:
    """Unknown, of the machine's language, said twice, or without an end."""
    assert format_of(text) is None


@pytest.fixture
def spoken() -> Iterator[None]:
    """A process that speaks another language, where the machine has one."""
    before = locale.setlocale(locale.LC_TIME)
    for name in ("zh_CN.UTF-8", "de_DE.UTF-8", "C.UTF-8"):
        try:
            locale.setlocale(locale.LC_TIME, name)
            break
        except locale.Error:
            continue
    yield
    locale.setlocale(locale.LC_TIME, before)


@pytest.mark.usefixtures("spoken")
def test_the_machines_language_has_no_say() -> None:
    """Before noon is AM everywhere."""
    assert made("%I:%M %p").write(MORNING) == "12:05 AM"
