"""The composition root: settings and packs in, a running replica out."""

from __future__ import annotations

import asyncio
import hashlib
import signal
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path

from aiohttp import web

from gateway.api.document import api_document
from gateway.binding import Binder
from gateway.closing.closings import Closings, written
from gateway.closing.kept import keep_switches, load_switches
from gateway.closing.peers import Peers
from gateway.closing.switch import Switch, SwitchRefused
from gateway.closing.switchboard import Switchboard
from gateway.exchange import Exchange
from gateway.operations.admin import AdminListener
from gateway.operations.events import (
    BreakerChanged,
    Emitter,
    FunctionChanged,
    LifecycleChanged,
    PeerChanged,
    SnapshotChanged,
    SwitchThrown,
)
from gateway.operations.health import Health, Phase
from gateway.operations.logs import EventLog, Logger, write_fault
from gateway.operations.metrics import Metrics, new_registry
from gateway.operations.switches import SwitchResource
from gateway.packs import load_snapshot
from gateway.policies.findings import Finding, PolicyError
from gateway.policies.snapshot import Snapshot
from gateway.rest.admission import Admission
from gateway.rest.messages import Answer
from gateway.rest.pages import pages
from gateway.rest.server import RestServer
from gateway.settings import Settings
from gateway.soap.transport import HttpTransport
from gateway.translation.sealing import Sealer
from gateway.translation.values import HOSPITAL_ZONE
from gateway.upstreams import Upstreams

_LOOK_EVERY_S = 1.0


@dataclass(frozen=True, slots=True)
class Loaded:
    """What the packs of a folder came to; `fingerprint` is of the files, from before the load."""

    fingerprint: str
    snapshot: Snapshot
    documents: dict[str, Answer]


def load(packs: Path) -> Loaded:
    """Read, check and compile all packs; raises `PolicyError` with every finding."""
    fingerprint = packs_fingerprint(packs)
    snapshot = load_snapshot(packs)
    return Loaded(fingerprint, snapshot, pages(api_document(packs, snapshot)))


def remembered(settings: Settings) -> tuple[Switch, ...]:
    """The switches of an earlier life; raises `PolicyError` where they cannot be known.

    A replica that started without them would open what somebody has closed.
    """
    if settings.switches is None:
        return ()
    try:
        return load_switches(settings.switches.kept)
    except (OSError, SwitchRefused):
        mark = settings.source.mark(("switches", "kept"))
        problem = f"{settings.switches.kept} holds no switches that can be read"
        remedy = "mend its rights, or remove it and throw its switches again"
        raise PolicyError((Finding(mark, "settings", "", problem, remedy),)) from None


