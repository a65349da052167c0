"""What stands between an exchange and the hospital: retry( breaker( bulkhead( attempt ) ) )."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception,
    wait_random_exponential,
)

from gateway.resilience.breaker import Breaker
from gateway.resilience.budget import RetryBudget
from gateway.resilience.bulkhead import Bulkhead
from gateway.resilience.deadline import Deadline
from gateway.resilience.errors import NotAdmitted, Overrun
from gateway.resilience.limits import RetryLimits

T = TypeVar("T")

OVERRUN_S = 0.25
"""How long after its deadline an attempt is cut off.

An attempt is handed the deadline, ends by it and says how far its request got. Were it cancelled
at that very moment, the two would race and the answer to "was it sent?" could be lost.
"""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a failed attempt means."""

    retryable: bool
    """It may be made again without harm."""
    failure: bool
    """It counts against the upstream; if not, it says nothing about it."""


@dataclass(frozen=True, slots=True)
class Spent:
    """What a call took."""

    attempts: int
    """Attempts made, the first included; 0 when the call was not admitted."""
    upstream_s: float
    """Seconds spent in attempts."""


@dataclass(frozen=True, slots=True)
class Guarded(Generic[T]):
    """What an attempt gave, and what the call took."""

    value: T
    spent: Spent


def spent_on(failure: BaseException) -> Spent:
    """What was spent on a call that `Guard.run` ended by raising `failure`."""
    spent = getattr(failure, _SPENT, None)
    return spent if isinstance(spent, Spent) else Spent(0, 0.0)


class Guard:
    """Makes calls to one upstream, no more and no longer than it bears."""

    def __init__(self, breaker: Breaker, bulkhead: Bulkhead, retry: RetryLimits) -> None:
        self.breaker = breaker
        self.bulkhead = bulkhead
        self._retry = retry
        self._budget = RetryBudget(retry)

    async def run(
        self,
        attempt: Callable[[Deadline], Awaitable[T]],
        *,
        write: bool,
        deadline: Deadline,
        judge: Callable[[Exception], Verdict],
    ) -> Guarded[T]:
        """Make the call under `deadline`; with a deadline already expired, make none.

        `attempt` returns when the upstream did its work, a refusal included, and raises when it
        failed; `judge` says what such an exception means. Raises `NotAdmitted` when no attempt
        was made, the last attempt's own exception, or `Overrun`; `spent_on` tells what it took.
        Cancelling it leaves no permit and no place behind and counts neither way.
        """
        clock = asyncio.get_running_loop().time
        self._budget.call(clock())
        cut = asyncio.timeout_at(deadline.at + OVERRUN_S)
        call = _Call(self, attempt, write, deadline, judge, cut, clock)
        try:
            async with cut:
                try:
                    value = await call.once()
                except Exception as failure:
                    if not call.may_be_made_again:
                        raise
                    value = await self._again(call, failure)
        except Exception as failure:
            ended = call.cut_off() if cut.expired() else failure
            setattr(ended, _SPENT, call.spent)
            if ended is failure:
                raise
            raise ended from None
        return Guarded(value, call.spent)

    async def _again(self, call: _Call[T], first: Exception) -> T:
        """Let tenacity decide what follows a first attempt that failed and make it."""
        limits = self._retry
        replay: Exception | None = first

        async def attempt() -> T:
            # The first attempt was made before tenacity was asked: building it costs more than
            # all else here, and most calls succeed at once.
            nonlocal replay
            if replay is not None:
                failure, replay = replay, None
                raise failure
            return await call.once()

        def enough(state: RetryCallState) -> bool:
            # The budget comes last: it is spent by being asked.
            return (
                state.attempt_number >= limits.attempts
                or call.clock() + state.upcoming_sleep >= call.deadline.at
                or not self._budget.spend()
            )

        retrying = AsyncRetrying(
            sleep=asyncio.sleep,
            retry=retry_if_exception(lambda _: call.may_be_made_again),
            wait=wait_random_exponential(multiplier=limits.backoff_s, max=limits.backoff_limit_s),
            stop=enough,
            reraise=True,
        )
        try:
            value: T = await retrying(attempt)
        except NotAdmitted as refusal:
            # An attempt was made: "not admitted" would say that none was.
            raise call.failure or refusal from refusal
        return value


class _Call(Generic[T]):
    """One call while it is under way: what its attempts share."""

    __slots__ = (
        "_attempt",
        "_attempting",
        "_cut",
        "_guard",
        "_judge",
        "_verdict",
        "_write",
        "attempts",
        "clock",
        "deadline",
        "failure",
        "upstream_s",
    )

    def __init__(
        self,
        guard: Guard,
        attempt: Callable[[Deadline], Awaitable[T]],
        write: bool,
        deadline: Deadline,
        judge: Callable[[Exception], Verdict],
        cut: asyncio.Timeout,
        clock: Callable[[], float],
    ) -> None:
        self._guard = guard
        self._attempt = attempt
        self._write = write
        self._judge = judge
        self._cut = cut
        self._attempting = False
        self._verdict: Verdict | None = None
        self.clock = clock
        self.deadline = deadline
        self.attempts = 0
        self.upstream_s = 0.0
        self.failure: Exception | None = None

    @property
    def spent(self) -> Spent:
        return Spent(self.attempts, self.upstream_s)

    @property
    def may_be_made_again(self) -> bool:
        return self._verdict is not None and self._verdict.retryable

    async def once(self) -> T:
        self._verdict = None
        breaker = self._guard.breaker
        deadline = self.deadline
        with breaker.acquire(deadline.at + OVERRUN_S) as permit:
            async with self._guard.bulkhead.slot(write=self._write, deadline=deadline):
                started = self.clock()
                if deadline.at <= started:
                    raise NotAdmitted("deadline")
                if permit.lapsed:
                    raise NotAdmitted("breaker-open", retry_after=breaker.rest())
                self.attempts += 1
                self._attempting = True
                try:
                    value = await self._attempt(deadline)
                except Exception as failure:
                    self._attempting = False
                    self.failure = failure
                    self._verdict = self._judge(failure)
                    if self._verdict.failure:
                        permit.failure()
                    raise
                except asyncio.CancelledError:
                    if self._cut.expired():
                        permit.failure()
                    raise
                finally:
                    self.upstream_s += self.clock() - started
                self._attempting = False
                permit.success()
                return value

    def cut_off(self) -> Exception:
        """What to say of a call that was cut off after its deadline."""
        if self._attempting:
            return Overrun()
        return self.failure or NotAdmitted("deadline")


_SPENT = "_gateway_spent"
