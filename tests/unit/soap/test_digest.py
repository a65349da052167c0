"""The digest of a legacy service is made at the last moment, of what is sent."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import etree

from gateway.record import Record
from gateway.soap.contract import Contract, load_contract
from gateway.soap.credentials import Credentials
from gateway.soap.digest import Digest, with_digest
from gateway.soap.elements import ComplexType, follow
from gateway.soap.errors import RecordFault, RequestInvalid
from gateway.soap.payload.model import Payload, ReplyPlace, RequestPlace, Trade
from gateway.soap.payload.trades import with_payload
from gateway.soap.security import Security
from tests.unit.soap.payload.billing import PACK, asking, body_child, wsdl

KEY = Credentials(digest_key="k&y")
SIGNED = Digest(
    into=("Request", "Channel"),
    algorithm="MD5",
    over=(("Request", "Function"), ("Request", "Data")),
    joined="pairs",
    key_name="key",
    letters="lower",
    charset="UTF-8",
)


def sent(digest: Digest, arguments: Record, contract: Contract | None = None) -> str:
    """The digest that goes out."""
    codec = with_digest(contract or wsdl(), digest).codec("Ask", KEY)
    return body_child(codec.encode(arguments)).findtext("{*}Request/{*}Channel") or ""


def md5(text: str, charset: str = "utf-8") -> str:
    """As the hospital makes it."""
    return hashlib.md5(text.encode(charset), usedforsecurity=False).hexdigest()


SHA_1 = hashlib.sha1("Data=a=b&Function=王&key=k&y".encode(), usedforsecurity=False).hexdigest()
ARGUMENTS: Record = {"Request": {"Function": "王", "Data": "a=b"}}


@pytest.mark.parametrize(
    ("digest", "made"),
    [
        (SIGNED, md5("Data=a=b&Function=王&key=k&y")),
        (replace(SIGNED, key_name="secret"), md5("Data=a=b&Function=王&secret=k&y")),
        (replace(SIGNED, joined="values"), md5("a=b王k&y")),
        (replace(SIGNED, letters="upper"), md5("Data=a=b&Function=王&key=k&y").upper()),
        (replace(SIGNED, charset="GBK"), md5("Data=a=b&Function=王&key=k&y", "gbk")),
        (replace(SIGNED, algorithm="SHA-1"), SHA_1),
        (
            replace(SIGNED, over=(*SIGNED.over, ("Request", "Absent"))),
            md5("Data=a=b&Function=王&key=k&y"),
        ),
    ],
)
def test_a_digest_is_made_as_the_hospital_makes_it(digest: Digest, made: str) -> None:
    """In the order of the names, with the key at the end."""
    assert sent(digest, ARGUMENTS) == made


def test_an_empty_argument_is_left_out() -> None:
    """As one is that is absent."""
    arguments: Record = {"Request": {"Function": "", "Data": "x"}}
    assert sent(SIGNED, arguments) == md5("Data=x&key=k&y")


def test_arguments_of_one_name_stay_in_the_policys_order() -> None:
    """Whatever they hold: the hospital knows their places alone."""
    over = (("Request", "Data"), ("Other", "Data"))
    for first, second in ("ab", "ba"):
        arguments: Record = {"Request": {"Data": first}, "Other": {"Data": second}}
        made = replace(SIGNED, over=over).of(arguments, "k")
        assert made == md5(f"Data={first}&Data={second}&key=k")


def test_a_character_outside_the_digests_charset_is_refused() -> None:
    """The hospital would make another digest."""
    with pytest.raises(RequestInvalid) as raised:
        sent(replace(SIGNED, charset="GBK"), {"Request": {"Function": "𠮷", "Data": "x"}})
    assert raised.value.faults == (
        RecordFault(("Request", "Function"), "has a character that GBK cannot carry"),
    )


def test_the_digest_is_no_argument() -> None:
    """And what has no place for one is not touched."""
    contract = with_digest(wsdl(), SIGNED)
    group = (follow(contract.operations["Ask"].input, ("Request",)) or ())[-1]
    assert isinstance(group.type, ComplexType)
    assert [child.name for child in group.type.children] == ["Function", "Data"]
    assert contract.operations["Process"] == wsdl().operations["Process"]
    assert contract.digest == wsdl().digest


def test_a_message_in_a_string_is_in_the_digest() -> None:
    """As the text that is sent."""
    payload = Payload(
        "xml",
        "UTF-8",
        RequestPlace(("Request", "Data"), "cdata"),
        ReplyPlace(("Return", "Data"), "escaped", ()),
        {"Bills": Trade("Ask", {("Request", "Function"): "MZ"}, *("schemas/message.xsd",) * 2)},
    )
    contract = with_payload(with_digest(wsdl(), SIGNED), payload, PACK)
    child = body_child(contract.codec("Bills", KEY).encode({"CARDNO": "王", "NAME": ""}))
    text = child.findtext("{*}Request/{*}Data")
    assert child.findtext("{*}Request/{*}Channel") == md5(f"Data={text}&Function=MZ&key=k&y")


def test_a_message_that_the_digest_cannot_be_made_of_is_refused_as_a_whole() -> None:
    """It is the caller's text that the digest's charset lacks, wherever it stands in it."""
    contract = with_digest(wsdl(), replace(SIGNED, charset="GBK"))
    codec = with_payload(contract, asking(), PACK).codec("QueryBills", KEY)
    with pytest.raises(RequestInvalid) as raised:
        codec.encode({"CARDNO": "𠮷"})
    assert raised.value.faults == (RecordFault((), "has a character that GBK cannot carry"),)


def test_the_digest_stays_when_an_attempt_is_made_again() -> None:
    """It is of what is said, the time that may be in it too; who says it is written anew."""
    credentials = Credentials(Security("gateway", "made-up", digest=True), "k&y")
    codec = with_digest(wsdl(), SIGNED).codec("Ask", credentials)
    envelope = codec.encode(ARGUMENTS)
    attempts = [etree.fromstring(codec.for_attempt(envelope)) for _ in range(2)]
    assert {each.findtext(".//{*}Request/{*}Channel") for each in attempts} == {
        md5("Data=a=b&Function=王&key=k&y")
    }
    assert len({each.findtext(".//{*}Nonce") for each in attempts}) == 2


def test_a_key_is_not_shown() -> None:
    """Whatever is logged of credentials."""
    assert "k&y" not in f"{KEY!r}"


def test_what_the_wsdl_was_read_from_does_not_matter() -> None:
    """A contract that is read anew makes the same digest."""
    assert sent(SIGNED, ARGUMENTS, load_contract(Path(PACK / "billing.wsdl"))) == sent(
        SIGNED, ARGUMENTS
    )
