"""The composition root: settings and packs in, a running replica out."""

from __future__ import annotations

import asyncio
import hashlib
import signal
from collections.abc import Iterator
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from gateway.binding import Binder
from gateway.exchange import Exchange
from gateway.operations.admin import AdminListener
from gateway.operations.events import (
    BreakerChanged,
    Emitter,
    LifecycleChanged,
    SnapshotChanged,
)
from gateway.operations.health import Health, Phase
from gateway.operations.logs import EventLog, Logger
from gateway.operations.metrics import Metrics, UpstreamState, new_registry
from gateway.packs import load_snapshot
from gateway.policies.findings import PolicyError
from gateway.policies.snapshot import Route, Snapshot, Upstream
from gateway.resilience.breaker import Breaker
from gateway.resilience.bulkhead import Bulkhead
from gateway.resilience.guard import Guard
from gateway.resilience.limits import BreakerLimits, BulkheadLimits, RetryLimits
from gateway.rest.admission import Admission
from gateway.rest.server import RestServer
from gateway.settings import Settings
from gateway.soap.transport import HttpTransport
from gateway.translation.sealing import Sealer
from gateway.translation.values import HOSPITAL_ZONE

WAITING_PER_PLACE = 4
"""Callers that may wait for each of an upstream's places; more would wait past their deadline."""


class Replica:
    """One gateway process: starts whole or not at all, reloads all or nothing, drains, ends."""

    def __init__(self, settings: Settings, snapshot: Snapshot, log: Logger) -> None:
        self.settings = settings
        self.snapshot = snapshot
        self._log = log
        self._seen = packs_fingerprint(settings.packs)
        registry = new_registry()
        metrics = Metrics(registry, self._upstream_states, version("dmz-gateway"))
        self._events = Emitter((metrics, EventLog(log)), metrics.listener_failed)
        self._health = Health(lambda phase: self._events.emit(LifecycleChanged(phase.value)))
        self._guards: dict[Upstream, Guard] = {}
        self._admin = AdminListener(
            settings.admin.host,
            settings.admin.port,
            health=self._health,
            registry=registry,
            snapshot=self._shown,
        )

    async def run(self) -> None:
        """Serve until SIGTERM or SIGINT, then drain; raises `OSError` when a port is taken."""
        stop, reload = asyncio.Event(), asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        loop.add_signal_handler(signal.SIGHUP, reload.set)
        transport = HttpTransport()
        rest = self._rest(transport)
        await self._admin.start()
        try:
            await rest.start()
            self._health.become(Phase.READY)
            self._events.emit(SnapshotChanged(self.snapshot.digest, None, True, 0))
            watching = asyncio.create_task(self._watch(reload))
            await stop.wait()
            watching.cancel()
            await self._drain(rest)
        finally:
            await transport.close()
            await self._admin.stop()

    def _rest(self, transport: HttpTransport) -> RestServer:
        settings = self.settings
        admission = Admission(settings.clients, settings.edge_proof, settings.ceiling)
        exchange = Exchange(
            snapshot=lambda: self.snapshot,
            admission=admission,
            binder=Binder(Sealer(settings.sealing_key), lambda: datetime.now(HOSPITAL_ZONE)),
            guards=self._guard,
            transport=transport,
            emit=self._events.emit,
        )
        return RestServer(
            exchange,
            settings.rest.host,
            settings.rest.port,
        )

    async def _drain(self, rest: RestServer) -> None:
        """Unready first: the edge must have noticed before a connection is refused."""
        self._health.become(Phase.DRAINING)
        rest.drain()
        await asyncio.sleep(self.settings.drain_notice)
        await rest.stop(self.settings.drain_finish)
        self._health.become(Phase.STOPPED)

    # --- upstreams ---

    def _guard(self, route: Route) -> Guard:
        upstream = self.snapshot.upstreams[route.upstream]
        guard = self._guards.get(upstream)
        if guard is None:
            guard = self._guards[upstream] = self._new_guard(upstream)
        return guard

    def _new_guard(self, upstream: Upstream) -> Guard:
        policy = upstream.breaker
        limits = BulkheadLimits(
            upstream.in_flight, upstream.keep_for_writes, WAITING_PER_PLACE * upstream.in_flight
        )
        return Guard(
            Breaker(
                upstream.group,
                BreakerLimits(
                    policy.window,
                    policy.failure_ratio,
                    policy.minimum_calls,
                    policy.open_for,
                    policy.probes,
                ),
                lambda name, old, new: self._events.emit(BreakerChanged(name, old, new)),
            ),
            Bulkhead(limits.share(self.settings.replicas)),
            RetryLimits(),
        )

    def _upstream_states(self) -> Iterator[UpstreamState]:
        for upstream, guard in list(self._guards.items()):
            if self.snapshot.upstreams.get(upstream.group) == upstream:
                bulkhead = guard.bulkhead
                yield UpstreamState(
                    upstream.group,
                    bulkhead.in_flight,
                    bulkhead.limits.in_flight,
                    bulkhead.waiting,
                    guard.breaker.state,
                )

    # --- policies ---

    async def _watch(self, asked: asyncio.Event) -> None:
        """Reload when asked to (SIGHUP) or when a file of the packs has changed."""
        while True:
            try:
                async with asyncio.timeout(self.settings.watch):
                    await asked.wait()
            except TimeoutError:
                seen = await asyncio.to_thread(packs_fingerprint, self.settings.packs)
                if seen == self._seen:
                    continue
            asked.clear()
            await self._reload()

    async def _reload(self) -> None:
        """Check and compile beside the running snapshot, then swap the one reference."""
        self._seen = await asyncio.to_thread(packs_fingerprint, self.settings.packs)
        previous = self.snapshot.digest
        try:
            # In this thread: lxml's parsers and schemas belong to the one that uses them.
            snapshot = load_snapshot(self.settings.packs)
        except PolicyError as error:
            for finding in error.findings:
                self._log.error("finding", source=str(finding.mark), error=finding.kind)
            self._events.emit(SnapshotChanged(previous, previous, False, len(error.findings)))
            return
        self.snapshot = snapshot
        self._events.emit(SnapshotChanged(snapshot.digest, previous, True, 0))

    def _shown(self) -> dict[str, object]:
        """The effective policy, as `/snapshot` shows it."""
        snapshot = self.snapshot
        return {
            "replica": self.settings.replica,
            "digest": snapshot.digest,
            "upstreams": {
                name: {"in_flight": upstream.in_flight, "keep_for_writes": upstream.keep_for_writes}
                for name, upstream in snapshot.upstreams.items()
            },
            "routes": [
                {
                    "id": route.id,
                    "rest": f"{route.method} {route.template}",
                    "operation": route.operation,
                    "effect": route.effect,
                    "deadline_s": route.deadline,
                    "upstream": route.upstream,
                }
                for route in snapshot.routes
            ],
        }


def packs_fingerprint(folder: Path) -> str:
    """Changes when a file below `folder` is added, removed or written."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            state = path.stat()
            digest.update(f"{path}\0{state.st_mtime_ns}\0{state.st_size}\0".encode())
    return digest.hexdigest()
