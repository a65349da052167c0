"""An answer on the wire, written at once; a document in pieces.

aiohttp's own Response builds a header mapping, cookies and a second writer for each answer, a
quarter of what a bare request costs in all; an answer here is ready bytes and needs none of it.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import closing
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus
from typing import Final

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter

from gateway.document import Content
from gateway.rest.messages import Answer

_PHRASES: Final = {status.value: status.phrase for status in HTTPStatus}
_NO_BODY: Final = (204, 304)
STALLED_SECONDS: Final = 30.0
"""How long a caller may take no byte of a document before it is taken for gone."""


class WireAnswer(web.StreamResponse):
    """`answer` as HTTP/1.1 (RFC 9112), closing the connection after it when `close` is set.

    ValueError when a header would break its line.
    """

    def __init__(self, answer: Answer, *, head_only: bool, close: bool) -> None:
        super().__init__(status=answer.status)
        self._close = close
        self._wire = _head(answer, close)
        self._document = answer.document
        self._head_only = head_only
        if not head_only:
            self._wire += answer.body

    @property
    def keep_alive(self) -> bool:
        """What the server asks to know whether the connection lives on."""
        return not self._close

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter:
        """Write head and body in one piece; a document as fast as it is taken, then close it."""
        if self._document is None:
            await request.writer.write(self._wire)
        else:
            with closing(self._document):
                await request.writer.write(self._wire)
                if not self._head_only:
                    await _send(request, self._document)
        return request.writer

    async def write_eof(self, data: bytes = b"") -> None:
        """Nothing is left to write."""


async def _send(request: web.BaseRequest, document: Content) -> None:
    # Reading is from the system's cache, where it was written a moment ago: no need of a thread.
    for piece in document.pieces():
        try:
            async with asyncio.timeout(STALLED_SECONDS):
                await request.writer.write(piece)
                await request.writer.drain()
        except TimeoutError:
            if request.transport is not None:
                request.transport.abort()
            raise ConnectionResetError("the caller takes nothing") from None


def _head(answer: Answer, close: bool) -> bytes:
    lines = [f"HTTP/1.1 {answer.status} {_PHRASES[answer.status]}"]
    lines += [f"{name}: {value}" for name, value in answer.headers]
    if answer.status not in _NO_BODY:
        body = answer.body if answer.document is None else answer.document
        lines.append(f"Content-Length: {len(body)}")
    lines.append(f"Date: {_http_date(int(time.time()))}")
    if close:
        lines.append("Connection: close")
    head = "\r\n".join(lines)
    breaks = len(lines) - 1
    if head.count("\n") != breaks or head.count("\r") != breaks:
        raise ValueError("a header of the answer holds a line break")
    return head.encode() + b"\r\n\r\n"


@lru_cache(maxsize=1)
def _http_date(second: int) -> str:
    return formatdate(second, usegmt=True)
