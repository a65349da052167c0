"""Whatever a policy holds, checking it ends with findings or with what can be compiled."""

from __future__ import annotations

import copy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.examples import EXAMPLE_ENVIRONMENT
from gateway.policies.as_meant import understood
from gateway.policies.build import build
from gateway.policies.check import check, check_together
from gateway.policies.compile import compile_snapshot
from gateway.policies.findings import Finding
from gateway.policies.load import Source, parse, read
from gateway.policies.structure import check_structure
from tests.policies.packs import POLICY, REGISTRATION, contract

SOURCE = parse(POLICY, "policy.yaml")[0]
NAMES = st.sampled_from(
    [
        "CardNo", "DeptCode", "Order", "Order/State", "OrderList/Order", "ResultCode", "Trade",
        "Guardian/Name", "registration", "hold", "card", "appointment", "sex", "yes-no", "slotId",
        "text", "date", "time", "integer", "boolean", "fen-from-yuan", "identity-number", "today",
        "today+99d", "5d", "%Y%m%d", "%H", "%", "GET /v1/departments", "POST /v1/things/{id}",
        "GET /v1/{a}/{a}", "QueryBySerial", "Book", "read", "keyed", "0s", "31s", "true", "01",
        "practitioner",
    ]
)  # fmt: skip
LEAVES = st.one_of(
    NAMES, st.text(max_size=8), st.integers(), st.booleans(), st.none(), st.just([]), st.just({})
)
FIELDS = [
    "hospital", "as", "code", "sealed", "card", "within", "default", "of", "optional", "fields",
    "each", "in", "value", "key", "settle", "subject", "reply", "rate", "format", "same", "wsdl",
    "all_of", "defaults", "deadline", "keyed",
]  # fmt: skip


def places(tree: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) of the tree."""
    found: list[tuple[Any, Any]] = []
    if isinstance(tree, dict | list):
        for key in list(tree) if isinstance(tree, dict) else range(len(tree)):
            found.append((tree, key))
            found += places(tree[key])
    return found


@st.composite
def mutants(draw: st.DrawFn) -> Any:
    """The real policy, changed at a few random places."""
    tree = copy.deepcopy(SOURCE.data)
    for _ in range(draw(st.integers(1, 4))):
        found = places(tree)
        if not found:
            break
        container, key = found[draw(st.integers(0, len(found) - 1))]
        match draw(st.sampled_from(["delete", "swap", "move", "add", "wrap", "rewire", "rewire"])):
            case "delete":
                del container[key]
            case "swap":
                container[key] = draw(LEAVES)
            case "move":
                other, at = found[draw(st.integers(0, len(found) - 1))]
                container[key] = copy.deepcopy(other[at])
            case "rewire":
                texts = [(one, at) for one, at in found if isinstance(one[at], str)]
                (one, at), (other, from_) = (draw(st.sampled_from(texts)) for _ in range(2))
                one[at] = other[from_]
            case "add" if isinstance(container, dict):
                container[draw(st.sampled_from(FIELDS))] = draw(LEAVES)
            case _:
                container[key] = {draw(st.sampled_from(FIELDS)): container[key]}
    return tree


def examine(source: Source) -> tuple[Finding, ...]:
    """The check as `check_packs` does it, without reading the contract again each time."""
    findings = check_structure(source)
    read = understood(source)
    if read is None:
        return findings
    policy = build(REGISTRATION, read)
    found = (*findings, *check(policy, contract()), *check_together([policy], whole=True))
    if not found:
        compile_snapshot([(policy, contract())], EXAMPLE_ENVIRONMENT)
    return found


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(mutants())
def test_a_changed_policy_has_findings_or_compiles(tree: Any) -> None:
    """No change of the real policy makes the check, or what follows it, fail."""
    for finding in examine(replace(SOURCE, data=tree)):
        assert finding.mark.line >= 1
        assert finding.problem
        assert finding.remedy


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.text(), st.binary().map(lambda raw: raw.decode("latin-1"))))
def test_any_text_is_read_or_refused(text: str) -> None:
    """What is no YAML at all ends with a finding."""
    source, findings = parse(text, "policy.yaml")
    assert source.values or findings


@pytest.mark.parametrize("file", [b"\xff\xfe", b"\x00", b"[" * 5000, b"a: &a [*a, *a]"])
def test_a_hostile_file_is_a_finding(tmp_path: Path, file: bytes) -> None:
    """Bytes that are no text, deep nesting and aliases end with one place in the file."""
    (tmp_path / "policy.yaml").write_bytes(file)
    assert read(tmp_path / "policy.yaml", "policy.yaml")[1]
