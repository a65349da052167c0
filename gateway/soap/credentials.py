"""The secrets that the gateway shows the hospital."""

from __future__ import annotations

from dataclasses import dataclass, field

from gateway.soap.security import Security


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who the gateway is, the key of its digests, and that which its messages are encrypted with;
    whatever of them a service asks for.
    """

    security: Security | None = None
    digest_key: str = field(default="", repr=False)
    message_key: str = field(default="", repr=False)


NOBODY = Credentials()
