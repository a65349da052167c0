"""The guard: retry( breaker( bulkhead( attempt ) ) ) under one deadline."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.delivery import Delivery
from gateway.resilience.breaker import Breaker
from gateway.resilience.bulkhead import Bulkhead
from gateway.resilience.deadline import Deadline, now
from gateway.resilience.errors import NotAdmitted, Overrun
from gateway.resilience.guard import Guard, Guarded, Spent, Verdict, spent_on
from gateway.resilience.limits import BreakerLimits, BulkheadLimits, RetryLimits
from tests.unit.resilience.virtual_time import run, settle, stall


class NotSentError(Exception):
    """Failed before anything was sent: may be made again, counts against the upstream."""


class LostError(Exception):
    """Sent and not answered: must not be made again, counts against the upstream."""


class OurFaultError(Exception):
    """Says nothing about the upstream."""


VERDICTS = {
    NotSentError: Verdict(retryable=True, failure=True),
    LostError: Verdict(retryable=False, failure=True),
    OurFaultError: Verdict(retryable=False, failure=False),
}


def judge(failure: Exception) -> Verdict:
    return VERDICTS[type(failure)]


@dataclass
class Upstream:
    """Attempts that end as scripted, each after `takes` seconds, and then always succeed."""

    script: list[type[Exception]]
    takes: float = 0.0
    made: int = 0

    async def __call__(self, deadline: Deadline) -> str:
        self.made += 1
        await asyncio.sleep(self.takes)
        if self.script:
            raise self.script.pop(0)
        return "answer"


def guard(
    *,
    breaker: BreakerLimits | None = None,
    bulkhead: BulkheadLimits | None = None,
    retry: RetryLimits | None = None,
) -> Guard:
    return Guard(
        Breaker("his", breaker or BreakerLimits()),
        Bulkhead(bulkhead or BulkheadLimits(10, 2, 10)),
        retry or RetryLimits(),
    )


async def call(
    guarded: Guard,
    attempt: Callable[[Deadline], Awaitable[str]],
    *,
    seconds: float = 10.0,
    write: bool = False,
) -> Guarded[str]:
    return await guarded.run(attempt, write=write, deadline=Deadline.after(seconds), judge=judge)


async def failure_of(running: Awaitable[object]) -> Exception:
    with pytest.raises(Exception) as caught:  # noqa: PT011  the tests look at it closely
        await running
    return caught.value


def at_rest(guarded: Guard) -> bool:
    return (guarded.bulkhead.in_flight, guarded.bulkhead.waiting) == (0, 0)


def test_a_call_that_succeeds_at_once_is_made_once() -> None:
    """Its value comes with one attempt and the time it took."""

    async def main() -> None:
        guarded = guard()
        upstream = Upstream([], takes=2)
        assert await call(guarded, upstream) == Guarded("answer", Spent(1, 2.0))
        assert upstream.made == 1
        assert at_rest(guarded)

    run(main())


def test_what_may_be_made_again_is_made_again_after_a_pause() -> None:
    """Two failures, then the answer: three attempts, the pauses within their bounds."""

    async def main() -> None:
        guarded = guard(retry=RetryLimits(attempts=3, backoff_s=0.05))
        upstream = Upstream([NotSentError, NotSentError], takes=1)
        before = now()
        result = await call(guarded, upstream)
        assert result == Guarded("answer", Spent(3, 3.0))
        assert 3.0 <= now() - before <= 3.0 + 0.05 + 0.1

    run(main())


def test_attempts_end_at_their_number_with_the_last_failure() -> None:
    """The exception is the attempt's own and tells what was spent."""

    async def main() -> None:
        guarded = guard(retry=RetryLimits(attempts=3))
        upstream = Upstream([NotSentError] * 9, takes=1)
        failure = await failure_of(call(guarded, upstream))
        assert type(failure) is NotSentError
        spent = spent_on(failure)
        assert (spent.attempts, spent.upstream_s) == (3, 3.0)
        assert upstream.made == 3
        assert at_rest(guarded)

    run(main())


@pytest.mark.parametrize("kind", [LostError, OurFaultError])
def test_what_must_not_be_made_again_is_made_once(kind: type[Exception]) -> None:
    """A verdict against it ends the call with the first failure."""

    async def main() -> None:
        upstream = Upstream([kind])
        failure = await failure_of(call(guard(), upstream))
        assert type(failure) is kind
        assert upstream.made == 1
        assert spent_on(failure).attempts == 1

    run(main())


def test_a_verdict_is_asked_for_each_attempt() -> None:
    """A second attempt that was sent and lost is not followed by a third."""

    async def main() -> None:
        upstream = Upstream([NotSentError, LostError])
        failure = await failure_of(call(guard(), upstream))
        assert type(failure) is LostError
        assert upstream.made == 2

    run(main())


