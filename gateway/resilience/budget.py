"""A bound on repeated attempts, so that retries do not multiply the load on a failing upstream."""

from __future__ import annotations

from gateway.resilience.deadline import now
from gateway.resilience.limits import RetryLimits
from gateway.resilience.window import SlidingWindow


class RetryBudget:
    """Allows repeated attempts up to a share of the calls within a window."""

    def __init__(self, limits: RetryLimits) -> None:
        self._limits = limits
        self._calls = SlidingWindow(limits.budget_window_s)

    def call(self, at: float) -> None:
        """Count a call, made at `at` (loop time)."""
        self._calls.add_good(at)

    def spend(self) -> bool:
        """Whether one more attempt is allowed; it is counted if so."""
        at = now()
        self._calls.advance(at)
        allowed = max(
            self._limits.budget_minimum,
            self._limits.budget_ratio * self._calls.good,
        )
        if self._calls.bad + 1 > allowed:
            return False
        self._calls.add_bad(at)
        return True
