"""The codec of a WSDL's operation: the body's one child is an element of the contract's schema.

In document/literal that is the contract's own, in rpc it is made for it (`gateway.soap.rpc`); what
is encoded too is made plain before it is read (`gateway.soap.encoded`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import cast

from lxml import etree

from gateway.delivery import Delivery
from gateway.record import Record
from gateway.soap.decoding import Reader, is_nil, reader_of
from gateway.soap.elements import ComplexType, Element
from gateway.soap.encoded import ENCODED_NAMESPACES, decode, encode
from gateway.soap.encoding import Writer, writer_of
from gateway.soap.envelope import DIALECTS, Dialect, body_children, fault, nothing, payload
from gateway.soap.errors import CallFailed, RecordFault, ReplyInvalid, RequestInvalid
from gateway.soap.operation import SoapOperation
from gateway.soap.parser import parse
from gateway.soap.security import Security
from gateway.soap.violations import told, violations


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
        self._understood = nothing if security is None else security.understands
        self._encoded = operation.encoded
        self._input, self._headers = _divided(operation)
        self._output = operation.output
        self._schema = operation.schema
        self._dialect = DIALECTS[operation.soap]
        self._namespaces = _namespaces(operation, self._dialect)
        self._write: Writer = writer_of(self._input)
        self._header_writers = tuple(
            (element, writer_of(element, (element.name,))) for element in self._headers
        )
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
        faults: list[RecordFault] = []
        if self._headers:
            header = etree.SubElement(envelope, dialect.header)
            arguments = self._without_headers(header, arguments, faults)
        body = etree.SubElement(envelope, dialect.body)
        child = self._write(body, arguments, faults)
        if not faults:
            faults += violations(child, self._input, self._schema)
        if faults:
            raise RequestInvalid(tuple(faults))
        if self._encoded:
            encode(child, self._input)
        return etree.tostring(envelope, xml_declaration=True, encoding="UTF-8")

    def for_attempt(self, envelope: bytes) -> bytes:
        """The envelope with a user name and password of its own, where the service wants them."""
        if self._security is None:
            return envelope
        return self._security.added(envelope, self._dialect)

    def _without_headers(
        self, header: etree._Element, arguments: Record, faults: list[RecordFault]
    ) -> Record:
        """Write the arguments that stand in the header; the others."""
        for element, write in self._header_writers:
            if element.name not in arguments:
                faults.append(RecordFault((element.name,), "is required"))
                continue
            found: list[RecordFault] = []
            block = write(header, arguments[element.name], found)
            if not found:
                found += (
                    RecordFault((element.name, *fault.path), fault.reason)
                    for fault in violations(block, element, self._schema)
                )
            faults += found
        names = {element.name for element in self._headers}
        return {name: value for name, value in arguments.items() if name not in names}

    def decode(self, body: bytes, status: int = 200) -> Record:
        """The record of the reply's one body child, after every check.

        `SoapFault` if the hospital answered with a fault, `ReplyInvalid` for whatever the
        contract does not allow. The name comes before the schema, which would take any
        element that it declares. Of a `status` 500 nothing but a fault is believed; without
        one it is the server that failed: `CallFailed`.
        """
        if status == 500:
            raise self._failure(body)
        envelope = parse(body)
        if self._encoded:
            child, *siblings = self._with_siblings(envelope)
        else:
            child, siblings = payload(envelope, self._dialect, self._understood), []
        if child.tag != self._output_tag:
            if child.tag == self._dialect.fault:
                raise fault(child, self._dialect)
            raise ReplyInvalid("wrong-operation", "the body's child is not this operation's")
        if self._encoded:
            child = decode(child, siblings, self._output)
        found = violations(child, self._output, self._schema, len(body))
        if found:
            raise ReplyInvalid("off-schema", told(found))
        if is_nil(child):
            raise ReplyInvalid("off-schema", "/ is nil, and has nothing to read")
        return self._read(child)

    def _with_siblings(self, envelope: etree._Element) -> list[etree._Element]:
        """The body's child, and after it what it may refer to."""
        children = body_children(envelope, self._dialect, self._understood)
        roots = [child for child in children if child.get("id") is None]
        if len(roots) != 1:
            reason = "several-children" if roots else "empty-body"
            raise ReplyInvalid(reason, "a body has exactly one child without an id")
        return [*roots, *(child for child in children if child is not roots[0])]

    def _failure(self, body: bytes) -> Exception:
        try:
            child = payload(parse(body), self._dialect, self._understood)
        except ReplyInvalid:
            return CallFailed(Delivery.ANSWERED, "status-500")
        if child.tag != self._dialect.fault:
            return CallFailed(Delivery.ANSWERED, "status-500")
        return fault(child, self._dialect)


def _headers(operation: SoapOperation, dialect: Dialect) -> dict[str, str]:
    content_type = f"{dialect.media_type}; charset=utf-8"
    if operation.soap == "1.2":
        return {"Content-Type": f'{content_type}; action="{operation.action}"'}
    return {"Content-Type": content_type, "SOAPAction": f'"{operation.action}"'}


def _divided(operation: SoapOperation) -> tuple[Element, tuple[Element, ...]]:
    """What of the input stands in the body, and what in the header."""
    kind = cast("ComplexType", operation.input.type)
    headers = tuple(child for child in kind.children if child.name in operation.headers)
    if not headers:
        return operation.input, ()
    body = tuple(child for child in kind.children if child not in headers)
    return replace(operation.input, type=replace(kind, children=body)), headers


def _namespaces(operation: SoapOperation, dialect: Dialect) -> dict[str, str]:
    """Every namespace of the message under a prefix, declared once, on the envelope."""
    known = ENCODED_NAMESPACES if operation.encoded else {}
    namespaces = {name: prefix for prefix, name in known.items()}
    waiting = [operation.input]
    while waiting:
        each = waiting.pop()
        found = [each.namespace]
        if operation.encoded:
            found.append(etree.QName(each.type.tag).namespace or "" if each.type.tag else "")
        for namespace in filter(None, found):
            namespaces.setdefault(namespace, f"ns{len(namespaces) - len(known)}")
        if isinstance(each.type, ComplexType):
            waiting += each.type.children
    return {"soap": dialect.namespace, **{prefix: name for name, prefix in namespaces.items()}}
