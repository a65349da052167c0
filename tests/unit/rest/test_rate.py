"""The token bucket."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.rest.rate import Rate, TokenBucket


@given(
    st.floats(0.1, 100.0),
    st.integers(1, 20),
    st.lists(st.floats(0.0, 2.0), min_size=1, max_size=200),
)
def test_never_more_than_burst_and_rate_allow(
    per_second: float, burst: int, pauses: list[float]
) -> None:
    """Over any time t at most burst + rate * t are let through."""
    bucket = TokenBucket(Rate(per_second, burst))
    at, taken = 1000.0, 0
    for pause in pauses:
        at += pause
        taken += bucket.take(at) == 0.0
    assert taken <= burst + per_second * sum(pauses) + 1e-6


def test_waiting_as_long_as_told_is_enough() -> None:
    """The time that is given is the time that it takes."""
    bucket = TokenBucket(Rate(3.0, 1))
    assert bucket.take(0.0) == 0.0
    wait = bucket.take(0.0)
    assert wait > 0.0
    assert bucket.take(wait + 1e-9) == 0.0


@pytest.mark.parametrize(
    ("per_second", "burst"), [(0.0, 1), (-1.0, 1), (1.0, 0), (float("nan"), 1)]
)
def test_senseless_rate_cannot_be_made(per_second: float, burst: int) -> None:
    """A rate that lets nothing through is a mistake."""
    with pytest.raises(ValueError, match="a rate takes"):
        Rate(per_second, burst)
