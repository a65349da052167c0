"""What routes leave to the defaults of their pack."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gateway.packs import check_packs
from gateway.policies.defaults import lacking, with_defaults
from gateway.policies.load import parse
from tests.policies.packs import Change, check_changed, pack, told

FILE = """\
defaults:
  read: {deadline: 5s}
  keyed:
    deadline: 10s
    serial: Number
    settle: {operation: Ask, certain_after: 60s}
routes:
- {id: a, effect: read}
- {id: b, effect: keyed, deadline: 15s, settle: {same: {A: B}, certain_after: 90s}}
- {id: c, effect: keyed}
- {id: d, effect: matched}
- {id: e, effect: [read]}
- no route
"""


def routes(text: str) -> list[Any]:
    """The whole routes of a file."""
    found: list[Any] = with_defaults(parse(text, "policy.yaml")[0]).data["routes"]
    return found


def test_a_routes_own_word_wins() -> None:
    """What it does not say it has of its effect's defaults; `settle` field by field."""
    read, write, *_ = routes(FILE)
    assert read == {"id": "a", "effect": "read", "deadline": "5s"}
    assert write == {
        "id": "b",
        "effect": "keyed",
        "deadline": "15s",
        "serial": "Number",
        "settle": {"same": {"A": "B"}, "operation": "Ask", "certain_after": "90s"},
    }


def test_a_write_without_a_settle_takes_none() -> None:
    """A default alone does not say what is compared."""
    assert routes(FILE)[2] == {"id": "c", "effect": "keyed", "deadline": "10s", "serial": "Number"}


def test_what_is_no_route_stays_as_it_is() -> None:
    """Its faults are found by its shape; an effect without defaults takes none."""
    assert routes(FILE)[3:] == [
        {"id": "d", "effect": "matched"},
        {"id": "e", "effect": ["read"]},
        "no route",
    ]


def test_an_inherited_value_stands_where_the_default_does() -> None:
    """And a value of the route's own where the route says it."""
    source = with_defaults(parse(FILE, "policy.yaml")[0])
    assert source.mark(("routes", 0, "deadline")).line == 2
    assert source.mark(("routes", 1, "deadline")).line == 9
    assert source.mark(("routes", 1, "settle", "operation")).line == 6
    assert source.mark(("routes", 1, "settle", "certain_after")).line == 9


def test_what_neither_says_is_lacking() -> None:
    """By the number of the route, and where in it."""
    source = with_defaults(parse(FILE, "policy.yaml")[0])
    assert list(lacking(source)) == [
        (1, ("settle",), "serial"),
        (3, (), "deadline"),
    ]


SERIAL: Change = ("      serial: {request: Serial, reply: Trade/Serial}\n", "")
CREATE_CARD: Change = (
    "    operation: CreateCard\n    effect: keyed\n",
    "    operation: CreateCard\n    effect: keyed\n    serial: Serials\n",
)


def test_what_no_default_says_is_missing_in_each_route(tmp_path: Path) -> None:
    """It is told where it may be added, and the seven routes are not served without it."""
    findings = check_changed(tmp_path, SERIAL).findings
    assert [(one.kind, one.problem) for one in findings] == [
        ("missing-field", '"serial" is missing')
    ] * 7


def test_a_fault_of_a_routes_own_is_told_of_it_alone(tmp_path: Path) -> None:
    """The default is not meant."""
    (found,) = told(check_changed(tmp_path, CREATE_CARD), tmp_path)
    assert 'create-card: "Serials" is not in CreateCard; ' in found


def test_a_pack_without_defaults_is_the_same_pack(tmp_path: Path) -> None:
    """Once taken into the routes, nothing of them is left to compile."""
    ((policy, _),) = check_packs((pack(tmp_path),)).packs
    assert "defaults" not in policy.source.data
    assert all("deadline" in route for route in policy.source.data["routes"])


def test_an_unused_default_is_found_beside_another_fault(tmp_path: Path) -> None:
    """But while an effect is none, any default may be meant for that route."""
    unused = ("  read: {deadline: 5s}", "  read: {deadline: 5s}\n  matched: {deadline: 20s}")
    rates = ("    rate: 30/m  ", "    rates: 30/m  ")
    findings = check_changed(tmp_path / "a", unused, rates).findings
    assert [finding.kind for finding in findings] == ["unused-default", "unknown-field"]
    effect = (
        "    operation: QueryStatus\n    effect: read\n",
        "    operation: QueryStatus\n    effect: match\n",
    )
    findings = check_changed(tmp_path / "b", unused, effect).findings
    assert [finding.kind for finding in findings] == ["wrong-value"]
