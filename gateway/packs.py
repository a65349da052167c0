"""The packs folder as a whole: read, checked, compiled; all or nothing."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from gateway.environment import read_environment
from gateway.example_check import check_examples
from gateway.policies.as_meant import understood
from gateway.policies.build import build, table_files
from gateway.policies.check import (
    check,
    check_digest,
    check_glossary,
    check_payload,
    check_secrets,
    check_together,
    check_trade,
    meant_digest,
)
from gateway.policies.compile import compile_snapshot
from gateway.policies.findings import Finding, Mark, PolicyError, once_each
from gateway.policies.form import GLOSSARY_FORM
from gateway.policies.glossary import Glossary, glossary_of
from gateway.policies.load import Source, read
from gateway.policies.model import Policy
from gateway.policies.snapshot import Snapshot
from gateway.policies.structure import check_form, check_structure
from gateway.policies.tables import read_table
from gateway.soap.contract import Contract, load_contract
from gateway.soap.digest import Digest, with_digest
from gateway.soap.errors import ContractError, NoSuchPort
from gateway.soap.payload.model import Payload, Trade
from gateway.soap.payload.trades import with_payload

POLICY_FILE = "policy.yaml"

_UNREAD = Contract({}, {}, "")
_CONTRACTUAL = {"contract", "payload", "digest"}
"""The sections of a policy that say what it is held against."""


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
        contract = _contract(policy, findings)
        findings.extend(check(policy, contract))
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
    source, faults = read(folder / POLICY_FILE, _shown(folder / POLICY_FILE))
    findings.extend(faults)
    if not source.values:
        return None
    findings.extend(check_structure(source))
    found = understood(source)
    if found is None:
        return None
    tables: dict[str, Mapping[str, str]] = {}
    for name, file in table_files(found.source).items():
        tables[name], faults = read_table(folder / file, _shown(folder / file))
        findings.extend(faults)
    return build(folder, found, tables, _glossary(folder, found.source, findings))


def _glossary(folder: Path, policy: Source, findings: list[Finding]) -> Glossary | None:
    file = policy.data.get("glossary")
    if file is None:
        return None
    source, faults = read(folder / file, _shown(folder / file))
    if source.values:
        faults = (*faults, *check_form(source, GLOSSARY_FORM))
    findings.extend(faults)
    return None if faults else glossary_of(source)


def _contract(policy: Policy, findings: list[Finding]) -> Contract:
    """What the policy is held against; without operations where that cannot be read."""
    if any(place[0] in _CONTRACTUAL for place in policy.doubtful):
        return _UNREAD
    at = ("contract", "wsdl")
    wsdl = policy.folder / policy.wsdl
    if not wsdl.is_file():
        findings.append(
            Finding(
                policy.source.mark(at), "contract", "",
                f"there is no {policy.wsdl} beside the policy", "put the service's WSDL there",
            )
        )  # fmt: skip
        return _UNREAD
    try:
        contract = load_contract(wsdl, policy.port, any_text=_has_elements(policy.payload))
    except NoSuchPort as error:
        mark = policy.source.mark(("contract", "port"))
        problem, remedy = f"{policy.wsdl} {error.what}", "name one of them as port"
        findings.append(Finding(mark, "contract", "", problem, remedy))
        return _UNREAD
    except ContractError as error:
        findings.append(_refused(error))
        return _UNREAD
    if policy.digest is not None:
        contract = _signed(policy, policy.digest.digest, contract, findings)
    if policy.payload is not None:
        contract = _spoken(policy, policy.payload, contract, findings)
    return contract


def _has_elements(payload: Payload | None) -> bool:
    """Whether a message stands in its carrier as elements, which the WSDL may leave open."""
    return payload is not None and "raw" in (payload.request.written, payload.reply.written)


def _signed(
    policy: Policy, digest: Digest, contract: Contract, findings: list[Finding]
) -> Contract:
    """The contract with a digest, of which the WSDL does not say that it is one."""
    findings.extend(check_digest(policy, digest, contract))
    return with_digest(contract, meant_digest(digest, contract))


def _spoken(
    policy: Policy, payload: Payload, contract: Contract, findings: list[Finding]
) -> Contract:
    """The contract with the messages in a string; without the trades that have a fault."""
    findings.extend(check_payload(policy, payload))
    sound = {}
    for name, trade in payload.trades.items():
        found = (
            *_missing_schemas(policy, name, trade),
            *check_trade(policy, payload, name, contract),
        )
        findings.extend(found)
        if not found:
            sound[name] = trade
    spoken = with_payload(contract, replace(payload, trades=sound), policy.folder)
    findings.extend(_refused(spoken.refused[name]) for name in sound if name in spoken.refused)
    faulty = payload.trades.keys() - sound.keys()
    operations = {name: one for name, one in spoken.operations.items() if name not in faulty}
    return replace(spoken, operations=operations)


def _refused(error: ContractError) -> Finding:
    mark = Mark(_shown(error.file), error.line or 1, 1)
    return Finding(mark, "contract", "", error.what, "mend the contract, or ask for a new one")


def _missing_schemas(policy: Policy, name: str, trade: Trade) -> Iterator[Finding]:
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
