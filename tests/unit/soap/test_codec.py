"""Records become envelopes and envelopes records only as the contract says."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Literal

import pytest
from lxml import etree

from gateway.delivery import Delivery
from gateway.record import Record
from gateway.soap.errors import CallFailed, RecordFault, ReplyInvalid, RequestInvalid, SoapFault
from gateway.soap.operation import SoapOperation
from tests.unit.soap.clinic import SOAP_11, SOAP_12, clinic, codec, envelope, reply, visit

VISIT = '<Day xmlns="">2030-01-31</Day><Fee xmlns="">12.50</Fee><Paid>true</Paid>'


def encoded(arguments: Record) -> etree._Element:
    """The body's child of the encoded arguments."""
    root = etree.fromstring(codec().encode(arguments))
    assert root.tag == f"{{{SOAP_11}}}Envelope"
    return root[0][0]


def faults(arguments: Record) -> set[tuple[str, str]]:
    """What is wrong with the arguments: paths joined with a slash, and reasons."""
    with pytest.raises(RequestInvalid) as raised:
        codec().encode(arguments)
    return {("/".join(fault.path), fault.reason) for fault in raised.value.faults}


def refusal(body: bytes) -> ReplyInvalid:
    """How a reply is refused."""
    with pytest.raises(ReplyInvalid) as raised:
        codec().decode(body)
    return raised.value


def test_the_headers_are_those_of_the_soap_version() -> None:
    """SOAP 1.1 has a header for the action, SOAP 1.2 a parameter of the media type."""
    assert codec().headers == {
        "Content-Type": "text/xml; charset=utf-8",
        "SOAPAction": '"urn:clinic/RecordVisit"',
    }
    assert codec("1.2").headers == {
        "Content-Type": 'application/soap+xml; charset=utf-8; action="urn:clinic/RecordVisit"'
    }


def test_elements_stand_in_the_contracts_order() -> None:
    """The record's own order does not matter."""
    child = encoded({"Tag": ["a", "b"], "Visit": visit(), "Code": "1"})
    assert child.tag == "{urn:clinic}RecordVisit"
    assert [etree.QName(node).localname for node in child] == ["Code", "Visit", "Tag", "Tag"]
    assert [node.tag for node in child[1]] == ["Day", "Fee", "{urn:clinic}Paid"]


def test_absent_nil_and_empty_are_three_things() -> None:
    """An absent key, `None` and an empty text or list are written as what they are."""
    minimal: Record = {"Code": "0", "Visit": visit()}
    assert encoded(minimal).find("{urn:clinic}Note") is None
    nil = encoded({**minimal, "Note": None}).find("{urn:clinic}Note")
    assert nil is not None
    assert nil.get("{http://www.w3.org/2001/XMLSchema-instance}nil") == "true"
    empty = encoded({**minimal, "Note": "", "Tag": []})
    assert empty.findtext("{urn:clinic}Note") == ""
    assert len(empty) == 3


@pytest.mark.parametrize(
    "text",
    [
        "</Note><x/>",
        "]]>",
        "<![CDATA[x]]>",
        "&amp;&x;",
        "<!-- -->",
        "<?x?>",
        "a\r\n\tb",
        "中文𠮷",
        "\u00a0",
    ],
)
def test_text_is_escaped_and_comes_back_as_it_was(text: str) -> None:
    """No text can change the shape of the tree."""
    child = encoded({"Code": "0", "Visit": visit(), "Note": text})
    assert [etree.QName(node).localname for node in child] == ["Code", "Visit", "Note"]
    assert child[2].text == text
    assert len(child[2]) == 0


