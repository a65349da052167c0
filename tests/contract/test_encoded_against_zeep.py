"""What is encoded means to zeep what it means to us, and with references it means the same to both.

zeep has no writer for arrays, so its reader alone is asked, of requests as well.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import zeep.helpers
from hypothesis import HealthCheck, given, settings
from lxml import etree
from zeep.transports import Transport

from gateway.record import Record, Value
from gateway.soap.contract import Contract, load_contract
from gateway.soap.document_codec import DocumentCodec
from gateway.soap.elements import ArrayType, ComplexType, Element
from gateway.soap.operation import SoapOperation
from tests.contract.generated import a_record
from tests.contract.test_codec_against_zeep import meaning as plain_meaning

WSDL = Path(__file__).parents[1] / "breadth" / "service" / "encoded.wsdl"
ENCODING = "http://schemas.xmlsoap.org/soap/encoding/"
# zeep would fetch the schema of the encoding; this is what the WSDL needs of it.
SCHEMA = f"""<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:e="{ENCODING}"
    targetNamespace="{ENCODING}">
  <xs:attribute name="arrayType" type="xs:string"/>
  <xs:complexType name="Array">
    <xs:sequence><xs:any minOccurs="0" maxOccurs="unbounded" processContents="lax"/></xs:sequence>
    <xs:attribute ref="e:arrayType"/>
  </xs:complexType>
  <xs:simpleType name="string"><xs:restriction base="xs:string"/></xs:simpleType>
</xs:schema>"""
ENVELOPE = "{http://schemas.xmlsoap.org/soap/envelope/}"
examples = settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


class _Files(Transport):
    """Gives zeep the WSDL with its members unqualified, as the encoding has them, and SCHEMA."""

    def load(self, url: str) -> bytes:
        if url == ENCODING:
            return SCHEMA.encode()
        return WSDL.read_bytes().replace(
            b'elementFormDefault="qualified"', b'elementFormDefault="unqualified"'
        )


@cache
def contract() -> Contract:
    """The service's contract."""
    return load_contract(WSDL)


def operation() -> SoapOperation:
    """Its one operation."""
    found = contract().operations["Arrange"]
    assert isinstance(found, SoapOperation)
    return found


@cache
def theirs() -> Any:
    """The same of zeep's."""
    client: Any = zeep.Client
    files: Any = _Files
    service = next(iter(client(str(WSDL), transport=files()).wsdl.services.values()))
    return service.ports["Clinic"].binding.get("Arrange")


def meaning(element: Element, value: Value) -> Any:
    """What a value means in zeep's terms, to which an array is a list."""
    kind = element.type
    if value is None:
        # An array that is null has no items to zeep.
        return [] if isinstance(kind, ArrayType) else None
    if isinstance(kind, ArrayType):
        assert isinstance(value, dict)
        (item,) = kind.children
        items = value.get(item.name, [])
        assert isinstance(items, list)
        told = [meaning(replace(item, max_occurs=1), each) for each in items]
        # An item without a text is none to zeep.
        return [each for each in told if each is not None]
    if isinstance(kind, ComplexType):
        assert isinstance(value, dict)
        return {child.name: meaning(child, value.get(child.name)) for child in kind.children}
    return plain_meaning(element, value)


def understood(message: Any, envelope: bytes) -> Any:
    """What zeep reads of the parts of a message."""
    serialize: Any = zeep.helpers.serialize_object
    return serialize(message.deserialize(etree.fromstring(envelope)), dict)


@examples
@given(a_record(operation().input))
def test_requests_mean_to_zeep_what_was_asked(arguments: Record) -> None:
    """Types, arrays and texts."""
    sent = DocumentCodec(operation()).encode(arguments)
    assert understood(theirs().input, sent) == meaning(operation().input, arguments)


@examples
@given(a_record(operation().output))
def test_replies_are_read_as_zeep_reads_them(record: Record) -> None:
    """Written one in the other, or each value apart and referred to, as Axis 1 does."""
    it = operation()
    nested = DocumentCodec(replace(it, input=it.output)).encode(record)
    apart = with_references(nested)
    for envelope in (nested, apart):
        assert DocumentCodec(it).decode(envelope) == record
    assert understood(theirs().output, nested) == meaning(it.output, record)


def with_references(envelope: bytes) -> bytes:
    """The same message with every struct, array and text of an array beside the wrapper."""
    root = etree.fromstring(envelope)
    body = root.find(f"{ENVELOPE}Body")
    assert body is not None
    wrapper = body[0]
    # From the innermost outwards, so that what is moved refers to what was moved before.
    moved = [node for node in wrapper.iter("*") if len(node) and node is not wrapper]
    for number, node in enumerate(reversed(moved)):
        target = etree.SubElement(body, "multiRef", id=f"id{number}")
        target.set(f"{{{ENCODING}}}root", "0")
        for name, value in node.items():
            target.set(name, value)
        target.extend(list(node))
        for name in list(node.keys()):
            del node.attrib[name]
        node.set("href", f"#id{number}")
    return etree.tostring(root)
