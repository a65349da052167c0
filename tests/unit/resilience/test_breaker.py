"""The breaker: when it opens, how it is tried, what a permit's end means."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from gateway.resilience.breaker import Breaker, Permit
from gateway.resilience.deadline import now
from gateway.resilience.errors import NotAdmitted
from gateway.resilience.limits import BreakerLimits
from tests.unit.resilience.virtual_time import run

LIMITS = BreakerLimits(window_s=20, failure_ratio=0.5, minimum_calls=10, open_for_s=5, probes=1)


def permit(breaker: Breaker, seconds: float = 30) -> Permit:
    return breaker.acquire(now() + seconds)


def fail(breaker: Breaker, times: int = 1) -> None:
    for _ in range(times):
        permit(breaker).failure()


def succeed(breaker: Breaker, times: int = 1) -> None:
    for _ in range(times):
        permit(breaker).success()


def admitted(breaker: Breaker, times: int = 50) -> list[Permit]:
    """The permits that so many callers at once are given."""
    permits = []
    for _ in range(times):
        with contextlib.suppress(NotAdmitted):
            permits.append(permit(breaker))
    return permits


def test_opens_at_the_failure_ratio_not_at_failures_in_a_row() -> None:
    """Every other call failing opens it, though no two failures follow each other."""

    async def main() -> None:
        breaker = Breaker("his", LIMITS)
        for _ in range(4):
            fail(breaker)
            succeed(breaker)
        succeed(breaker)
        assert breaker.state == "closed"
        fail(breaker)
        assert breaker.state == "open"

    run(main())


def test_stays_closed_below_the_ratio() -> None:
    """Four failures of ten, again and again, are not half."""

    async def main() -> None:
        breaker = Breaker("his", LIMITS)
        for _ in range(20):
            succeed(breaker, 6)
            fail(breaker, 4)
        assert breaker.state == "closed"

    run(main())


def test_stays_closed_below_the_minimum_of_calls() -> None:
    """Nine failures of nine calls are too few to judge by."""

    async def main() -> None:
        breaker = Breaker("his", LIMITS)
        fail(breaker, 9)
        assert breaker.state == "closed"
        fail(breaker)
        assert breaker.state == "open"

    run(main())


def test_forgets_failures_older_than_the_window() -> None:
    """Nine failures long ago and one now do not open it."""

    async def main() -> None:
        breaker = Breaker("his", LIMITS)
        fail(breaker, 9)
        await asyncio.sleep(20)
        fail(breaker)
        assert breaker.state == "closed"

    run(main())


def test_lets_no_call_out_while_open_and_says_for_how_long() -> None:
    """Each refusal carries the seconds that are left of the rest."""

    async def main() -> None:
        breaker = Breaker("his", LIMITS)
        fail(breaker, 10)
        await asyncio.sleep(2)
        with pytest.raises(NotAdmitted) as caught:
            permit(breaker)
        assert (caught.value.reason, caught.value.retry_after) == ("breaker-open", 3)

    run(main())


@pytest.mark.parametrize("probes", [1, 3])
def test_half_open_lets_out_exactly_so_many_probes(probes: int) -> None:
    """Of fifty callers at once after the rest, `probes` get a permit."""

    async def main() -> None:
        breaker = Breaker("his", BreakerLimits(minimum_calls=10, open_for_s=5, probes=probes))
        fail(breaker, 10)
        await asyncio.sleep(5)
        assert len(admitted(breaker)) == probes
        assert breaker.state == "half-open"

    run(main())


def test_closes_when_as_many_probes_as_asked_have_succeeded() -> None:
    """With two probes, one success is not enough; after it closed, all may call."""

    async def main() -> None:
        breaker = Breaker("his", BreakerLimits(minimum_calls=10, open_for_s=5, probes=2))
        fail(breaker, 10)
        await asyncio.sleep(5)
        first, second = admitted(breaker)
        first.success()
        assert breaker.state == "half-open"
        second.success()
        assert breaker.state == "closed"
        assert len(admitted(breaker)) == 50

    run(main())


def test_a_failed_probe_opens_it_for_another_rest() -> None:
    """The rest is counted anew from the probe's failure."""

    async def main() -> None:
        breaker = Breaker("his", LIMITS)
        fail(breaker, 10)
        await asyncio.sleep(5)
        (probe,) = admitted(breaker)
        await asyncio.sleep(1)
        probe.failure()
        assert breaker.state == "open"
        await asyncio.sleep(4)
        assert admitted(breaker) == []
        await asyncio.sleep(1)
        assert len(admitted(breaker)) == 1

    run(main())


