"""A string stands in the envelope as the hospital wants it, and is read as it comes."""

from __future__ import annotations

import pytest
from lxml import etree

from gateway.soap.credentials import Credentials
from gateway.soap.errors import CallFailed, ReplyInvalid, SoapFault
from gateway.soap.payload.model import ReplyPlace, RequestPlace, RequestWriting
from gateway.soap.payload.writing import unescaped
from gateway.soap.security import Security
from tests.unit.soap.payload.billing import BILLING, SOAP, answer, contract, envelope, payload

RAW = payload(request=RequestPlace(None, "raw"), reply=ReplyPlace(None, "raw", ()))
DONE = "<RESPONSE><RESULT>1</RESULT></RESPONSE>"


def raw_answer(content: str) -> bytes:
    """What Process answers, with elements in its result."""
    namespace = f'xmlns:b="{BILLING}"'
    return envelope(
        etree.fromstring(
            f"<b:ProcessResponse {namespace}><b:ProcessResult>{content}</b:ProcessResult>"
            "</b:ProcessResponse>"
        )
    )


def test_raw_is_elements_in_the_envelope() -> None:
    """In no namespace, as their schema has them, and without a declaration."""
    sent = contract(RAW).codec("QueryBills").encode({"CARDNO": "]]>"})
    assert b"<ns0:InXml><REQUEST><CARDNO>]]&gt;</CARDNO></REQUEST></ns0:InXml>" in sent


def test_cdata_is_a_section() -> None:
    """The declaration is in it."""
    found = payload(request=RequestPlace(None, "cdata"), charset="GBK")
    sent = contract(found).codec("QueryBills").encode({"CARDNO": "王"})
    text = '<?xml version="1.0" encoding="GBK"?><REQUEST><CARDNO>王</CARDNO></REQUEST>'
    assert f"<ns0:InXml><![CDATA[{text}]]></ns0:InXml>".encode() in sent


@pytest.mark.parametrize("written", ["escaped", "cdata", "raw"])
def test_who_sends_stands_beside_a_message_in_a_string(written: RequestWriting) -> None:
    """In each attempt anew, and the message stays as it was written."""
    found = contract(payload(request=RequestPlace(None, written)))
    security = Security("gateway", "made-up", digest=True)
    codec = found.codec("QueryBills", Credentials(security))
    envelope = codec.encode({"CARDNO": "]>王\r\n"})
    sent = [codec.for_attempt(envelope) for _ in range(2)]
    assert len({etree.fromstring(each)[0].findtext(".//{*}Nonce") for each in sent}) == 2
    start, end = envelope.index(b"<soap:Body>"), envelope.index(b"</soap:Envelope>")
    assert all(envelope[start:end] in each for each in sent)


def test_the_carrier_of_raw_elements_is_still_held_against_its_schema() -> None:
    """Only the place of the message is given room."""
    codec = contract(RAW).codec("QueryBills")
    assert codec.decode(raw_answer(DONE)) == {"RESULT": "1"}
    assert codec.decode(raw_answer(f"\n  {DONE}\n")) == {"RESULT": "1"}
    other = raw_answer(DONE).replace(b"ProcessResult", b"Result")
    with pytest.raises(ReplyInvalid, match=r"^off-schema"):
        codec.decode(other)


@pytest.mark.parametrize("content", [f"{DONE}{DONE}", f"text{DONE}", f"{DONE}text"])
def test_raw_is_one_element(content: str) -> None:
    """Nothing beside it."""
    with pytest.raises(ReplyInvalid, match=r"^payload-not-xml: not one element"):
        contract(RAW).codec("QueryBills").decode(raw_answer(content))


def test_what_is_no_reply_is_told_as_that_of_any_operation() -> None:
    """A fault, a failure, and what is no SOAP at all."""
    codec = contract(RAW).codec("QueryBills")
    fault = f'<s:Fault xmlns:s="{SOAP}"><faultcode>s:Server</faultcode><faultstring/></s:Fault>'
    with pytest.raises(SoapFault):
        codec.decode(envelope(etree.fromstring(fault)))
    with pytest.raises(CallFailed):
        codec.decode(b"oops", 500)
    with pytest.raises(ReplyInvalid, match=r"^not-xml"):
        codec.decode(b"oops")


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("&lt;a&gt;&amp;amp;&lt;/a&gt;", "<a>&amp;</a>"),
        ("&#60;&#x3C;&quot;&apos;", "<<\"'"),
        ("{}", "{}"),
    ],
)
def test_what_was_escaped_twice_is_unescaped_once_more(text: str, plain: str) -> None:
    """By XML's own references and no others."""
    assert unescaped(text) == plain


@pytest.mark.parametrize("text", ["<a/>", "&", "a&b;", "&nbsp;", "&copy;", "&#0xD800;", "&#xD800;"])
def test_what_was_not_escaped_twice_is_refused(text: str) -> None:
    """Else a value that holds an ampersand would be another."""
    with pytest.raises(ReplyInvalid, match=r"^payload-not-xml"):
        unescaped(text)


def test_a_reply_that_was_escaped_once_is_not_twice() -> None:
    """Though it could be read."""
    found = payload(reply=ReplyPlace(None, "twice", ()))
    with pytest.raises(ReplyInvalid, match=r"^payload-not-xml: not escaped twice"):
        contract(found).codec("QueryBills").decode(answer(DONE))
