"""An event loop whose clock jumps: tests of waiting take no time and always go the same way."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

START = 1000.0
"""What the clock shows when a test begins."""


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run `main` as `asyncio.run` does, on a clock that jumps to the next thing to happen."""
    with asyncio.Runner(loop_factory=_VirtualLoop) as runner:
        return runner.run(main)


async def settle() -> None:
    """Let everything happen that can without time passing."""
    for _ in range(20):
        await asyncio.sleep(0)


def stall(seconds: float) -> None:
    """Let the clock go on while nothing else runs, as a blocking call would."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, _VirtualLoop)
    loop.jumping.at += seconds


class _VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self.jumping = _JumpingSelector()
        super().__init__(self.jumping)

    def time(self) -> float:
        return self.jumping.at


class _JumpingSelector(selectors.SelectSelector):
    def __init__(self) -> None:
        super().__init__()
        self.at = START

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready:
            if timeout is None:
                raise AssertionError("everything waits for something that will not happen")
            self.at = round(self.at + max(timeout, 0), 9)
        return ready
