"""The deadline of an exchange."""

from __future__ import annotations

import asyncio

import pytest

from gateway.resilience.deadline import Deadline
from tests.unit.resilience.virtual_time import START, run


def test_remaining_counts_down_to_zero_and_stays_there() -> None:
    """`remaining` is what is left, never negative; `expired` follows it."""

    async def main() -> None:
        deadline = Deadline.after(2)
        assert deadline == Deadline(START + 2)
        assert (deadline.remaining(), deadline.expired) == (2, False)
        await asyncio.sleep(2)
        assert (deadline.remaining(), deadline.expired) == (0, True)
        await asyncio.sleep(1)
        assert (deadline.remaining(), deadline.expired) == (0, True)

    run(main())


@pytest.mark.parametrize(("seconds", "at"), [(3.0, 13.0), (10.0, 20.0), (99.0, 20.0)])
def test_within_is_the_earlier_of_the_two(seconds: float, at: float) -> None:
    """A route's own patience shortens a deadline and never lengthens it."""
    assert Deadline(20.0).within(seconds, start=10.0) == Deadline(at)
