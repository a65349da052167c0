"""Each fault that a check catches: one change of the real policy, one finding, told exactly."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from gateway import pack_contract
from gateway.cli import main
from gateway.packs import check_packs
from gateway.policies.findings import KINDS, Finding, Mark, once_each
from tests.policies.packs import (
    POLICY,
    REGISTRATION,
    ROOT,
    Change,
    changed,
    check_changed,
    contract,
    pack,
    told,
)

FILE = Path(__file__).with_name("faults.yaml")
DOCS = ROOT / "docs/policies/findings.md"
FAULTS: list[dict[str, Any]] = yaml.safe_load(FILE.read_text("utf-8"))
ELSEWHERE = {"environment", "example", "settings"}
"""Kinds that no change of a policy makes: see test_packs, test_examples and the settings' tests."""


def changes(of: list[dict[str, str]]) -> tuple[Change, ...]:
    """The changes of a fault, as `pack` takes them."""
    return tuple((change["from"], change["to"]) for change in of)


def kind_of(found: str) -> str:
    """The kind at the end of a printed finding."""
    return found.rpartition("[")[2].removesuffix("]")


def test_the_real_policy_has_no_finding() -> None:
    """The pack that is served is the one that the faults are made of."""
    assert check_packs((REGISTRATION,)).findings == ()