@pytest.mark.parametrize("text", ["\0", "\x0b", "\x1f", "\ufffe", "\uffff", "\ud800"])
def test_what_xml_cannot_carry_is_refused(text: str) -> None:
    """A character outside XML 1.0 is a fault of its field."""
    arguments: Record = {"Code": "0", "Visit": visit(), "Note": f"a{text}"}
    assert faults(arguments) == {("Note", "has a character that XML cannot carry")}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"Code": None}, ("Code", "must not be nil")),
        ({"Code": ["1"]}, ("Code", "must be one text")),
        ({"Visit": "x"}, ("Visit", "must be one record")),
        ({"Visit": None}, ("Visit", "must not be nil")),
        ({"Visit": {"Day": "2030-01-31", "Paid": "true"}}, ("Visit/Fee", "is required")),
        ({"Visit": {**visit(), "Room": "1"}}, ("Visit/Room", "is not in the contract")),
        ({"Tag": "a"}, ("Tag", "must be a list")),
        ({"Tag": ["a", "b", "c", "d"]}, ("Tag", "must occur at most 3 times")),
        ({"Tag": [None]}, ("Tag", "must not be nil")),
        ({"Code": "2"}, ("Code", "is none of 0, 1, -99")),
        ({"Code": ""}, ("Code", "is none of 0, 1, -99")),
        ({"Visit": {**visit(), "Fee": "1.234"}}, ("Visit/Fee", "has more than 2 decimals")),
        ({"Visit": {**visit(), "Fee": "123456789"}}, ("Visit/Fee", "has more than 8 digits")),
        ({"Visit": {**visit(), "Fee": "-1"}}, ("Visit/Fee", "is less than 0")),
        ({"Visit": {**visit(), "Fee": "nan"}}, ("Visit/Fee", "is not of the type decimal")),
        ({"Visit": {**visit(), "Fee": "1e2"}}, ("Visit/Fee", "is not of the type decimal")),
        ({"Visit": {**visit(), "Fee": "١٢"}}, ("Visit/Fee", "is not of the type decimal")),
        ({"Visit": {**visit(), "Fee": ""}}, ("Visit/Fee", "is not of the type decimal")),
        ({"Visit": {**visit(), "Day": "2030-02-30"}}, ("Visit/Day", "is not of the type date")),
        ({"Visit": {**visit(), "Paid": "TRUE"}}, ("Visit/Paid", "is not of the type boolean")),
        ({"Visit": {**visit(), "Queue": "0"}}, ("Visit/Queue", "is not more than 0")),
        ({"Visit": {**visit(), "Queue": "1000"}}, ("Visit/Queue", "is not less than 1000")),
        ({"Visit": {**visit(), "Queue": "99999"}}, ("Visit/Queue", "is not of the type integer")),
        ({"Tag": ["a", "123456789"]}, ("Tag", "is longer than 8")),
        ({"Tag": [""]}, ("Tag", "is shorter than 1")),
    ],
)
def test_arguments_off_the_contract_are_refused_without_their_value(
    change: Record, expected: tuple[str, str]
) -> None:
    """Nothing is sent that the hospital's own schema does not allow."""
    assert faults({"Code": "0", "Visit": visit(), **change}) == {expected}


def test_every_fault_is_told_at_once() -> None:
    """A caller learns of all faults of a kind in one go."""
    assert faults({"Visit": {"Day": "2030-01-31"}, "Extra": "1"}) == {
        ("Code", "is required"),
        ("Visit/Fee", "is required"),
        ("Visit/Paid", "is required"),
        ("Extra", "is not in the contract"),
    }
    wrong: Record = {"Day": "x", "Fee": "y", "Paid": "z"}
    assert faults({"Code": "0", "Visit": wrong}) == {
        ("Visit/Day", "is not of the type date"),
        ("Visit/Fee", "is not of the type decimal"),
        ("Visit/Paid", "is not of the type boolean"),
    }


def test_the_error_of_a_request_repeats_no_value() -> None:
    """What a patient typed stays out of the exception's own text."""
    error = RequestInvalid((RecordFault(("Visit", "Day"), "is not of the type date"),))
    assert str(error) == "Visit/Day is not of the type date"