def test_a_probe_that_never_ends_gives_way_at_its_deadline() -> None:
    """Until then nobody else gets out; after it, the next one does."""

    async def main() -> None:
        breaker = Breaker("his", LIMITS)
        fail(breaker, 10)
        await asyncio.sleep(5)
        permit(breaker, seconds=30)
        await asyncio.sleep(29)
        with pytest.raises(NotAdmitted) as caught:
            permit(breaker)
        assert caught.value.retry_after == 1
        await asyncio.sleep(1)
        assert len(admitted(breaker)) == 1

    run(main())


def test_a_probe_that_gave_way_is_not_counted_when_it_ends_after_all() -> None:
    """Neither its success nor its failure moves the state."""

    async def main() -> None:
        breaker = Breaker("his", LIMITS)
        fail(breaker, 10)
        await asyncio.sleep(5)
        first = permit(breaker, seconds=10)
        await asyncio.sleep(10)
        second = permit(breaker, seconds=10)
        first.success()
        assert breaker.state == "half-open"
        await asyncio.sleep(10)
        permit(breaker)
        second.failure()
        assert breaker.state == "half-open"

    run(main())


def test_an_ignored_probe_frees_its_place_and_moves_nothing() -> None:
    """A cancelled probe neither closes the breaker nor opens it again."""

    async def main() -> None:
        breaker = Breaker("his", LIMITS)
        fail(breaker, 10)
        await asyncio.sleep(5)
        (probe,) = admitted(breaker)
        with probe:
            pass
        assert breaker.state == "half-open"
        assert len(admitted(breaker)) == 1

    run(main())


def test_ignored_calls_are_not_counted() -> None:
    """A hundred calls that tell nothing change neither the number nor the ratio."""

    async def main() -> None:
        breaker = Breaker("his", LIMITS)
        fail(breaker, 9)
        for _ in range(100):
            permit(breaker).ignored()
        assert breaker.state == "closed"
        fail(breaker)
        assert breaker.state == "open"

    run(main())


def test_a_permit_ends_once() -> None:
    """What is said after the first word does not count."""

    async def main() -> None:
        breaker = Breaker("his", LIMITS)
        fail(breaker, 9)
        with permit(breaker) as ended:
            ended.success()
            ended.failure()
            ended.ignored()
        assert breaker.state == "closed"

    run(main())


@pytest.mark.parametrize("succeeded", [True, False])
def test_a_call_from_before_the_change_says_nothing_about_the_state_after(
    succeeded: bool,
) -> None:
    """A call begun while closed that ends while half-open neither closes nor opens it."""

    async def main() -> None:
        breaker = Breaker("his", LIMITS)
        slow = permit(breaker)
        fail(breaker, 10)
        assert slow.lapsed
        await asyncio.sleep(5)
        admitted(breaker)
        (slow.success if succeeded else slow.failure)()
        assert breaker.state == "half-open"

    run(main())


def test_closing_starts_with_an_empty_window() -> None:
    """The failures that opened it do not open it again."""

    async def main() -> None:
        breaker = Breaker("his", LIMITS)
        fail(breaker, 10)
        await asyncio.sleep(5)
        succeed(breaker)
        assert breaker.state == "closed"
        fail(breaker, 9)
        assert breaker.state == "closed"
        fail(breaker)
        assert breaker.state == "open"

    run(main())


def test_tells_every_change_of_state() -> None:
    """The listener hears upstream, old and new state, in order."""

    async def main() -> list[tuple[str, str, str]]:
        changes: list[tuple[str, str, str]] = []
        breaker = Breaker("his", LIMITS, lambda *change: changes.append(change))
        fail(breaker, 10)
        await asyncio.sleep(5)
        fail(breaker)
        await asyncio.sleep(5)
        succeed(breaker)
        return changes

    assert run(main()) == [
        ("his", "closed", "open"),
        ("his", "open", "half-open"),
        ("his", "half-open", "open"),
        ("his", "open", "half-open"),
        ("his", "half-open", "closed"),
    ]
