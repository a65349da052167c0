"""What phase of its life a replica is in.

It says whether this replica can serve, not whether the hospital is up: replicas that turned
unready together with the hospital would take the edge down with it.
"""

from __future__ import annotations

import enum
from collections.abc import Callable


class Phase(enum.Enum):
    """A replica's phases, in the only order they can be entered."""

    STARTING = "starting"
    READY = "ready"
    DRAINING = "draining"
    """Still answering, but the edge is to send nothing new."""
    STOPPED = "stopped"


_ORDER = tuple(Phase)


class Health:
    """The replica's phase; `on_change` is told of each new one and must not raise."""

    def __init__(self, on_change: Callable[[Phase], None] | None = None) -> None:
        self._phase = Phase.STARTING
        self._on_change = on_change

    @property
    def phase(self) -> Phase:
        """The phase now."""
        return self._phase

    @property
    def ready(self) -> bool:
        """Whether the edge should send requests here."""
        return self._phase is Phase.READY

    def become(self, phase: Phase) -> None:
        """Enter a later phase; one entered already, or left behind, is not entered again."""
        if _ORDER.index(phase) <= _ORDER.index(self._phase):
            return
        self._phase = phase
        if self._on_change is not None:
            self._on_change(phase)
