"""The wrappers of rpc messages, of which a WSDL gives the parts but no schema.

SOAP 1.1, 7.1 and WS-I Basic Profile 1.1, 4.7: the wrapper of a request is named after the
operation, that of a reply the same with "Response", in the namespace of the soap:body; each part
is an unqualified element in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from lxml import etree

from gateway.soap.documents import XSD, Schema
from gateway.soap.wsdl import BoundOperation, Message

_X = f"{{{XSD}}}"


def wrappers(source: Path, operations: Iterable[BoundOperation]) -> tuple[Schema, ...]:
    """A schema for each namespace, with the wrappers of all messages of these operations."""
    messages = [each for operation in operations for each in _messages(operation)]
    schemas: dict[str, etree._Element] = {}
    types = {etree.QName(part.type).namespace or "" for _, each in messages for part in each.body}
    prefixes = {f"t{number}": name for number, name in enumerate(sorted(types - {""}))}
    for name, message in messages:
        root = schemas.get(message.namespace)
        if root is None:
            root = schemas[message.namespace] = _schema(message.namespace, types, prefixes)
        _add(root, name, message)
    return tuple(Schema(source, root) for root in schemas.values())


def wrapper_tags(operation: BoundOperation) -> tuple[str, str]:
    """What the body's child is called in a request and in a reply, in lxml's notation."""
    sent, told = (
        f"{{{message.namespace}}}{name}" if message.namespace else name
        for name, message in _messages(operation)
    )
    return sent, told


def _messages(operation: BoundOperation) -> Iterator[tuple[str, Message]]:
    yield operation.name, operation.input
    yield f"{operation.name}Response", operation.output


def _schema(namespace: str, types: set[str], prefixes: dict[str, str]) -> etree._Element:
    root = etree.Element(f"{_X}schema", nsmap={"xsd": XSD, **prefixes})
    if namespace:
        root.set("targetNamespace", namespace)
    for each in sorted(types - {namespace, XSD}):
        imported = etree.SubElement(root, f"{_X}import")
        if each:
            imported.set("namespace", each)
    return root


def _add(root: etree._Element, name: str, message: Message) -> None:
    element = etree.SubElement(root, f"{_X}element", name=name)
    kind = etree.SubElement(element, f"{_X}complexType")
    sequence = etree.SubElement(kind, f"{_X}sequence")
    for part in message.body:
        accessor = etree.SubElement(sequence, f"{_X}element", name=part.name)
        prefixes = {uri: prefix for prefix, uri in root.nsmap.items() if prefix != "xsd"}
        kind_name = etree.QName(part.type)
        prefix = prefixes.get(kind_name.namespace or "")
        accessor.set("type", f"{prefix}:{kind_name.localname}" if prefix else kind_name.localname)
