"""The emitter: who watches cannot disturb who acts."""

from __future__ import annotations

import dataclasses

import pytest

from gateway.operations.events import Emitter, Event
from tests.unit.operations.exchanges import READ


class Broken:
    def __call__(self, event: Event) -> None:
        raise RuntimeError("the disk is full")


def test_a_listener_that_raises_disturbs_nobody() -> None:
    """The others still hear the event; the failure is reported by name."""
    heard: list[Event] = []
    failed: list[str] = []
    emitter = Emitter((Broken(), heard.append), failed.append)
    emitter.emit(READ)
    emitter.emit(READ)
    assert heard == [READ, READ]
    assert failed == ["Broken", "Broken"]


def test_not_even_the_report_of_a_failure_disturbs() -> None:
    """A report that raises itself is left at that."""

    def broken_report(listener: str) -> None:
        raise RuntimeError(listener)

    heard: list[Event] = []
    Emitter((Broken(), heard.append), broken_report).emit(READ)
    assert heard == [READ]


def test_events_cannot_be_changed_by_who_hears_them() -> None:
    """Each listener sees what was emitted."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        READ.status = 500  # type: ignore[misc]  # that it cannot be done is what is tested
