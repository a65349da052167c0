"""Elements that may hold any document, as services declare them that take XML as elements."""

from __future__ import annotations

from lxml import etree

from gateway.soap.documents import XSD, kind_of, parts_of

_X = f"{{{XSD}}}"


def give_any_type(schema: etree._Element) -> None:
    """Give the type xsd:anyType to the elements of one xsd:any and no more.

    ASP.NET declares an XmlElement so, and with mixed content an XmlNode. The type takes all that
    they take, and a text alone too.
    """
    for element in schema.iter(f"{_X}element"):
        below = [node for node in element.iterdescendants("*") if kind_of(node) != "annotation"]
        if [kind_of(node) for node in below] == ["complexType", "sequence", "any"]:
            (kind,) = parts_of(element)
            element.remove(kind)
            element.set("type", f"{kind.prefix}:anyType" if kind.prefix else "anyType")
