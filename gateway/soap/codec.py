"""Records to envelopes and back, valid against the contract both ways."""

from __future__ import annotations

from collections.abc import Mapping

from lxml import etree

from gateway.record import Record
from gateway.soap.contract import Operation


class Codec:
    """One operation's encoder and decoder, compiled when the contract is loaded.

    For the event loop's thread only: lxml's parser and schema are not re-entrant across threads.
    """

    headers: Mapping[str, str]

    def __init__(self, operation: Operation, schema: etree.XMLSchema) -> None:
        raise NotImplementedError

    def encode(self, arguments: Record) -> bytes:
        """The envelope for `arguments`; `RequestInvalid` with every fault found."""
        raise NotImplementedError

    def decode(self, body: bytes) -> Record:
        """The output element's children; `ReplyInvalid` or `SoapFault`."""
        raise NotImplementedError
