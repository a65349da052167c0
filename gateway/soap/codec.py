"""The port to the hospital's wire language: records to envelopes and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from gateway.record import Record


class Codec(Protocol):
    """One operation's encoder and decoder, compiled when the contract is loaded.

    What it gives is valid by the contract, both ways. For one thread at a time, though not always
    the same.
    """

    headers: Mapping[str, str]
    """What the request must carry over HTTP: its media type and its action."""
    accepts: str
    """The media type of a reply."""

    def encode(self, arguments: Record) -> bytes:
        """The envelope for `arguments`, but for credentials; `RequestInvalid` with every fault."""

    def for_attempt(self, envelope: bytes) -> bytes:
        """What one attempt sends: the envelope, with the credentials that no other may have."""

    def decode(self, body: bytes, status: int = 200) -> Record:
        """The record of a reply; `SoapFault`, `ReplyInvalid` or `CallFailed` where it is none."""