@pytest.mark.parametrize("fault", FAULTS, ids=[fault["fault"] for fault in FAULTS])
def test_a_fault_is_found_once_at_its_place(
    fault: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One change, one finding: file, line, column, what is wrong and what to do."""
    if "wsdl" not in fault:
        monkeypatch.setattr(pack_contract, "load_contract", lambda wsdl, port, any_text: contract())
    wsdl, glossary = changes(fault.get("wsdl", [])), changes(fault.get("glossary", []))
    policy = changes(fault.get("policy", []))
    checked = check_changed(tmp_path, *policy, wsdl=wsdl, glossary=glossary)
    assert told(checked, tmp_path) == [fault["found"]]


def test_of_several_remedies_the_nearest_name_is_told() -> None:
    """A path of a shape that stands on two operations is one place, wherever it was missed."""
    missed = Finding(
        Mark("policy.yaml", 68, 23), "unknown-path", "shape report", '"X" is not in BAOGAO',
        "see the contract",
    )  # fmt: skip
    nearest = replace(missed, remedy='did you mean "Y/X"?')
    assert once_each([missed, nearest, missed]) == (nearest,)


def test_every_kind_of_finding_has_a_fault() -> None:
    """No kind is listed that nothing can cause, and none is caused that is not listed."""
    assert {kind_of(fault["found"]) for fault in FAULTS} | ELSEWHERE == set(KINDS)


SERIAL = '          <xs:element name="Serial" type="tns:PlatformSerial"/>\n'
TRADE = '<xs:element name="Trade" type="tns:Trade" minOccurs="0"/>'


@pytest.mark.parametrize(
    ("change", "kind", "problem"),
    [
        (
            (
                f"{SERIAL}        </xs:sequence>",
                f'{SERIAL}<xs:element name="CardNo" type="tns:CardNo"/></xs:sequence>',
            ),
            "missing-argument",
            'the argument "CardNo" of QueryBySerial is required and has no source',
        ),
        (
            (TRADE, TRADE.replace("/>", ' maxOccurs="9"/>')),
            "list",
            '"Trade" repeats, and one reply is wanted',
        ),
    ],
)
def test_a_contract_that_does_not_settle_is_found_for_every_write(
    change: Change, kind: str, problem: str, tmp_path: Path
) -> None:
    """Each of the seven writes would stay unknown; the default that they share is told once."""
    (finding,) = check_changed(tmp_path, wsdl=(change,)).findings
    assert (finding.kind, finding.problem) == (kind, problem)
    assert finding.where == "cancel-appointment and 6 more"


FIVE: tuple[Change, ...] = (
    ("  in_flight: 30\n", "  in_flight: 30\n  in_flight: 40\n"),
    ('"2001": slot-taken', '"2001": slot-taken\n    "-99": refused'),
    ("    rate: 30/m  ", "    rates: 30/m  "),
    ("        SlotCode: Hold/SlotCode\n", ""),
    ("      daysAhead: DaysAhead", "      daysAhead: DayAhead"),
)


def line(piece: str, *changes: Change) -> int:
    """The number of the line that holds a piece of the policy, changed so."""
    before, found, _ = changed(POLICY, *changes).partition(piece)
    assert found
    return before.count("\n") + 1


def test_five_faults_are_five_findings(tmp_path: Path) -> None:
    """A fault of the YAML hides none of the meaning, nor one fault another."""
    twice, code = line("  in_flight: 40", *FIVE), line("upstream_failure:", *FIVE)
    rates, days = line("    rates: 30/m", *FIVE), line("DayAhead", *FIVE)
    hold = POLICY[: POLICY.index("        SlotCode: Hold/SlotCode\n")].count("\n") + 2
    assert told(check_changed(tmp_path, *FIVE), tmp_path) == [
        (
            f'policy.yaml:{twice}:3: the key "in_flight" stands twice; '
            "keep one of them [duplicate-key]"
        ),
        (
            f'policy.yaml:{code}:22: the result code "-99" is listed under refused and under '
            "upstream_failure; a code has one meaning: keep it in one list [code-clash]"
        ),
        (
            f'policy.yaml:{rates}:5: find-card: "rates" is not a field here; '
            'did you mean "rate"? [unknown-field]'
        ),
        (
            f'policy.yaml:{hold}:7: hold-slot: the argument "SlotCode" changes the effect and is '
            "not compared; add it to same, or to unchecked with the reason [not-compared]"
        ),
        (
            f'policy.yaml:{days}:18: get-booking-rules: "DayAhead" is not in Rules; '
            'did you mean "DaysAhead"? [unknown-path]'
        ),
    ]


def test_a_route_that_cannot_be_read_hides_no_other(tmp_path: Path) -> None:
    """What only the broken route uses is not called unused, and the others are still checked."""
    checked = check_changed(
        tmp_path,
        ("    operation: PayRegistration\n", ""),
        ("      daysAhead: DaysAhead", "      daysAhead: DayAhead"),
    )
    assert [finding.kind for finding in checked.findings] == ["missing-field", "unknown-path"]


def test_findings_are_printed_in_the_order_of_the_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`check` ends with status 2, findings on standard output and the sum on standard error."""
    folder = pack(tmp_path, *FIVE)
    assert main(["check", str(folder)]) == 2
    printed = capsys.readouterr()
    lines = printed.out.splitlines()
    places = [int(line.split(":")[1]) for line in lines]
    assert places == sorted(places)
    assert printed.err == "5 findings: nothing of this would be loaded\n"


def test_findings_are_json_for_editors(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`check --json` prints one object a finding."""
    folder = pack(tmp_path, ("      daysAhead: DaysAhead", "      daysAhead: DayAhead"))
    assert main(["check", "--json", str(folder)]) == 2
    assert json.loads(capsys.readouterr().out) == [
        {
            "file": str(folder / "policy.yaml"),
            "line": line("DaysAhead"),
            "column": 18,
            "kind": "unknown-path",
            "where": "get-booking-rules",
            "problem": '"DayAhead" is not in Rules',
            "remedy": 'did you mean "DaysAhead"?',
        }
    ]


def test_a_pack_without_findings_ends_with_0(capsys: pytest.CaptureFixture[str]) -> None:
    """`check` of the real pack says that it has checked it."""
    assert main(["check", str(REGISTRATION)]) == 0
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err == "1 pack checked, no finding\n"


def test_a_check_of_nothing_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without a pack there is nothing that could be called fine."""
    monkeypatch.chdir(tmp_path)
    assert main(["check"]) == 2
    assert capsys.readouterr().err == "no pack here; name one, or run this beside contracts/\n"


def test_a_folder_without_a_policy_is_a_finding(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A name that leads nowhere is told like any other fault."""
    assert main(["check", str(tmp_path / "nowhere")]) == 2
    assert capsys.readouterr().out == (
        f"{tmp_path}/nowhere/policy.yaml:1:1: cannot be read (No such file or directory); "
        "check the file [yaml]\n"
    )
