"""`dmz-gateway check`: every finding of the packs, for people, editors and CI."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from gateway.packs import check_packs, pack_folders
from gateway.policies.findings import Finding, counted


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What `check` takes."""
    parser.add_argument("packs", nargs="*", type=Path, help="pack folders; all of contracts/ else")
    parser.add_argument("--json", action="store_true", help="findings as JSON, for editors")


def run(arguments: argparse.Namespace) -> int:
    """0 without findings, 2 with any."""
    folders = tuple(arguments.packs) or pack_folders(Path("contracts"))
    if not folders:
        print("no pack here; name one, or run this beside contracts/", file=sys.stderr)
        return 2
    checked = check_packs(folders)
    if arguments.json:
        print(json.dumps([_document(finding) for finding in checked.findings], indent=2))
    else:
        for finding in checked.findings:
            print(finding)
        print(_summary(checked.packs, checked.findings), file=sys.stderr)
    return 2 if checked.findings else 0


def _document(finding: Finding) -> dict[str, object]:
    return {
        "file": finding.mark.file,
        "line": finding.mark.line,
        "column": finding.mark.column,
        "kind": finding.kind,
        "where": finding.where,
        "problem": finding.problem,
        "remedy": finding.remedy,
    }


def _summary(packs: tuple[object, ...], findings: tuple[Finding, ...]) -> str:
    if findings:
        return f"{counted(len(findings), 'finding')}: nothing of this would be loaded"
    return f"{counted(len(packs), 'pack')} checked, no finding"
