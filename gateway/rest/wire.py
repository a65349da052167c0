"""An answer on the wire, written at once.

aiohttp's own Response builds a header mapping, cookies and a second writer for each answer, a
quarter of what a bare request costs in all; an answer here is ready bytes and needs none of it.
"""

from __future__ import annotations

import time
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus
from typing import Final

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter

from gateway.rest.messages import Answer

_PHRASES: Final = {status.value: status.phrase for status in HTTPStatus}
_NO_BODY: Final = (204, 304)


class WireAnswer(web.StreamResponse):
    """`answer` as HTTP/1.1 (RFC 9112), closing the connection after it when `close` is set.

    ValueError when a header would break its line.
    """

    def __init__(self, answer: Answer, *, head_only: bool, close: bool) -> None:
        super().__init__(status=answer.status)
        self._close = close
        self._wire = _head(answer, close) + (b"" if head_only else answer.body)

    @property
    def keep_alive(self) -> bool:
        """What the server asks to know whether the connection lives on."""
        return not self._close

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter:
        """Write head and body in one piece."""
        await request.writer.write(self._wire)
        return request.writer

    async def write_eof(self, data: bytes = b"") -> None:
        """Nothing is left to write."""


def _head(answer: Answer, close: bool) -> bytes:
    lines = [f"HTTP/1.1 {answer.status} {_PHRASES[answer.status]}"]
    lines += [f"{name}: {value}" for name, value in answer.headers]
    if answer.status not in _NO_BODY:
        lines.append(f"Content-Length: {len(answer.body)}")
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
