"""SOAP encoding is written with its types, and read whatever way it was written in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from gateway.record import Record
from gateway.soap.codec import Codec
from gateway.soap.contract import load_contract
from gateway.soap.errors import ContractError, ReplyInvalid, RequestInvalid
from tests.unit.soap.clinic import SOAP_11

WSDL = Path(__file__).parents[2] / "breadth" / "service" / "encoded.wsdl"
DOCTOR: Any = {"code": "007", "name": "张三", "senior": "true"}
SCHEDULE: Any = {"day": "2030-01-31", "fee": "12.50", "doctor": DOCTOR, "times": {"item": ["8:00"]}}
NAMES = {
    "s": SOAP_11,
    "e": "http://schemas.xmlsoap.org/soap/encoding/",
    "i": "http://www.w3.org/2001/XMLSchema-instance",
    "x": "http://www.w3.org/2001/XMLSchema",
    "c": "urn:clinic:calls",
    "t": "urn:clinic:types",
}
# As Axis 1 writes them: every value that is no simple one beside the wrapper, under an id.
DOCTOR_REF = (
    '<multiRef id="id2" e:root="0" s:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"'
    ' i:type="t:Doctor"><code i:type="e:string">007</code><name i:type="e:string">张三</name>'
    '<senior i:type="x:boolean">true</senior></multiRef>'
)
SCHEDULE_REF = (
    '<multiRef id="id1" e:root="0" i:type="t:Schedule"><day i:type="x:date">2030-01-31</day>'
    '<fee href="#id3"/><doctor href="#id2"/>'
    '<times e:arrayType="x:string[1]" i:type="e:Array"><time i:type="x:string">8:00</time></times>'
    '</multiRef><multiRef id="id3" e:root="0" i:type="x:decimal">12.50</multiRef>'
)


def codec() -> Codec:
    """Of the contract's one operation."""
    return load_contract(WSDL).codec("Arrange")


def reply(returned: str, beside: str = "", count: str = '<count i:type="x:int">1</count>') -> bytes:
    """A reply that returns this, with `beside` after the wrapper."""
    spaces = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in NAMES.items())
    return (
        f"<s:Envelope {spaces}><s:Body>"
        f'<c:ArrangeResponse s:encodingStyle="{NAMES["e"]}">{returned}{count}<note>n</note>'
        f"</c:ArrangeResponse>{beside}</s:Body></s:Envelope>"
    ).encode()


def array(items: str, attributes: str = 'i:type="e:Array" e:arrayType="t:Schedule[1]"') -> str:
    """The returned array."""
    return f"<return {attributes}>{items}</return>"


def refusal(body: bytes) -> ReplyInvalid:
    """What reading the reply ends with."""
    with pytest.raises(ReplyInvalid) as raised:
        codec().decode(body)
    return raised.value


ANSWERED: Record = {"return": {"schedule": [SCHEDULE]}, "count": "1", "note": "n"}


def test_every_value_says_its_type() -> None:
    """Structs by name, simple ones by XML Schema, arrays by what and how many they hold."""
    asked: Any = {"department": "a", "limit": "3", "schedules": {"schedule": [SCHEDULE] * 2}}
    root = etree.fromstring(codec().encode(asked))
    wrapper = root.find("s:Body/c:Arrange", NAMES)
    assert wrapper is not None
    assert wrapper.get(f"{{{SOAP_11}}}encodingStyle") == NAMES["e"]
    said = {
        re.sub(r"\[\d+\]|.*c:Arrange/", "", path): (
            node.get(f"{{{NAMES['i']}}}type"),
            node.get(f"{{{NAMES['e']}}}arrayType"),
        )
        for path, node in paths(wrapper)
    }
    assert said == {
        "department": ("xsd:string", None),
        "limit": ("xsd:int", None),
        "schedules": ("soapenc:Array", "ns1:Schedule[2]"),
        "schedules/schedule": ("ns1:Schedule", None),
        "schedules/schedule/day": ("xsd:date", None),
        "schedules/schedule/fee": ("xsd:decimal", None),
        "schedules/schedule/doctor": ("ns1:Doctor", None),
        "schedules/schedule/doctor/code": ("xsd:string", None),
        "schedules/schedule/doctor/name": ("xsd:string", None),
        "schedules/schedule/doctor/senior": ("xsd:boolean", None),
        "schedules/schedule/times": ("soapenc:Array", "xsd:string[1]"),
        "schedules/schedule/times/item": ("xsd:string", None),
    }
    assert root.nsmap["ns1"] == "urn:clinic:types"


def paths(wrapper: etree._Element, above: str = "") -> Iterator[tuple[str, etree._Element]]:
    """Every element below the wrapper with its path."""
    for child in wrapper:
        yield f"{above}{child.tag}", child
        yield from paths(child, f"{above}{child.tag}/")


def test_a_request_is_held_against_the_types_behind_the_encoding() -> None:
    """A value that they do not allow is told by its path, and nothing is sent."""
    asked: Any = {"department": "a", "limit": "many", "schedules": {"schedule": [SCHEDULE]}}
    with pytest.raises(RequestInvalid) as raised:
        codec().encode(asked)
    assert str(raised.value) == "limit is not of the type integer"


