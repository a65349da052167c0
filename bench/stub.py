"""The hospital of the bench: canned SOAP replies, as fast as asyncio writes them.

It counts the requests of each operation. `GET /counts` tells them, `PUT /broken` and `PUT /sound`
say whether replies keep to their contract from now on.
"""

from __future__ import annotations

import asyncio
import re
import sys
from collections import Counter

import orjson

from bench.messages import CASES

_END = b"\r\n\r\n"
_LENGTH = re.compile(rb"(?i)\r\ncontent-length: *([0-9]+)")
_ACTION = re.compile(rb'(?i)\r\nsoapaction: *"urn:bench:([A-Za-z]+)"')


class Hospital:
    """What all connections share."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter({case.operation: 0 for case in CASES})
        self._sound = {case.operation: _xml(case.reply) for case in CASES}
        self._broken = {case.operation: _xml(case.broken) for case in CASES}
        self._replies = self._sound

    def answer(self, head: bytes) -> bytes:
        """The whole HTTP response to the request with this head."""
        action = _ACTION.search(head)
        if action is None:
            return self._control(head)
        operation = action[1].decode()
        self.counts[operation] += 1
        return self._replies[operation]

    def _control(self, head: bytes) -> bytes:
        if head.startswith(b"PUT /broken "):
            self._replies = self._broken
        elif head.startswith(b"PUT /sound "):
            self._replies = self._sound
        return _response(b"application/json", orjson.dumps(self.counts))


class Connection(asyncio.Protocol):
    """One keep-alive connection; a request is read by its Content-Length."""

    def __init__(self, hospital: Hospital) -> None:
        self._hospital = hospital
        self._held = b""
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        assert self._transport is not None
        held = self._held + data if self._held else data
        while (end := held.find(_END)) >= 0:
            head = held[:end]
            length = _LENGTH.search(head)
            whole = end + len(_END) + (int(length[1]) if length else 0)
            if len(held) < whole:
                break
            self._transport.write(self._hospital.answer(head))
            held = held[whole:]
        self._held = held


def _response(media_type: bytes, body: bytes) -> bytes:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d" % (media_type, len(body))
    return head + _END + body


def _xml(body: bytes) -> bytes:
    return _response(b"text/xml; charset=utf-8", body)


async def serve(port: int) -> None:
    """Listen on loopback until ended."""
    hospital = Hospital()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(hospital), "127.0.0.1", port, backlog=1024)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
