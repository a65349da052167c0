"""The listener for operations only: figures, life signs and the snapshot that serves."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping

import orjson
from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from gateway.operations.health import Health

_LINGER_S = 1.0


class AdminListener:
    """Serves `/metrics`, `/healthz`, `/readyz` and `/snapshot` without identity or TLS.

    It is meant for an address that only operations and the edge's health checks reach.
    `snapshot` gives what `/snapshot` shows, ready for JSON; `more` is served beside these.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        health: Health,
        registry: CollectorRegistry,
        snapshot: Callable[[], Mapping[str, object]],
        more: Iterable[web.RouteDef] = (),
    ) -> None:
        self._host = host
        self._port = port
        self._health = health
        self._registry = registry
        self._snapshot = snapshot
        application = web.Application()
        application.router.add_get("/metrics", self._metrics)
        application.router.add_get("/healthz", self._healthz)
        application.router.add_get("/readyz", self._readyz)
        application.router.add_get("/snapshot", self._show_snapshot)
        application.router.add_routes(more)
        self._runner = web.AppRunner(
            application, access_log=None, handle_signals=False, shutdown_timeout=_LINGER_S
        )

    @property
    def port(self) -> int:
        """The port it listens on; after `start` the real one, also where 0 was asked for."""
        return self._port

    async def start(self) -> None:
        """Listen; raises `OSError` when the address cannot be had."""
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, self._port)
        await site.start()
        self._port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Stop listening and end what is open."""
        await self._runner.cleanup()

    async def _metrics(self, _request: web.Request) -> web.Response:
        # Writing thousands of series takes long enough to delay exchanges; a thread yields.
        text = await asyncio.to_thread(generate_latest, self._registry)
        return web.Response(body=text, headers={"Content-Type": CONTENT_TYPE_LATEST})

    async def _healthz(self, _request: web.Request) -> web.Response:
        """Alive: the event loop answers. Says nothing of the hospital, nor of readiness."""
        return _json(200, {"phase": self._health.phase.value})

    async def _readyz(self, _request: web.Request) -> web.Response:
        """200 while the edge should send requests here, else 503."""
        return _json(200 if self._health.ready else 503, {"phase": self._health.phase.value})

    async def _show_snapshot(self, _request: web.Request) -> web.Response:
        return _json(200, self._snapshot())


def _json(status: int, document: Mapping[str, object]) -> web.Response:
    return web.Response(
        status=status,
        body=orjson.dumps(document),
        content_type="application/json",
        headers={"Cache-Control": "no-store"},
    )
