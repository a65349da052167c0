"""Whether the contract's type of a value allows a text, asked of the engine that will be asked."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from lxml import etree

from gateway.soap.documents import XSD
from gateway.soap.elements import SimpleType

_FACETS = {
    "length": "length",
    "minLength": "min_length",
    "maxLength": "max_length",
    "minInclusive": "min_inclusive",
    "maxInclusive": "max_inclusive",
    "minExclusive": "min_exclusive",
    "maxExclusive": "max_exclusive",
    "totalDigits": "total_digits",
    "fractionDigits": "fraction_digits",
}


def allows(simple: SimpleType, text: str) -> bool:
    """Whether `text` is a value of the type (XML Schema 1.0 part 2, 4.1.4)."""
    node = etree.Element("value")
    try:
        node.text = text
    except ValueError:
        return False
    try:
        return all(schema.validate(node) for schema in _schemas(simple))
    except etree.XMLSchemaValidateError:
        # A pattern that libxml2 gives up on: with it a message would be refused.
        return False


@lru_cache(maxsize=1024)
def _schemas(simple: SimpleType) -> tuple[etree.XMLSchema, ...]:
    # One for each facet: together in one restriction some exclude one another.
    return tuple(_schema(simple, facets) for facets in _steps(simple))


def _steps(simple: SimpleType) -> Iterator[list[tuple[str, str]]]:
    yield [("enumeration", value) for value in simple.enumeration]
    for pattern in simple.patterns:
        yield [("pattern", pattern)]
    for facet, attribute in _FACETS.items():
        value = getattr(simple, attribute)
        if value is not None:
            yield [(facet, str(value))]


def _schema(simple: SimpleType, facets: list[tuple[str, str]]) -> etree.XMLSchema:
    root = etree.Element(f"{{{XSD}}}schema", nsmap={"xsd": XSD})
    element = etree.SubElement(root, f"{{{XSD}}}element", name="value")
    inner = etree.SubElement(element, f"{{{XSD}}}simpleType")
    restriction = etree.SubElement(inner, f"{{{XSD}}}restriction", base=f"xsd:{simple.base}")
    if simple.base == "string":
        facets = [("whiteSpace", simple.whitespace), *facets]
    for name, value in facets:
        etree.SubElement(restriction, f"{{{XSD}}}{name}", value=value)
    return etree.XMLSchema(root)
