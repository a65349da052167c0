"""Prometheus metrics: a listener that counts events, and gauges read when scraped.

Label values come from policies and closed lists only, never from a request, so the number of
series is bounded by configuration. docs/metrics.md describes each one.
"""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeAlias, get_args

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from gateway.operations.events import (
    BreakerChanged,
    Event,
    ExchangeEnded,
    LifecycleChanged,
    SnapshotChanged,
    Stage,
    UpstreamState,
)
from gateway.resilience.errors import Reason

NONE = "-"
"""The label of what an exchange did not get to know, its route for example."""

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_BREAKER_STATES = {"closed": 0, "half-open": 1, "open": 2}
_NOT_ADMITTED = get_args(Reason)


Upstreams = Callable[[], Iterable[UpstreamState]]
"""Gives the upstreams of the snapshot that serves; called at each scrape, from another thread."""


def new_registry() -> CollectorRegistry:
    """A registry with the process's own figures (memory, CPU, open files, garbage collection).

    Not the library's global one, so that two replicas in one process do not share theirs.
    """
    # The time at which a series began would double their number and is asked by nobody.
    disable_created_metrics()  # type: ignore[no-untyped-call]  # the library left it untyped
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    GCCollector(registry=registry)
    return registry


class Expected(Protocol):
    """A route, as far as it is known what may come of it."""

    @property
    def id(self) -> str:
        """Its name in labels."""

    @property
    def operation(self) -> str:
        """What it calls."""

    @property
    def writes(self) -> bool:
        """Whether its end may be unknown."""

    @property
    def unlisted(self) -> tuple[str, ...]:
        """Fields of its response in which codes may come that their tables do not name."""


class Metrics:
    """Counts events in `registry`, the one and only place of a replica's figures."""

    def __init__(
        self,
        registry: CollectorRegistry,
        upstreams: Upstreams = lambda: (),
        version: str = NONE,
        closed: Callable[[], Mapping[str, bool]] = dict,
    ) -> None:
        self._exchanges = Counter(
            "gateway_exchanges",
            "Requests answered.",
            ("route", "operation", "outcome", "problem"),
            registry=registry,
        )
        self._exchange_seconds = Histogram(
            "gateway_exchange_seconds",
            "Time from a request's arrival to its answer.",
            ("route",),
            buckets=_SECONDS,
            registry=registry,
        )
        self._upstream_seconds = Histogram(
            "gateway_upstream_seconds",
            "Time spent in attempts of one call to the hospital, all of them together.",
            ("operation",),
            buckets=_SECONDS,
            registry=registry,
        )
        self._retries = Counter(
            "gateway_retries",
            "Attempts that were made again.",
            ("operation",),
            registry=registry,
        )
        self._validations = Counter(
            "gateway_validations",
            "Messages validated, by stage and by whether they were valid.",
            ("route", "stage", "result"),
            registry=registry,
        )
        self._not_admitted = Counter(
            "gateway_not_admitted",
            "Calls that were not made, to protect the hospital or for lack of time.",
            ("route", "reason"),
            registry=registry,
        )
        self._unlisted = Counter(
            "gateway_unlisted_codes",
            "Answers in which a field had a code that its table does not name.",
            ("route", "field"),
            registry=registry,
        )
        self._breaker_changes = Counter(
            "gateway_breaker_changes",
            "Changes of an upstream's breaker to the state named.",
            ("upstream", "to"),
            registry=registry,
        )
        self._snapshot = Gauge(
            "gateway_snapshot_info",
            "The snapshot that serves, by its digest; always 1.",
            ("digest",),
            registry=registry,
        )
        self._reloads = Counter(
            "gateway_snapshot_reloads",
            "Loads of the policies, by whether the snapshot was taken into use.",
            ("result",),
            registry=registry,
        )
        self._findings = Gauge(
            "gateway_snapshot_findings",
            "Findings of the last load of the policies; above 0 an older snapshot serves.",
            registry=registry,
        )
        self._ready = Gauge(
            "gateway_ready",
            "1 while the replica is ready, else 0.",
            registry=registry,
        )
        self._listener_failures = Counter(
            "gateway_listener_failures",
            "Events that a listener failed to take.",
            ("listener",),
            registry=registry,
        )
        build = Gauge(
            "gateway_build_info",
            "The gateway's version and its Python; always 1.",
            ("version", "python"),
            registry=registry,
        )
        build.labels(version, platform.python_version()).set(1)
        registry.register(_UpstreamGauges(upstreams))
        registry.register(_ClosedGauge(closed))
        for result in ("accepted", "refused"):
            # A rate is only seen from a series that began at 0.
            self._reloads.labels(result)
        self._listener_failures.labels("EventLog")
        self._digest: str | None = None
        self._kept: dict[_Key, _Children] = {}

    def __call__(self, event: Event) -> None:
        """Count `event`."""
        if isinstance(event, ExchangeEnded):
            self._exchange(event)
        elif isinstance(event, BreakerChanged):
            self._breaker_changes.labels(event.upstream, event.new).inc()
        elif isinstance(event, SnapshotChanged):
            self._snapshot_changed(event)
        elif isinstance(event, LifecycleChanged):
            self._ready.set(event.phase == "ready")

    def expect(self, routes: Iterable[Expected], upstreams: Iterable[str]) -> None:
        """Begin at 0 what must be seen from its first event on.

        A rate is not seen of a series that is born with that event: the first write whose end is
        unknown, the first call turned away, the first opened breaker, the first new code.
        """
        for route in routes:
            if route.writes:
                self._exchanges.labels(route.id, route.operation, "unknown", "unknown")
            for reason in _NOT_ADMITTED:
                self._not_admitted.labels(route.id, reason)
            for field in route.unlisted:
                self._unlisted.labels(route.id, field)
        for upstream in upstreams:
            for state in _BREAKER_STATES:
                self._breaker_changes.labels(upstream, state)

    def listener_failed(self, listener: str) -> None:
        """Count an event that `listener` failed to take; for `Emitter`."""
        self._listener_failures.labels(listener).inc()

    def _exchange(self, event: ExchangeEnded) -> None:
        key = (
            event.route,
            event.operation,
            event.outcome,
            event.problem,
            tuple((call.operation, call.not_admitted) for call in event.calls),
            event.validations,
            event.unlisted,
        )
        # Looking a child up costs more than counting, so whatever an exchange of this kind
        # touches is looked up once.
        children = self._kept.get(key)
        if children is None:
            children = self._kept[key] = self._children(*key)
        for count in children.counts:
            count()
        children.exchange_seconds(event.duration_s)
        for call, (upstream_seconds, retries) in zip(event.calls, children.calls, strict=True):
            if call.attempts:
                upstream_seconds(call.upstream_s)
            if call.attempts > 1:
                retries(call.attempts - 1)

    def _children(
        self,
        route: str | None,
        operation: str | None,
        outcome: str,
        problem: str | None,
        calls: tuple[tuple[str, str | None], ...],
        validations: tuple[tuple[Stage, bool], ...],
        unlisted: tuple[str, ...],
    ) -> _Children:
        route = route or NONE
        operation = operation or NONE
        counts = [self._exchanges.labels(route, operation, outcome, problem or NONE).inc]
        counts += [
            self._validations.labels(route, stage, "valid" if valid else "refused").inc
            for stage, valid in validations
        ]
        counts += [
            self._not_admitted.labels(route, reason).inc
            for _, reason in calls
            if reason is not None
        ]
        counts += [self._unlisted.labels(route, field).inc for field in unlisted]
        return _Children(
            counts=tuple(counts),
            exchange_seconds=self._exchange_seconds.labels(route).observe,
            calls=tuple(
                (self._upstream_seconds.labels(one).observe, self._retries.labels(one).inc)
                for one, _ in calls
            ),
        )

    def _snapshot_changed(self, event: SnapshotChanged) -> None:
        self._findings.set(event.findings)
        self._reloads.labels("accepted" if event.ok else "refused").inc()
        if event.ok:
            self._snapshot.labels(event.digest).set(1)
            if self._digest is not None and self._digest != event.digest:
                self._snapshot.remove(self._digest)
            self._digest = event.digest


