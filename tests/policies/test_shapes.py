"""Shapes in shapes: however they are written, what is made of them stays small."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import pytest

from gateway.policies.build import build
from gateway.policies.check import check
from gateway.policies.load import parse
from gateway.policies.model import MOST_FIELDS, Policy, flat
from tests.policies.packs import POLICY, REGISTRATION, contract

SOURCE = parse(POLICY, "policy.yaml")[0]


def with_shapes(shapes: dict[str, Any], response: str) -> Policy:
    """The policy with these shapes too, the first of which a route answers with."""
    data = copy.deepcopy(SOURCE.data)
    data["shapes"] |= shapes
    next(one for one in data["routes"] if one["id"] == "get-practitioner")["response"] = response
    return build(REGISTRATION, replace(SOURCE, data=data))


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


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize(
    ("shapes", "kind"),
    [(doubling(60), "shape-size"), (chain(200), "shape-size"), (tangle(12), "shape-cycle")],
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
