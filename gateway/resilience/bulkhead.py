"""A bound on the calls that an upstream group has under way at once."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections import deque
from types import TracebackType
from typing import NamedTuple

from gateway.resilience.deadline import Deadline, now
from gateway.resilience.errors import NotAdmitted
from gateway.resilience.limits import BulkheadLimits

_RETRY_AFTER_S = 1.0
_WEIGHT_ABOVE = 0.2
_WEIGHT_BELOW = 0.05
"""Of the latest call in how long calls usually take; uneven, so that few take longer than that."""


class Bulkhead:
    """Places for calls, given in the order of asking; one is shared by all packs of a group.

    Reads never hold more than `in_flight - keep_for_writes` places. Whoever waited longest among
    those who may have the next place gets it, so a write passes the reads that wait for a place
    of their own. `limits` are this replica's share.

    A place that comes too late is worse than none: the call is made, its answer misses the
    deadline, and under overload that would soon be every call. So whoever waits leaves as soon as
    what remains of the deadline is less than calls lately took.
    """

    def __init__(self, limits: BulkheadLimits) -> None:
        self.limits = limits
        self._most_reads = limits.in_flight - limits.keep_for_writes
        self._reading = 0
        self._writing = 0
        self._usual_s = 0.0
        self._reads: deque[_Waiter] = deque()
        self._writes: deque[_Waiter] = deque()
        self._order = itertools.count()

    def resize(self, limits: BulkheadLimits) -> None:
        """Keep other limits from now on; calls under way keep their places and count."""
        self.limits = limits
        self._most_reads = limits.in_flight - limits.keep_for_writes
        # Nobody waits before the loop runs, and its clock cannot be asked then.
        if self._reads or self._writes:
            self._hand_on()

    @property
    def in_flight(self) -> int:
        """Places taken now."""
        return self._reading + self._writing

    @property
    def waiting(self) -> int:
        """Callers waiting for a place now."""
        return len(self._reads) + len(self._writes)

    def slot(self, *, write: bool, deadline: Deadline) -> Slot:
        """A place, to be held by `async with`.

        Entering raises `NotAdmitted`: `bulkhead-full` when as many wait as may, `deadline` when
        none came free while there was time enough to use it. A caller cancelled while it waits
        leaves nothing behind.
        """
        return Slot(self, write, deadline)

    def _take(self, write: bool) -> bool:
        # A waiter that could have this place has it already: `_release` saw to that.
        if self._reading + self._writing >= self.limits.in_flight:
            return False
        if write:
            self._writing += 1
            return True
        if self._reading >= self._most_reads:
            return False
        self._reading += 1
        return True

    def _release(self, write: bool) -> None:
        if write:
            self._writing -= 1
        else:
            self._reading -= 1
        if self._reads or self._writes:
            self._hand_on()

    def _hand_on(self) -> None:
        # Calls may have become slower since a waiter came.
        end = now() + self._usual_s
        while self._reading + self._writing < self.limits.in_flight:
            read = _first(self._reads, end) if self._reading < self._most_reads else None
            write = _first(self._writes, end)
            if write is not None and (read is None or write.order < read.order):
                self._writes.popleft()
                self._writing += 1
                write.turn.set_result(None)
            elif read is not None:
                self._reads.popleft()
                self._reading += 1
                read.turn.set_result(None)
            else:
                return

    def _learn(self, held_s: float, finished: bool) -> None:
        # What was cut off at its deadline would have taken longer, nobody knows how much. Taken at
        # face value, calls let in too late would teach that such calls are short.
        above = (held_s if finished else 2 * held_s) - self._usual_s
        if self._usual_s:
            above *= _WEIGHT_ABOVE if above > 0 else _WEIGHT_BELOW
        self._usual_s += above

    async def _wait(self, write: bool, deadline: Deadline) -> None:
        queue = self._writes if write else self._reads
        if len(queue) >= self.limits.waiting:
            raise NotAdmitted("bulkhead-full", retry_after=_RETRY_AFTER_S)
        loop = asyncio.get_running_loop()
        waiter = _Waiter(next(self._order), deadline.at, loop.create_future())
        queue.append(waiter)
        too_late = loop.call_at(deadline.at - self._usual_s, _turn_away, queue, waiter)
        try:
            await waiter.turn
        except asyncio.CancelledError:
            if waiter.turn.cancelled():
                with contextlib.suppress(ValueError):
                    queue.remove(waiter)
            elif waiter.turn.exception() is None:
                # The place came in the same turn of the loop as the cancellation.
                self._release(write)
            raise
        finally:
            too_late.cancel()


class Slot:
    """One place of a bulkhead; see `Bulkhead.slot`."""

    __slots__ = ("_bulkhead", "_deadline", "_since", "_write")

    def __init__(self, bulkhead: Bulkhead, write: bool, deadline: Deadline) -> None:
        self._bulkhead = bulkhead
        self._write = write
        self._deadline = deadline

    async def __aenter__(self) -> None:
        if not self._bulkhead._take(self._write):
            await self._bulkhead._wait(self._write, self._deadline)
        self._since = now()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        at = now()
        finished = at < self._deadline.at
        # A caller that went away tells nothing about how long calls take.
        if kind is not asyncio.CancelledError or not finished:
            self._bulkhead._learn(at - self._since, finished)
        self._bulkhead._release(self._write)


class _Waiter(NamedTuple):
    order: int
    deadline: float
    turn: asyncio.Future[None]


def _first(queue: deque[_Waiter], end: float) -> _Waiter | None:
    """The first waiter who is still there and for whom a call that ends at `end` is in time."""
    while queue:
        waiter = queue[0]
        if not waiter.turn.done():
            if waiter.deadline > end:
                return waiter
            waiter.turn.set_exception(_too_late())
        queue.popleft()
    return None


def _turn_away(queue: deque[_Waiter], waiter: _Waiter) -> None:
    if not waiter.turn.done():
        queue.remove(waiter)
        waiter.turn.set_exception(_too_late())


def _too_late() -> NotAdmitted:
    return NotAdmitted("deadline", retry_after=_RETRY_AFTER_S)
