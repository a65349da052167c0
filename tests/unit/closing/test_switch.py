"""One switch: signed, written, read again."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from gateway.closing.switch import LONGEST, SwitchRefused, read
from tests.unit.closing.switches import MINUTE, SECRET, off, on
from tests.unit.translation.contexts import NOW


def test_a_switch_is_read_as_it_was_written() -> None:
    """Over JSON, Chinese words and all."""
    for switch in (off(), on(), off("*"), off("pay-*")):
        again = read(json.loads(json.dumps(switch.written())))
        assert again == switch
        assert again.is_of(SECRET)


@pytest.mark.parametrize(
    "change",
    [
        {"route": "pay-*"},
        {"closed": False},
        {"until": NOW + timedelta(days=2)},
        {"by": "Li"},
        {"reason": "no reason"},
        {"at": NOW},
        {"signature": ""},
        {"signature": "号"},
    ],
)
def test_nothing_of_it_can_be_changed(change: dict[str, Any]) -> None:
    """By whoever hands it on."""
    assert not replace(off(), **change).is_of(SECRET)
    assert not off().is_of(SECRET + "x")


@pytest.mark.parametrize(
    "change",
    [
        {"route": "Pay"},
        {"route": "*pay"},
        {"route": 1},
        {"closed": "yes"},
        {"until": "2031-03-14T10:30:00"},
        {"until": "soon"},
        {"until": (NOW - MINUTE).isoformat()},
        {"until": (NOW + LONGEST).isoformat()},
        {"by": ""},
        {"by": "x" * 65},
        {"by": "two\nlines"},
        {"reason": ""},
        {"reason": "x" * 201},
        {"at": None},
        {"at": "9999-12-31T23:59:59Z", "until": "9999-12-31T23:59:59.9Z"},
        {"signature": None},
    ],
)
def test_what_is_no_whole_switch_is_refused(change: dict[str, Any]) -> None:
    """Without saying what was sent."""
    with pytest.raises(SwitchRefused, match=r"^malformed$"):
        read({**off().written(), **change})


@pytest.mark.parametrize("data", [None, [], "off", {}, {"route": "hold-slot"}])
def test_what_is_no_switch_is_refused(data: object) -> None:
    """Whatever JSON it is."""
    with pytest.raises(SwitchRefused, match=r"^malformed$"):
        read(data)


def test_the_later_stamp_holds_and_of_two_equal_ones_the_same_on_every_replica() -> None:
    """Which of two replicas heard of which first makes no difference."""
    assert on().replaces(off())
    assert not off().replaces(on())
    ours, theirs = off(by="Wang"), off(by="Li")
    assert ours.replaces(theirs) is not theirs.replaces(ours)
    assert not ours.replaces(ours)


def test_one_that_opens_outlasts_every_one_that_closed_before() -> None:
    """So that none comes back from a replica that was down when it was opened."""
    before = off(at=NOW - MINUTE, until=NOW - MINUTE + LONGEST)
    assert on(at=NOW).until > before.until
