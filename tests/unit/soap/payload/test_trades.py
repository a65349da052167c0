"""A trade is an operation: to policies it looks like any other."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.soap.elements import ComplexType, Element, follow
from gateway.soap.payload.model import ReplyPlace, RequestPlace
from gateway.soap.payload.trades import with_payload
from tests.unit.soap.payload.billing import PACK, asking, contract, payload, wsdl


def names(element: Element) -> list[str]:
    """The members of an element."""
    assert isinstance(element.type, ComplexType)
    return [child.name for child in element.type.children]


def changed(folder: Path, file: str, old: str, new: str) -> Path:
    """A copy of the pack with one schema changed."""
    pack = folder / "pack"
    shutil.copytree(PACK, pack)
    text = (pack / file).read_text("utf-8")
    assert text.count(old) == 1
    (pack / file).write_text(text.replace(old, new), "utf-8")
    return pack


def test_a_trade_takes_the_place_of_its_carrier() -> None:
    """What no trade uses as carrier stays callable as it is."""
    assert set(contract().operations) == {"QueryBills", "Ask", "Tell"}
    assert set(contract(asking()).operations) == {"QueryBills", "Process", "Tell"}
    assert contract().operations["Ask"] == wsdl().operations["Ask"]


def test_the_input_is_the_message_and_what_is_left_of_the_carrier() -> None:
    """Neither the message's own place nor what the trade always says is an argument."""
    operation = contract().operations["QueryBills"]
    assert operation.name == "QueryBills"
    assert names(operation.input) == ["CARDNO", "NAME", "BILLS", "Operator"]
    nested = contract(asking()).operations["QueryBills"].input
    assert names(nested) == ["CARDNO", "NAME", "BILLS", "Request"]
    assert names((follow(nested, ("Request",)) or ())[-1]) == ["Channel"]


def test_the_output_is_the_message_and_what_stands_beside_it() -> None:
    """Of the carrier's reply nothing else is read."""
    assert names(contract().operations["QueryBills"].output) == ["RESULT", "BILL"]
    output = contract(asking()).operations["QueryBills"].output
    assert names(output) == ["RESULT", "BILL", "Code", "Return"]
    assert names((follow(output, ("Return",)) or ())[-1]) == ["Message"]


def test_a_message_that_may_be_absent_promises_nothing() -> None:
    """A refusal carries none, so that a route may not rely on what is in it."""
    always = contract().operations["QueryBills"].output
    sometimes = contract(asking()).operations["QueryBills"].output
    assert [one.min_occurs for one in follow(always, ("RESULT",)) or ()] == [1]
    assert [one.min_occurs for one in follow(sometimes, ("RESULT",)) or ()] == [0]


def test_a_member_that_stands_in_both_is_refused_with_what_to_do(tmp_path: Path) -> None:
    """A record has one place for a name."""
    pack = changed(tmp_path, "schemas/request.xsd", 'name="NAME"', 'name="Operator"')
    refused = with_payload(wsdl(), payload(), pack).refused
    assert str(refused["QueryBills"]) == (
        "request.xsd: has Operator, as the carrier of QueryBills has; "
        "say that argument under the trade's arguments"
    )
    pack = changed(tmp_path / "reply", "schemas/reply.xsd", 'name="RESULT"', 'name="Code"')
    refused = with_payload(wsdl(), asking(), pack).refused
    assert str(refused["QueryBills"]).endswith("leave it out of beside")


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        (
            "</xs:schema>",
            '<xs:element name="OTHER" type="xs:string"/></xs:schema>',
            "must declare one root element, and has REQUEST, OTHER; make the others types",
        ),
        ('<xs:element name="REQUEST">', '<xs:element name="R" ref="N">', "is no valid schema"),
        ("</xs:schema>", "", "is not well-formed XML"),
    ],
)
def test_a_schema_that_is_none_is_refused(tmp_path: Path, old: str, new: str, what: str) -> None:
    """At load, by its own name."""
    pack = changed(tmp_path, "schemas/request.xsd", old, new)
    refused = with_payload(wsdl(), payload(), pack).refused["QueryBills"]
    assert (refused.file.name, what in refused.what) == ("request.xsd", True)


def test_an_element_that_another_refers_to_is_no_root(tmp_path: Path) -> None:
    """A schema may declare its parts as elements too."""
    name = '<xs:element name="NAME" type="xs:string" minOccurs="0"/>'
    pack = changed(tmp_path, "schemas/request.xsd", name, '<xs:element ref="NAME" minOccurs="0"/>')
    file = pack / "schemas/request.xsd"
    declared = '<xs:element name="NAME" type="xs:string"/></xs:schema>'
    file.write_text(file.read_text("utf-8").replace("</xs:schema>", declared), "utf-8")
    operation = with_payload(wsdl(), payload(), pack).operations["QueryBills"]
    assert operation == contract().operations["QueryBills"]


def test_the_digest_is_over_the_schemas_too(tmp_path: Path) -> None:
    """A changed message is a changed contract."""
    pack = changed(tmp_path, "schemas/reply.xsd", 'type="xs:int"', 'type="xs:short"')
    assert with_payload(wsdl(), payload(), pack).digest != contract().digest
    assert contract().digest == contract().digest != wsdl().digest


def test_the_place_need_not_be_said_where_there_is_but_one() -> None:
    """Process has one string besides the trade code, and answers with one."""
    said = replace(
        payload(),
        request=RequestPlace(("InXml",), "escaped"),
        reply=ReplyPlace(("ProcessResult",), "escaped", ()),
    )
    assert contract(said).operations == contract().operations