def test_an_expired_deadline_makes_no_call() -> None:
    """Nothing is attempted, nothing spent."""

    async def main() -> None:
        guarded = guard()
        upstream = Upstream([])
        failure = await failure_of(call(guarded, upstream, seconds=0))
        assert isinstance(failure, NotAdmitted)
        assert (failure.reason, failure.delivery) == ("deadline", Delivery.NOT_SENT)
        assert spent_on(failure) == Spent(0, 0.0)
        assert upstream.made == 0

    run(main())


def test_no_attempt_begins_that_its_pause_would_carry_past_the_deadline() -> None:
    """The failure comes while there is time left, not after it."""

    async def main() -> None:
        guarded = guard()
        upstream = Upstream([NotSentError] * 9, takes=1)
        before = now()
        failure = await failure_of(call(guarded, upstream, seconds=1.0))
        assert type(failure) is NotSentError
        assert upstream.made == 1
        assert now() == before + 1

    run(main())


def test_an_attempt_is_handed_the_deadline_and_may_say_how_it_ended() -> None:
    """One that ends at the deadline is heard: it is not cut off at the same moment."""

    async def main() -> None:
        guarded = guard()

        async def punctual(deadline: Deadline) -> str:
            try:
                async with asyncio.timeout_at(deadline.at):
                    await asyncio.sleep(100)
            except TimeoutError:
                raise LostError from None
            return "never"

        before = now()
        failure = await failure_of(call(guarded, punctual, seconds=3))
        assert type(failure) is LostError
        assert now() == before + 3

    run(main())


def test_an_attempt_that_does_not_end_is_cut_off_and_counts_as_a_failure() -> None:
    """`Overrun` says that it may have been sent; the breaker learns of it."""

    async def main() -> None:
        guarded = guard(breaker=BreakerLimits(minimum_calls=1))
        failure = await failure_of(call(guarded, Upstream([], takes=100), seconds=3))
        assert isinstance(failure, Overrun)
        assert (failure.reason, failure.delivery) == ("deadline", Delivery.MAYBE_SENT)
        assert spent_on(failure).attempts == 1
        assert guarded.breaker.state == "open"
        assert at_rest(guarded)

    run(main())


def test_an_attempts_own_timeout_is_not_taken_for_the_guards() -> None:
    """A `TimeoutError` before the deadline is a failure like others, judged as such."""

    async def main() -> None:
        async def attempt(deadline: Deadline) -> str:
            raise TimeoutError

        async def main_call() -> Guarded[str]:
            return await guard().run(
                attempt,
                write=False,
                deadline=Deadline.after(5),
                judge=lambda _: Verdict(retryable=False, failure=True),
            )

        failure = await failure_of(main_call())
        assert type(failure) is TimeoutError
        assert spent_on(failure).attempts == 1

    run(main())


def test_waiting_for_a_place_ends_at_the_deadline_without_a_call() -> None:
    """It is told `deadline` and that nothing was sent."""

    async def main() -> None:
        guarded = guard(bulkhead=BulkheadLimits(1, 0, 10))
        holder = asyncio.create_task(call(guarded, Upstream([], takes=8)))
        await settle()
        upstream = Upstream([])
        before = now()
        failure = await failure_of(call(guarded, upstream, seconds=3))
        assert isinstance(failure, NotAdmitted)
        assert failure.reason == "deadline"
        assert (now() - before, upstream.made) == (3, 0)
        assert spent_on(failure) == Spent(0, 0.0)
        await holder

    run(main())


def test_a_stalled_replica_does_not_mistake_a_waiter_for_a_call() -> None:
    """Cut off while it waited for its place: nothing was sent, and it says so."""

    async def main() -> None:
        guarded = guard(bulkhead=BulkheadLimits(1, 0, 10))
        holder = asyncio.create_task(call(guarded, Upstream([], takes=8)))
        await settle()
        upstream = Upstream([])
        waiter = asyncio.create_task(call(guarded, upstream, seconds=3))
        await settle()
        stall(5)
        failure = await failure_of(waiter)
        assert isinstance(failure, NotAdmitted)
        assert (failure.reason, upstream.made) == ("deadline", 0)
        await holder
        assert at_rest(guarded)

    run(main())


def test_a_stalled_replica_ends_a_pause_with_the_failure_before_it() -> None:
    """Cut off between two attempts: what is said is what the first one said."""

    async def main() -> None:
        guarded = guard(retry=RetryLimits(backoff_s=8, backoff_limit_s=8))
        upstream = Upstream([NotSentError] * 9)
        running = asyncio.create_task(call(guarded, upstream, seconds=9))
        await settle()
        stall(20)
        failure = await failure_of(running)
        assert type(failure) is NotSentError
        assert (spent_on(failure).attempts, upstream.made) == (1, 1)

    run(main())


