"""The way over HTTP to the hospital, and what is known of each attempt.

aiohttp's connections and its parser, without its session: what that adds to a request (cookies,
redirects, proxies, a retry of its own, a task that writes the body) has no place here and costs
more than all the rest of a call. And an attempt is `not-sent` only when no byte of it can have
left, which is known exactly where the bytes are written. Everything after that is `maybe-sent`
until a whole answer has come.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import aiohttp
from aiohttp import hdrs
from aiohttp.client_proto import ResponseHandler
from aiohttp.connector import Connection
from aiohttp.http import HttpProcessingError, RawResponseMessage
from aiohttp.streams import StreamReader
from multidict import CIMultiDictProxy
from yarl import URL

from gateway.delivery import Delivery
from gateway.soap.errors import CallFailed

_LENGTH = re.compile(r"[0-9]{1,18}")


@dataclass(frozen=True, slots=True)
class Received:
    """A whole answer of the media type that was accepted; `status` is 200, or 500 as of faults."""

    status: int
    body: bytes


class Sink(Protocol):
    """Takes one reply as it comes in, and says how much of one it takes."""

    most: int
    """The most bytes that a reply may have."""

    def write(self, chunk: bytes) -> None:
        """The next bytes; raises when they are more, or other, than it takes."""

    def end(self) -> bytes:
        """The reply is whole: what of it is for the codec."""


class Transport(Protocol):
    """Posts one envelope; an implementation never sends it twice."""

    async def post(
        self,
        url: str,
        headers: Mapping[str, str],
        body: bytes,
        *,
        accepts: str,
        deadline: float,
        sink: Sink | None = None,
    ) -> Received:
        """The answer; what a 500 carries is for its reader to say.

        `accepts` is the one media type that an answer may be of. `deadline` is absolute, in the
        loop's time. The reply goes through `sink`, of this call alone; without one it is kept
        whole. Everything else raises `CallFailed`, or what `sink` raises.
        """


class HttpTransport:
    """`Transport` over aiohttp, made inside the loop that it serves.

    It follows no redirect and unpacks nothing. A reply must be framed (Content-Length or chunked),
    of the media type accepted and in UTF-8, and, where no sink says otherwise, at most
    `reply_limit` bytes long. `connect_timeout` (seconds) covers name, connection and handshake.
    `keep_alive` (seconds) is shorter than that of usual servers, so that few connections are
    closed by the other side just as they are used; a call lost that way is `maybe-sent`.
    How many calls go at once is for the bulkhead to say.
    """

    def __init__(
        self,
        *,
        connect_timeout: float = 1.0,
        reply_limit: int = 16 * 1024 * 1024,
        keep_alive: float = 4.0,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._reply_limit = reply_limit
        self._timeout = aiohttp.ClientTimeout(total=None, connect=connect_timeout)
        self._connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=keep_alive)
        self._endpoints: dict[str, _Endpoint] = {}

    async def post(
        self,
        url: str,
        headers: Mapping[str, str],
        body: bytes,
        *,
        accepts: str,
        deadline: float,
        sink: Sink | None = None,
    ) -> Received:
        """See `Transport.post`. The reasons of `CallFailed` are the slugs in this module."""
        request = _Request(self._endpoint(url), headers, body, accepts)
        into = _Whole(self._reply_limit) if sink is None else sink
        began = self._loop.time()
        if began >= deadline:
            raise CallFailed(Delivery.NOT_SENT, "deadline")
        try:
            async with asyncio.timeout_at(deadline):
                return await self._exchange(request, into)
        except aiohttp.ClientError as error:
            raise CallFailed(request.delivery, _reason(error)) from error
        except HttpProcessingError as error:
            raise CallFailed(request.delivery, "not-http") from error
        except TimeoutError as error:
            raise CallFailed(request.delivery, "deadline", self._loop.time() - began) from error
        except OSError as error:
            raise CallFailed(request.delivery, "connection-failed") from error

    async def close(self) -> None:
        """Close the pool; calls under way fail."""
        await self._connector.close()

    async def _exchange(self, request: _Request, sink: Sink) -> Received:
        connection = await self._connect(request.endpoint)
        try:
            message, content = await request.send(connection)
            refusal = _refusal(message.code, message.headers, request.accepts, sink.most)
            if refusal is not None:
                raise CallFailed(Delivery.ANSWERED, refusal)
            while chunk := await content.readany():
                sink.write(chunk)
            received = Received(message.code, sink.end())
            connection.release()
            return received
        except BaseException:
            # What is left unread of the reply must not meet the next request.
            connection.close()
            raise

    async def _connect(self, endpoint: _Endpoint) -> Connection:
        try:
            return await self._connector.connect(endpoint.target, [], self._timeout)
        except TimeoutError:
            # The deadline's end comes as a cancellation: this is the connector's own.
            raise CallFailed(Delivery.NOT_SENT, "connect-timeout") from None
        except UnicodeError as error:
            # Of a host's name that the resolver's encoding does not take.
            raise CallFailed(Delivery.NOT_SENT, "address") from error

    def _endpoint(self, url: str) -> _Endpoint:
        known = self._endpoints.get(url)
        if known is None:
            try:
                known = self._endpoints[url] = _Endpoint(url, self._loop)
            except ValueError as error:
                raise CallFailed(Delivery.NOT_SENT, "address") from error
        return known


class _Whole:
    """The `Sink` that keeps a reply as it is."""

    __slots__ = ("_chunks", "_size", "most")

    def __init__(self, most: int) -> None:
        self.most = most
        self._size = 0
        self._chunks: list[bytes] = []

    def write(self, chunk: bytes) -> None:
        self._size += len(chunk)
        if self._size > self.most:
            raise CallFailed(Delivery.ANSWERED, "reply-too-large")
        self._chunks.append(chunk)

    def end(self) -> bytes:
        chunks = self._chunks
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)


class _Endpoint:
    """An address, and the part of a request's head that is the same for all that go there."""

    def __init__(self, url: str, loop: asyncio.AbstractEventLoop) -> None:
        # What a connector takes as its target; as a GET it has no headers about a body.
        self.target = aiohttp.ClientRequest(
            hdrs.METH_GET,
            URL(url),
            headers={hdrs.ACCEPT_ENCODING: "identity", hdrs.USER_AGENT: "dmz-gateway"},
            skip_auto_headers=(hdrs.ACCEPT,),
            loop=loop,
        )
        fields = "".join(f"{name}: {value}\r\n" for name, value in self.target.headers.items())
        self.head = f"POST {self.target.url.raw_path_qs} HTTP/1.1\r\n{fields}"


