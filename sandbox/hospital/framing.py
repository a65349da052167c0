"""As much of HTTP/1.1 as the front needs: heads, Content-Length, keep-alive."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

_LONGEST_HEAD = 32 * 1024
_DROPPED = {"connection", "expect", "keep-alive"}


class NotHttp(Exception):  # it is what the peer sent that is wrong
    """What arrived is not HTTP/1.1 with a Content-Length."""


@dataclass(frozen=True, slots=True)
class Head:
    """A start line and its headers, names in lower case."""

    start: str
    headers: dict[str, str]

    @property
    def method(self) -> str:
        """Return the request's method."""
        return self.start.partition(" ")[0]

    @property
    def path(self) -> str:
        """Return the request's path, without its query."""
        return self.start.partition(" ")[2].partition(" ")[0].partition("?")[0]

    @property
    def length(self) -> int:
        """Return the body's length in bytes."""
        if "transfer-encoding" in self.headers:
            raise NotHttp("chunked bodies are not taken here")
        value = self.headers.get("content-length", "0")
        if not value.isascii() or not value.isdigit():
            raise NotHttp("bad Content-Length")
        return int(value)

    @property
    def stays_open(self) -> bool:
        """Tell whether the connection may be used again."""
        return self.headers.get("connection", "").lower() != "close"

    def encode(self, connection: str) -> bytes:
        """Return the head for the next hop."""
        kept = [f"{name}: {value}" for name, value in self.headers.items() if name not in _DROPPED]
        lines = [self.start, *kept, f"connection: {connection}", "", ""]
        return "\r\n".join(lines).encode("latin-1")


async def read_head(reader: asyncio.StreamReader) -> Head | None:
    """Return the next head, or None when the peer has closed."""
    try:
        raw = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as error:
        if error.partial:
            raise NotHttp("closed inside the head") from None
        return None
    except asyncio.LimitOverrunError:
        raise NotHttp("head too long") from None
    if len(raw) > _LONGEST_HEAD:
        raise NotHttp("head too long")
    start, *lines = raw[:-4].decode("latin-1").split("\r\n")
    headers = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon:
            raise NotHttp("bad header line")
        headers[name.strip().lower()] = value.strip()
    return Head(start, headers)


def response(status: str, content_type: str, body: bytes) -> tuple[Head, bytes]:
    """Return a response of our own."""
    return (
        Head(
            f"HTTP/1.1 {status}",
            {"content-type": content_type, "content-length": str(len(body))},
        ),
        body,
    )