def test_a_full_bulkhead_is_not_the_upstreams_failure() -> None:
    """Refusals for want of a place never open the breaker, and are not tried again."""

    async def main() -> None:
        guarded = guard(bulkhead=BulkheadLimits(1, 0, 0), breaker=BreakerLimits(minimum_calls=2))
        holder = asyncio.create_task(call(guarded, Upstream([], takes=8)))
        await settle()
        for _ in range(20):
            failure = await failure_of(call(guarded, Upstream([])))
            assert isinstance(failure, NotAdmitted)
            assert failure.reason == "bulkhead-full"
        await holder
        assert guarded.breaker.state == "closed"

    run(main())


def test_failures_open_the_breaker_and_then_no_call_is_made() -> None:
    """The call after the one that opened it is refused before any attempt."""

    async def main() -> None:
        guarded = guard(breaker=BreakerLimits(minimum_calls=3, open_for_s=5))
        for _ in range(3):
            assert type(await failure_of(call(guarded, Upstream([LostError])))) is LostError
        upstream = Upstream([])
        failure = await failure_of(call(guarded, upstream))
        assert isinstance(failure, NotAdmitted)
        assert (failure.reason, failure.retry_after) == ("breaker-open", 5)
        assert upstream.made == 0
        await asyncio.sleep(5)
        assert (await call(guarded, upstream)).value == "answer"
        assert guarded.breaker.state == "closed"

    run(main())


def test_failures_of_our_own_never_open_the_breaker() -> None:
    """A hundred exceptions that say nothing about the upstream leave it closed."""

    async def main() -> None:
        guarded = guard(breaker=BreakerLimits(minimum_calls=1))
        for _ in range(100):
            await failure_of(call(guarded, Upstream([OurFaultError])))
        assert guarded.breaker.state == "closed"

    run(main())


def test_those_who_wait_when_the_breaker_opens_make_no_call() -> None:
    """A permit from before the change is no leave to call after it."""

    async def main() -> None:
        guarded = guard(bulkhead=BulkheadLimits(1, 0, 10), breaker=BreakerLimits(minimum_calls=1))
        upstream = Upstream([LostError], takes=1)
        calls = [asyncio.create_task(failure_of(call(guarded, upstream))) for _ in range(5)]
        failures = await asyncio.gather(*calls)
        assert upstream.made == 1
        assert [type(failure) for failure in failures] == [LostError] + [NotAdmitted] * 4
        assert at_rest(guarded)

    run(main())


def test_a_retry_that_is_not_admitted_ends_with_the_attempts_failure() -> None:
    """`NotAdmitted` would say that nothing was sent, and an attempt had been made.

    It is not waited for either: the breaker would let a call out before this one's deadline.
    """

    async def main() -> None:
        guarded = guard(
            breaker=BreakerLimits(minimum_calls=1, open_for_s=1),
            retry=RetryLimits(attempts=1000, budget_minimum=1000),
        )
        upstream = Upstream([NotSentError])
        failure = await failure_of(call(guarded, upstream))
        assert type(failure) is NotSentError
        assert (spent_on(failure).attempts, upstream.made) == (1, 1)

    run(main())


def test_one_probe_at_a_time_is_made_of_a_crowd() -> None:
    """Of fifty calls at once after the rest, the upstream sees one; then all pass."""

    async def main() -> None:
        guarded = guard(
            bulkhead=BulkheadLimits(50, 0, 50),
            breaker=BreakerLimits(minimum_calls=1, open_for_s=5),
        )
        await failure_of(call(guarded, Upstream([LostError])))
        await asyncio.sleep(5)
        upstream = Upstream([], takes=2)
        crowd = await asyncio.gather(
            *(call(guarded, upstream) for _ in range(50)), return_exceptions=True
        )
        assert upstream.made == 1
        assert sum(isinstance(one, NotAdmitted) for one in crowd) == 49
        await asyncio.gather(*(call(guarded, upstream) for _ in range(50)))
        assert upstream.made == 51

    run(main())


def test_a_cancelled_probe_neither_closes_nor_blocks_the_breaker() -> None:
    """The next call is the probe, and decides."""

    async def main() -> None:
        guarded = guard(breaker=BreakerLimits(minimum_calls=1, open_for_s=5))
        await failure_of(call(guarded, Upstream([LostError])))
        await asyncio.sleep(5)
        probe = asyncio.create_task(call(guarded, Upstream([], takes=9)))
        await settle()
        probe.cancel()
        await asyncio.wait({probe})
        assert probe.cancelled()
        assert guarded.breaker.state == "half-open"
        assert at_rest(guarded)
        assert (await call(guarded, Upstream([]))).value == "answer"
        assert guarded.breaker.state == "closed"

    run(main())