@pytest.mark.parametrize(
    "body",
    [
        reply(array('<item href="#id1"/>'), SCHEDULE_REF + DOCTOR_REF),
        reply(
            '<return href="#a"/>',
            array('<item href="#id1"/>', 'id="a"') + DOCTOR_REF + SCHEDULE_REF,
        ),
        reply(
            '<return href="#a"/>',
            '<e:Array id="a" e:root="0" e:arrayType="t:Schedule[1]">'
            '<t:Schedule href="#id1"/></e:Array>'
            + DOCTOR_REF
            + SCHEDULE_REF,
        ),
        reply(
            array(
                '<schedule i:type="t:Schedule"><t:times><x/></t:times><t:doctor href="#id2"/>'
                "<fee> 12.50 </fee><day>2030-01-31</day></schedule>"
            ).replace("<x/>", "<x:string>8:00</x:string>"),
            DOCTOR_REF,
        ),
        reply(
            array('<item href="#id1"/>'), SCHEDULE_REF + DOCTOR_REF, '<count href="#n"/>'
        ).replace(b"</s:Body>", b'<multiRef id="n">1</multiRef></s:Body>'),
    ],
    ids=["axis", "array-beside", "array-by-name", "any-order-and-form", "chained"],
)  # fmt: skip
def test_a_reply_means_the_same_however_it_is_written(body: bytes) -> None:
    """With or without references, types and order: they are the encoding, not what is said."""
    assert codec().decode(body) == ANSWERED


def test_a_text_of_the_encoding_may_be_nil() -> None:
    """The simple types of SOAP's own schema are those that may."""
    nil = DOCTOR_REF.replace('<name i:type="e:string">张三</name>', '<name i:nil="1"/>')
    body = reply(array('<item href="#id1"/>'), SCHEDULE_REF + nil)
    doctor = {**DOCTOR, "name": None}
    assert codec().decode(body)["return"] == {"schedule": [{**SCHEDULE, "doctor": doctor}]}
    gone = DOCTOR_REF.replace('<code i:type="e:string">007</code>', '<code i:nil="1"/>')
    error = refusal(reply(array('<item href="#id1"/>'), SCHEDULE_REF + gone))
    assert str(error) == "off-schema: /return/schedule/doctor/code must not be nil"


@pytest.mark.parametrize("nil", ['<return i:nil="1"/>', '<return href="#n"/>'])
def test_what_is_returned_may_be_nil(nil: str) -> None:
    """Whatever its type: a part has no place to say so, and services return null for nothing."""
    body = reply(nil, '<m id="n" i:nil="true"/>', '<count i:type="x:int" i:nil="true"/>')
    assert codec().decode(body) == {"return": None, "count": None, "note": "n"}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (reply('<return href="#none"/>'), "reference: to nothing"),
        (reply('<return href="http://secret.invalid/"/>'), "reference: to outside of the message"),
        (reply('<return href="#r" id="r"/>'), "reference: in a circle"),
        (
            reply('<return href="#a"/>', '<m id="a" href="#b"/><m id="b" href="#a"/>'),
            "reference: in a circle",
        ),
        (
            reply(array('<item href="#id1"/>'), SCHEDULE_REF.replace("#id2", "#id1")),
            "reference: in a circle",
        ),
        (reply('<return href="#a">1</return>', '<m id="a"/>'), "reference: beside a content"),
        (reply('<return href="#a"/>', '<m id="a"/><m id="a"/>'), "reference: an id that two"),
        (reply(array("")).replace(b"</s:Body>", b"<m/></s:Body>"), "several-children"),
        (reply(array("<i/>", 'e:offset="[4]"')), "off-schema: an array that is not sent whole"),
        (reply(array('<i e:position="[4]"/>')), "off-schema: an array that is not sent whole"),
        (reply(array("<i/>")), "off-schema: /return/schedule is incomplete"),
        (reply(array("", "") + "<secret>1</secret>"), "off-schema: /* is incomplete, or stands"),
        (reply(array("secret")), "off-schema: /return must hold elements alone"),
        (reply(array(""), count="<count>1<b/></count>"), "off-schema: /count must hold text alone"),
        (reply(array(""), count="<count>one</count>"), "off-schema: /count is not of the type int"),
    ],
)  # fmt: skip
def test_a_reply_that_cannot_be_made_out_is_refused(body: bytes, message: str) -> None:
    """References that lead nowhere or round, and whatever the types behind do not allow."""
    assert str(refusal(body)).startswith(message)


def test_ten_thousand_references_are_read_once_each() -> None:
    """Each to one and the same doctor."""
    one = (
        "<item><day>2030-01-31</day><fee>1</fee>"
        '<doctor href="#id2"/><times e:arrayType="x:string[0]"/></item>'
    )
    answered: Any = codec().decode(reply(array(one * 10_000), DOCTOR_REF))
    assert len(answered["return"]["schedule"]) == 10_000
    assert all(each["doctor"] == DOCTOR for each in answered["return"]["schedule"])


