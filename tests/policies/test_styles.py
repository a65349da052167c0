"""Policies of services whose messages have more than elements of text: headers, attributes."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from gateway.examples import EXAMPLE_ENVIRONMENT, translate
from gateway.packs import check_packs
from gateway.policies.compile import compile_snapshot
from gateway.policies.snapshot import Route
from gateway.problems import Rejection
from gateway.record import Record
from gateway.soap.codec import Codec
from tests.policies.packs import Change, changed

SERVICE = Path(__file__).parents[1] / "breadth" / "service"
POLICY = """service: document
contract: {wsdl: document.wsdl, port: Clinic}
upstream: {endpoints: ["${CLINIC_URL}"], in_flight: 9}
outcome: {code: By, success: ["booking/7"]}
constants:
  Caller/User: booking
  Caller/Channel: "7"
  Fee/@currency: CNY
codes:
  order: {drug: Drug, test: Test}
routes:
  - id: admit
    rest: POST /v1/admissions
    operation: Admit
    effect: read
    deadline: 5s
    request:
      card: Card
      urgent: "@urgent"
      amount: {hospital: Fee/text(), as: fen-from-yuan}
    response:
      urgent: {hospital: "@urgent", optional: true}
      currency: Fee/@currency
      amount: {hospital: Fee/text(), as: fen-from-yuan}
      orders:
        each: Order
        fields:
          kind: {hospital: "@xsi:type", code: order}
          id: Id
          dose: {hospital: Dose, optional: true}
          tube: {hospital: Tube, optional: true}
"""
REPLY = b"""<AdmitResponse xmlns="urn:clinic" xmlns:c="urn:clinic" urgent="true"
    xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><By>booking/7</By><Card>1</Card>
  <Order i:type="c:Drug"><Id>1</Id><Dose>2</Dose></Order>
  <Order i:type="c:Test"><Id>2</Id><Tube>red</Tube></Order>
  <Fee currency="CNY">12.5</Fee><New xmlns="urn:new">9</New></AdmitResponse>"""
GIVEN: Any = {
    "client": "booking",
    "now": "2031-03-14T09:30:00+08:00",
    "body": {"card": "007", "urgent": False, "amount": 1250},
}


def pack(folder: Path, *changes: Change) -> Path:
    """The service's pack."""
    home = folder / "document"
    home.mkdir()
    shutil.copy(SERVICE / "document.wsdl", home)
    (home / "policy.yaml").write_text(changed(POLICY, *changes), "utf-8")
    return home


def route(folder: Path) -> Route:
    """Its one route."""
    checked = check_packs((pack(folder),))
    assert [str(one) for one in checked.findings] == []
    return compile_snapshot(checked.packs, EXAMPLE_ENVIRONMENT).routes[0]


def test_attributes_and_the_text_beside_them_are_fields(tmp_path: Path) -> None:
    """In the request as in the reply, and a variant's name is a code."""
    told = translate(route(tmp_path), GIVEN, REPLY)
    sent = etree.fromstring(told.request_xml)
    assert (sent.get("urgent"), sent.findtext("{urn:clinic}Card")) == ("false", "007")
    fee = sent.find("{urn:clinic}Fee")
    assert fee is not None
    assert (fee.get("currency"), fee.text) == ("CNY", "12.50")
    assert told.response["body"] == {
        "urgent": True,
        "currency": "CNY",
        "amount": 1250,
        "orders": [
            {"kind": "drug", "id": "1", "dose": "2"},
            {"kind": "test", "id": "2", "tube": "red"},
        ],
    }


class Kept:
    """A codec that keeps what it last encoded."""

    def __init__(self, codec: Codec) -> None:
        self._codec = codec
        self.headers, self.accepts, self.decode = codec.headers, codec.accepts, codec.decode
        self.for_attempt = codec.for_attempt
        self.sent = b""

    def encode(self, arguments: Record) -> bytes:
        """See `Codec.encode`."""
        self.sent = self._codec.encode(arguments)
        return self.sent


