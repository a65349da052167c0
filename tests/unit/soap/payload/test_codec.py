"""A message inside a string goes out and comes back whole, by its schema, or not at all."""

from __future__ import annotations

import pytest
from lxml import etree

from gateway.record import Record
from gateway.soap.errors import RecordFault, ReplyInvalid, RequestInvalid
from gateway.soap.payload.model import Payload
from tests.unit.soap.payload.billing import (
    BILLING,
    answer,
    asking,
    body_child,
    contract,
    envelope,
    payload,
)

DONE = "<RESPONSE><RESULT>1</RESULT></RESPONSE>"
HARD = "]]>王&<b>\n|𠮷 "


def sent(arguments: Record, found: Payload | None = None) -> etree._Element:
    """The body's child that goes out."""
    return body_child(contract(found).codec("QueryBills").encode(arguments))


def message(child: etree._Element, at: str = "{*}InXml") -> etree._Element:
    """The document in the string."""
    text = child.findtext(at)
    assert text is not None
    return etree.fromstring(text.encode("gb18030") if "GB" in text[:40] else text.encode())


def refusal(body: bytes, found: Payload | None = None) -> ReplyInvalid:
    """How a reply is refused."""
    with pytest.raises(ReplyInvalid) as raised:
        contract(found).codec("QueryBills").decode(body)
    return raised.value


def test_the_message_is_a_document_beside_the_carriers_arguments() -> None:
    """The trade code is the trade's own, the operator the caller's."""
    child = sent({"CARDNO": "1", "Operator": "7", "BILLS": {"BILLNO": ["a", HARD]}})
    assert [etree.QName(node).localname for node in child] == ["TransCode", "InXml", "Operator"]
    assert child.findtext("{*}TransCode") == "MZ2001"
    assert child.findtext("{*}Operator") == "7"
    document = message(child)
    assert document.tag == "REQUEST"
    assert [node.text for node in document.iter("BILLNO")] == ["a", HARD]


def test_the_message_can_stand_in_a_group() -> None:
    """Beside what the trade says there and what the caller gives."""
    child = sent({"CARDNO": "1", "Request": {"Channel": "DY"}}, asking())
    (group,) = child
    assert [etree.QName(node).localname for node in group] == ["Function", "Data", "Channel"]
    assert (group[0].text, group[2].text) == ("MZ", "DY")
    assert message(child, "{*}Request/{*}Data").findtext("CARDNO") == "1"


def test_the_arguments_given_are_not_changed() -> None:
    """They are compared with the answer later."""
    arguments: Record = {"CARDNO": "1", "Request": {"Channel": "DY"}}
    sent(arguments, asking())
    assert arguments == {"CARDNO": "1", "Request": {"Channel": "DY"}}


def test_faults_of_the_message_are_told_at_the_trades_paths() -> None:
    """As those of any other operation, all at once, and without the value."""
    codec = contract().codec("QueryBills")
    with pytest.raises(RequestInvalid) as raised:
        codec.encode({"NAME": ["x"], "Strange": "y"})
    assert set(raised.value.faults) == {
        RecordFault(("CARDNO",), "is required"),
        RecordFault(("NAME",), "must be one text"),
        RecordFault(("Strange",), "is not in the contract"),
    }
    with pytest.raises(RequestInvalid) as raised:
        codec.encode({"CARDNO": "1" * 21})
    assert raised.value.faults == (RecordFault(("CARDNO",), "is longer than 20"),)


def test_faults_of_the_carrier_are_told_too() -> None:
    """Its schema holds for what stands beside the message."""
    with pytest.raises(RequestInvalid) as raised:
        contract().codec("QueryBills").encode({"CARDNO": "1", "Operator": "one"})
    assert raised.value.faults == (RecordFault(("Operator",), "is not of the type integer"),)


def test_a_reply_is_the_record_of_its_message() -> None:
    """With a declaration or without, and white space around it."""
    bill = "<BILL><BILLNO>]]&gt;王</BILLNO><AMOUNT>1.50</AMOUNT></BILL>"
    document = f"<RESPONSE><RESULT>1</RESULT>{bill}</RESPONSE>"
    codec = contract().codec("QueryBills")
    for text in (document, f'\n<?xml version="1.0" encoding="UTF-8"?>\n{document}\n'):
        assert codec.decode(answer(text)) == {
            "RESULT": "1",
            "BILL": [{"BILLNO": "]]>王", "AMOUNT": "1.50"}],
        }


