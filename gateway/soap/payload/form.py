"""The port of payload styles: one message as text, by its schema, both ways."""

from __future__ import annotations

from typing import Protocol

from gateway.record import Record
from gateway.soap.elements import Element


class Form(Protocol):
    """One message in one style, compiled when the contract is loaded.

    For one thread at a time, though not always the same. `digest` (SHA-256, hex) is over every
    document that its schema was read from.
    """

    digest: str

    @property
    def root(self) -> Element:
        """What the message holds: an element whose children are the record's members."""

    def write(self, record: Record) -> str:
        """The message; `RequestInvalid` with every fault found, at the record's paths."""

    def shown(self, text: str) -> str:
        """A message that was written here, laid out for people."""

    def read(self, text: str) -> Record:
        """The record of a message; `ReplyInvalid` for whatever its schema does not allow."""
