"""The wrappers of rpc messages, of which a WSDL gives the parts but no schema.

SOAP 1.1, 7.1 and WS-I Basic Profile 1.1, 4.7: the wrapper of a request is named after the
operation, that of a reply the same with "Response", in the namespace of the soap:body; each part
is an unqualified element in it. In SOAP's encoding what comes back may be nil (SOAP 1.1, 5.1),
which a part has no place to say.
"""

from __future__ import annotations

from collections.abc import Sequence

from lxml import etree

from gateway.soap.documents import XSD, Documents, Schema
from gateway.soap.wsdl import BoundOperation, Part

_X = f"{{{XSD}}}"


def wrappers(documents: Documents, operations: Sequence[BoundOperation]) -> tuple[Schema, ...]:
    """A schema for each namespace, with the wrappers of all messages of these operations."""
    messages = [each for operation in operations for each in (operation.input, operation.output)]
    types = {etree.QName(part.type).namespace or "" for each in messages for part in each.body}
    prefixes = {f"t{number}": name for number, name in enumerate(sorted(types - {"", XSD}))}
    schemas = {
        namespace: _schema(namespace, types, prefixes)
        for namespace in dict.fromkeys(each.namespace for each in messages)
    }
    source = documents.roots[documents.source]
    for operation in operations:
        sent, told = (schemas[each.namespace] for each in (operation.input, operation.output))
        _add(sent, operation.name, operation.input.body, source)
        parts = _add(told, _response(operation), operation.output.body, source)
        if operation.encoded:
            for part in parts:
                part.set("nillable", "true")
    return tuple(Schema(documents.source, root) for root in schemas.values())


def wrapper_tags(operation: BoundOperation) -> tuple[str, str]:
    """What the body's child is called in a request and in a reply, in lxml's notation."""
    sent, told = operation.input.namespace, operation.output.namespace
    return _tag(sent, operation.name), _tag(told, _response(operation))


def _response(operation: BoundOperation) -> str:
    return f"{operation.name}Response"


def _tag(namespace: str, name: str) -> str:
    return f"{{{namespace}}}{name}" if namespace else name


def _schema(namespace: str, types: set[str], prefixes: dict[str, str]) -> etree._Element:
    root = etree.Element(f"{_X}schema", nsmap={"xsd": XSD, **prefixes})
    if namespace:
        root.set("targetNamespace", namespace)
    for each in sorted(types - {namespace, XSD}):
        imported = etree.SubElement(root, f"{_X}import")
        if each:
            imported.set("namespace", each)
    return root


def _add(
    root: etree._Element, name: str, parts: tuple[Part, ...], source: etree._Element
) -> etree._Element:
    """The sequence of the parts in a wrapper of that name, each with its line in the WSDL."""
    element = etree.SubElement(root, f"{_X}element", name=name)
    sequence = etree.SubElement(etree.SubElement(element, f"{_X}complexType"), f"{_X}sequence")
    prefixes = {uri: prefix for prefix, uri in root.nsmap.items()}
    for part in parts:
        accessor = etree.SubElement(sequence, f"{_X}element", name=part.name)
        kind_name = etree.QName(part.type)
        prefix = prefixes.get(kind_name.namespace or "")
        accessor.set("type", f"{prefix}:{kind_name.localname}" if prefix else kind_name.localname)
        if part.node.getroottree().getroot() is source:
            accessor.sourceline = part.node.sourceline
    return sequence
