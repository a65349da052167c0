"""The limits of breaker, bulkhead and retry, with their defaults and bounds.

A policy states those of breaker and bulkhead for its upstream; retries are the same for all.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BreakerLimits:
    """When an upstream is given a rest, and how it is tried again."""

    window_s: float = 20.0
    """How far back calls are counted, in seconds."""
    failure_ratio: float = 0.5
    """The share of failed calls in the window that opens the breaker."""
    minimum_calls: int = 20
    """Calls the window must hold before the ratio means anything."""
    open_for_s: float = 5.0
    """How long no call is made at all, in seconds."""
    probes: int = 1
    """Calls let out at once after that, and how many of them must succeed to close it again."""

    def __post_init__(self) -> None:
        _positive(self, "window_s", "minimum_calls", "open_for_s", "probes")
        if not 0 < self.failure_ratio <= 1:
            raise ValueError("failure_ratio must be above 0 and at most 1")


@dataclass(frozen=True, slots=True)
class BulkheadLimits:
    """How many calls an upstream group bears at once."""

    in_flight: int
    """Calls under way at once, reads and writes together."""
    keep_for_writes: int
    """How many of these reads never take."""
    waiting: int
    """How many reads, and apart from them how many writes, may wait for a place."""

    def __post_init__(self) -> None:
        _positive(self, "in_flight")
        if not 0 <= self.keep_for_writes < self.in_flight:
            raise ValueError("keep_for_writes must leave reads at least one of in_flight")
        if self.waiting < 0:
            raise ValueError("waiting must not be negative")

    def share(self, replicas: int) -> BulkheadLimits:
        """What one of `replicas` may use, so that all of them together keep the limit.

        Each takes floor(limit / replicas). It is never less than 1, or a replica could serve
        nothing: more replicas than places can pass the limit by as much. What is kept for writes
        is rounded up, and yields before reads are left without a place.
        """
        in_flight = max(1, self.in_flight // replicas)
        return BulkheadLimits(
            in_flight=in_flight,
            keep_for_writes=min(-(-self.keep_for_writes // replicas), in_flight - 1),
            waiting=-(-self.waiting // replicas),
        )


@dataclass(frozen=True, slots=True)
class RetryLimits:
    """How often, how soon and at what share of all calls a failed attempt is made again."""

    attempts: int = 3
    """Attempts of one call at most, the first included; 1 means none is made again."""
    backoff_s: float = 0.05
    """Upper bound of the first random pause, in seconds; it doubles from one to the next."""
    backoff_limit_s: float = 1.0
    """What the upper bound does not grow beyond, in seconds."""
    budget_ratio: float = 0.2
    """Repeated attempts at most, as a share of the upstream's calls within `budget_window_s`."""
    budget_minimum: int = 3
    """Repeated attempts that a window always allows, or a quiet upstream would have none."""
    budget_window_s: float = 20.0
    """How far back the budget counts, in seconds."""

    def __post_init__(self) -> None:
        _positive(self, "attempts", "backoff_s", "backoff_limit_s", "budget_window_s")
        if self.budget_ratio < 0 or self.budget_minimum < 0:
            raise ValueError("budget_ratio and budget_minimum must not be negative")


def _positive(limits: object, *names: str) -> None:
    for name in names:
        if getattr(limits, name) <= 0:
            raise ValueError(f"{name} must be above 0")