def test_a_reply_becomes_a_record() -> None:
    """Repeating elements are lists, nil is `None`, absent elements have no key."""
    body = reply(
        "<ResultCode>0</ResultCode><VisitList>"
        f'<Visit>{VISIT}<Queue xmlns="" xsi:nil="true"/></Visit><Visit xsi:nil=" 1 "/>'
        '</VisitList><r:Remark xmlns:r="urn:clinic:common">ok</r:Remark><Line>one</Line>'
    )
    assert codec().decode(body) == {
        "ResultCode": "0",
        "VisitList": {"Visit": [{**visit(), "Queue": None}, None]},
        "Remark": "ok",
        "Line": ["one"],
    }
    assert codec().decode(reply("<ResultCode>1</ResultCode><VisitList/>")) == {
        "ResultCode": "1",
        "VisitList": {},
    }


def test_white_space_is_what_the_type_says() -> None:
    """Numbers come back collapsed, normalized strings replaced, strings as they are.

    A plain date is not tried: libxml2 takes none with white space around it.
    """
    body = reply(
        "<ResultCode>0</ResultCode><VisitList><Visit>"
        '<Day xmlns="">2030-01-31</Day><Fee xmlns="">\t12.50 </Fee><Paid> true\n</Paid>'
        '<Queue xmlns=""> 12 </Queue><Sheet xmlns="">\nQUJD\n REVG </Sheet>'
        '</Visit></VisitList><r:Remark xmlns:r="urn:clinic:common"> \n a </r:Remark>'
        "<Line> a\tb\n</Line>"
    )
    assert codec().decode(body) == {
        "ResultCode": "0",
        "VisitList": {"Visit": [{**visit(), "Queue": "12", "Sheet": "QUJD REVG"}]},
        "Remark": " \n a ",
        "Line": [" a b "],
    }


def test_cdata_and_references_are_text() -> None:
    """How a text was written does not matter once it is whole."""
    body = reply("<ResultCode><![CDATA[-9]]>&#57;</ResultCode>")
    assert codec().decode(body) == {"ResultCode": "-99"}


@pytest.mark.parametrize(
    ("content", "detail"),
    [
        ("", "/ is incomplete, or stands where the contract has another"),
        ("<ResultCode/>", "/ResultCode is none of 0, 1, -99"),
        ('<ResultCode xsi:nil="true"/>', "/ResultCode must not be nil"),
        ("<ResultCode>7</ResultCode>", "/ResultCode is none of 0, 1, -99"),
        ("<ResultCode>\uff11</ResultCode>", "/ResultCode is none of 0, 1, -99"),
        ("<ResultCode>0<b/></ResultCode>", "/ResultCode must hold text alone"),
        ("<ResultCode>0</ResultCode><ResultCode>0</ResultCode>", "/ResultCode is incomplete"),
        ("<ResultCode>0</ResultCode><姓名>x</姓名>", "/* is incomplete, or stands where"),
        ("<ResultCode a='1'>0</ResultCode>", "/ResultCode/@* is not what the contract says"),
        ("0<ResultCode>0</ResultCode>", "/ must hold elements alone"),
        (
            (
                f"<ResultCode>0</ResultCode><VisitList><Visit>{VISIT}</Visit>"
                f"<Visit>{VISIT.replace('12.50', '12,50')}</Visit></VisitList>"
            ),
            "/VisitList/Visit/Fee is not of the type decimal",
        ),
        (
            (
                "<ResultCode>0</ResultCode><VisitList>"
                f'<Visit xsi:nil="true">{VISIT}</Visit></VisitList>'
            ),
            "/VisitList/Visit is nil and has content",
        ),
    ],
)
def test_a_reply_off_the_schema_is_refused_without_its_values(content: str, detail: str) -> None:
    """The path and the reason are told, the value and foreign names are not."""
    error = refusal(reply(content))
    assert error.reason == "off-schema"
    assert error.detail.startswith(detail)


