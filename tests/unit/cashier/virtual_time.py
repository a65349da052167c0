"""An event loop whose clock stands still while anything can run, and then leaps."""

from __future__ import annotations

import asyncio
import selectors


class VirtualLoop(asyncio.SelectorEventLoop):
    """Minutes pass in no time, and the same each time: nothing waits but for this clock."""

    def __init__(self) -> None:
        self._passed = 0.0
        super().__init__(_Leaping(self))

    def time(self) -> float:
        """Seconds since the loop was made."""
        return self._passed

    def leap(self, seconds: float) -> None:
        """Let this time have passed."""
        self._passed += seconds


class _Leaping(selectors.SelectSelector):
    """Where another would wait, it says that the time has passed."""

    def __init__(self, loop: VirtualLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """What is ready now."""
        assert timeout is not None, "everything waits, and nothing will wake it"
        self._loop.leap(max(0.0, timeout))
        return super().select(0)
