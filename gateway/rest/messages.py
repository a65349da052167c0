"""A request and its answer, as the steps between the server and the exchange know them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from multidict import MultiMapping

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Trace:
    """The caller's place in a distributed trace (W3C Trace Context, version 00).

    `trace_id` is 32 and `parent_id` 16 lower-case hexadecimal digits, `flags` 2. A trace that
    starts here has no parent.
    """

    trace_id: str
    parent_id: str | None
    flags: str


@dataclass(frozen=True, slots=True)
class Incoming:
    """One request as it came over the wire, with nothing believed yet.

    `path` and `query` are raw: percent-encoded, without the "?". `headers` ignore case and keep
    repetitions. `body` reads what Content-Length promised; the caller bounds its time.
    `received` is on the event loop's clock, in seconds.
    """

    method: str
    path: str
    query: str
    headers: MultiMapping[str]
    body: Callable[[], Awaitable[bytes]]
    request_id: str
    trace: Trace
    received: float


@dataclass(frozen=True, slots=True)
class Answer:
    """One whole answer. Content-Length and Connection are the server's to add."""

    status: int
    headers: Headers
    body: bytes
