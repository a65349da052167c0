"""A sliding count of two kinds of thing."""

from __future__ import annotations

_STEPS = 20


class SlidingWindow:
    """How many good and how many bad things there were in the last `seconds`.

    Counted in steps of a twentieth of the window, so its memory and the cost of one count do not
    depend on how much is counted; it may forget up to one step early. `at` is loop time and never
    goes back.
    """

    __slots__ = ("_bad", "_good", "_per_second", "_step", "bad", "good")

    def __init__(self, seconds: float) -> None:
        self._per_second = _STEPS / seconds
        self.clear()

    def clear(self) -> None:
        """Forget everything."""
        self._step = 0
        self._good = [0] * _STEPS
        self._bad = [0] * _STEPS
        self.good = 0
        self.bad = 0

    def add_good(self, at: float) -> None:
        """Count one good thing."""
        step = int(at * self._per_second)
        if step != self._step:
            self._forget(step)
        self._good[step % _STEPS] += 1
        self.good += 1

    def add_bad(self, at: float) -> None:
        """Count one bad thing."""
        step = int(at * self._per_second)
        if step != self._step:
            self._forget(step)
        self._bad[step % _STEPS] += 1
        self.bad += 1

    def advance(self, at: float) -> None:
        """Forget what is too old by now; counting does it too."""
        step = int(at * self._per_second)
        if step != self._step:
            self._forget(step)

    def _forget(self, step: int) -> None:
        for passed in range(max(self._step, step - _STEPS) + 1, step + 1):
            place = passed % _STEPS
            self.good -= self._good[place]
            self.bad -= self._bad[place]
            self._good[place] = self._bad[place] = 0
        self._step = step
