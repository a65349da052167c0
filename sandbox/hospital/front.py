"""The public port: HTTP in, HTTP on to the WSGI server behind, and all that a socket can do wrong.

A WSGI server can neither cut a connection in the middle of a reply nor stay silent without giving
up a thread for it. Here both cost nothing: a silent exchange is a coroutine that waits.
"""

from __future__ import annotations

import asyncio
import re
import socket
import struct
from collections import Counter, deque
from contextlib import suppress
from dataclasses import dataclass, field

from lxml import etree

from sandbox.hospital import faults
from sandbox.hospital.faults import Fault, Faults
from sandbox.hospital.framing import Head, NotHttp, read_head, response
from sandbox.hospital.services import SERVICES, Service

_RESET = struct.pack("ii", 1, 0)  # linger for no time: close sends a reset
_CALLED = re.compile(rb"<(?:[\w.-]+:)?Body[^>]*>\s*<(?:[\w.-]+:)?([\w.-]+)")
_ACTION = re.compile(r';\s*action="?([^";]*)')  # in the media type, where SOAP 1.2 has it
_SLOWER_SECONDS = 0.5  # for each call too many


@dataclass(slots=True)
class Counts:
    """Calls seen, by operation; calls in flight, now and at most."""

    calls: Counter[str] = field(default_factory=Counter)
    in_flight: int = 0
    most_in_flight: int = 0

    def begin(self, operation: str) -> None:
        """Count a call that was read in full."""
        self.calls[operation] += 1
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)

    def reset(self) -> None:
        """Count anew, but for the calls that are still in flight."""
        self.calls.clear()
        self.most_in_flight = self.in_flight


class Cut(Exception):  # carries a decision, not an error
    """This connection ends here."""

    def __init__(self, *, reset: bool = False) -> None:
        super().__init__()
        self.reset = reset


