"""What policies and switches come to for a route."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from gateway.closing.closings import Closings, written
from gateway.closing.switch import Switch
from gateway.closing.window import DAYS, Closure, Message, daily
from gateway.policies.snapshot import Route
from gateway.problems import Rejection
from tests.unit.closing.switches import MINUTE, Board, off, on
from tests.unit.translation.contexts import NOW
from tests.unit.world import route

WORDS = {"en": "Accounts are being closed.", "zh": "日终结算中。"}
OTHER_WORDS = {"en": "Lunch.", "zh": "午休。"}


def closed_daily(name: str, *windows: tuple[str, Message | None]) -> Route:
    closures = tuple(Closure(daily(text, DAYS), message) for text, message in windows)
    return replace(route(name), closures=closures)


def closings(*routes: Route, switches: tuple[Switch, ...] = (), now: datetime = NOW) -> Closings:
    board = Board()
    board.now = now
    board.switchboard.take(switches, "command")
    return Closings(lambda: routes, lambda: board.switchboard.thrown, lambda: board.now)


def refused(at: Closings, one: Route) -> Rejection:
    with pytest.raises(Rejection) as caught:
        at.hold(one)
    assert caught.value.slug == "function-closed"
    return caught.value


def test_a_route_that_nothing_closes_is_open() -> None:
    """A switch of another route, a window at another time, a switch that opens."""
    one = closed_daily("hold-slot", ("10:00-11:00", None))
    closings(one, switches=(off("pay-*"), on())).hold(one)


def test_a_closed_write_was_not_sent_and_a_read_says_nothing_of_that() -> None:
    """Each with the seconds to wait and the time of reopening."""
    write = closed_daily("hold-slot", ("09:00-10:00", WORDS))
    told = refused(closings(write), write)
    assert (told.outcome, told.retry_after, told.reopens_at) == (
        "not-sent", 1800.0, "2031-03-14T10:00:00+08:00",
    )  # fmt: skip
    assert (told.detail, told.detail_zh, told.reason) == (
        WORDS["en"], WORDS["zh"], "closed-by-policy",
    )  # fmt: skip
    read = route("list-departments")
    told = refused(closings(read, switches=(off("list-*"),)), read)
    assert (told.outcome, told.detail, told.reason) == (None, None, "closed-by-switch")


def test_it_reopens_when_nothing_closes_it_any_more() -> None:
    """One closing goes over into the next, of whatever kind."""
    one = closed_daily("hold-slot", ("09:00-10:00", None), ("10:30-12:00", WORDS))
    assert refused(closings(one), one).reopens_at == "2031-03-14T10:00:00+08:00"
    bridge = off(until=NOW + 60 * MINUTE)
    told = refused(closings(one, switches=(bridge,)), one)
    assert told.reopens_at == "2031-03-14T12:00:00+08:00"


def test_windows_without_a_gap_end_the_search() -> None:
    """Nobody waits for a function that never opens."""
    one = closed_daily("hold-slot", ("00:00-12:00", None), ("12:00-00:00", None))
    assert refused(closings(one), one).retry_after == pytest.approx(32.6 * 86400, rel=0.05)


def test_of_several_messages_that_of_the_longest_is_told() -> None:
    """And a switch, which has none, does not hide them."""
    one = closed_daily("hold-slot", ("09:00-10:00", OTHER_WORDS), ("09:00-11:00", WORDS))
    switches = (off(until=NOW + timedelta(days=1)),)
    assert refused(closings(one, switches=switches), one).detail == WORDS["en"]


def test_asking_how_a_write_ended_stays_open_unless_it_is_named() -> None:
    """Its function, or everything, may be closed."""
    ask = route("operations-hold-slot")
    closings(ask, switches=(off(), off("*"), off("o*"))).hold(ask)
    for name in ("operations-*", "operations-hold-slot"):
        refused(closings(ask, switches=(off(name),)), ask)


def test_who_tells_what_is_closed_is_closed_by_its_whole_name_only() -> None:
    """So that it can tell that all others are."""
    status = route("get-status")
    closings(status, switches=(off("*"), off("get-*"))).hold(status)
    refused(closings(status, switches=(off("get-status"),)), status)


def test_what_is_closed_is_listed() -> None:
    """Routes in their order, with the words that a policy states."""
    one, other = closed_daily("hold-slot", ("09:00-10:00", WORDS)), route("pay-appointment")
    at = closings(one, other, route("get-card"), switches=(off("pay-*"),))
    assert at.told() == [
        {"route": "hold-slot", "reopensAt": "2031-03-14T10:00:00+08:00", "message": WORDS},
        {"route": "pay-appointment", "reopensAt": "2031-03-14T10:30:00+08:00"},
    ]
    assert at.states() == {"hold-slot": True, "pay-appointment": True, "get-card": False}


def test_a_pattern_that_means_no_route_is_known_for_it() -> None:
    """A slip of the pen in an emergency must not look like a success."""
    at = closings(route("hold-slot"))
    assert at.means("hold-*")
    assert not at.means("hold-slots")


def test_a_time_is_told_to_the_second_and_never_before_it() -> None:
    """Who comes back at that second finds it open."""
    assert written(NOW) == "2031-03-14T09:30:00+08:00"
    assert written(NOW + timedelta(microseconds=1)) == "2031-03-14T09:30:01+08:00"
