"""A schema made of elements, for messages that have no XML Schema of their own.

One engine says what a value may be, whatever the message's style: libxml2, as for every envelope.
"""

from __future__ import annotations

from typing import Final

from lxml import etree

from gateway.record import Record
from gateway.soap.documents import XSD
from gateway.soap.elements import Element, SimpleType
from gateway.soap.encoding import writer_of
from gateway.soap.errors import RecordFault
from gateway.soap.violations import violations

MOST_PARTS: Final = 150_000
"""More values than these no message has: read, each takes hundreds of times its room."""

_FACETS = {
    "minLength": "min_length",
    "maxLength": "max_length",
    "minInclusive": "min_inclusive",
    "maxInclusive": "max_inclusive",
    "minExclusive": "min_exclusive",
    "maxExclusive": "max_exclusive",
    "fractionDigits": "fraction_digits",
}


class RecordSchema:
    """Holds records against an element. For one thread at a time."""

    def __init__(self, root: Element) -> None:
        """`etree.XMLSchemaParseError` where a type has facets that exclude one another, or a
        pattern that is none.
        """
        self._root = root
        self._schema = _compiled(root)
        self._write = writer_of(root)

    def faults(self, record: Record, size: int = 0) -> tuple[RecordFault, ...]:
        """Everything wrong with the record: its shape, or else its values.

        `size` is that of the message it was read from.
        """
        faults: list[RecordFault] = []
        node = self._write(etree.Element("record"), record, faults)
        if not faults:
            faults += violations(node, self._root, self._schema, size)
        return tuple(faults)


def _compiled(root: Element) -> etree.XMLSchema:
    document = etree.Element(f"{{{XSD}}}schema", nsmap={"xsd": XSD})
    _declare(document, root)
    return etree.XMLSchema(document)


def _declare(parent: etree._Element, element: Element) -> etree._Element:
    node = etree.SubElement(parent, f"{{{XSD}}}element", name=element.name)
    if element.nillable:
        node.set("nillable", "true")
    if isinstance(element.type, SimpleType):
        _restrict(node, element.type)
        return node
    kind = etree.SubElement(node, f"{{{XSD}}}complexType")
    sequence = etree.SubElement(kind, f"{{{XSD}}}sequence")
    for child in element.type.children:
        inner = _declare(sequence, child)
        most = child.max_occurs
        inner.set("minOccurs", str(child.min_occurs))
        inner.set("maxOccurs", "unbounded" if most is None else str(most))
    return node


def _restrict(node: etree._Element, simple: SimpleType) -> None:
    kind = etree.SubElement(node, f"{{{XSD}}}simpleType")
    restriction = etree.SubElement(kind, f"{{{XSD}}}restriction", base=f"xsd:{simple.base}")
    for value in simple.enumeration:
        etree.SubElement(restriction, f"{{{XSD}}}enumeration", value=value)
    for pattern in simple.patterns:
        etree.SubElement(restriction, f"{{{XSD}}}pattern", value=pattern)
    for facet, attribute in _FACETS.items():
        value = getattr(simple, attribute)
        if value is not None:
            etree.SubElement(restriction, f"{{{XSD}}}{facet}", value=str(value))
