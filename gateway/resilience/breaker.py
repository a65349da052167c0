"""A circuit breaker per upstream: pybreaker's state machine, made fit for asyncio.

pybreaker runs a function and settles its result in one synchronous step; a call that is awaited
does not fit. Here a permit is taken before the await and settled after it, and only the settling
runs through pybreaker, whose storage is a sliding window instead of a count in a row.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from types import TracebackType

from pybreaker import (
    STATE_CLOSED,
    STATE_OPEN,
    CircuitBreaker,
    CircuitBreakerListener,
    CircuitBreakerState,
    CircuitBreakerStorage,
)

from gateway.resilience.deadline import now
from gateway.resilience.errors import NotAdmitted
from gateway.resilience.limits import BreakerLimits
from gateway.resilience.window import SlidingWindow

OnChange = Callable[[str, str, str], None]
"""Told upstream, old state and new state; must not raise."""


class Breaker:
    """Gives permits while the upstream is well; `closed`, `open` or `half-open`."""

    def __init__(
        self, upstream: str, limits: BreakerLimits, on_change: OnChange | None = None
    ) -> None:
        self.upstream = upstream
        self._limits = limits
        self._storage = _WindowStorage(limits)
        self._machine = CircuitBreaker(
            fail_max=_TRIPPED,
            reset_timeout=limits.open_for_s,
            success_threshold=limits.probes,
            state_storage=self._storage,
            throw_new_error_on_trip=False,
            name=upstream,
        )
        # Permits of the half-open state, each with the loop time when it no longer counts.
        self._probes: dict[Permit, float] = {}
        if on_change is not None:
            self._machine.add_listener(_Changes(upstream, on_change))

    @property
    def state(self) -> str:
        """`closed`, `open` or `half-open`."""
        return self._storage.state

    @property
    def era(self) -> int:
        """How often the state has changed."""
        return self._storage.era

    def acquire(self, until: float) -> Permit:
        """A permit for one call that ends by `until` (loop time).

        Raises `NotAdmitted` while the upstream has its rest, and when it is being tried by as
        many calls as may do so. A probe that has not ended by `until` gives its place to the
        next, or one call that hangs would keep the upstream closed off for ever.
        """
        if self._storage.state == STATE_CLOSED:
            return Permit(self, self._storage.era)
        return self._acquire_probe(until)

    def rest(self) -> float:
        """Seconds until a call may be let out, as far as it is known now."""
        at = now()
        if self._storage.state == STATE_OPEN:
            return max(0.0, self._storage.opened + self._limits.open_for_s - at)
        return max(0.0, min(self._probes.values(), default=at) - at)

    def _acquire_probe(self, until: float) -> Permit:
        if self._storage.state == STATE_OPEN:
            rest = self.rest()
            if rest > 0:
                raise NotAdmitted("breaker-open", retry_after=rest)
            self._probes.clear()
            self._machine.half_open()
        at = now()
        self._probes = {probe: end for probe, end in self._probes.items() if end > at}
        if len(self._probes) >= self._limits.probes:
            raise NotAdmitted("breaker-open", retry_after=self.rest())
        permit = Permit(self, self._storage.era)
        self._probes[permit] = until
        return permit

    def _settle(self, permit: Permit, succeeded: bool) -> None:
        storage = self._storage
        # What began before the last change says nothing about the state that came after it.
        if permit.era != storage.era:
            return
        if storage.state == STATE_CLOSED:
            if succeeded:
                # All that pybreaker would do with it, without the detour: this is every call.
                storage.window.add_good(now())
            else:
                self._record_failure()
        elif self._probes.pop(permit, None) is not None:
            if succeeded:
                self._machine.call(_succeed)
            else:
                self._record_failure()

    def _record_failure(self) -> None:
        try:
            self._machine.call(_fail)
        except _CallFailed:
            return

    def _release(self, permit: Permit) -> None:
        self._probes.pop(permit, None)


class Permit:
    """Leave to make one call; ends once, as success, failure or ignored.

    As a context manager it ends as ignored when nothing else was said: a cancelled call, or one
    that was not made, tells nothing about the upstream.
    """

    __slots__ = ("_breaker", "_ended", "era")

    def __init__(self, breaker: Breaker, era: int) -> None:
        self._breaker = breaker
        self.era = era
        self._ended = False

    @property
    def lapsed(self) -> bool:
        """Whether the breaker has changed its state since: a call not yet made must not be."""
        return self.era != self._breaker.era

    def success(self) -> None:
        """The upstream did its work, whatever it answered."""
        if not self._ended:
            self._ended = True
            self._breaker._settle(self, True)

    def failure(self) -> None:
        """The upstream failed."""
        if not self._ended:
            self._ended = True
            self._breaker._settle(self, False)

    def ignored(self) -> None:
        """Nothing was learned about the upstream."""
        if not self._ended:
            self._ended = True
            self._breaker._release(self)

    def __enter__(self) -> Permit:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.ignored()


_TRIPPED = 1


class _CallFailed(Exception):
    """What pybreaker is shown instead of the real failure."""


def _succeed() -> None:
    return None


def _fail() -> None:
    raise _CallFailed


class _WindowStorage(CircuitBreakerStorage):
    """Where pybreaker keeps its state: its failure counter reads `_TRIPPED` or 0.

    Its `reset_counter` stays without effect: pybreaker calls it on each success, and one success
    must not forget the failures around it.
    """

    def __init__(self, limits: BreakerLimits) -> None:
        super().__init__("window")
        self.window = SlidingWindow(limits.window_s)
        self.era = 0
        self.opened = 0.0
        self._limits = limits
        self._state = STATE_CLOSED
        self._successes = 0
        self._opened_at: datetime | None = None

    @property
    def state(self) -> str:
        return self._state

    @state.setter
    def state(self, state: str) -> None:
        self._state = state
        self.era += 1
        self.window.clear()

    def increment_counter(self) -> None:
        self.window.add_bad(now())

    @property
    def counter(self) -> int:
        bad = self.window.bad
        calls = bad + self.window.good
        limits = self._limits
        tripped = calls >= limits.minimum_calls and bad >= limits.failure_ratio * calls
        return _TRIPPED if tripped else 0

    def increment_success_counter(self) -> None:
        self._successes += 1

    def reset_success_counter(self) -> None:
        self._successes = 0

    @property
    def success_counter(self) -> int:
        return self._successes

    @property
    def opened_at(self) -> datetime | None:
        return self._opened_at

    @opened_at.setter
    def opened_at(self, moment: datetime) -> None:
        # pybreaker goes by the machine's clock, which may be set back; the rest is measured here.
        self._opened_at = moment
        self.opened = now()


class _Changes(CircuitBreakerListener):
    def __init__(self, upstream: str, on_change: OnChange) -> None:
        self._upstream = upstream
        self._on_change = on_change

    def state_change(
        self,
        cb: CircuitBreaker,
        old_state: CircuitBreakerState | None,
        new_state: CircuitBreakerState,
    ) -> None:
        if old_state is not None:
            self._on_change(self._upstream, old_state.name, new_state.name)
