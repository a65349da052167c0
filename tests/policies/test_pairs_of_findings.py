"""One fault hides no other: whoever writes a policy sees all that is wrong with it at once."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from gateway import pack_contract
from tests.policies.packs import POLICY, changed, check_changed, contract, told
from tests.policies.test_findings import FAULTS, changes, kind_of

ALONE = {
    "yaml", "duplicate-key", "unknown-field", "missing-field", "wrong-value", "service-name",
    "limits", "same-route", "unknown-codes", "unknown-shape", "unknown-seal", "unknown-route",
    "shape-cycle", "shape-size", "same-field", "unused-codes", "unused-shape", "code-file",
    "code-clash", "code-words", "window", "deadline", "method", "unconfirmed", "effect-clash",
    "unused-default",
}  # fmt: skip
"""Kinds of what a policy says by itself, whatever its contract is."""
BROKEN = {"wrong-value", "missing-field"}
OF_THE_WHOLE = {
    "unused-codes", "unused-shape", "unknown-seal", "unknown-route", "unused-default",
}  # fmt: skip
"""Kinds of what is nowhere: a part that cannot be read may have it."""
OF_THE_GLOSSARY = {"undescribed", "unused-entry"}
Fault = dict[str, Any]


def problem(found: str) -> str:
    """A finding without its place, which another fault may move."""
    return found.partition(": ")[2]


def reason(fault: Fault, other: Fault) -> str | None:
    """Why the first fault leaves nothing to say of the other one, if it does."""
    found, hidden = fault["found"], kind_of(other["found"])
    if "not YAML" in found:
        return "nothing of the file can be read"
    if hidden in OF_THE_GLOSSARY:
        return "a glossary is held against a policy that has no other fault"
    if kind_of(found) == "same-route":
        return "of two routes of one id a finding does not say which"
    if kind_of(found) in {"contract", "payload"} and hidden not in ALONE:
        return "it is not known what it would be held against"
    if "payload:" in str(fault.get("policy")) and hidden not in ALONE:
        return "of the operations that messages ride on nothing is known"
    if kind_of(found) in BROKEN and hidden in OF_THE_WHOLE:
        return "what cannot be read may have it"
    return None


def fit(one: Fault, other: Fault) -> bool:
    """Whether the one leaves in the file what the other changes."""
    try:
        changed(POLICY, *changes(one.get("policy", [])), *changes(other.get("policy", [])))
    except AssertionError:
        return False
    return True


def partner(fault: Fault) -> Fault:
    """Another fault, the same each time, though there be more of them some day."""
    name = fault["fault"]
    others = (other for other in FAULTS if other is not fault and fit(fault, other))
    return min(others, key=lambda one: hashlib.sha256(f"{name}{one['fault']}".encode()).digest())


PAIRS = [(fault, partner(fault)) for fault in FAULTS[::3]]


@pytest.mark.parametrize(
    ("one", "other"), PAIRS, ids=[f"{one['fault']} - {other['fault']}" for one, other in PAIRS]
)
def test_two_faults_are_both_found(
    one: Fault, other: Fault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unless the one leaves nothing to say of the other."""
    both = {
        part: (*changes(one.get(part, [])), *changes(other.get(part, [])))
        for part in ("policy", "wsdl", "glossary")
    }
    if not both["wsdl"]:
        monkeypatch.setattr(pack_contract, "load_contract", lambda wsdl, port, any_text: contract())
    checked = check_changed(tmp_path, *both["policy"], wsdl=both["wsdl"], glossary=both["glossary"])
    found = {problem(finding) for finding in told(checked, tmp_path)}
    lost = [
        fault["fault"]
        for fault, beside in ((one, other), (other, one))
        if problem(fault["found"]) not in found and reason(beside, fault) is None
    ]
    assert lost == []