def test_cancelled_calls_do_not_count_against_the_upstream() -> None:
    """Callers that go away by the hundred leave the breaker closed and every place free."""

    async def main() -> None:
        guarded = guard(bulkhead=BulkheadLimits(5, 1, 200), breaker=BreakerLimits(minimum_calls=1))
        calls = [
            asyncio.create_task(call(guarded, Upstream([], takes=5), seconds=60))
            for _ in range(100)
        ]
        await settle()
        for one in calls:
            one.cancel()
        await asyncio.wait(calls)
        assert all(one.cancelled() for one in calls)
        assert guarded.breaker.state == "closed"
        assert at_rest(guarded)

    run(main())


def test_cancelling_during_a_pause_ends_the_call() -> None:
    """No further attempt is made and nothing is held."""

    async def main() -> None:
        guarded = guard(retry=RetryLimits(backoff_s=1000, backoff_limit_s=1000))
        upstream = Upstream([NotSentError] * 9)
        running = asyncio.create_task(call(guarded, upstream, seconds=10000))
        await settle()
        running.cancel()
        await asyncio.wait({running})
        assert running.cancelled()
        assert upstream.made == 1
        assert at_rest(guarded)

    run(main())


def test_retries_keep_within_the_budget() -> None:
    """An upstream that fails all calls sees at most a fifth more of them."""

    async def main() -> None:
        guarded = guard(
            breaker=BreakerLimits(minimum_calls=10_000),
            retry=RetryLimits(attempts=3, budget_ratio=0.2, budget_minimum=3),
        )
        upstream = Upstream([NotSentError] * 10_000)
        for _ in range(200):
            await failure_of(call(guarded, upstream))
        assert 200 + 3 <= upstream.made <= 240

    run(main())


@dataclass(frozen=True)
class Move:
    """One call of the simulation, in whole seconds."""

    at: int
    write: bool
    takes: int
    seconds: int
    ends: type[Exception] | None
    leaves_after: int | None


MOVES = st.lists(
    st.builds(
        Move,
        at=st.integers(0, 20),
        write=st.booleans(),
        takes=st.integers(0, 5),
        seconds=st.integers(0, 6),
        ends=st.sampled_from([None, None, NotSentError, LostError, OurFaultError]),
        leaves_after=st.none() | st.integers(0, 6),
    ),
    max_size=40,
)


@settings(max_examples=100, deadline=None)
@given(moves=MOVES, places=st.integers(1, 4), probes=st.integers(1, 2))
def test_any_history_keeps_the_limits_and_leaks_nothing(
    moves: list[Move], places: int, probes: int
) -> None:
    """Over any calls, failures, deadlines and cancellations.

    The upstream never sees more at once than its places, no attempt begins while the breaker is
    open or past its deadline, no more probes than allowed run at once, and afterwards no permit
    and no place is missing: enough successes close the breaker again.
    """

    async def main() -> None:
        guarded = guard(
            breaker=BreakerLimits(minimum_calls=3, open_for_s=2, probes=probes),
            bulkhead=BulkheadLimits(places, places - 1, 5),
        )
        under_way = 0
        probing = 0

        def attempt_of(move: Move) -> Callable[[Deadline], Awaitable[str]]:
            async def attempt(deadline: Deadline) -> str:
                nonlocal under_way, probing
                state = guarded.breaker.state
                assert state != "open"
                assert not deadline.expired
                under_way += 1
                probing += state == "half-open"
                try:
                    assert under_way <= places
                    assert probing <= probes
                    await asyncio.sleep(move.takes)
                finally:
                    under_way -= 1
                    probing -= state == "half-open"
                if move.ends is not None:
                    raise move.ends
                return "answer"

            return attempt

        async def play(move: Move) -> None:
            await asyncio.sleep(move.at)
            running = asyncio.create_task(
                call(guarded, attempt_of(move), seconds=move.seconds, write=move.write)
            )
            await asyncio.wait({running}, timeout=move.leaves_after)
            running.cancel()
            await asyncio.wait({running})
            if not running.cancelled() and (failure := running.exception()) is not None:
                assert isinstance(
                    failure, NotAdmitted | Overrun | NotSentError | LostError | OurFaultError
                )

        await asyncio.gather(*map(play, moves))
        assert at_rest(guarded)
        assert under_way == 0
        await asyncio.sleep(2)
        for _ in range(probes):
            await call(guarded, Upstream([]))
        assert guarded.breaker.state == "closed"

    run(main())
