"""The guard under more than the hospital bears: what is finished in time stays the same."""

from __future__ import annotations

import asyncio
import random
from collections import Counter

import pytest

from gateway.resilience.breaker import Breaker
from gateway.resilience.bulkhead import Bulkhead
from gateway.resilience.deadline import Deadline
from gateway.resilience.errors import NotAdmitted
from gateway.resilience.guard import Guard, Verdict
from gateway.resilience.limits import BreakerLimits, BulkheadLimits, RetryLimits
from tests.unit.resilience.virtual_time import run

PLACES = 10
SECONDS = 60


class LostError(Exception):
    """Sent and not answered by its deadline."""


class Hospital:
    """Answers every call after the same time, however many there are, and counts them."""

    def __init__(self, takes: float) -> None:
        self.takes = takes
        self.under_way = 0
        self.most = 0

    async def attempt(self, deadline: Deadline) -> None:
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        try:
            async with asyncio.timeout_at(deadline.at):
                await asyncio.sleep(self.takes)
        except TimeoutError:
            raise LostError from None
        finally:
            self.under_way -= 1


@pytest.mark.parametrize("times", [2, 5, 10])
@pytest.mark.parametrize("takes", [0.5, 2.0, 3.0])
def test_goodput_stays_flat_under_overload(times: int, takes: float) -> None:
    """At 2 to 10 times the capacity of a hospital that works well, for a minute.

    It is kept busy with calls that are answered in time and is never given more than it bears.
    No call is made that its deadline then cuts off, the breaker has no reason to open, and
    everyone turned away is told when to come back.
    """

    async def main() -> None:
        chance = random.Random(times)
        hospital = Hospital(takes)
        guard = Guard(
            Breaker("his", BreakerLimits()),
            Bulkhead(BulkheadLimits(PLACES, 2, 30)),
            RetryLimits(),
        )
        ends: Counter[str] = Counter()

        async def visitor() -> None:
            try:
                await guard.run(
                    hospital.attempt,
                    write=chance.random() < 0.2,
                    deadline=Deadline.after(5),
                    judge=lambda _: Verdict(retryable=False, failure=True),
                )
                ends["answered"] += 1
            except LostError:
                ends["lost"] += 1
            except NotAdmitted as refusal:
                ends[refusal.reason if refusal.retry_after else "without retry-after"] += 1

        rate = times * PLACES / takes
        visitors = []
        for _ in range(int(rate * SECONDS)):
            visitors.append(asyncio.create_task(visitor()))
            await asyncio.sleep(chance.expovariate(rate))
        await asyncio.gather(*visitors)

        assert hospital.most == PLACES
        assert ends["answered"] >= 0.95 * SECONDS * PLACES / takes
        assert set(ends) <= {"answered", "bulkhead-full", "deadline"}

    run(main())
