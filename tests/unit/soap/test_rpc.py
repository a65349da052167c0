"""An rpc message is an element made of its operation's name and its parts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from gateway.soap.contract import load_contract
from gateway.soap.elements import ComplexType
from gateway.soap.errors import ContractError, ReplyInvalid
from tests.unit.soap.clinic import envelope

WSDL = Path(__file__).parents[2] / "breadth" / "service" / "rpc.wsdl"
ASKED: Any = {"department": "a", "limit": "1", "schedules": {}}
RETURNED = "<return/><count>0</count><note/>"


def changed(folder: Path, *changes: tuple[str, str]) -> Path:
    """The service's WSDL with the first of each piece replaced."""
    text = WSDL.read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    wsdl = folder / "rpc.wsdl"
    wsdl.write_text(text)
    return wsdl


def reply(child: str) -> bytes:
    """A reply with this in its body."""
    return envelope(f'<s:Body xmlns:c="urn:clinic:calls">{child}</s:Body>')


def test_the_wrapper_is_in_the_namespace_of_the_body_and_its_parts_in_none() -> None:
    """Whatever the schemas of the types say of theirs."""
    (body,) = etree.fromstring(load_contract(WSDL, "Clinic").codec("Arrange").encode(ASKED))
    assert body[0].tag == "{urn:clinic:calls}Arrange"
    assert [part.tag for part in body[0]] == ["department", "limit", "schedules"]
    operation = load_contract(WSDL, "Clinic").operations["Arrange"]
    assert isinstance(operation.output.type, ComplexType)
    assert [each.name for each in operation.output.type.children] == ["return", "count", "note"]


@pytest.mark.parametrize(
    ("child", "message"),
    [
        (f"<ArrangeResponse>{RETURNED}</ArrangeResponse>", "wrong-operation"),
        (f"<c:Arrange>{RETURNED}</c:Arrange>", "wrong-operation"),
        (f"<c:ArrangeResponse><c:return/>{RETURNED}</c:ArrangeResponse>", "off-schema"),
        ("<c:ArrangeResponse><return/><count>x</count><note/></c:ArrangeResponse>", "off-schema"),
        ('<c:ArrangeResponse/><m id="a"/>', "several-children"),
    ],
)
def test_a_reply_that_is_another_is_refused(child: str, message: str) -> None:
    """Its wrapper is as fixed as an element of a schema."""
    codec = load_contract(WSDL, "Clinic").codec("Arrange")
    assert codec.decode(reply(f"<c:ArrangeResponse>{RETURNED}</c:ArrangeResponse>")) == {
        "return": {},
        "count": "0",
        "note": "",
    }
    with pytest.raises(ReplyInvalid, match=message):
        codec.decode(reply(child))


def test_a_message_may_have_no_part(tmp_path: Path) -> None:
    """Its wrapper is empty."""
    nothing = '<message name="Nothing"/>\n  <portType name="Clinic">'
    wsdl = changed(
        tmp_path,
        ('<portType name="Clinic">', nothing),
        ('<input message="tns:ArrangeIn"/>', '<input message="tns:Nothing"/>'),
    )
    (body,) = etree.fromstring(load_contract(wsdl, "Clinic").codec("Arrange").encode({}))
    assert body[0].tag == "{urn:clinic:calls}Arrange"
    assert len(body[0]) == 0


def test_a_wrapper_may_be_in_no_namespace(tmp_path: Path) -> None:
    """Where the WSDL gives it none."""
    wsdl = changed(tmp_path, (' namespace="urn:clinic:calls"', ""))
    (body,) = etree.fromstring(load_contract(wsdl, "Clinic").codec("Arrange").encode(ASKED))
    assert body[0].tag == "Arrange"


def test_the_wrapper_may_share_the_namespace_of_the_types(tmp_path: Path) -> None:
    """And then nothing else of it may have its name."""
    own = ('namespace="urn:clinic:calls"', 'namespace="urn:clinic:types"')
    assert load_contract(changed(tmp_path, own), "Clinic").operations
    element = (
        '<xsd:element name="Arrange" type="xsd:string"/>\n      <xsd:complexType name="Doctor">'
    )
    twice = changed(tmp_path, own, ('<xsd:complexType name="Doctor">', element))
    with pytest.raises(ContractError, match="a second element Arrange"):
        load_contract(twice, "Clinic")


def test_an_unknown_type_of_a_part_is_told(tmp_path: Path) -> None:
    """Like any reference that leads nowhere."""
    wsdl = changed(tmp_path, ('type="t:Schedules"', 'type="t:Nothing"'))
    with pytest.raises(ContractError, match="is no valid schema"):
        load_contract(wsdl, "Clinic")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            '<soap:body use="literal" namespace="urn:clinic:calls"/></input>',
            "</input>",
            "the input of Arrange without a soap:body is not supported",
        ),
        (
            '<output message="tns:ArrangeOut"/>',
            "",
            "Arrange needs an input and an output message",
        ),
        (
            '<binding name="Clinic" type="tns:Clinic">',
            '<binding name="Clinic" type="tns:Other">',
            "names the portType tns:Other, and there is none",
        ),
        (
            '<port name="Clinic" binding="tns:Clinic">',
            '<port name="Clinic" binding="tns:Other">',
            "names the binding tns:Other, and there is none",
        ),
        (
            '<soap:binding style="rpc" transport="http://schemas.xmlsoap.org/soap/http"/>',
            ('<soap:binding style="rpc" transport="http://schemas.xmlsoap.org/soap/http"/>'
            '<operation name="Arrange"/>'),
            "a port with two operations of one name is not supported",
        ),
    ],
)  # fmt: skip
def test_a_broken_wsdl_is_told_by_its_line(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    """Whatever in it leads nowhere."""
    with pytest.raises(ContractError) as raised:
        load_contract(changed(tmp_path, (old, new)), "Clinic")
    assert raised.value.what == message
    assert raised.value.line is not None


def test_a_port_may_be_found_in_an_imported_file(tmp_path: Path) -> None:
    """Where the WSDL itself has no service."""
    changed(tmp_path)
    outer = tmp_path / "outer.wsdl"
    outer.write_text(
        '<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" targetNamespace="urn:outer">'
        '<import namespace="urn:clinic" location="rpc.wsdl"/></definitions>'
    )
    assert load_contract(outer, "Clinic").operations.keys() == {"Arrange"}


def test_a_file_that_is_no_wsdl_has_no_port(tmp_path: Path) -> None:
    """Whatever else it is."""
    page = tmp_path / "page.wsdl"
    page.write_text("<html/>")
    with pytest.raises(ContractError, match="has not one SOAP port but these: none"):
        load_contract(page)