class _Request:
    """One request, which knows whether any of it may have left."""

    __slots__ = ("_wire", "accepts", "delivery", "endpoint")

    def __init__(
        self, endpoint: _Endpoint, headers: Mapping[str, str], body: bytes, accepts: str
    ) -> None:
        self.endpoint = endpoint
        self.delivery = Delivery.NOT_SENT
        self.accepts = accepts
        fields = "".join([f"{name}: {value}\r\n" for name, value in headers.items()])
        if fields.count("\n") != len(headers) or fields.count("\r") != len(headers):
            raise ValueError("a header of the request holds a line break")
        head = f"{endpoint.head}{fields}Accept: {accepts}\r\nContent-Length: {len(body)}\r\n\r\n"
        self._wire = head.encode() + body

    async def send(self, connection: Connection) -> tuple[RawResponseMessage, StreamReader]:
        """Write the request in one piece; the head of the final answer, and its body to come."""
        protocol, wire = connection.protocol, connection.transport
        # Bytes that nobody asked for are waiting, or the other side has closed.
        if protocol is None or wire is None or wire.is_closing() or protocol.should_close:
            raise aiohttp.ServerDisconnectedError
        protocol.set_response_params(read_until_eof=True, auto_decompress=False)
        self.delivery = Delivery.MAYBE_SENT
        wire.write(self._wire)
        return await _final(protocol)


async def _final(protocol: ResponseHandler) -> tuple[RawResponseMessage, StreamReader]:
    """The first answer that is not interim (RFC 9110, 15.2); 101 was not asked for and ends it."""
    while True:
        message, content = await protocol.read()
        if not 100 <= message.code < 200 or message.code == 101:
            return message, content


def _reason(error: aiohttp.ClientError) -> str:
    if isinstance(error, aiohttp.ClientConnectorError) and isinstance(
        error.os_error, ConnectionRefusedError
    ):
        return "connect-refused"
    return next((reason for kind, reason in _REASONS if isinstance(error, kind)), "call-failed")


# From the narrow to the wide: aiohttp's errors inherit from one another.
_REASONS: tuple[tuple[type[aiohttp.ClientError], str], ...] = (
    (aiohttp.ClientConnectorDNSError, "connect-name"),
    (aiohttp.ClientConnectorCertificateError, "connect-tls"),
    (aiohttp.ClientConnectorSSLError, "connect-tls"),
    (aiohttp.ClientConnectorError, "connect-failed"),
    (aiohttp.ServerDisconnectedError, "disconnected"),
    (aiohttp.ClientOSError, "reset"),
    (aiohttp.ClientConnectionResetError, "reset"),
    (aiohttp.ClientPayloadError, "truncated"),
    (aiohttp.InvalidURL, "address"),
)


def _refusal(status: int, headers: CIMultiDictProxy[str], accepts: str, limit: int) -> str | None:
    """Why the head of a reply rules it out, as a slug; `None` if its body is to be read."""
    if status not in (200, 500):
        return "redirect" if 300 <= status < 400 else f"status-{status}"
    if headers.get(hdrs.CONTENT_ENCODING, "identity").lower() != "identity":
        return "content-encoding"
    content_type = headers.get(hdrs.CONTENT_TYPE, "")
    if _media_type(content_type) != accepts:
        return "status-500" if status == 500 else "content-type"
    if _charset(content_type) not in ("", "utf-8"):
        return "charset"
    # Without either, a reply ends where the connection does, and a cut one looks whole.
    framing = headers.getall(hdrs.TRANSFER_ENCODING, []) + headers.getall(hdrs.CONTENT_LENGTH, [])
    if len(framing) != 1:
        return "framing"
    if _LENGTH.fullmatch(framing[0]):
        return "reply-too-large" if int(framing[0]) > limit else None
    return None if framing[0].lower() == "chunked" else "framing"


@lru_cache(maxsize=64)
def _media_type(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


@lru_cache(maxsize=64)
def _charset(content_type: str) -> str:
    for parameter in content_type.split(";")[1:]:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            return value.strip().strip('"').lower()
    return ""
