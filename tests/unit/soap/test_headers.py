"""Header blocks that the WSDL declares are arguments, and travel in the header."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from gateway.record import Record
from gateway.soap.contract import load_contract
from gateway.soap.credentials import Credentials
from gateway.soap.errors import ReplyInvalid, RequestInvalid
from gateway.soap.security import Security
from tests.unit.soap.clinic import envelope

WSDL = Path(__file__).parents[2] / "breadth" / "service" / "document.wsdl"
CALLER: Any = {"User": "booking", "Channel": "7"}
VISIT: Record = {"Card": "1", "Fee": {"@currency": "CNY", "text()": "1"}}
HEADER = '<soap:header message="tns:AdmitIn" part="caller" use="literal"/>'
ADMIT = '<soap:body use="literal" parts="body"/>'


def changed(folder: Path, old: str, new: str) -> Path:
    """The service's WSDL with the first of one piece replaced."""
    text = WSDL.read_text()
    assert old in text
    wsdl = folder / "document.wsdl"
    wsdl.write_text(text.replace(old, new, 1))
    return wsdl


def test_a_header_is_a_member_of_the_input() -> None:
    """Required, since a service that declares it may refuse who leaves it out."""
    operation: Any = load_contract(WSDL, "Clinic").operations["Admit"]
    header = operation.input.type.children[-1]
    assert (header.name, header.min_occurs) == ("Caller", 1)
    assert operation.headers == ("Caller",)


def test_a_header_travels_in_the_header() -> None:
    """And not in the body; who sends stands beside it."""
    codec = load_contract(WSDL, "Clinic").codec("Admit", Credentials(Security("gateway", "secret")))
    envelope = codec.encode({**VISIT, "Caller": CALLER})
    header, body = etree.fromstring(codec.for_attempt(envelope))
    assert [etree.QName(block).localname for block in header] == ["Security", "Caller"]
    assert [etree.QName(child).localname for child in body[0]] == ["Card", "Fee"]
    assert header[1].findtext("{urn:clinic}Channel") == "7"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (VISIT, "Caller is required"),
        ({**VISIT, "Caller": {"User": "a"}}, "Caller/Channel is required"),
        ({**VISIT, "Caller": {**CALLER, "Channel": "x"}}, "Caller/Channel is not of the type int"),
        ({"Caller": CALLER, "Card": "1"}, "Fee is required"),
    ],
)
def test_a_header_is_held_against_its_schema(arguments: Any, message: str) -> None:
    """As the body is."""
    with pytest.raises(RequestInvalid) as raised:
        load_contract(WSDL, "Clinic").codec("Admit").encode(arguments)
    assert str(raised.value).startswith(message)


def test_parts_that_the_header_takes_are_not_in_the_body(tmp_path: Path) -> None:
    """Also where the WSDL does not say which parts the body has."""
    wsdl = changed(tmp_path, ADMIT, '<soap:body use="literal"/>')
    assert load_contract(wsdl, "Clinic").operations == load_contract(WSDL, "Clinic").operations


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (HEADER, HEADER.replace('"caller"', '"nobody"'), "a soap:header of Admit names no part"),
        (HEADER, HEADER.replace("literal", "encoded"), "the soap:header caller, which is no elem"),
        ('element="tns:Caller"', 'type="xsd:string"', "the soap:header caller, which is no elem"),
        (
            '<xsd:element name="Card" type="xsd:string"/>',
            '<xsd:element name="Caller" type="xsd:string"/>',
            "a soap:header of Admit with the name of another of its elements",
        ),
    ],
)
def test_a_header_that_is_not_understood_is_refused(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    """With its line; the port's other operation is taken."""
    contract = load_contract(changed(tmp_path, old, new), "Clinic")
    assert list(contract.operations) == ["Count"]
    assert contract.refused["Admit"].what.startswith(message)
    assert contract.refused["Admit"].line is not None


def test_a_body_of_text_alone_has_it_as_its_member() -> None:
    """Both ways, named as in XPath."""
    codec = load_contract(WSDL, "Clinic").codec("Count")
    (body,) = etree.fromstring(codec.encode({"text()": "A <1>"}))
    assert body[0].text == "A <1>"
    reply = envelope('<s:Body><Beds xmlns="urn:clinic">3</Beds></s:Body>')
    assert codec.decode(reply) == {"text()": "3"}


def test_a_body_that_is_nil_is_refused(tmp_path: Path) -> None:
    """A record has no way to be nil itself, and one that is empty would be another thing."""
    beds = '<xsd:element name="Beds" type="xsd:int"'
    codec = load_contract(changed(tmp_path, beds, f'{beds} nillable="true"'), "Clinic").codec(
        "Count"
    )
    nil = '<s:Body><Beds xmlns="urn:clinic" xsi:nil="{}">{}</Beds></s:Body>'
    with pytest.raises(ReplyInvalid, match="is nil"):
        codec.decode(envelope(nil.format("true", "")))
    assert codec.decode(envelope(nil.format("false", "3"))) == {"text()": "3"}
