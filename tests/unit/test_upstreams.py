"""Guards outlive snapshots: a reload neither doubles nor forgets a limit."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from gateway.policies.snapshot import Upstream
from gateway.resilience.deadline import Deadline
from gateway.resilience.limits import BreakerLimits
from gateway.upstreams import Upstreams

HIS = Upstream("core-his", 30, 6, BreakerLimits())
LAB = Upstream("lab", 6, 0, BreakerLimits())


def adopted(*upstreams: Upstream, replicas: int = 3) -> Upstreams:
    made = Upstreams(replicas, lambda *_: None)
    made.adopt({one.group: one for one in upstreams})
    return made


def test_a_replica_takes_its_share() -> None:
    """Three of them together keep the hospital's limit."""
    limits = adopted(HIS).guard(HIS).bulkhead.limits
    assert (limits.in_flight, limits.keep_for_writes, limits.waiting) == (10, 2, 40)


def test_the_same_limits_keep_the_same_guard() -> None:
    """With its places, its breaker and what that has seen."""
    upstreams = adopted(HIS)
    guard = upstreams.guard(HIS)
    breaker = guard.breaker
    upstreams.adopt({"core-his": replace(HIS)})
    assert upstreams.guard(HIS) is guard
    assert guard.breaker is breaker


def test_changed_limits_count_the_calls_that_are_under_way() -> None:
    """A second bulkhead beside the first would let both their limits through."""

    async def main() -> None:
        upstreams = adopted(HIS)
        bulkhead = upstreams.guard(HIS).bulkhead
        async with bulkhead.slot(write=True, deadline=Deadline.after(9)):
            fewer = replace(HIS, in_flight=3, keep_for_writes=0)
            upstreams.adopt({"core-his": fewer})
            assert upstreams.guard(HIS).bulkhead is upstreams.guard(fewer).bulkhead is bulkhead
            assert (bulkhead.in_flight, bulkhead.limits.in_flight) == (1, 1)
            waiting = asyncio.create_task(enter(upstreams, fewer))
            await asyncio.sleep(0)
            assert bulkhead.waiting == 1
            upstreams.adopt({"core-his": HIS})
            await waiting

    async def enter(upstreams: Upstreams, upstream: Upstream) -> None:
        slot = upstreams.guard(upstream).bulkhead.slot(write=False, deadline=Deadline.after(9))
        async with slot:
            return

    asyncio.run(main())


def test_a_changed_breaker_starts_closed_and_the_bulkhead_stays() -> None:
    """What it had counted was counted by other rules."""
    upstreams = adopted(HIS)
    guard = upstreams.guard(HIS)
    before = guard.breaker
    upstreams.adopt({"core-his": replace(HIS, breaker=BreakerLimits(open_for_s=9.0))})
    assert upstreams.guard(HIS) is guard
    assert guard.breaker is not before
    assert guard.breaker.state == "closed"


def test_a_group_that_is_gone_is_forgotten_once_it_is_idle() -> None:
    """Not while an exchange of the old snapshot is under way."""

    async def main() -> None:
        upstreams = adopted(HIS, LAB)
        guard = upstreams.guard(LAB)
        async with guard.bulkhead.slot(write=False, deadline=Deadline.after(9)):
            upstreams.adopt({"core-his": HIS})
            assert upstreams.guard(LAB) is guard
        upstreams.adopt({"core-his": HIS})
        assert upstreams.guard(LAB) is not guard

    asyncio.run(main())


def test_a_scrape_sees_the_groups_that_are_served() -> None:
    """From the start, before the first call, and no others."""
    upstreams = adopted(HIS, LAB)
    upstreams.adopt({"core-his": HIS})
    upstreams.guard(LAB)
    (state,) = upstreams.states()
    assert (state.upstream, state.in_flight, state.in_flight_limit, state.waiting) == (
        "core-his", 0, 10, 0,
    )  # fmt: skip
    assert state.breaker == "closed"
