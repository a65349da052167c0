"""The way over HTTP to the hospital, and what is known of each attempt.

An attempt is `not-sent` only when no byte of it can have left. That is known exactly: aiohttp
keeps the request's head back until the body is written, and the body tells when it is. Everything
after that is `maybe-sent` until a whole answer has come.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from typing import Protocol

import aiohttp
from aiohttp import hdrs
from aiohttp.abc import AbstractStreamWriter
from yarl import URL

from gateway.delivery import Delivery
from gateway.soap.envelope import DIALECTS, Dialect, payload
from gateway.soap.errors import CallFailed, ReplyInvalid
from gateway.soap.parser import parse

_LENGTH = re.compile(r"[0-9]{1,18}")
_DIALECT_OF = {dialect.media_type: dialect for dialect in DIALECTS.values()}


class Transport(Protocol):
    """Posts one envelope; an implementation never sends it twice."""

    async def post(
        self, url: str, headers: Mapping[str, str], body: bytes, *, deadline: float
    ) -> bytes:
        """The reply's body: of a 200, or of a 500 that carries a SOAP fault.

        `deadline` is absolute, in the loop's time. Everything else raises `CallFailed`.
        """


class HttpTransport:
    """`Transport` over aiohttp, made inside the loop that it serves.

    It follows no redirect, unpacks nothing, keeps no cookie and knows no proxy. A reply must be
    framed (Content-Length or chunked), of the request's own media type and in UTF-8, and at most
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
        self._urls: dict[str, URL] = {}
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=keep_alive),
            timeout=aiohttp.ClientTimeout(total=None, connect=connect_timeout),
            headers={
                hdrs.ACCEPT: ", ".join(_DIALECT_OF),
                hdrs.ACCEPT_ENCODING: "identity",
                hdrs.USER_AGENT: "dmz-gateway",
            },
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
        )

    async def post(
        self, url: str, headers: Mapping[str, str], body: bytes, *, deadline: float
    ) -> bytes:
        """See `Transport.post`. The reasons of `CallFailed` are the slugs in this module."""
        request = _Request(body, content_type=headers[hdrs.CONTENT_TYPE])
        if self._loop.time() >= deadline:
            raise CallFailed(Delivery.NOT_SENT, "deadline")
        try:
            async with asyncio.timeout_at(deadline):
                return await self._exchange(url, headers, request)
        except aiohttp.ClientError as error:
            raise CallFailed(request.delivery, _reason(error)) from error
        except TimeoutError as error:
            raise CallFailed(request.delivery, "deadline") from error
        except OSError as error:
            raise CallFailed(request.delivery, "connection-failed") from error

    async def close(self) -> None:
        """Close the pool; calls under way fail."""
        await self._session.close()

    async def _exchange(self, url: str, headers: Mapping[str, str], request: _Request) -> bytes:
        async with self._session.post(
            self._url(url), headers=headers, data=request, allow_redirects=False
        ) as response:
            dialect = _DIALECT_OF[_media_type(headers[hdrs.CONTENT_TYPE])]
            refusal = _refusal(response, dialect, self._reply_limit)
            if refusal is None:
                reply = await self._read(response)
                if response.status == 200 or _is_fault(reply, dialect):
                    return reply
                refusal = "status-500"
            # What is left unread of it must not meet the next request.
            response.close()
            raise CallFailed(Delivery.ANSWERED, refusal)

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        chunks: list[bytes] = []
        size = 0
        while chunk := await response.content.readany():
            size += len(chunk)
            if size > self._reply_limit:
                response.close()
                raise CallFailed(Delivery.ANSWERED, "reply-too-large")
            chunks.append(chunk)
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    def _url(self, url: str) -> URL:
        known = self._urls.get(url)
        if known is None:
            known = self._urls[url] = URL(url)
        return known


class _Request(aiohttp.BytesPayload):
    """A request's body that knows whether it, or its head, may have left."""

    delivery = Delivery.NOT_SENT

    async def write_with_length(
        self, writer: AbstractStreamWriter, content_length: int | None
    ) -> None:
        """Called once, before anything is written; a connection already closed takes no byte."""
        transport = getattr(writer, "transport", None)
        if transport is not None and not transport.is_closing():
            self.delivery = Delivery.MAYBE_SENT
        await super().write_with_length(writer, content_length)


def _reason(error: aiohttp.ClientError) -> str:
    if isinstance(error, aiohttp.ClientConnectorError) and isinstance(
        error.os_error, ConnectionRefusedError
    ):
        return "connect-refused"
    return next((reason for kind, reason in _REASONS if isinstance(error, kind)), "call-failed")


# From the narrow to the wide: aiohttp's errors inherit from one another.
_REASONS: tuple[tuple[type[aiohttp.ClientError], str], ...] = (
    (aiohttp.ConnectionTimeoutError, "connect-timeout"),
    (aiohttp.ClientConnectorDNSError, "connect-name"),
    (aiohttp.ClientConnectorCertificateError, "connect-tls"),
    (aiohttp.ClientConnectorSSLError, "connect-tls"),
    (aiohttp.ClientConnectorError, "connect-failed"),
    (aiohttp.ServerDisconnectedError, "disconnected"),
    (aiohttp.ClientOSError, "reset"),
    (aiohttp.ClientConnectionResetError, "reset"),
    (aiohttp.ClientPayloadError, "truncated"),
    (aiohttp.ClientResponseError, "not-http"),
    (aiohttp.InvalidURL, "address"),
)


def _refusal(response: aiohttp.ClientResponse, dialect: Dialect, limit: int) -> str | None:
    """Why the head of a reply rules it out, as a slug; `None` if its body is to be read."""
    headers = response.headers
    if response.status not in (200, 500):
        return "redirect" if 300 <= response.status < 400 else f"status-{response.status}"
    if headers.get(hdrs.CONTENT_ENCODING, "identity").lower() != "identity":
        return "content-encoding"
    content_type = headers.get(hdrs.CONTENT_TYPE, "")
    if _media_type(content_type) != dialect.media_type:
        return "status-500" if response.status == 500 else "content-type"
    if _charset(content_type) not in ("", "utf-8"):
        return "charset"
    # Without either, a reply ends where the connection does, and a cut one looks whole.
    framing = headers.getall(hdrs.TRANSFER_ENCODING, []) + headers.getall(hdrs.CONTENT_LENGTH, [])
    if len(framing) != 1:
        return "framing"
    if _LENGTH.fullmatch(framing[0]):
        return "reply-too-large" if int(framing[0]) > limit else None
    return None if framing[0].lower() == "chunked" else "framing"


def _media_type(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def _charset(content_type: str) -> str:
    for parameter in content_type.split(";")[1:]:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            return value.strip().strip('"').lower()
    return ""


def _is_fault(reply: bytes, dialect: Dialect) -> bool:
    try:
        return bool(payload(parse(reply), dialect).tag == dialect.fault)
    except ReplyInvalid:
        return False
