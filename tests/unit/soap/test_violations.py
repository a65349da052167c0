"""How many faults of a message are named."""

from __future__ import annotations

import pytest
from lxml import etree

from gateway.soap import violations
from gateway.soap.contract import load_contract
from gateway.soap.errors import ReplyInvalid
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
