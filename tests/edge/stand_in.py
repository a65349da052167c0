"""A replica that only says what reached it: run as a program, one line of JSON a request.

The target's first segment tells it what to do: /die ends the process before an answer, /hang
answers after half a minute, anything else is answered with 200. On SIGTERM it drains as a replica
does: unready, accepting until the edge has noticed, then gone.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time

from aiohttp import web

NOTICE = 2.0
"""Seconds from unready to closed; the edge's health checks must be faster."""


class StandIn:
    """The two listeners of a replica."""

    def __init__(self) -> None:
        self.name = os.environ["REPLICA"]
        self.draining = asyncio.Event()

    async def answer(self, request: web.Request) -> web.Response:
        """Write down what came, then do what the target says."""
        body = await request.read()
        seen = {
            "at": time.monotonic_ns(),
            "replica": self.name,
            "method": request.method,
            "target": request.raw_path,
            "headers": [[name.lower(), value] for name, value in request.headers.items()],
            "length": len(body),
        }
        sys.stdout.write(json.dumps(seen) + "\n")
        sys.stdout.flush()
        if request.path.startswith("/die"):
            os._exit(1)
        if request.path.startswith("/hang"):
            await asyncio.sleep(30)
        response = web.json_response(seen)
        if self.draining.is_set():
            response.force_close()
        return response

    async def ready(self, _: web.Request) -> web.Response:
        """Say whether the edge should send requests."""
        return web.Response(status=503 if self.draining.is_set() else 200)

    async def serve(self) -> None:
        """Listen until SIGTERM, then drain."""
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, self.draining.set)
        runners = []
        for variable, handler in (("REST_ADDRESS", self.answer), ("ADMIN_ADDRESS", self.ready)):
            host, _, port = os.environ[variable].rpartition(":")
            application = web.Application(client_max_size=1 << 20)
            application.router.add_route("*", "/{any:.*}", handler)
            runner = web.AppRunner(application, access_log=None)
            await runner.setup()
            await web.TCPSite(runner, host, int(port)).start()
            runners.append(runner)
        await self.draining.wait()
        await asyncio.sleep(NOTICE)
        for runner in runners:
            await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(StandIn().serve())