def test_another_operations_reply_is_refused_though_the_schema_knows_it() -> None:
    """The schema alone would take any element that it declares."""
    body = reply(f"<Code>0</Code><Visit>{VISIT}</Visit>", name="RecordVisit")
    contract_knows_it = etree.fromstring(body)[0][0]
    operation = clinic().operations["RecordVisit"]
    assert isinstance(operation, SoapOperation)
    assert operation.schema.validate(contract_knows_it)
    assert refusal(body).reason == "wrong-operation"
    assert refusal(reply(namespace="urn:other")).reason == "wrong-operation"
    assert refusal(reply(name="recordVisitResponse")).reason == "wrong-operation"


CHILD = '<RecordVisitResponse xmlns="urn:clinic"><ResultCode>0</ResultCode></RecordVisitResponse>'


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"<html><body>down</body></html>", "not-soap"),
        (b"<Envelope><Body/></Envelope>", "not-soap"),
        (reply(soap=SOAP_12), "not-soap"),
        (envelope(""), "no-body"),
        (envelope("<s:Header/>"), "no-body"),
        (envelope("<s:Body/><s:Header/>"), "several-bodies"),
        (envelope(f"<s:Body>{CHILD}</s:Body><s:Body>{CHILD}</s:Body>"), "several-bodies"),
        (envelope(f"<s:Header/><s:Header/><s:Body>{CHILD}</s:Body>"), "several-bodies"),
        (envelope(f"<Body>{CHILD}</Body>"), "no-body"),
        (envelope("<s:Body/>"), "empty-body"),
        (envelope(f"<s:Body>{CHILD}{CHILD}</s:Body>"), "several-children"),
        (envelope(f"<s:Body>x{CHILD}</s:Body>"), "not-soap"),
        (envelope(f"<s:Body>{CHILD}x</s:Body>"), "not-soap"),
        (envelope(f"x<s:Body>{CHILD}</s:Body>"), "not-soap"),
        (envelope(f"<s:Body>{CHILD}</s:Body>x"), "not-soap"),
        (envelope(f"<s:Header/>x<s:Body>{CHILD}</s:Body>"), "not-soap"),
        (
            envelope(f'<s:Header><a s:mustUnderstand="1"/></s:Header><s:Body>{CHILD}</s:Body>'),
            "must-understand",
        ),
        (reply("<ResultCode>1<!-- -->0</ResultCode>"), "comment-or-pi"),
    ],
)
def test_an_envelope_of_another_shape_is_refused(body: bytes, reason: str) -> None:
    """One optional header, one body, one child, and no text between them."""
    assert refusal(body).reason == reason


def test_a_header_that_may_be_ignored_is() -> None:
    """Header blocks are nothing to us unless they must be understood."""
    blocks = '<s:Header><a s:mustUnderstand="0">x</a><b/></s:Header>'
    body = envelope(f"{blocks}\n <s:Body>\n{CHILD}\n</s:Body>\n")
    assert codec().decode(body) == {"ResultCode": "0"}


def test_a_fault_is_raised_with_its_code_and_text() -> None:
    """The hospital's words are carried along, and stay out of the exception's text."""
    body = envelope(
        "<s:Body><s:Fault><faultcode>s:Server</faultcode><faultstring>张三 not found</faultstring>"
        "<detail><x/></detail></s:Fault></s:Body>"
    )
    with pytest.raises(SoapFault) as raised:
        codec().decode(body)
    assert (raised.value.code, raised.value.text) == ("Server", "张三 not found")
    assert str(raised.value) == "Server"


@pytest.mark.parametrize(
    ("soap", "parts"),
    [
        ("1.1", "<faultcode>s:Server</faultcode><faultstring>x</faultstring>"),
        (
            "1.2",
            "<s:Code><s:Value>s:Server</s:Value></s:Code><s:Reason><s:Text>x</s:Text></s:Reason>",
        ),
    ],
)
def test_a_fault_may_come_with_status_500(soap: Literal["1.1", "1.2"], parts: str) -> None:
    """SOAP 1.1 and 1.2 both send faults with it."""
    namespace = SOAP_11 if soap == "1.1" else SOAP_12
    body = envelope(f"<s:Body><s:Fault>{parts}</s:Fault></s:Body>", namespace)
    with pytest.raises(SoapFault) as raised:
        codec(soap).decode(body, 500)
    assert raised.value.code == "Server"


