"""The guards of the upstreams: they outlive the snapshots, since what they protect does too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gateway.operations.events import UpstreamState
from gateway.policies.snapshot import Upstream
from gateway.resilience.breaker import Breaker, OnChange
from gateway.resilience.bulkhead import Bulkhead
from gateway.resilience.guard import Guard
from gateway.resilience.limits import BulkheadLimits, RetryLimits

WAITING_PER_PLACE = 4
"""Callers that may wait for each of an upstream's places; more would wait past their deadline."""


class Upstreams:
    """One guard for each group, whatever snapshot a call belongs to.

    A second guard beside the first, even for the time of a reload, would let twice as many calls
    through. `replicas` share the limits of a group; `on_breaker` is told of a breaker's changes.
    """

    def __init__(self, replicas: int, on_breaker: OnChange) -> None:
        self._replicas = replicas
        self._on_breaker = on_breaker
        self._serving: Mapping[str, Upstream] = {}
        self._guards: dict[str, Guard] = {}

    def adopt(self, upstreams: Mapping[str, Upstream]) -> None:
        """Let a new snapshot's limits hold from now on, for calls of the old one too.

        A group that is no longer there is forgotten as soon as nothing of it is under way. A
        breaker whose own settings changed starts closed.
        """
        before = self._serving
        for group, upstream in upstreams.items():
            guard = self.guard(upstream)
            guard.bulkhead.resize(self._places(upstream))
            if group in before and before[group].breaker != upstream.breaker:
                guard.breaker = self._breaker(upstream)
        self._serving = upstreams
        for group in [*self._guards]:
            bulkhead = self._guards[group].bulkhead
            if group not in upstreams and not bulkhead.in_flight and not bulkhead.waiting:
                del self._guards[group]

    def guard(self, upstream: Upstream) -> Guard:
        """The guard of this upstream's group."""
        guard = self._guards.get(upstream.group)
        if guard is None:
            guard = self._guards[upstream.group] = Guard(
                self._breaker(upstream), Bulkhead(self._places(upstream)), RetryLimits()
            )
        return guard

    def states(self) -> Iterator[UpstreamState]:
        """What a scrape sees of the groups that are served; from its own thread."""
        for group in self._serving:
            guard = self._guards.get(group)
            if guard is None:
                continue
            bulkhead = guard.bulkhead
            yield UpstreamState(
                group,
                bulkhead.in_flight,
                bulkhead.limits.in_flight,
                bulkhead.waiting,
                guard.breaker.state,
            )

    def _places(self, upstream: Upstream) -> BulkheadLimits:
        waiting = WAITING_PER_PLACE * upstream.in_flight
        limits = BulkheadLimits(upstream.in_flight, upstream.keep_for_writes, waiting)
        return limits.share(self._replicas)

    def _breaker(self, upstream: Upstream) -> Breaker:
        return Breaker(upstream.group, upstream.breaker, self._on_breaker)
