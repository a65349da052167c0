"""The same thing from many sides at the same moment."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

_Result = TypeVar("_Result")


def together(works: Sequence[Callable[[], _Result]]) -> list[_Result]:
    """Do each in a thread of its own, all starting at once; return what they returned."""
    line = threading.Barrier(len(works))

    def begin(work: Callable[[], _Result]) -> _Result:
        line.wait(30)
        return work()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(begin, works))
