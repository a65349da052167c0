"""How many faults of a message are named, and what it costs."""

from __future__ import annotations

import pytest
from lxml import etree

from gateway.soap import violations
from gateway.soap.contract import load_contract
from gateway.soap.elements import ComplexType, Element, SimpleType
from gateway.soap.errors import RecordFault, ReplyInvalid
from gateway.soap.lexical import allows
from gateway.soap.payload.record_schema import RecordSchema
from tests import replies
from tests.policies.packs import ROOT


def test_a_reply_of_wrong_rows_costs_no_walk_for_each_of_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One new code in a long list must not hold up everybody else's exchanges."""
    contract = load_contract(ROOT / "contracts/registration/registration.wsdl")
    codec = contract.codec("QueryDepartments")
    wrong = replies.department("0101").replace("<DeptKind>1<", "<DeptKind>8<")
    reply = replies.reply("QueryDepartments", f"<DepartmentList>{wrong * 500}</DepartmentList>")
    walks: list[str] = []
    steps = violations._steps

    def walk(root: etree._Element, place: str) -> list[tuple[str, int]]:
        walks.append(place)
        return steps(root, place)

    monkeypatch.setattr(violations, "_steps", walk)
    with pytest.raises(ReplyInvalid) as refused:
        codec.decode(reply)
    assert refused.value.reason == "off-schema"
    assert len(walks) == violations.MOST


NUMBERS = RecordSchema(
    Element(
        "list",
        "",
        ComplexType("list", (Element("n", "", SimpleType("n", "integer"), 0, None),)),
    )
)


@pytest.mark.timeout(20)
def test_a_reply_of_nothing_but_faults_is_refused_without_naming_one() -> None:
    """A hundred thousand wrong rows would keep libxml2 for minutes, each at its walk."""
    assert NUMBERS.faults({"n": ["x"] * 100_000}, 200_000) == (
        RecordFault((), "is wrong at too many places to name one"),
    )


def test_one_fault_in_a_long_reply_is_named() -> None:
    """The hospital has to be told which."""
    (fault,) = NUMBERS.faults({"n": [*["1"] * 20_000, "x"]}, 60_000)
    assert (fault.path, fault.reason) == (("n",), "is not of the type integer")


def test_a_pattern_that_cannot_be_decided_refuses_its_text() -> None:
    """libxml2 gives up on a pattern that takes it back too often, with an error of its own."""
    simple = SimpleType("code", "string", patterns=("(a|aa)+b",))
    schema = RecordSchema(Element("m", "", ComplexType("m", (Element("code", "", simple),))))
    assert schema.faults({"code": "aab"}) == ()
    (fault,) = schema.faults({"code": "a" * 300})
    assert fault.reason == "has a text that takes too long to hold against its pattern"
    assert schema.faults({"code": "aab"}) == ()
    assert not allows(simple, "a" * 300)