class Replica:
    """One gateway process: starts whole or not at all, reloads all or nothing, drains, ends."""

    def __init__(
        self, settings: Settings, loaded: Loaded, log: Logger, switches: tuple[Switch, ...] = ()
    ) -> None:
        self.settings = settings
        self._documents = loaded.documents
        self._seen = loaded.fingerprint
        self._log = log
        self._report = partial(write_fault, log)
        registry = new_registry()
        self._upstreams = Upstreams(
            settings.replicas, lambda *change: self._events.emit(BreakerChanged(*change))
        )
        self._switchboard = Switchboard(_now, self._audit, self._keep, self._report_unkept)
        self._remembered = switches
        self._closings = Closings(
            lambda: self.snapshot.routes, lambda: self._switchboard.thrown, _now
        )
        self._metrics = Metrics(
            registry, self._upstreams.states, version("dmz-gateway"), self._closings.states
        )
        self._events = Emitter((self._metrics, EventLog(log)), self._metrics.listener_failed)
        self._adopt(loaded.snapshot)
        self._health = Health(lambda phase: self._events.emit(LifecycleChanged(phase.value)))
        self._admin = AdminListener(
            settings.admin.host,
            settings.admin.port,
            health=self._health,
            registry=registry,
            snapshot=self._shown,
            more=self._switch_resource(),
        )

    async def run(self) -> None:
        """Serve until SIGTERM or SIGINT, then drain; raises `OSError` when a port is taken."""
        stop, reload = asyncio.Event(), asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        loop.add_signal_handler(signal.SIGHUP, reload.set)
        async with AsyncExitStack() as cleanup:
            transport = HttpTransport()
            cleanup.push_async_callback(transport.close)
            cleanup.push_async_callback(self._admin.stop)
            await self._admin.start()
            following = await self._catch_up()
            rest = self._rest(transport)
            await rest.start()
            self._events.emit(SnapshotChanged(self.snapshot.digest, None, True, 0))
            self._health.become(Phase.READY)
            following += [asyncio.create_task(self._watch(reload))]
            await stop.wait()
            for task in following:
                task.cancel()
            await self._drain(rest)

    def _rest(self, transport: HttpTransport) -> RestServer:
        settings = self.settings
        admission = Admission(settings.clients, settings.edge_proof, settings.ceiling)
        exchange = Exchange(
            snapshot=lambda: self.snapshot,
            admission=admission,
            closings=self._closings,
            binder=Binder(Sealer(settings.sealing_key), _now, self._closings.told),
            guards=self._upstreams.guard,
            transport=transport,
            emit=self._events.emit,
            report=self._report,
        )
        return RestServer(
            exchange,
            settings.rest.host,
            settings.rest.port,
            documents=self._documents,
            identify=admission.identify,
            report=self._report,
        )

    async def _drain(self, rest: RestServer) -> None:
        """Unready first: the edge must have noticed before a connection is refused."""
        self._health.become(Phase.DRAINING)
        rest.drain()
        await asyncio.sleep(self.settings.drain_notice)
        await rest.stop(self.settings.drain_finish)
        self._health.become(Phase.STOPPED)

    # --- functions closed ---

    async def _catch_up(self) -> list[asyncio.Task[None]]:
        """Have the switches that stand before the first request comes; then follow the others."""
        self._switchboard.take(self._remembered, "file")
        following = [asyncio.create_task(self._tell_closed())]
        settings = self.settings.switches
        if settings is not None:
            peers = Peers(
                settings.peers,
                settings.board.secret,
                self._learn,
                lambda peer, why: self._events.emit(PeerChanged(peer, why)),
            )
            await peers.learn()
            following.append(asyncio.create_task(peers.follow()))
        return following

    async def _learn(self, switches: tuple[Switch, ...]) -> None:
        if self._switchboard.take(switches, "peer"):
            await self._switchboard.keep()

    async def _tell_closed(self) -> None:
        """Tell when a function closes or opens; nothing but the time says so."""
        before: dict[str, str] = {}
        while True:
            now = {one.route: written(one.reopens_at) for one in self._closings.closed()}
            for route, until in now.items():
                if route not in before:
                    self._events.emit(FunctionChanged(route, True, until))
            for route in before.keys() - now.keys():
                self._events.emit(FunctionChanged(route, False, None))
            before = now
            await asyncio.sleep(_LOOK_EVERY_S)

    def _switch_resource(self) -> tuple[web.RouteDef, ...]:
        settings = self.settings
        if settings.switches is None:
            return ()
        secret = settings.switches.board.secret
        resource = SwitchResource(settings.replica, self._switchboard, self._closings, secret)
        return resource.routes()

    def _audit(self, switch: Switch, source: str) -> None:
        self._events.emit(
            SwitchThrown(
                route=switch.route,
                closed=switch.closed,
                until=written(switch.until),
                by=switch.by,
                why=switch.reason,
                source=source,
            )
        )

    def _keep(self, switches: tuple[Switch, ...]) -> None:
        if self.settings.switches is not None:
            keep_switches(self.settings.switches.kept, switches)

    def _report_unkept(self, error: OSError) -> None:
        self._report(error, None)

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
                # Once for each state of the files, also when that state cannot be loaded.
                self._seen = seen
            asked.clear()
            await self._reload()

    async def _reload(self) -> None:
        """Check and compile beside the running snapshot, then swap the one reference.

        In a thread: half a second for a pack is too long to keep every exchange waiting. Its codecs
        are used here only once they are no longer used there; `gateway.soap.parser`, which both
        share meanwhile, says what it bears.
        """
        previous = self.snapshot.digest
        try:
            loaded = await asyncio.to_thread(load, self.settings.packs)
        except PolicyError as error:
            for finding in error.findings:
                self._log.error(
                    "finding",
                    source=str(finding.mark),
                    error=finding.kind,
                    finding=f"{finding.problem}; {finding.remedy}",
                )
            self._events.emit(SnapshotChanged(previous, previous, False, len(error.findings)))
        except Exception as error:  # noqa: BLE001 - no reload may end a replica that serves
            self._report(error, None)
            self._events.emit(SnapshotChanged(previous, previous, False, 0))
        else:
            self._seen = loaded.fingerprint
            self._adopt(loaded.snapshot)
            self._documents.clear()
            self._documents.update(loaded.documents)
            self._events.emit(SnapshotChanged(self.snapshot.digest, previous, True, 0))

    def _adopt(self, snapshot: Snapshot) -> None:
        """Serve this snapshot from now on."""
        self._upstreams.adopt(snapshot.upstreams)
        self._metrics.expect(snapshot.routes, snapshot.upstreams)
        self.snapshot = snapshot

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


def _now() -> datetime:
    return datetime.now(HOSPITAL_ZONE)


def packs_fingerprint(folder: Path) -> str:
    """Changes when a file below `folder` is added, removed or written."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        try:
            state = path.stat()
        except OSError:
            # Removed since it was listed, as an editor's own files are, or not ours to see.
            continue
        digest.update(f"{path}\0{state.st_mtime_ns}\0{state.st_size}\0".encode())
    return digest.hexdigest()
