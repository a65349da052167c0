"""The codec of document/literal: the body's one child is an element of the contract's schema."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import cast

from lxml import etree

from gateway.delivery import Delivery
from gateway.record import Record
from gateway.soap.decoding import Reader, reader_of
from gateway.soap.elements import ComplexType, Element
from gateway.soap.encoding import Writer, writer_of
from gateway.soap.envelope import DIALECTS, Dialect, fault, payload
from gateway.soap.errors import CallFailed, RecordFault, ReplyInvalid, RequestInvalid
from gateway.soap.operation import SoapOperation
from gateway.soap.parser import parse
from gateway.soap.security import Security
from gateway.soap.violations import violations

_FAULTS_TOLD = 3


class DocumentCodec:
    """One operation's encoder and decoder, compiled when the contract is loaded.

    For one thread at a time, though not always the same: its schema keeps the errors of the last
    validation. Of the parser that all codecs share see `gateway.soap.parser`.
    """

    headers: Mapping[str, str]
    """What the request must carry over HTTP: its media type and its action."""
    accepts: str
    """The media type of a reply."""

    def __init__(self, operation: SoapOperation, security: Security | None = None) -> None:
        self._security = security
        self._input = operation.input
        self._output = operation.output
        self._schema = operation.schema
        self._dialect = DIALECTS[operation.soap]
        self._namespaces = _namespaces(operation.input, self._dialect)
        self._write: Writer = writer_of(operation.input)
        self._output_tag = operation.output.tag
        self._read: Reader = reader_of(cast("ComplexType", operation.output.type))
        self.accepts = self._dialect.media_type
        self.headers = MappingProxyType(_headers(operation, self._dialect))

    def encode(self, arguments: Record) -> bytes:
        """The envelope for `arguments`, its elements in the contract's order.

        `RequestInvalid` with every fault found: unknown, missing and misplaced elements first,
        then, when there are none of these, values that their types do not allow.
        """
        dialect = self._dialect
        envelope = etree.Element(dialect.envelope, nsmap=self._namespaces)
        if self._security is not None:
            self._security.write(etree.SubElement(envelope, dialect.header), dialect)
        body = etree.SubElement(envelope, dialect.body)
        faults: list[RecordFault] = []
        child = self._write(body, arguments, faults)
        if faults:
            raise RequestInvalid(tuple(faults))
        if not self._schema.validate(child):
            raise RequestInvalid(violations(child, self._input, self._schema))
        return etree.tostring(envelope, xml_declaration=True, encoding="UTF-8")

    def decode(self, body: bytes, status: int = 200) -> Record:
        """The record of the reply's one body child, after every check.

        `SoapFault` if the hospital answered with a fault, `ReplyInvalid` for whatever the
        contract does not allow. The name comes before the schema, which would take any
        element that it declares. Of a `status` 500 nothing but a fault is believed; without
        one it is the server that failed: `CallFailed`.
        """
        if status == 500:
            raise self._failure(body)
        child = payload(parse(body), self._dialect)
        if child.tag != self._output_tag:
            if child.tag == self._dialect.fault:
                raise fault(child, self._dialect)
            raise ReplyInvalid("wrong-operation", "the body's child is not this operation's")
        if not self._schema.validate(child):
            raise ReplyInvalid("off-schema", self._where(child))
        return self._read(child)

    def _failure(self, body: bytes) -> Exception:
        try:
            child = payload(parse(body), self._dialect)
        except ReplyInvalid:
            return CallFailed(Delivery.ANSWERED, "status-500")
        if child.tag != self._dialect.fault:
            return CallFailed(Delivery.ANSWERED, "status-500")
        return fault(child, self._dialect)

    def _where(self, child: etree._Element) -> str:
        found = violations(child, self._output, self._schema)[:_FAULTS_TOLD]
        return "; ".join(f"/{'/'.join(fault.path)} {fault.reason}" for fault in found)


def _headers(operation: SoapOperation, dialect: Dialect) -> dict[str, str]:
    content_type = f"{dialect.media_type}; charset=utf-8"
    if operation.soap == "1.2":
        return {"Content-Type": f'{content_type}; action="{operation.action}"'}
    return {"Content-Type": content_type, "SOAPAction": f'"{operation.action}"'}


def _namespaces(element: Element, dialect: Dialect) -> dict[str, str]:
    """Every namespace of the message under a prefix, declared once, on the envelope."""
    namespaces: dict[str, str] = {}
    waiting = [element]
    while waiting:
        each = waiting.pop()
        if each.namespace:
            namespaces.setdefault(each.namespace, f"ns{len(namespaces)}")
        if isinstance(each.type, ComplexType):
            waiting += each.type.children
    return {"soap": dialect.namespace, **{prefix: name for name, prefix in namespaces.items()}}
