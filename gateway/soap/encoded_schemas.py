"""Schemas of SOAP encoding as plain ones, for messages whose references have been resolved.

A WSDL of rpc/encoded describes what is encoded, not the XML that arrives (SOAP 1.1 section 5). Its
types are rewritten here so that the one validator and the one schema reader can take them: members
are unqualified, the simple types of the encoding are those of XML Schema, which may be nil, and an
array is a sequence of one repeating element.
"""

from __future__ import annotations

import re
from typing import Any, cast

from lxml import etree

from gateway.soap.documents import (
    ARRAY_TYPE,
    SOAP_ENCODING,
    XSD,
    Schema,
    kind_of,
    line_of,
    parts_of,
    qualified,
)
from gateway.soap.simple_types import builtin

ITEM = "item"
"""What the elements of an array are called where the WSDL gives them no name."""

_X = f"{{{XSD}}}"
_WSDL_ARRAY_TYPE = "{http://schemas.xmlsoap.org/wsdl/}arrayType"
_ONE_DIMENSION = re.compile(r"([^\[\]]+)\[\d*\]")


def plain_schemas(schemas: tuple[Schema, ...]) -> tuple[Schema, ...]:
    """The same types without their encoding."""
    return tuple(
        Schema(schema.file, _plain(schema.root))
        for schema in schemas
        if schema.namespace != SOAP_ENCODING
    )


def _plain(source: etree._Element) -> etree._Element:
    # Of its own document, and each node still knows the line that it stands in.
    root = etree.fromstring(etree.tostring(source))
    for new, old in zip(root.iter(), source.iter(), strict=True):
        # Without one of its own it has the line in what was just written; 0 is none to libxml2.
        new.sourceline = cast("Any", line_of(old) or 0)
    root.set("elementFormDefault", "unqualified")
    for node in list(root.iter(f"{_X}import")):
        if node.get("namespace") == SOAP_ENCODING:
            root.remove(node)
    for node in list(root.iter(f"{_X}complexType")):
        _plain_array(node)
    for node in root.iter(f"{_X}element", f"{_X}attribute", f"{_X}restriction", f"{_X}extension"):
        _plain_names(node)
    return root


def _plain_array(node: etree._Element) -> None:
    content = next(iter(parts_of(node)), None)
    derivation = None if content is None else next(iter(parts_of(content)), None)
    if (
        derivation is None
        or qualified(derivation, derivation.get("base", "")) != f"{{{SOAP_ENCODING}}}Array"
    ):
        return
    declared = next(derivation.iter(f"{_X}element"), None)
    said = next((each.get(_WSDL_ARRAY_TYPE, "") for each in derivation.iter(f"{_X}attribute")), "")
    match = _ONE_DIMENSION.fullmatch(said)
    kind = match[1] if match else said
    if not kind and declared is not None:
        kind = declared.get("type", "")
    for part in parts_of(node):
        node.remove(part)
    # The schema reader knows it for an array by this, and refuses one without a member.
    node.set(ARRAY_TYPE, kind)
    sequence = etree.SubElement(node, f"{_X}sequence")
    if not kind or "[" in kind:
        return
    name = ITEM if declared is None else declared.get("name", ITEM)
    item = etree.SubElement(sequence, f"{_X}element", name=name, type=kind)
    item.set("minOccurs", "0")
    item.set("maxOccurs", "unbounded")
    for each in (sequence, item):
        if node.sourceline is not None:
            each.sourceline = node.sourceline


def _plain_names(node: etree._Element) -> None:
    node.attrib.pop("form", "")
    attribute = "type" if kind_of(node) in ("element", "attribute") else "base"
    tag = qualified(node, node.get(attribute, ""))
    if not tag.startswith(f"{{{SOAP_ENCODING}}}"):
        return
    prefix = next((prefix for prefix, uri in node.nsmap.items() if uri == XSD), None)
    local = etree.QName(tag).localname
    # An array of nobody knows what: the schema reader refuses it where a message has it.
    local = local if builtin(local) is not None else "anyType"
    node.set(attribute, f"{prefix}:{local}" if prefix else local)
    if kind_of(node) == "element":
        node.set("nillable", "true")
