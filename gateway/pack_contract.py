"""The contract that a policy means: its WSDL, with the digest and the messages that it names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from gateway.policies.check import check_digest, check_payload, check_trade, meant_digest
from gateway.policies.findings import Finding, Mark, shown
from gateway.policies.model import Policy
from gateway.soap.contract import Contract, load_contract
from gateway.soap.digest import Digest, with_digest
from gateway.soap.errors import ContractError, NoSuchPort
from gateway.soap.payload.model import Payload, Trade
from gateway.soap.payload.trades import with_payload

_UNREAD = Contract({}, {}, "")
"""A contract without operations: nothing is held against it."""

_CONTRACTUAL = {"contract", "payload", "digest"}
"""The sections of a policy that say what it is held against."""


def read_contract(policy: Policy) -> tuple[Contract, tuple[Finding, ...]]:
    """What the policy is held against, `_UNREAD` where that cannot be read, and every finding."""
    if any(place[0] in _CONTRACTUAL for place in policy.doubtful):
        return _UNREAD, ()
    wsdl = policy.folder / policy.wsdl
    if not wsdl.is_file():
        mark = policy.source.mark(("contract", "wsdl"))
        problem = f"there is no {policy.wsdl} beside the policy"
        return _UNREAD, (Finding(mark, "contract", "", problem, "put the service's WSDL there"),)
    try:
        contract = load_contract(wsdl, policy.port, any_text=_has_elements(policy.payload))
    except NoSuchPort as error:
        mark = policy.source.mark(("contract", "port"))
        problem, remedy = f"{policy.wsdl} {error.what}", "name one of them as port"
        return _UNREAD, (Finding(mark, "contract", "", problem, remedy),)
    except ContractError as error:
        return _UNREAD, (_refused(error),)
    findings: tuple[Finding, ...] = ()
    if policy.digest is not None:
        contract, findings = _signed(policy, policy.digest.digest, contract)
    if policy.payload is not None:
        contract, found = _spoken(policy, policy.payload, contract)
        findings += found
    return contract, findings


def _has_elements(payload: Payload | None) -> bool:
    """Whether a message stands in its carrier as elements, which the WSDL may leave open."""
    return payload is not None and "raw" in (payload.request.written, payload.reply.written)


def _signed(
    policy: Policy, digest: Digest, contract: Contract
) -> tuple[Contract, tuple[Finding, ...]]:
    """The contract with a digest, of which the WSDL does not say that it is one."""
    found = check_digest(policy, digest, contract)
    return with_digest(contract, meant_digest(digest, contract)), found


def _spoken(
    policy: Policy, payload: Payload, contract: Contract
) -> tuple[Contract, tuple[Finding, ...]]:
    """The contract with the messages in a string; without the trades that have a fault."""
    findings = [*check_payload(policy, payload)]
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
    return replace(spoken, operations=operations), tuple(findings)


def _refused(error: ContractError) -> Finding:
    mark = Mark(shown(error.file), error.line or 1, 1)
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
