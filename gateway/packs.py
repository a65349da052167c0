"""The packs folder as a whole: read, checked, compiled; all or nothing."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from gateway.environment import read_environment
from gateway.example_check import check_examples
from gateway.policies.build import build, table_files
from gateway.policies.check import check, check_digest, check_payload, check_secrets, check_together
from gateway.policies.compile import compile_snapshot
from gateway.policies.findings import Finding, Mark, PolicyError
from gateway.policies.load import read
from gateway.policies.model import Policy
from gateway.policies.snapshot import Snapshot
from gateway.policies.structure import check_structure, readable
from gateway.policies.tables import read_table
from gateway.soap.contract import Contract, load_contract
from gateway.soap.digest import with_digest
from gateway.soap.errors import ContractError
from gateway.soap.payload.model import Payload
from gateway.soap.payload.trades import with_payload

POLICY_FILE = "policy.yaml"


@dataclass(frozen=True, slots=True)
class Checked:
    """What a look at the packs gave. `packs` holds those that could be understood."""

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
        contract = _contract(policy, findings)
        if contract is None:
            continue
        found = check(policy, contract)
        findings.extend(found)
        packs.append((policy, contract))
    whole = len(packs) == len(folders)
    findings.extend(check_together([policy for policy, _ in packs], whole=whole))
    if not findings:
        findings.extend(check_examples(tuple(packs)))
    return Checked(tuple(packs), tuple(sorted(set(findings))))


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
    source, faults = read(folder / POLICY_FILE, _shown(folder / POLICY_FILE))
    findings.extend(faults)
    if not source.values:
        return None
    findings.extend(check_structure(source))
    understood = readable(source)
    if understood is None:
        return None
    tables: dict[str, Mapping[str, str]] = {}
    for name, file in table_files(understood[0]).items():
        tables[name], faults = read_table(folder / file, _shown(folder / file))
        findings.extend(faults)
    return build(folder, *understood, tables)


def _contract(policy: Policy, findings: list[Finding]) -> Contract | None:
    at = ("contract", "wsdl")
    wsdl = policy.folder / policy.wsdl
    if not wsdl.is_file():
        findings.append(
            Finding(
                policy.source.mark(at), "contract", "",
                f"there is no {policy.wsdl} beside the policy", "put the service's WSDL there",
            )
        )  # fmt: skip
        return None
    try:
        return _spoken(policy, load_contract(wsdl, policy.port), findings)
    except ContractError as error:
        findings.append(_refused(error))
        return None


def _spoken(policy: Policy, contract: Contract, findings: list[Finding]) -> Contract | None:
    """The WSDL's contract with what it does not say: a digest, and the messages in a string."""
    if policy.digest is not None:
        found = check_digest(policy, contract)
        findings.extend(found)
        if found:
            return None
        contract = with_digest(contract, policy.digest.digest)
    if policy.payload is None:
        return contract
    found = (*_missing_schemas(policy, policy.payload), *check_payload(policy, contract))
    findings.extend(found)
    if found:
        return None
    contract = with_payload(contract, policy.payload, policy.folder)
    broken = [contract.refused[name] for name in policy.payload.trades if name in contract.refused]
    findings.extend(_refused(error) for error in broken)
    return None if broken else contract


def _refused(error: ContractError) -> Finding:
    mark = Mark(_shown(error.file), error.line or 1, 1)
    return Finding(mark, "contract", "", error.what, "mend the contract, or ask for a new one")


def _missing_schemas(policy: Policy, payload: Payload) -> Iterator[Finding]:
    for name, trade in payload.trades.items():
        for where, file in (("request", trade.request), ("reply", trade.reply)):
            if not (policy.folder / file).is_file():
                yield Finding(
                    policy.source.mark(("payload", "trades", name, where)),
                    "contract",
                    "",
                    f"there is no {file} in the pack",
                    "put the message's schema there",
                )


def _shown(path: Path) -> str:
    """The file's name as findings show it: from here, where that is shorter."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)