@pytest.mark.parametrize("body", [b"", b"<html/>", b"<html><body>Oops</body>", reply()])
def test_a_500_without_a_fault_is_a_failure_and_no_reply(body: bytes) -> None:
    """Also when its body would pass for a success."""
    with pytest.raises(CallFailed) as raised:
        codec().decode(body, 500)
    assert (raised.value.delivery, raised.value.reason) == (Delivery.ANSWERED, "status-500")


def test_a_fault_of_soap_1_2_is_raised_alike() -> None:
    """Its code and text stand elsewhere."""
    body = envelope(
        "<s:Body><s:Fault><s:Code><s:Value>s:Receiver</s:Value></s:Code><s:Reason>"
        '<s:Text xml:lang="en">busy</s:Text></s:Reason></s:Fault></s:Body>',
        SOAP_12,
    )
    with pytest.raises(SoapFault) as raised:
        codec("1.2").decode(body)
    assert (raised.value.code, raised.value.text) == ("Receiver", "busy")
    assert codec("1.2").decode(reply(soap=SOAP_12)) == {"ResultCode": "0"}


@pytest.mark.parametrize(
    "fault",
    [
        "",
        "<faultcode>s:Server</faultcode>",
        "<faultstring>x</faultstring>",
        "<faultcode>no name</faultcode><faultstring>x</faultstring>",
        "<faultcode>a\nb</faultcode><faultstring>x</faultstring>",
        f"<faultcode>{'a' * 100}</faultcode><faultstring>x</faultstring>",
    ],
)
def test_a_fault_without_a_proper_code_or_text_is_refused(fault: str) -> None:
    """A code is logged, so it must be a name."""
    assert refusal(envelope(f"<s:Body><s:Fault>{fault}</s:Fault></s:Body>")).reason == "fault-shape"


def test_no_schema_location_in_a_reply_is_followed() -> None:
    """A reply cannot bring a schema of its own."""
    child = CHILD.replace("><Res", ' xsi:schemaLocation="urn:clinic file:///nowhere.xsd"><Res')
    assert codec().decode(envelope(f"<s:Body>{child}</s:Body>")) == {"ResultCode": "0"}


def test_no_type_can_be_swapped_for_a_wider_one() -> None:
    """`xsi:type` may name what the element is anyway, and nothing that is not derived from it."""
    named = 'xmlns:xs="http://www.w3.org/2001/XMLSchema" xsi:type="xs:{0}"'
    right = f'<r:Remark xmlns:r="urn:clinic:common" {named.format("string")}>a</r:Remark>'
    wrong = f"<ResultCode {named.format('string')}>anything</ResultCode>"
    assert codec().decode(reply(f"<ResultCode>0</ResultCode>{right}"))["Remark"] == "a"
    assert refusal(reply(wrong)).reason == "off-schema"


def test_a_number_of_any_length_is_read_as_text() -> None:
    """libxml2 compares long numbers without failing inside."""
    fee = VISIT.replace("12.50", "0" * 5000 + "12.50")
    body = reply(f"<ResultCode>0</ResultCode><VisitList><Visit>{fee}</Visit></VisitList>")
    record = codec().decode(body)
    assert record["VisitList"] == {"Visit": [{**visit(), "Fee": "0" * 5000 + "12.50"}]}


def test_two_threads_decode_beside_one_another() -> None:
    """A reload's codecs and those that serve share one parser, and each gets its own records."""

    def decoded(note: str) -> set[str]:
        mine = codec()
        body = reply(
            f'<ResultCode>0</ResultCode><k:Remark xmlns:k="urn:clinic:common">{note}</k:Remark>'
        )
        return {str(mine.decode(body)) for _ in range(2000)}

    with ThreadPoolExecutor(max_workers=2) as threads:
        one, other = threads.map(decoded, ("one", "other"))
    assert len(one) == len(other) == 1
    assert "'one'" in one.pop()
    assert "'other'" in other.pop()
