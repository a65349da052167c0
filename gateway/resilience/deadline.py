"""The one deadline of an exchange, on the event loop's clock."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass


def now() -> float:
    """Seconds on the running event loop's clock, the only clock that resilience goes by."""
    return asyncio.get_running_loop().time()


@dataclass(frozen=True, slots=True)
class Deadline:
    """The moment by which an exchange must have its answer.

    `at` is in seconds on the event loop's clock: absolute, so that it can be handed on without
    growing at each step.
    """

    at: float

    @classmethod
    def after(cls, seconds: float) -> Deadline:
        """The deadline that is `seconds` from now."""
        return cls(now() + seconds)

    def remaining(self) -> float:
        """Seconds left; never below zero."""
        return max(0.0, self.at - now())

    @property
    def expired(self) -> bool:
        """Whether there is no time left."""
        return self.at <= now()

    def within(self, seconds: float, start: float) -> Deadline:
        """The earlier of this deadline and `seconds` after `start` (loop time)."""
        at = start + seconds
        return self if self.at <= at else Deadline(at)
