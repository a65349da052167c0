"""What a check finds wrong with how a matched write is settled."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from gateway.packs import check_packs

HERE = Path(__file__).parent
FAULTS: list[dict[str, Any]] = yaml.safe_load((HERE / "faults.yaml").read_text("utf-8"))


def found(folder: Path, old: str, new: str, *, file: str = "policy.yaml") -> list[str]:
    """The findings of the pack with one place of its policy changed, or of another file."""
    pack = folder / "cashier"
    pack.mkdir(exist_ok=True)
    for name in ("cashier.wsdl", "policy.yaml"):
        if not (pack / name).exists():
            shutil.copy(HERE / name, pack)
    text = (pack / file).read_text("utf-8")
    assert text.count(old) == 1
    (pack / file).write_text(text.replace(old, new), "utf-8")
    return [str(one).removeprefix(f"{pack}/") for one in check_packs((pack,)).findings]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault["fault"])
def test_a_fault_is_found_once(fault: dict[str, Any], tmp_path: Path) -> None:
    """With its place, what is wrong and what to do."""
    assert found(tmp_path, fault["from"], fault["to"]) == [fault["found"]]


def test_a_matched_write_says_how_it_is_asked_about(tmp_path: Path) -> None:
    """Without that it could not be told from a write that nobody can settle."""
    policy = (HERE / "policy.yaml").read_text("utf-8")
    settle = policy[policy.index("    settle:\n") : policy.index("    request:\n")]
    (finding,) = found(tmp_path, settle, "")
    assert finding.endswith(
        "a matched write is asked about by what it is about; "
        "say under settle how to ask about the thing: ask, match, done, same, otherwise [no-settle]"
    )


@pytest.mark.parametrize(
    ("effect", "problem"),
    [
        ("matched\n    serial: BillNo", "a matched write sends no serial; remove it [option]"),
        (
            "keyed\n    serial: BillNo",
            "a keyed write is asked about by its serial, not by what it is",
        ),
    ],
)
def test_serial_and_match_are_two_ways(effect: str, problem: str, tmp_path: Path) -> None:
    """A write is settled in one of them."""
    told = found(tmp_path, "effect: matched", f"effect: {effect}")
    assert any(problem in finding for finding in told)


def test_what_a_question_requires_is_sent_each_time(tmp_path: Path) -> None:
    """Else a write without it could never be asked about, nor sent."""
    asked = '<xs:element name="QueryPayments">\n        <xs:complexType>\n          <xs:sequence>\n'
    trade = '            <xs:element name="TradeNo" type="tns:Trade"/>\n'
    found(tmp_path, asked, asked + trade, file="cashier.wsdl")
    found(tmp_path, "      whose: [TradeNo]\n", "")
    by = "ask: {BillNo: BillNo, CardNo: CardNo"
    assert found(tmp_path, by, f"{by}, TradeNo: TradeNo") == []
    told = found(
        tmp_path, "transaction: TradeNo\n      amount: {hospital: Amount, as: fen-from-yuan}\n"
        "    reply", "transaction: {hospital: TradeNo, empty: NONE}\n"
        "      amount: {hospital: Amount, as: fen-from-yuan}\n    reply",
    )  # fmt: skip
    (finding,) = told
    assert finding == (
        'policy.yaml:31:54: pay-bill: QueryPayments requires "TradeNo", and "TradeNo" may be left '
        "out; ask by what is sent each time [missing-argument]"
    )
