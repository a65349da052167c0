"""The budget of repeated attempts."""

from __future__ import annotations

import asyncio

from gateway.resilience.budget import RetryBudget
from gateway.resilience.deadline import now
from gateway.resilience.limits import RetryLimits
from tests.unit.resilience.virtual_time import run


def spend_all(budget: RetryBudget) -> int:
    spent = 0
    while budget.spend():
        spent += 1
    return spent


def test_allows_a_share_of_the_calls_and_a_few_always() -> None:
    """A fifth of 100 calls is 20; a quiet upstream still has its minimum."""

    async def main() -> None:
        limits = RetryLimits(budget_ratio=0.2, budget_minimum=3, budget_window_s=20)
        assert spend_all(RetryBudget(limits)) == 3
        busy = RetryBudget(limits)
        for _ in range(100):
            busy.call(now())
        assert spend_all(busy) == 20

    run(main())


def test_is_filled_again_as_the_window_moves_on() -> None:
    """What was spent longer ago than the window no longer counts."""

    async def main() -> None:
        limits = RetryLimits(budget_ratio=0.5, budget_minimum=0, budget_window_s=20)
        budget = RetryBudget(limits)
        for _ in range(10):
            budget.call(now())
        assert spend_all(budget) == 5
        await asyncio.sleep(20)
        for _ in range(10):
            budget.call(now())
        assert spend_all(budget) == 5

    run(main())


def test_an_emptied_budget_is_filled_again_without_new_calls() -> None:
    """The minimum comes back once the window has passed, calls or not."""

    async def main() -> None:
        budget = RetryBudget(RetryLimits(budget_minimum=2, budget_window_s=20))
        assert spend_all(budget) == 2
        await asyncio.sleep(20)
        assert spend_all(budget) == 2

    run(main())