class Front:
    """Forwards calls to the WSGI server at `backend`, but for the faults that are in force."""

    def __init__(self, backend: tuple[str, int]) -> None:
        self.faults = Faults()
        self.counts = Counts()
        self.limit: int | None = None
        self._backend = backend
        self._idle: deque[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = deque()
        self._open: set[asyncio.StreamWriter] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection until either side ends it."""
        self._open.add(writer)
        reset = False
        try:
            at_connect = self.faults.cuts_connection()
            if at_connect is not None:
                raise Cut(reset=at_connect.reset)
            while await self._exchange(reader, writer):
                pass
        except Cut as cut:
            reset = cut.reset
        except (NotHttp, ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self._open.discard(writer)
            _end(writer, reset=reset)

    def close(self) -> None:
        """End all connections, on both sides."""
        for writer in [*self._open, *(idle for _, idle in self._idle)]:
            writer.transport.abort()
        self._idle.clear()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Serve one call; tell whether the connection goes on."""
        head = await read_head(reader)
        if head is None:
            return False
        if head.headers.get("expect", "").lower() == "100-continue":
            writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        service = SERVICES.get(head.path)
        if head.method != "POST" or service is None:
            body = await reader.readexactly(head.length)
            await _send(writer, await self._forward(head, body), head.stays_open)
            return head.stays_open
        operation = "" if service.function else _operation_of(head)
        plan = self.faults.plan(operation) if operation else None
        if plan is not None and plan.fault is not None:
            await _cut_while_reading(plan.fault, reader, head)
        body = await reader.readexactly(head.length)
        operation = operation or _called(body, service)
        plan = plan or self.faults.plan(operation)
        self.counts.begin(operation)
        excess = 0 if self.limit is None else self.counts.in_flight - self.limit
        try:
            await asyncio.sleep(plan.delay)
            if plan.fault is not None:
                await self._fail(plan.fault, reader, writer, head, body)
            else:
                await _send(writer, await self._answer(head, body, excess), head.stays_open)
        finally:
            self.counts.in_flight -= 1
        return head.stays_open

    async def _answer(self, head: Head, body: bytes, excess: int) -> tuple[Head, bytes]:
        """Return the hospital's reply; past the limit it slows down, past twice the limit fails."""
        if excess > 0:
            await asyncio.sleep(_SLOWER_SECONDS * excess)
            if self.limit is not None and excess > self.limit:
                return response("500 Internal Server Error", "text/html", b"server too busy")
        return await self._forward(head, body)

    async def _fail(
        self,
        fault: Fault,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        head: Head,
        body: bytes,
    ) -> None:
        """Carry out a fault for a call that was read in full."""
        reply = await self._forward(head, body) if fault.commits else None
        match fault.kind:
            case "silence":
                while await reader.read(65536):
                    pass  # the caller may say what it likes
                raise Cut
            case "cut":
                if reply is not None and fault.at == "inside-reply":
                    reply_head, reply_body = reply
                    half = reply_body[: len(reply_body) // 2]
                    writer.write(reply_head.encode("keep-alive") + half)
                    await writer.drain()
                raise Cut(reset=fault.reset)
            case "drip":
                reply = reply or await self._forward(head, body)
                await _drip(writer, reply, fault.seconds)
                raise Cut
            case _:
                await _send(writer, _instead(fault, head, body), head.stays_open)

    async def _forward(self, head: Head, body: bytes) -> tuple[Head, bytes]:
        """Pass a request on and return the whole reply."""
        reader, writer = await self._connection()
        try:
            writer.write(head.encode("keep-alive") + body)
            reply = await read_head(reader)
            if reply is None:
                raise ConnectionResetError("the server behind closed")
            content = await reader.readexactly(0 if head.method == "HEAD" else reply.length)
        except BaseException:
            writer.transport.abort()
            raise
        if reply.stays_open:
            self._idle.append((reader, writer))
        else:
            writer.close()
        return reply, content

    async def _connection(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        while self._idle:
            reader, writer = self._idle.pop()
            if not reader.at_eof() and not writer.is_closing():
                return reader, writer
            writer.close()
        return await asyncio.open_connection(*self._backend)


def _operation_of(head: Head) -> str:
    in_type = _ACTION.search(head.headers.get("content-type", ""))
    said = in_type[1] if in_type else head.headers.get("soapaction", "").strip('"')
    return said.rpartition("/")[2]


def _called(body: bytes, service: Service) -> str:
    """Return what is called: the operation, or the function that an argument of it names."""
    wanted = _CALLED
    if service.function:
        wanted = re.compile(rb"<(?:[\w.-]+:)?%b[^>]*>\s*([\w.-]+)" % service.function.encode())
    found = wanted.search(body)
    return found[1].decode() if found else "unknown"


async def _cut_while_reading(fault: Fault, reader: asyncio.StreamReader, head: Head) -> None:
    if fault.kind != "cut":
        return
    if fault.at == "before-reading":
        raise Cut(reset=fault.reset)
    if fault.at == "half-read":
        await reader.readexactly(head.length // 2)
        raise Cut(reset=fault.reset)


def _instead(fault: Fault, head: Head, body: bytes) -> tuple[Head, bytes]:
    """Return what is sent instead of a reply."""
    called = etree.QName(_call_element(body))
    namespace, operation = called.namespace or "", called.localname
    service = SERVICES[head.path]
    soap = faults.MEDIA_TYPES[service.version]
    match fault.kind:
        case "error":
            content = service.result(operation, fault.code, fault.message)
            return response("200 OK", soap, content)
        case "fault":
            content = faults.soap_fault(fault.message, service.version)
            return response("500 Internal Server Error", soap, content)
        case _:
            reply = service.result(operation, "0", "成功")
            said = faults.garbage(fault.body, namespace, operation, reply, service.version)
            return response("200 OK", *said)


def _call_element(body: bytes) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    try:
        call = etree.fromstring(body, parser).find("{*}Body/{*}*")
    except etree.XMLSyntaxError:
        call = None
    if call is None:
        raise NotHttp("not a SOAP call")
    return call


async def _send(writer: asyncio.StreamWriter, reply: tuple[Head, bytes], stays_open: bool) -> None:
    head, body = reply
    writer.write(head.encode("keep-alive" if stays_open else "close") + body)
    await writer.drain()


async def _drip(writer: asyncio.StreamWriter, reply: tuple[Head, bytes], pause: float) -> None:
    head, body = reply
    for byte in head.encode("close") + body:
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(pause)


def _end(writer: asyncio.StreamWriter, *, reset: bool) -> None:
    with suppress(OSError):
        if reset:
            sock = writer.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            writer.transport.abort()
        else:
            writer.close()
