"""A message stands as elements where the WSDL lets anything stand."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

from gateway.packs import check_packs
from gateway.soap.contract import Contract, load_contract
from gateway.soap.errors import ContractError, ReplyInvalid
from gateway.soap.payload.model import ReplyPlace, RequestPlace
from gateway.soap.payload.trades import with_payload
from tests.policies.test_payload import pack
from tests.unit.soap.payload.billing import BILLING, PACK, body_child, envelope, payload

OPEN = "<xs:complexType><xs:sequence><xs:any/></xs:sequence></xs:complexType></xs:element>"
DECLARED = {
    "spyne": ('type="xs:anyType"/>', ""),
    "untyped": ("/>", ""),
    "XmlElement": (">", OPEN),
    "XmlNode": (">", OPEN.replace("Type>", 'Type mixed="true">', 1)),
}
REPLY = "<RESPONSE><RESULT>1</RESULT></RESPONSE>"


def declare(wsdl: Path, how: str) -> Path:
    """The service's WSDL, in which the message and its reply are of any type."""
    text = (PACK / "billing.wsdl").read_text("utf-8")
    for name in ("InXml", "ProcessResult"):
        old = f'name="{name}" type="xs:string"/>'
        assert old in text
        text = text.replace(old, f'name="{name}" {"".join(DECLARED[how])}')
    wsdl.write_text(text, "utf-8")
    return wsdl


@pytest.fixture(params=DECLARED)
def contract(request: pytest.FixtureRequest, tmp_path: Path) -> Contract:
    """The contract in which these are texts."""
    return load_contract(declare(tmp_path / "billing.wsdl", request.param), any_text=True)


def answer(content: str) -> bytes:
    """A reply with this in its result."""
    name = "ProcessResponse"
    return envelope(
        etree.fromstring(
            f'<{name} xmlns="{BILLING}"><ProcessResult>{content}</ProcessResult></{name}>'
        )
    )


def test_a_message_goes_and_comes_as_elements(contract: Contract) -> None:
    """In whatever way the WSDL says that it may be anything."""
    raw = payload(request=RequestPlace(None, "raw"), reply=ReplyPlace(None, "raw", ()))
    codec = with_payload(contract, raw, PACK).codec("QueryBills")
    sent = body_child(codec.encode({"CARDNO": "1", "NAME": "王 <小> 明"}))
    assert sent.findtext("{*}InXml/{*}REQUEST/{*}NAME") == "王 <小> 明"
    told = codec.decode(answer(REPLY.replace("<RESPONSE>", '<RESPONSE xmlns="">')))
    assert told == {"RESULT": "1"}


def test_elements_are_not_read_as_a_text(contract: Contract) -> None:
    """Where no message stands as elements: they would be lost."""
    codec = contract.codec("Process")
    assert codec.decode(answer("told")) == {"ProcessResult": "told"}
    with pytest.raises(ReplyInvalid) as raised:
        codec.decode(answer(f"told{REPLY}"))
    assert str(raised.value) == "off-schema: elements where a text alone is read"


@pytest.mark.parametrize("how", ["spyne", "untyped", "XmlNode"])
def test_without_such_a_message_it_is_refused(tmp_path: Path, how: str) -> None:
    """As what no record can hold."""
    refused = load_contract(declare(tmp_path / "billing.wsdl", how)).refused["Process"]
    assert isinstance(refused, ContractError)
    assert refused.line == 13


@pytest.mark.parametrize("how", DECLARED)
def test_a_policy_of_raw_messages_takes_it(tmp_path: Path, how: str) -> None:
    """No field says so but how the message is written."""
    raw = "  request: {written: raw}\n  reply: {written: raw}\n  trades:\n"
    folder = pack(tmp_path, ("  trades:\n", raw))
    declare(folder / "billing.wsdl", how)
    assert check_packs((folder,)).findings == ()
