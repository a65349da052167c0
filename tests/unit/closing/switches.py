"""Switches as somebody throws them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from gateway.closing.switch import LONGEST, Switch
from gateway.closing.switchboard import Source, Switchboard
from tests.unit.translation.contexts import NOW

SECRET = "a-secret-that-signs-switches-of-functions"
MINUTE = timedelta(minutes=1)


def off(route: str = "hold-slot", **changes: Any) -> Switch:
    """A switch that closes a route until an hour after `NOW`, thrown a minute before; signed."""
    made = Switch(
        route=route,
        closed=True,
        until=NOW + 60 * MINUTE,
        by="Wang, IT",
        reason="号源 are wrong",
        at=NOW - MINUTE,
    )
    return replace(made, **changes).signed(SECRET)


def on(route: str = "hold-slot", **changes: Any) -> Switch:
    """A switch that opens it again, thrown at `NOW`."""
    at = changes.get("at", NOW)
    return off(route, **{"closed": False, "until": at + LONGEST, "at": at, "reason": "", **changes})


class Board:
    """A switchboard at `NOW`, what it audited, kept and reported."""

    def __init__(self) -> None:
        self.now = NOW
        self.audited: list[tuple[Switch, Source, tuple[Switch, ...]]] = []
        self.kept: list[tuple[Switch, ...]] = []
        self.reports: list[OSError] = []
        self.disk_full = False
        self.switchboard = Switchboard(
            lambda: self.now,
            lambda switch, source: self.audited.append((switch, source, self.switchboard.thrown)),
            self._keep,
            self.reports.append,
        )

    def _keep(self, switches: tuple[Switch, ...]) -> None:
        if self.disk_full:
            raise OSError(28, "No space left on device")
        self.kept.append(switches)
