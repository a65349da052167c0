"""The bulkhead: never over its limit, first come first served, nothing left behind."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.resilience.bulkhead import Bulkhead
from gateway.resilience.deadline import Deadline, now
from gateway.resilience.errors import NotAdmitted
from gateway.resilience.limits import BulkheadLimits
from tests.unit.resilience.virtual_time import run, settle


@dataclass
class Callers:
    """Callers of one bulkhead, and the order in which they got their places."""

    bulkhead: Bulkhead
    admitted: list[str] = field(default_factory=list)

    def call(
        self, name: str, *, write: bool = False, hold: float = 1.0, patience: float = 100.0
    ) -> asyncio.Task[None]:
        async def hold_a_place() -> None:
            async with self.bulkhead.slot(write=write, deadline=Deadline.after(patience)):
                self.admitted.append(name)
                await asyncio.sleep(hold)

        return asyncio.create_task(hold_a_place())

    def figures(self) -> tuple[int, int]:
        return self.bulkhead.in_flight, self.bulkhead.waiting


def callers(in_flight: int, keep_for_writes: int = 0, waiting: int = 100) -> Callers:
    return Callers(Bulkhead(BulkheadLimits(in_flight, keep_for_writes, waiting)))


def test_serves_in_the_order_of_asking() -> None:
    """With one place, ten callers get it one after the other."""

    async def main() -> None:
        world = callers(1)
        names = [str(number) for number in range(10)]
        tasks = [world.call(name) for name in names]
        await settle()
        assert world.figures() == (1, 9)
        await asyncio.gather(*tasks)
        assert world.admitted == names
        assert world.figures() == (0, 0)

    run(main())


def test_reads_never_take_what_is_kept_for_writes() -> None:
    """Of ten places two stay free under any number of reads, and writes get them at once."""

    async def main() -> None:
        world = callers(10, keep_for_writes=2)
        for number in range(50):
            world.call(f"read {number}")
        await settle()
        assert world.figures() == (8, 42)
        world.call("write", write=True)
        await settle()
        assert world.figures() == (9, 42)
        assert world.admitted[-1] == "write"
        await asyncio.sleep(10)
        assert world.figures() == (0, 0)

    run(main())


def test_writes_may_take_every_place() -> None:
    """What is kept from reads is not kept from writes; a read then waits its turn."""

    async def main() -> None:
        world = callers(3, keep_for_writes=1)
        for number in range(3):
            world.call(f"write {number}", write=True)
        world.call("read")
        world.call("late write", write=True)
        await asyncio.sleep(1.5)
        assert world.admitted[3:] == ["read", "late write"]

    run(main())


def test_refuses_at_once_when_as_many_wait_as_may() -> None:
    """The refusal says when to come back; a read's queue does not fill a write's."""

    async def main() -> None:
        world = callers(1, waiting=2)
        for name in ("in", "first", "second"):
            world.call(name)
        await settle()
        with pytest.raises(NotAdmitted) as caught:
            await world.call("third")
        assert (caught.value.reason, caught.value.retry_after) == ("bulkhead-full", 1.0)
        world.call("write", write=True)
        await settle()
        assert world.figures() == (1, 3)

    run(main())


def test_turns_a_waiter_away_at_its_deadline() -> None:
    """It is told `deadline` and those behind it move up."""

    async def main() -> None:
        world = callers(1)
        world.call("in", hold=10)
        impatient = world.call("impatient", patience=5)
        world.call("patient")
        await asyncio.sleep(5.5)
        assert world.figures() == (1, 1)
        with pytest.raises(NotAdmitted) as caught:
            await impatient
        assert caught.value.reason == "deadline"
        await asyncio.sleep(10)
        assert world.admitted == ["in", "patient"]
        assert world.figures() == (0, 0)

    run(main())


def test_a_waiter_leaves_when_too_little_time_would_remain() -> None:
    """Calls lately took 4 seconds, so after 2 of its 6 the place would come too late."""

    async def main() -> None:
        world = callers(1)
        await world.call("taught", hold=4)
        world.call("in", hold=4)
        begun = now()
        waiter = world.call("waiter", patience=6)
        with pytest.raises(NotAdmitted) as caught:
            await waiter
        assert (caught.value.reason, caught.value.retry_after) == ("deadline", 1.0)
        assert now() - begun == 2
        assert world.figures() == (1, 0)

    run(main())


def test_a_place_passes_by_those_for_whom_calls_have_become_too_slow() -> None:
    """What was time enough when it came no longer is: the next one has the place."""

    async def main() -> None:
        world = callers(1)
        await world.call("taught", hold=1)
        world.call("slow", hold=8)
        hasty = world.call("hasty", patience=9.5)
        world.call("patient")
        await asyncio.wait({hasty})
        assert isinstance(hasty.exception(), NotAdmitted)
        assert world.admitted == ["taught", "slow", "patient"]
        await asyncio.sleep(5)
        assert world.figures() == (0, 0)

    run(main())


def test_calls_cut_off_early_do_not_look_short() -> None:
    """Calls let in with a second left are cut off after one, and take longer than that."""

    async def main() -> None:
        world = callers(1)
        for _ in range(20):
            await world.call("cut off", hold=1, patience=1)
        world.call("in", hold=4)
        begun = now()
        waiter = world.call("waiter", patience=4)
        await asyncio.wait({waiter})
        assert isinstance(waiter.exception(), NotAdmitted)
        assert now() - begun <= 2.1

    run(main())


def test_learns_again_that_calls_are_short() -> None:
    """After a spell of calls that never ended, waiting is worth it again."""

    async def main() -> None:
        world = callers(1)
        for _ in range(20):
            await world.call("cut off", hold=5, patience=5)
        for _ in range(100):
            await world.call("short", hold=0.1, patience=5)
        world.call("in", hold=1)
        world.call("waiter", patience=5)
        await asyncio.sleep(1.5)
        assert world.admitted[-1] == "waiter"

    run(main())


def test_a_cancelled_call_teaches_nothing() -> None:
    """Callers that go away at once do not make calls look short."""

    async def main() -> None:
        world = callers(1)
        await world.call("taught", hold=4)
        for _ in range(20):
            gone = world.call("gone", hold=4)
            await settle()
            gone.cancel()
            await asyncio.wait({gone})
        world.call("in", hold=4)
        begun = now()
        waiter = world.call("waiter", patience=6)
        await asyncio.wait({waiter})
        assert now() - begun == 2

    run(main())


def test_a_cancelled_waiter_leaves_nothing_behind() -> None:
    """Neither its turn nor a place: the next one is served."""

    async def main() -> None:
        world = callers(1)
        world.call("in")
        gone = world.call("gone")
        world.call("next")
        await settle()
        gone.cancel()
        await settle()
        assert world.figures() == (1, 1)
        await asyncio.sleep(5)
        assert world.admitted == ["in", "next"]
        assert world.figures() == (0, 0)

    run(main())


def test_a_waiter_cancelled_as_its_turn_comes_passes_the_place_on() -> None:
    """Cancellation in the same turn of the loop as the hand-over loses no place."""

    async def main() -> None:
        bulkhead = Bulkhead(BulkheadLimits(1, 0, 10))
        world = Callers(bulkhead)
        first = bulkhead.slot(write=False, deadline=Deadline.after(100))
        await first.__aenter__()
        gone = world.call("gone")
        world.call("next")
        await settle()
        await first.__aexit__(None, None, None)
        gone.cancel()
        await settle()
        assert world.admitted == ["next"]
        await asyncio.sleep(5)
        assert world.figures() == (0, 0)

    run(main())


def test_a_waiter_cancelled_just_before_the_hand_over_is_passed_by() -> None:
    """The place goes to the next one, not to a caller that is already gone."""

    async def main() -> None:
        bulkhead = Bulkhead(BulkheadLimits(1, 0, 10))
        world = Callers(bulkhead)
        first = bulkhead.slot(write=False, deadline=Deadline.after(100))
        await first.__aenter__()
        gone = world.call("gone")
        world.call("next")
        await settle()
        gone.cancel()
        await first.__aexit__(None, None, None)
        await settle()
        assert world.admitted == ["next"]
        await asyncio.sleep(5)
        assert world.figures() == (0, 0)

    run(main())


def test_a_failing_holder_gives_its_place_back() -> None:
    """An exception inside the place frees it as an ordinary end does."""

    async def main() -> None:
        bulkhead = Bulkhead(BulkheadLimits(1, 0, 10))
        with pytest.raises(ZeroDivisionError):
            async with bulkhead.slot(write=True, deadline=Deadline.after(1)):
                raise ZeroDivisionError
        assert bulkhead.in_flight == 0

    run(main())


@dataclass(frozen=True)
class Arrival:
    """One caller of the simulation; times in whole seconds, so that half seconds are quiet."""

    at: int
    write: bool
    hold: int
    patience: int
    leaves_after: int | None


ARRIVALS = st.lists(
    st.builds(
        Arrival,
        at=st.integers(0, 12),
        write=st.booleans(),
        hold=st.integers(1, 6),
        patience=st.integers(1, 8),
        leaves_after=st.none() | st.integers(0, 8),
    ),
    min_size=1,
    max_size=40,
)


class Crowd:
    """Callers of one bulkhead who keep their own books, and a watcher who compares them."""

    def __init__(self, limits: BulkheadLimits) -> None:
        self.limits = limits
        self.bulkhead = Bulkhead(limits)
        self.holding = {True: 0, False: 0}
        self.queued: dict[bool, set[int]] = {True: set(), False: set()}
        self.last_served = {True: -1, False: -1}
        self._numbers = itertools.count()

    async def play(self, arrivals: list[Arrival]) -> None:
        watching = asyncio.create_task(self._watch())
        await asyncio.gather(*map(self._arrive, arrivals))
        await watching

    async def _arrive(self, arrival: Arrival) -> None:
        await asyncio.sleep(arrival.at)
        calling = asyncio.create_task(self._call(arrival))
        await asyncio.wait({calling}, timeout=arrival.leaves_after)
        calling.cancel()
        await asyncio.wait({calling})
        if not calling.cancelled():
            calling.result()

    async def _call(self, arrival: Arrival) -> None:
        number = next(self._numbers)
        deadline = Deadline.after(arrival.patience)
        queue = self.queued[arrival.write]
        queue.add(number)
        try:
            async with self.bulkhead.slot(write=arrival.write, deadline=deadline):
                assert deadline.remaining() > 0
                queue.remove(number)
                self.last_served[arrival.write] = max(self.last_served[arrival.write], number)
                await self._hold(arrival)
        except NotAdmitted:
            return
        finally:
            queue.discard(number)

    async def _hold(self, arrival: Arrival) -> None:
        self.holding[arrival.write] += 1
        try:
            assert sum(self.holding.values()) <= self.limits.in_flight
            assert self.holding[False] <= self.limits.in_flight - self.limits.keep_for_writes
            await asyncio.sleep(arrival.hold)
        finally:
            self.holding[arrival.write] -= 1

    async def _watch(self) -> None:
        await asyncio.sleep(0.5)
        for _ in range(30):
            self._compare()
            await asyncio.sleep(1)

    def _compare(self) -> None:
        assert self.bulkhead.in_flight == sum(self.holding.values())
        assert self.bulkhead.waiting == sum(map(len, self.queued.values()))
        free = self.limits.in_flight - self.bulkhead.in_flight
        free_for_reads = min(
            free, self.limits.in_flight - self.limits.keep_for_writes - self.holding[False]
        )
        for write, waiting in self.queued.items():
            assert len(waiting) <= self.limits.waiting
            if waiting:
                assert min(waiting) > self.last_served[write], "a later caller was served first"
                assert (free if write else free_for_reads) <= 0, "a place lies idle"


@settings(max_examples=150, deadline=None)
@given(
    arrivals=ARRIVALS,
    places=st.integers(1, 5).flatmap(
        lambda limit: st.tuples(st.just(limit), st.integers(0, limit - 1))
    ),
    waiting=st.integers(0, 10),
)
def test_any_crowd_keeps_the_limits_and_leaves_an_empty_house(
    arrivals: list[Arrival], places: tuple[int, int], waiting: int
) -> None:
    """Over any arrivals, holds, deadlines and cancellations.

    Never over the limit, reads never in what is kept, each kind in its order, no place idle
    while someone who may have it waits, nobody admitted past a deadline, nothing left at the end.
    """

    async def main() -> None:
        crowd = Crowd(BulkheadLimits(*places, waiting))
        await crowd.play(arrivals)
        assert (crowd.bulkhead.in_flight, crowd.bulkhead.waiting) == (0, 0)

    run(main())
