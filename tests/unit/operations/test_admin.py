"""The admin listener, over a real socket."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable

import aiohttp
import pytest
from prometheus_client import CollectorRegistry

from gateway.operations.admin import AdminListener
from gateway.operations.health import Health, Phase
from gateway.operations.metrics import Metrics
from tests.unit.operations.exchanges import READ

Get = Callable[[str], Awaitable[tuple[int, str, str]]]
"""Takes a path, gives status, media type and text."""


def with_listener(test: Callable[[Get, Health, Metrics], Awaitable[None]]) -> None:
    """Run `test` against a listener on a free port."""

    async def main() -> None:
        health = Health()
        registry = CollectorRegistry()
        metrics = Metrics(registry)
        listener = AdminListener(
            "127.0.0.1",
            0,
            health=health,
            registry=registry,
            snapshot=lambda: {"digest": "5e1a", "routes": ["list-schedules"]},
        )
        await listener.start()
        async with aiohttp.ClientSession(f"http://127.0.0.1:{listener.port}") as session:

            async def get(path: str) -> tuple[int, str, str]:
                async with session.get(path) as response:
                    return response.status, response.content_type, await response.text()

            await test(get, health, metrics)
        await listener.stop()

    asyncio.run(main())


def test_metrics_are_shown_in_prometheus_text() -> None:
    """What was counted is what is scraped."""

    async def test(get: Get, _health: Health, metrics: Metrics) -> None:
        metrics(READ)
        status, media_type, text = await get("/metrics")
        assert (status, media_type) == (200, "text/plain")
        assert 'gateway_exchange_seconds_count{route="list-schedules"} 1.0' in text

    with_listener(test)


def test_readiness_follows_the_phase_and_liveness_does_not() -> None:
    """A draining replica is alive: killing it would lose what it still answers."""

    async def test(get: Get, health: Health, _metrics: Metrics) -> None:
        seen = []
        for phase in Phase:
            health.become(phase)
            ready, alive = await get("/readyz"), await get("/healthz")
            seen.append((ready[0], alive[0]))
            assert ready[2] == f'{{"phase":"{phase.value}"}}'
        assert seen == [(503, 200), (200, 200), (503, 200), (503, 200)]

    with_listener(test)


def test_the_snapshot_that_serves_is_shown() -> None:
    """As the composition root gives it, in JSON."""

    async def test(get: Get, _health: Health, _metrics: Metrics) -> None:
        assert await get("/snapshot") == (
            200,
            "application/json",
            '{"digest":"5e1a","routes":["list-schedules"]}',
        )

    with_listener(test)


def test_nothing_else_is_there() -> None:
    """Another path is 404 and is not echoed."""

    async def test(get: Get, _health: Health, _metrics: Metrics) -> None:
        status, _, text = await get("/v1/departments")
        assert status == 404
        assert "departments" not in text

    with_listener(test)


def test_a_port_that_is_taken_is_said_at_start() -> None:
    """`OSError`, for the command line to put into a sentence."""

    async def main(port: int) -> None:
        listener = AdminListener(
            "127.0.0.1",
            port,
            health=Health(),
            registry=CollectorRegistry(),
            snapshot=dict,
        )
        with pytest.raises(OSError, match="address already in use"):
            await listener.start()
        await listener.stop()

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        asyncio.run(main(taken.getsockname()[1]))
