"""The way over HTTP to the hospital, and what is known of each attempt."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class Transport(Protocol):
    """Posts one envelope; an implementation never sends it twice."""

    async def post(
        self, url: str, headers: Mapping[str, str], body: bytes, *, deadline: float
    ) -> bytes:
        """The reply's body: of a 200, or of a 500 that carries a SOAP fault.

        `deadline` is absolute, in the loop's time. Everything else raises `CallFailed`.
        """


class HttpTransport:
    """`Transport` over aiohttp."""

    def __init__(
        self,
        *,
        connect_timeout: float = 1.0,
        reply_limit: int = 16 * 1024 * 1024,
        keep_alive: float = 4.0,
        connections: int = 64,
    ) -> None:
        raise NotImplementedError

    async def post(
        self, url: str, headers: Mapping[str, str], body: bytes, *, deadline: float
    ) -> bytes:
        raise NotImplementedError

    async def close(self) -> None:
        """Close the pool; calls under way fail."""
        raise NotImplementedError
