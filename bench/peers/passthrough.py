"""Peer: a proxy on the gateway's own HTTP library that forwards bytes and understands none.

What is left when translation, validation and everything else is taken away.
"""

from __future__ import annotations

import asyncio
import os
import sys

import aiohttp
from aiohttp import web


async def serve(port: int) -> None:
    """Forward every POST to the stub, until ended."""
    upstream = os.environ["BENCH_STUB_URL"]
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector, auto_decompress=False) as session:

        async def forward(request: web.BaseRequest) -> web.Response:
            headers = {name: request.headers[name] for name in ("Content-Type", "SOAPAction")}
            body = await request.read()
            async with session.post(upstream, data=body, headers=headers) as reply:
                return web.Response(
                    status=reply.status,
                    body=await reply.read(),
                    headers={"Content-Type": reply.headers["Content-Type"]},
                )

        runner = web.ServerRunner(web.Server(forward, access_log=None))
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port, backlog=1024).start()
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
