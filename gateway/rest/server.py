"""HTTP/1.1 as the edge speaks it: bytes to `Incoming`, `Answer` to bytes.

aiohttp's low-level server without an application, a router or middleware: one handler for every
request. Whatever is not HTTP is answered and logged without a word of what it was.
"""

from __future__ import annotations

import asyncio
import logging
import os
import re
import traceback
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, Final

from aiohttp import HttpVersion10, web
from aiohttp.http import HttpRequestParser
from aiohttp.streams import StreamReader
from multidict import istr

from gateway.problems import Rejection
from gateway.rest.messages import Answer, Incoming
from gateway.rest.render import problem
from gateway.rest.trace import read_trace
from gateway.rest.wire import WireAnswer

Handle = Callable[[Incoming], Awaitable[Answer]]
Report = Callable[[BaseException, str | None], None]
"""Takes an unexpected exception and the id of its request. The exception's text may hold a
patient's data: only its types and places may be kept."""

KEEP_ALIVE_SECONDS: Final = 75.0
"""How long a connection may stay idle, or take to send a request's headers."""
LINGER_SECONDS: Final = 2.0
"""How long the rest of a refused body is read, so that the caller sees the answer."""
CLOSE_SECONDS: Final = 0.2
"""How long a connection may take to close, once its time to finish is over."""

_EXPECT = istr("Expect")
_REQUEST_ID = istr("Request-Id")
_TRACEPARENT = istr("traceparent")
_SANE_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"

_log = logging.getLogger(__name__)


class RestServer:
    """Listens on `host`:`port` and answers every request with what `handle` says.

    `documents` are ready answers by path, given to whom `identify` lets pass (it raises
    Rejection); their owner may change them. A handler runs to its end even when the caller has
    left: a write that is under way is not broken off. `report` is told of what should not have
    happened.
    """

    def __init__(
        self,
        handle: Handle,
        host: str,
        port: int,
        *,
        documents: Mapping[str, Answer] | None = None,
        identify: Callable[[Incoming], object] | None = None,
        report: Report | None = None,
    ) -> None:
        if documents is not None and identify is None:
            raise ValueError("documents are for identified clients only")
        self._handle = handle
        self._host = host
        self._port = port
        self._documents = {} if documents is None else documents
        self._identify = identify
        self._report = report or log_places
        self._draining = False
        self._under_way: dict[asyncio.Task[Any], web.RequestHandler] = {}
        self._connections: web.Server | None = None
        self._listener: asyncio.Server | None = None

    @property
    def port(self) -> int:
        """The port that is listened on, once started."""
        if self._listener is None:
            return self._port
        port: int = self._listener.sockets[0].getsockname()[1]
        return port

    async def start(self) -> None:
        """Listen; OSError when the port cannot be had."""
        if HttpRequestParser.__module__ != "aiohttp._http_parser":
            # The Python parser is slower and reads malformed framing differently.
            raise RuntimeError("aiohttp runs without its C parser: install its wheel")
        loop = asyncio.get_running_loop()
        connections = web.Server(self._respond, handler_cancellation=False)
        self._connections = connections
        self._listener = await loop.create_server(
            lambda: _Connection(
                self._report,
                connections,
                loop=loop,
                access_log=None,
                auto_decompress=False,
                keepalive_timeout=KEEP_ALIVE_SECONDS,
                lingering_time=LINGER_SECONDS,
            ),
            self._host,
            self._port,
            backlog=1024,
        )

    def drain(self) -> None:
        """From now on every answer closes its connection; new ones are still accepted."""
        self._draining = True

    async def stop(self, finish_within: float) -> None:
        """Accept no more, let what is under way finish within so many seconds, then end it."""
        self.drain()
        if self._listener is not None:
            self._listener.close()
        if self._connections is None:
            return
        busy = set(self._under_way.values())
        for connection in self._connections.connections:
            if connection not in busy:
                connection.force_close()
        if self._under_way:
            # Not left to aiohttp: its shutdown stops reading at once, a body half-way too.
            await asyncio.wait(self._under_way, timeout=finish_within)
        await self._connections.shutdown(CLOSE_SECONDS)

    async def _respond(self, request: web.BaseRequest) -> web.StreamResponse:
        # aiohttp runs each request in a task of its own, to the last byte of the answer.
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - aiohttp calls this from a task
        self._under_way[task] = request.protocol
        task.add_done_callback(self._under_way.pop)
        incoming = _incoming(request)
        try:
            return self._reply(request, await self._answer(request, incoming))
        except Rejection as rejection:
            answer = problem(rejection, incoming, incoming.language)
        except Exception as error:  # noqa: BLE001 - the last line: the caller must get an answer
            self._report(error, incoming.request_id)
            answer = problem(Rejection("internal"), incoming, incoming.language)
        return self._reply(request, answer)

    async def _answer(self, request: web.BaseRequest, incoming: Incoming) -> Answer:
        if request.version < HttpVersion10:
            raise Rejection("malformed", reason="http-version")
        document = self._documents.get(incoming.path)
        if document is None:
            return await self._handle(incoming)
        return self._document(document, incoming)

    def _reply(self, request: web.BaseRequest, answer: Answer) -> WireAnswer:
        method = request.method
        # What follows a refused CONNECT is not HTTP.
        keep = request.keep_alive and not self._draining and method != "CONNECT"
        return WireAnswer(answer, head_only=method == "HEAD", close=not keep)

    def _document(self, document: Answer, incoming: Incoming) -> Answer:
        assert self._identify is not None  # noqa: S101 - held by the constructor
        self._identify(incoming)
        if incoming.method != "GET":
            raise Rejection("method-not-allowed", headers={"Allow": "GET"})
        fields = (*document.headers, ("Request-Id", incoming.request_id))
        return Answer(document.status, fields, document.body)


