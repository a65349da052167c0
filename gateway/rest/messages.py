"""A request and its answer, as the steps between the server and the exchange know them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from multidict import MultiMapping, istr

from gateway.document import Content
from gateway.rest.languages import Language, preferred_language
from gateway.rest.trace import Trace

_ACCEPT_LANGUAGE = istr("Accept-Language")

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Incoming:
    """One request as it came over the wire, with nothing believed yet.

    `path` and `query` are raw: percent-encoded, without the "?". `headers` ignore case and keep
    repetitions. `body` reads what Content-Length promised; the caller bounds its time. `received`
    is on the event loop's clock, in seconds. `arrived` is the body where it came with the head, so
    that there is nothing to wait for, else None.
    """

    method: str
    path: str
    query: str
    headers: MultiMapping[str]
    body: Callable[[], Awaitable[bytes]]
    request_id: str
    trace: Trace
    received: float
    arrived: bytes | None = None

    @property
    def language(self) -> Language:
        """The language that the caller reads, known before anything else is."""
        return preferred_language(self.headers.get(_ACCEPT_LANGUAGE))


@dataclass(frozen=True, slots=True)
class Answer:
    """One whole answer. Content-Length and Connection are the server's to add.

    A `document` is sent in the place of `body`, and closed by whoever sends it.
    """

    status: int
    headers: Headers
    body: bytes
    document: Content | None = None
