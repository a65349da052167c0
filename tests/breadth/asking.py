"""A service asked as an exchange does: codec, transport, codec."""

from __future__ import annotations

import asyncio

from gateway.record import Record
from gateway.soap.codec import Codec
from gateway.soap.transport import HttpTransport, Received


def ask(url: str, codec: Codec, arguments: Record) -> Record:
    """What the service answers; whatever the codec raises is raised."""
    envelope = codec.for_attempt(codec.encode(arguments))

    async def post() -> Received:
        transport = HttpTransport()
        try:
            deadline = asyncio.get_running_loop().time() + 60
            return await transport.post(
                url, codec.headers, envelope, accepts=codec.accepts, deadline=deadline
            )
        finally:
            await transport.close()

    received = asyncio.run(post())
    return codec.decode(received.body, received.status)