class _Connection(web.RequestHandler):
    """A connection whose malformed requests are answered as problems.

    aiohttp itself echoes what it could not parse, to the caller and to the log.
    """

    __slots__ = ("_report",)

    def __init__(self, report: Report, manager: web.Server, **options: Any) -> None:
        super().__init__(manager, **options)
        self._report = report

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        incoming = _incoming(request)
        if status == 400:
            rejection = Rejection("malformed", reason="not-http")
        else:
            rejection = Rejection("internal")
            if exc is not None:
                self._report(exc, incoming.request_id)
        answer = problem(rejection, incoming, incoming.language)
        return WireAnswer(answer, head_only=False, close=True)

    def log_exception(self, *args: object, **kw: object) -> None:
        error = kw.get("exc_info")
        if isinstance(error, BaseException):
            self._report(error, None)


def _incoming(request: web.BaseRequest) -> Incoming:
    headers = request.headers
    path, _, query = request.raw_path.partition("?")
    request_id = headers.get(_REQUEST_ID)
    if request_id is None or not _SANE_ID.fullmatch(request_id):
        request_id = os.urandom(16).hex()
    return Incoming(
        method=request.method,
        path=path,
        query=query,
        headers=headers,
        body=partial(_read, request),
        request_id=request_id,
        trace=read_trace(headers.get(_TRACEPARENT)),
        received=asyncio.get_running_loop().time(),
        arrived=_arrived(request.content),
    )


def _arrived(content: StreamReader) -> bytes | None:
    return content.read_nowait() if content.is_eof() and content.exception() is None else None


async def _read(request: web.BaseRequest) -> bytes:
    """The whole body, as long as Content-Length says."""
    if _EXPECT in request.headers and request.version != HttpVersion10:
        await request.writer.write(_CONTINUE)
        request.writer.output_size = 0
    content = request.content
    parts: list[bytes] = []
    try:
        while part := await content.readany():
            parts.append(part)
    except (web.RequestPayloadError, ConnectionError):
        raise Rejection("malformed", reason="body-cut") from None
    return b"".join(parts)


def log_places(error: BaseException, request_id: str | None) -> None:
    """A `Report` to the standard library's log."""
    frames = traceback.extract_tb(error.__traceback__)
    _log.error(
        "unexpected %s in request %s at %s",
        type(error).__qualname__,
        request_id,
        " < ".join(f"{frame.filename}:{frame.lineno} {frame.name}" for frame in reversed(frames)),
    )