def test_what_is_referred_to_again_and_again_is_bounded() -> None:
    """A few bytes must not become a message that fills the memory."""
    times = "<times href='#t'/>"
    one = f"<item><day>2030-01-31</day><fee>1</fee><doctor href='#id2'/>{times}</item>"
    many = f'<m id="t" e:arrayType="x:string[999]">{"<i>1</i>" * 999}</m>'
    error = refusal(reply(array(one * 1000), DOCTOR_REF + many))
    assert str(error) == "reference: to more than any contract needs"
    long = f'<m id="t" e:arrayType="x:string[1]"><i>{"x" * 100_000}</i></m>'
    error = refusal(reply(array(one * 1000), DOCTOR_REF + long))
    assert str(error) == "reference: to more than any contract needs"
    unknown = DOCTOR_REF.replace("</multiRef>", "<x/>" * 1000 + "</multiRef>")
    error = refusal(reply(array(one * 1000), unknown + '<m id="t"/>'))
    assert str(error) == "reference: to more than any contract needs"
    chain = "".join(f'<m id="a{n}" href="#a{n + 1}"/>' for n in range(500)) + '<m id="a500"/>'
    error = refusal(reply(array('<item href="#a0"/>' * 500), chain))
    assert str(error) == "reference: to more than any contract needs"


def test_attributes_that_are_referred_to_again_and_again_are_bounded(tmp_path: Path) -> None:
    """They are a part of what a reference brings in."""
    wsdl = tmp_path / "encoded.wsdl"
    note = '<xsd:attribute name="note" type="xsd:string"/></xsd:complexType>'
    before, doctor, after = WSDL.read_text().partition('<xsd:complexType name="Doctor">')
    wsdl.write_text(before + doctor + after.replace("</xsd:complexType>", note, 1))
    one = "<item><day>2030-01-31</day><fee>1</fee><doctor href='#id2'/><times/></item>"
    for length, times, bounded in ((3, 1, False), (100_000, 1000, True)):
        noted = DOCTOR_REF.replace("<multiRef ", f'<multiRef note="{"x" * length}" ')
        body = reply(array(one * times), noted)
        if bounded:
            with pytest.raises(ReplyInvalid, match="to more than any contract needs"):
                load_contract(wsdl).codec("Arrange").decode(body)
        else:
            answered: Any = load_contract(wsdl).codec("Arrange").decode(body)
            assert answered["return"]["schedule"][0]["doctor"] == {**DOCTOR, "@note": "xxx"}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("xsd:string[]", "xsd:string[][]", "an array of xsd:string[][]"),
        ("xsd:string[]", "xsd:string[,]", "an array of xsd:string[,]"),
        (
            '<xsd:attribute ref="soapenc:arrayType" wsdl:arrayType="xsd:string[]"/>',
            "",
            "an array of nothing named",
        ),
    ],
)
def test_an_array_that_is_not_understood_is_refused_by_its_line(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    """At load, as other constructs are."""
    wsdl = tmp_path / "encoded.wsdl"
    wsdl.write_text(WSDL.read_text().replace(old, new))
    with pytest.raises(ContractError) as raised:
        load_contract(wsdl)
    assert raised.value.what == f"{message} is not supported"
    assert raised.value.line == 29


def test_an_array_of_anything_refuses_only_who_has_it(tmp_path: Path) -> None:
    """As a type that no message has it does no harm."""
    unused = (
        '<xsd:complexType name="Unused"><xsd:sequence>'
        '<xsd:element name="any" type="soapenc:Array"/></xsd:sequence></xsd:complexType>'
        '<xsd:complexType name="Doctor">'
    )
    wsdl = tmp_path / "encoded.wsdl"
    wsdl.write_text(WSDL.read_text().replace('<xsd:complexType name="Doctor">', unused))
    assert load_contract(wsdl).operations
    wsdl.write_text(WSDL.read_text().replace('type="t:Times"', 'type="soapenc:Array"'))
    with pytest.raises(ContractError, match="the type xsd:anyType is not supported"):
        load_contract(wsdl)


def test_a_part_of_any_type_is_refused_by_its_line(tmp_path: Path) -> None:
    """Like a member, though its element was made here."""
    wsdl = tmp_path / "encoded.wsdl"
    text = WSDL.read_text().replace(
        'name="limit" type="xsd:int"', 'name="limit" type="xsd:anyType"'
    )
    wsdl.write_text(text)
    with pytest.raises(ContractError) as raised:
        load_contract(wsdl)
    assert raised.value.what == "the type xsd:anyType is not supported"
    assert raised.value.line == text[: text.index("xsd:anyType")].count("\n") + 1


def test_the_encoding_of_the_other_version_is_refused(tmp_path: Path) -> None:
    """SOAP 1.2 has one of its own."""
    wsdl = tmp_path / "encoded.wsdl"
    wsdl.write_text(WSDL.read_text().replace("/wsdl/soap/", "/wsdl/soap12/"))
    with pytest.raises(ContractError, match=r"the encoding of SOAP 1\.2 is not supported"):
        load_contract(wsdl)