def test_a_branch_that_a_route_decides_for_is_required(tmp_path: Path) -> None:
    """A caller may not leave out what the contract's choice then needs."""
    with pytest.raises(Rejection) as raised:
        translate(route(tmp_path), {**GIVEN, "body": {"amount": 1250}}, REPLY)
    assert [error.pointer for error in raised.value.errors] == ["/card"]


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (
            ("      card: Card\n", ""),
            (
                'Admit takes one of "Card", "Identity", and none has a source; '
                "map a field to one [missing-argument]"
            ),
        ),
        (
            ("      card: Card\n", "      card: Card\n      identity: Identity\n"),
            (
                'Admit takes one of "Card", "Identity", and more than that has a source; '
                "keep the fields of one [two-sources]"
            ),
        ),
    ],
)
def test_a_choice_is_decided_by_the_policy(tmp_path: Path, change: Change, found: str) -> None:
    """A route that leaves it open could not send anything valid."""
    findings = [
        str(one).partition(": admit: ")[2]
        for one in check_packs((pack(tmp_path, change),)).findings
    ]
    assert findings == [found]


def test_constants_fill_the_header(tmp_path: Path) -> None:
    """They are arguments, wherever the contract has them stand."""
    compiled = route(tmp_path)
    codec = Kept(compiled.codec)
    translate(replace(compiled, codec=codec), GIVEN, REPLY)
    header, body = etree.fromstring(codec.sent)
    assert [each.text for each in header[0]] == ["booking", "7"]
    assert body[0].find("{urn:clinic}Caller") is None


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (('  Caller/Channel: "7"\n', ""), "Caller/Channel"),
        (("  Fee/@currency: CNY\n", ""), "Fee/@currency"),
        (("Fee/@currency\n", "Fee/@curency\n"), "Fee/@currency"),
        (("  order: {drug: Drug, test: Test}", "  order: {drug: Drug, test: Exam}"), "Test"),
    ],
)
def test_what_is_missing_or_misspelt_is_found(tmp_path: Path, change: Change, found: str) -> None:
    """As with elements, before anything runs."""
    findings = check_packs((pack(tmp_path, change),)).findings
    assert any(found in str(finding) for finding in findings), [str(one) for one in findings]


def test_an_operation_that_cannot_be_called_is_found_where_it_is_named(tmp_path: Path) -> None:
    """The contract's other operations can be routed to."""
    home = pack(tmp_path)
    text = (home / "document.wsdl").read_text("utf-8")
    (home / "document.wsdl").write_text(
        text.replace('part="caller" use="literal"', 'part="caller" use="encoded"', 1), "utf-8"
    )
    found = [one for one in check_packs((home,)).findings if one.kind == "unknown-operation"]
    assert str(found[0]).removeprefix(f"{home}/") == (
        'policy.yaml:14:16: admit: the operation "Admit" cannot be called: document.wsdl:99: '
        "the soap:header caller, which is no element, is not supported; "
        "ask the hospital for another, or leave it out [unknown-operation]"
    )


ENCODED = """service: encoded
contract: {wsdl: encoded.wsdl}
upstream: {endpoints: ["${CLINIC_URL}"], in_flight: 9}
outcome: {code: count, success: ["1"]}
constants: {limit: "3"}
routes:
  - id: arrange
    rest: POST /v1/schedules
    operation: Arrange
    effect: read
    deadline: 5s
    request: {department: department}
    response:
      note: note
      days: {each: return/schedule, fields: {day: day}}
"""


def test_what_an_encoded_service_returns_as_nil_is_absent(tmp_path: Path) -> None:
    """A list that is null has no rows, and a code that is null is no success."""
    home = tmp_path / "encoded"
    home.mkdir()
    wsdl = (SERVICE / "encoded.wsdl").read_text("utf-8")
    asked = changed(wsdl, ('    <part name="schedules" type="t:Schedules"/>\n', ""))
    (home / "encoded.wsdl").write_text(asked, "utf-8")
    (home / "policy.yaml").write_text(ENCODED, "utf-8")
    checked = check_packs((home,))
    assert [str(one) for one in checked.findings] == []
    (arrange,) = compile_snapshot(checked.packs, EXAMPLE_ENVIRONMENT).routes
    reply = (
        '<c:ArrangeResponse xmlns:c="urn:clinic:calls" '
        'xmlns:i="http://www.w3.org/2001/XMLSchema-instance">'
        '<return i:nil="true"/><count>1</count><note i:nil="true"/></c:ArrangeResponse>'
    )
    given = {**GIVEN, "body": {"department": "a"}}
    assert translate(arrange, given, reply.encode()).response["body"] == {"days": []}
    nothing = reply.replace("<count>1</count>", '<count i:nil="true"/>')
    told = translate(arrange, given, nothing.encode()).response
    assert told["problem"] == "upstream-reply-invalid"