_Key: TypeAlias = tuple[
    str | None,
    str | None,
    str,
    str | None,
    tuple[tuple[str, str | None], ...],
    tuple[tuple[Stage, bool], ...],
    tuple[str, ...],
]


@dataclass(frozen=True, slots=True)
class _Children:
    """The series that exchanges of one kind touch; of each call its seconds and its retries."""

    counts: tuple[Callable[[], None], ...]
    exchange_seconds: Callable[[float], None]
    calls: tuple[tuple[Callable[[float], None], Callable[[float], None]], ...]


class _UpstreamGauges(Collector):
    """Reads the upstreams when scraped: keeping gauges up to date would cost each call."""

    def __init__(self, upstreams: Upstreams) -> None:
        self._upstreams = upstreams

    def describe(self) -> Iterator[Metric]:
        return iter(_families(()))

    def collect(self) -> Iterator[Metric]:
        return iter(_families(self._upstreams()))


class _ClosedGauge(Collector):
    """Reads which functions are closed when scraped: time alone opens and closes them."""

    def __init__(self, closed: Callable[[], Mapping[str, bool]]) -> None:
        self._closed = closed

    def describe(self) -> Iterator[Metric]:
        return iter((_closed_family({}),))

    def collect(self) -> Iterator[Metric]:
        return iter((_closed_family(self._closed()),))


def _closed_family(closed: Mapping[str, bool]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(
        "gateway_function_closed", "1 while the function is closed, else 0.", labels=("route",)
    )
    for route, is_closed in closed.items():
        family.add_metric((route,), is_closed)
    return family


def _families(states: Iterable[UpstreamState]) -> tuple[GaugeMetricFamily, ...]:
    in_flight = GaugeMetricFamily(
        "gateway_in_flight", "Calls to the upstream under way now.", labels=("upstream",)
    )
    limit = GaugeMetricFamily(
        "gateway_in_flight_limit",
        "Calls that this replica may have under way at once.",
        labels=("upstream",),
    )
    waiting = GaugeMetricFamily(
        "gateway_waiting", "Calls waiting for a place now.", labels=("upstream",)
    )
    breaker = GaugeMetricFamily(
        "gateway_breaker_state",
        "The upstream's breaker: 0 closed, 1 half-open, 2 open.",
        labels=("upstream",),
    )
    for state in states:
        labels = (state.upstream,)
        in_flight.add_metric(labels, state.in_flight)
        limit.add_metric(labels, state.in_flight_limit)
        waiting.add_metric(labels, state.waiting)
        breaker.add_metric(labels, _BREAKER_STATES[state.breaker])
    return in_flight, limit, waiting, breaker
