"""The settings of breaker, bulkhead and retry."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gateway.resilience.limits import BreakerLimits, BulkheadLimits, RetryLimits


@pytest.mark.parametrize(
    ("limits", "replicas", "share"),
    [
        (BulkheadLimits(30, 6, 90), 3, BulkheadLimits(10, 2, 30)),
        (BulkheadLimits(32, 6, 90), 3, BulkheadLimits(10, 2, 30)),
        (BulkheadLimits(10, 2, 10), 3, BulkheadLimits(3, 1, 4)),
        (BulkheadLimits(2, 1, 1), 3, BulkheadLimits(1, 0, 1)),
        (BulkheadLimits(5, 0, 0), 1, BulkheadLimits(5, 0, 0)),
    ],
)
def test_each_replica_takes_its_share(
    limits: BulkheadLimits, replicas: int, share: BulkheadLimits
) -> None:
    """floor(limit / replicas), at least 1, with a place that reads may take."""
    assert limits.share(replicas) == share


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: BulkheadLimits(0, 0, 0), "in_flight must be above 0"),
        (
            lambda: BulkheadLimits(3, 3, 0),
            "keep_for_writes must leave reads at least one of in_flight",
        ),
        (lambda: BulkheadLimits(3, 0, -1), "waiting must not be negative"),
        (lambda: BreakerLimits(window_s=0), "window_s must be above 0"),
        (lambda: BreakerLimits(probes=0), "probes must be above 0"),
        (
            lambda: BreakerLimits(failure_ratio=1.1),
            "failure_ratio must be above 0 and at most 1",
        ),
        (lambda: RetryLimits(attempts=0), "attempts must be above 0"),
        (
            lambda: RetryLimits(budget_ratio=-0.1),
            "budget_ratio and budget_minimum must not be negative",
        ),
    ],
)
def test_settings_that_mean_nothing_are_refused(make: Callable[[], object], message: str) -> None:
    """A limit that could never admit or never act is a ValueError that names it."""
    with pytest.raises(ValueError) as caught:  # noqa: PT011  the message is compared below
        make()
    assert str(caught.value) == message
