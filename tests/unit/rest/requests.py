"""Requests as the server would hand them to the steps."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from multidict import CIMultiDict, CIMultiDictProxy

from gateway.rest.messages import Incoming
from gateway.rest.trace import Trace

PROOF = "a-secret-that-edge-and-replica-share"
FINGERPRINT = "ab" * 32
EDGE_HEADERS = {
    "Host": "gateway.example",
    "Edge-Proof": PROOF,
    "Client-Certificate-Fingerprint": FINGERPRINT,
}


def incoming(
    *extra: tuple[str, str],
    method: str = "GET",
    path: str = "/v1/departments",
    query: str = "",
    headers: dict[str, str] | None = None,
    body: bytes = b"",
    read: Callable[[], Awaitable[bytes]] | None = None,
    received: float | None = None,
) -> Incoming:
    """A request over the proven edge, with `extra` headers after the edge's own."""

    async def whole_body() -> bytes:
        return body

    fields = CIMultiDict(EDGE_HEADERS if headers is None else headers)
    if body or read:
        fields["Content-Length"] = str(len(body) or 1)
    for name, value in extra:
        fields.add(name, value)
    return Incoming(
        method=method,
        path=path,
        query=query,
        headers=CIMultiDictProxy(fields),
        body=read or whole_body,
        request_id="request-1",
        trace=Trace("1" * 32, None, "00"),
        received=_now() if received is None else received,
    )


def _now() -> float:
    try:
        return asyncio.get_running_loop().time()
    except RuntimeError:
        return 0.0