def reply_of_ask(code: str, data: str | None) -> bytes:
    """What Ask answers: a code, and a message where there is one."""
    child = etree.Element(f"{{{BILLING}}}AskResponse")
    etree.SubElement(child, f"{{{BILLING}}}Code").text = code
    group = etree.SubElement(child, f"{{{BILLING}}}Return")
    etree.SubElement(group, f"{{{BILLING}}}Message").text = "m"
    if data is not None:
        etree.SubElement(group, f"{{{BILLING}}}Data").text = data
    return envelope(child)


@pytest.mark.parametrize("data", [None, ""])
def test_a_refusal_without_a_message_is_what_stands_beside_it(data: str | None) -> None:
    """Where the carrier need not carry one."""
    codec = contract(asking()).codec("QueryBills")
    beside = {"Code": "9", "Return": {"Message": "m"}}
    assert codec.decode(reply_of_ask("9", data)) == beside
    assert codec.decode(reply_of_ask("9", DONE)) == {"RESULT": "1", **beside}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (None, "payload-missing: /ProcessResult is empty"),
        ("sorry", "payload-not-xml: not-xml"),
        (f"{DONE}{DONE}", "payload-not-xml: not-xml"),
        (f"<!DOCTYPE RESPONSE>{DONE}", "payload-not-xml: doctype"),
        (f"<!-- -->{DONE}", "payload-not-xml: comment-or-pi"),
        (f'<?xml version="1.0" encoding="GBK"?>{DONE}', "payload-charset: encoding"),
        ("<REQUEST/>", "payload-off-schema: the root is not RESPONSE"),
        (
            "<RESPONSE><RESULT>done</RESULT></RESPONSE>",
            "payload-off-schema: /RESULT is not of the type integer",
        ),
    ],
)
def test_a_message_off_its_schema_is_refused_without_its_values(
    text: str | None, told: str
) -> None:
    """Though the carrier is valid: to it any text will do."""
    assert str(refusal(answer(text))) == told


def test_the_charset_is_declared() -> None:
    """The far end turns the string into it."""
    text = sent({"CARDNO": "王"}, payload(charset="GBK")).findtext("{*}InXml") or ""
    assert text.startswith('<?xml version="1.0" encoding="GBK"?><REQUEST>')
    assert etree.fromstring(text.encode("gbk")).findtext("CARDNO") == "王"


@pytest.mark.parametrize(("charset", "lacks"), [("GBK", True), ("GB18030", False)])
def test_a_character_outside_the_charset_is_not_sent(charset: str, *, lacks: bool) -> None:
    """It would be lost at the hospital, and a name with it."""
    codec = contract(payload(charset=charset)).codec("QueryBills")
    arguments: Record = {"CARDNO": "1", "BILLS": {"BILLNO": ["王", "𠮷"]}}
    if not lacks:
        document = message(body_child(codec.encode(arguments)))
        assert [node.text for node in document.iter("BILLNO")] == ["王", "𠮷"]
        return
    with pytest.raises(RequestInvalid) as raised:
        codec.encode(arguments)
    assert raised.value.faults == (
        RecordFault(("BILLS", "BILLNO"), "has a character that GBK cannot carry"),
    )


@pytest.mark.parametrize("declared", ["GBK", "gb2312"])
def test_a_reply_may_declare_its_charset_or_a_part_of_it(declared: str) -> None:
    """What is in GB2312 is in GBK."""
    codec = contract(payload(charset="GBK")).codec("QueryBills")
    text = f'<?xml version="1.0" encoding="{declared}"?>{DONE}'
    assert codec.decode(answer(text)) == {"RESULT": "1"}
    assert codec.decode(answer(DONE)) == {"RESULT": "1"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f'<?xml version="1.0" encoding="UTF-8"?>{DONE}', "payload-charset: encoding"),
        (f'<?xml version="1.0" encoding="GB18030"?>{DONE}', "payload-charset: encoding"),
        ("<RESPONSE><RESULT>𠮷</RESULT></RESPONSE>", "payload-charset: beyond GBK"),
    ],
)
def test_a_reply_in_another_charset_is_off_contract(text: str, told: str) -> None:
    """Nobody knows then what the hospital's own text was."""
    assert str(refusal(answer(text), payload(charset="GBK"))) == told
