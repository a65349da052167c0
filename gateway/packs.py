"""The packs folder as a whole: read, checked, compiled; all or nothing."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gateway.environment import read_environment
from gateway.example_check import check_examples
from gateway.pack_contract import read_contract
from gateway.policies.as_meant import understood
from gateway.policies.build import build, table_files
from gateway.policies.check import (
    check,
    check_glossary,
    check_secrets,
    check_together,
)
from gateway.policies.compile import compile_snapshot
from gateway.policies.findings import Finding, Mark, PolicyError, once_each, shown
from gateway.policies.form import GLOSSARY_FORM
from gateway.policies.glossary import Glossary, glossary_of
from gateway.policies.load import Source, read
from gateway.policies.model import Policy
from gateway.policies.snapshot import Snapshot
from gateway.policies.structure import check_form, check_structure
from gateway.policies.tables import read_table
from gateway.soap.contract import Contract

POLICY_FILE = "policy.yaml"


@dataclass(frozen=True, slots=True)
class Checked:
    """What a look at the packs gave. `packs` holds those whose policy could be understood."""

    packs: tuple[tuple[Policy, Contract], ...]
    findings: tuple[Finding, ...]


def check_packs(folders: tuple[Path, ...]) -> Checked:
    """Read and check packs, without an environment and without compiling them."""
    findings: list[Finding] = []
    packs: list[tuple[Policy, Contract]] = []
    for folder in folders:
        policy = _policy(folder, findings)
        if policy is None:
            continue
        contract, found = read_contract(policy)
        findings += (*found, *check(policy, contract))
        packs.append((policy, contract))
    whole = len(packs) == len(folders)
    findings.extend(check_together([policy for policy, _ in packs], whole=whole))
    if not findings:
        findings.extend(check_examples(tuple(packs)))
        # What callers are told is held against fields that are right.
        findings.extend(found for policy, _ in packs for found in check_glossary(policy))
    return Checked(tuple(packs), once_each(findings))


def load_snapshot(folder: Path) -> Snapshot:
    """The snapshot of every pack in `folder`; raises `PolicyError` with all findings."""
    checked = check_packs(pack_folders(folder))
    environment, missing = read_environment([policy for policy, _ in checked.packs], os.environ)
    findings = [*checked.findings, *missing]
    if not checked.findings:
        for policy, contract in checked.packs:
            findings += check_secrets(policy, contract, environment)
    if not checked.packs and not findings:
        mark = Mark(str(folder), 1, 1)
        findings = [Finding(mark, "yaml", "", "holds no pack", f"add a folder with {POLICY_FILE}")]
    if findings:
        raise PolicyError(tuple(sorted(findings)))
    return compile_snapshot(checked.packs, environment)


def pack_folders(folder: Path) -> tuple[Path, ...]:
    """The folders below `folder` that hold a policy."""
    return tuple(sorted(path.parent for path in folder.glob(f"*/{POLICY_FILE}")))


def _policy(folder: Path, findings: list[Finding]) -> Policy | None:
    source, faults = read(folder / POLICY_FILE, shown(folder / POLICY_FILE))
    findings.extend(faults)
    if not source.values:
        return None
    findings.extend(check_structure(source))
    found = understood(source)
    if found is None:
        return None
    tables: dict[str, Mapping[str, str]] = {}
    for name, file in table_files(found.source).items():
        tables[name], faults = read_table(folder / file, shown(folder / file))
        findings.extend(faults)
    return build(folder, found, tables, _glossary(folder, found.source, findings))


def _glossary(folder: Path, policy: Source, findings: list[Finding]) -> Glossary | None:
    file = policy.data.get("glossary")
    if file is None:
        return None
    source, faults = read(folder / file, shown(folder / file))
    if source.values:
        faults = (*faults, *check_form(source, GLOSSARY_FORM))
    findings.extend(faults)
    return None if faults else glossary_of(source)
