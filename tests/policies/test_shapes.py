"""Shapes in shapes: their fields stand where they are wanted, and what is made stays small."""

from __future__ import annotations

import copy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gateway.policies.as_meant import Understood
from gateway.policies.build import build
from gateway.policies.check import check
from gateway.policies.defaults import with_defaults
from gateway.policies.load import parse
from gateway.policies.model import MOST_FIELDS, Policy, flat
from tests.policies.packs import POLICY, REGISTRATION, contract
from tests.policies.small import findings, small

SOURCE = with_defaults(parse(POLICY, "policy.yaml")[0])


def with_shapes(shapes: dict[str, Any], response: str) -> Policy:
    """The policy with these shapes too, the first of which a route answers with."""
    data = copy.deepcopy(SOURCE.data)
    data["shapes"] |= shapes
    next(one for one in data["routes"] if one["id"] == "get-practitioner")["response"] = response
    return build(REGISTRATION, Understood(replace(SOURCE, data=data)))


def doubling(number: int) -> dict[str, Any]:
    """Each shape holds the next one twice."""
    names = [f"s{index}" for index in range(number)]
    uses = [*names[1:], "practitioner"]
    return {
        name: {"a": {"fields": use}, "b": {"fields": use}}
        for name, use in zip(names, uses, strict=True)
    }


def chain(number: int) -> dict[str, Any]:
    """Each shape holds the next one."""
    return {f"s{index}": {"a": {"fields": f"s{index + 1}"}} for index in range(number)}


def tangle(number: int) -> dict[str, Any]:
    """Each shape holds every other, and so itself."""
    names = [f"s{index}" for index in range(number)]
    return {name: {other: {"fields": other} for other in names} for name in names}


def flat_chain(number: int) -> dict[str, Any]:
    """Each shape has the fields of the next one, beside one of its own."""
    return {
        f"s{index}": {f"a{index}": "DoctorName", "all_of": f"s{index + 1}"}
        for index in range(number)
    }


def flat_tangle(number: int) -> dict[str, Any]:
    """Each shape has the fields of every other, and so its own."""
    names = [f"s{index}" for index in range(number)]
    return {name: {"all_of": [other for other in names if other != name]} for name in names}


def wide(number: int) -> dict[str, Any]:
    """One shape has the fields of several, each of which is within the bounds."""
    parts = [f"s{index}" for index in range(number)]
    each = {
        name: {f"{name}x{field}": "DoctorName" for field in range(MOST_FIELDS // 2)}
        for name in parts[1:]
    }
    return {"s0": {"all_of": parts[1:]}, **each}


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize(
    ("shapes", "kind"),
    [
        (doubling(60), "shape-size"),
        (chain(200), "shape-size"),
        (flat_chain(200), "unknown-shape"),
        (wide(4), "shape-size"),
        (tangle(12), "shape-cycle"),
        (flat_tangle(12), "shape-cycle"),
    ],
)
def test_shapes_that_grow_without_bounds_are_found_and_not_followed(
    shapes: dict[str, Any], kind: str, order: int
) -> None:
    """In whatever order they stand, there is a finding and no more fields than are allowed."""
    policy = with_shapes(dict([*shapes.items()][::order]), "s0")
    assert all(len([*flat(fields)]) <= MOST_FIELDS for fields in policy.shapes.values())
    assert all(len([*flat(route.response)]) <= MOST_FIELDS for route in policy.routes)
    assert kind in {finding.kind for finding in check(policy, contract())}


def test_shapes_in_shapes_may_be_large() -> None:
    """Six doublings of eight fields are within the bounds."""
    policy = with_shapes(doubling(6), "s0")
    assert check(policy, contract()) == ()
    assert len([*flat(policy.shapes["s0"])]) == 8 * 64 + 2 * 63


ANSWER = "Code Text? Bill?(No Fee Paid?) Row*(No Fee)"
SHAPES = """
shapes:
  fee: {amount: {hospital: Fee, as: fen-from-yuan}, currency: {value: CNY}}
  bill: {number: No, all_of: fee}
"""


def test_the_fields_of_a_shape_stand_among_others(tmp_path: Path) -> None:
    """In the order written, of one shape or of several, in lists and in shapes."""
    route = """
response:
  bill:
    in: Bill
    fields: {all_of: [bill], paid: Paid}
  rows:
    each: Row
    fields: {all_of: fee, id: No}
"""
    service = small(tmp_path, answer=ANSWER, pack=SHAPES, route=route)
    told = service.tells(
        "<Bill><No>7</No><Fee>12.50</Fee><Paid>yes</Paid></Bill><Row><No>8</No><Fee>1</Fee></Row>"
    )
    assert told == {
        "bill": {"number": "7", "amount": 1250, "currency": "CNY", "paid": "yes"},
        "rows": [{"amount": 100, "currency": "CNY", "id": "8"}],
    }
    assert list(told["bill"]) == ["number", "amount", "currency", "paid"]
    schema = service.route.schemas.response["properties"]["bill"]
    assert list(schema["properties"]) == list(told["bill"])
    assert schema["required"] == ["number", "amount", "currency"]


def test_a_shape_answers_alike_by_its_name_and_with_all_of_its_fields(tmp_path: Path) -> None:
    """There is one schema of it, so that callers have one type."""
    named, brought = (
        small(
            tmp_path / str(number),
            answer="Code Text? Bill(No Fee)",
            pack=SHAPES,
            route=f"reply: Bill\nresponse: {response}",
        ).route.schemas.response
        for number, response in enumerate(["bill", "{all_of: bill}"])
    )
    assert brought == named


def test_a_field_that_would_stand_twice_is_told_once_where_it_would(tmp_path: Path) -> None:
    """However many use the shape that it is in; nothing is replaced."""
    shapes = SHAPES.replace("number: No,", "number: No, currency: Fee,")
    route = """
response:
  bill: {in: Bill, fields: bill}
  rows: {each: Row, fields: {all_of: bill}}
"""
    assert findings(tmp_path, answer=ANSWER, pack=shapes, route=route) == [
        (
            'the field "currency" would stand here twice; '
            "rename one of the two, or take it out of the shape [same-field]"
        )
    ]


def test_a_fault_of_a_shape_is_told_once_however_many_bring_it_in(tmp_path: Path) -> None:
    """At the shape, and not where its fields are wanted."""
    route = """
response:
  bill: {in: Bill, fields: bill}
  rows: {each: Row, fields: {all_of: fee, id: No}}
"""
    shapes = SHAPES.replace("as: fen-from-yuan", "code: fee")
    assert findings(tmp_path, answer=ANSWER, pack=shapes, route=route) == [
        'there is no code table "fee"; add it under codes [unknown-codes]'
    ]
