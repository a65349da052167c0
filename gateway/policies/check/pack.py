"""The checks of one pack: limits, code tables, shapes, closings, and routes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from gateway.policies.addresses import is_address, variable
from gateway.policies.as_meant import doubtful_marks
from gateway.policies.check.closed import check_closed
from gateway.policies.check.constants import check_constants
from gateway.policies.check.outcome import check_outcomes
from gateway.policies.check.route import check_route
from gateway.policies.check.scope import Scope
from gateway.policies.check.shapes import check_shapes
from gateway.policies.findings import Finding
from gateway.policies.model import FieldPolicy, Policy, flat
from gateway.policies.near import meant_name
from gateway.translation.values import TRUTH_VALUES

if TYPE_CHECKING:
    from gateway.soap.contract import Contract


def check_pack(policy: Policy, contract: Contract) -> tuple[Finding, ...]:
    """Every finding of one pack."""
    findings = {
        *_service(policy),
        *_upstream(policy),
        *check_outcomes(policy, contract),
        *check_constants(policy, contract),
        *_code_tables(policy),
        *check_shapes(policy),
        *check_closed(policy),
    }
    for route in policy.routes:
        findings.update(check_route(Scope(policy, contract, route)))
    doubtful = doubtful_marks(policy)
    return tuple(sorted(found for found in findings if found.mark not in doubtful))


def _service(policy: Policy) -> Iterator[Finding]:
    if policy.service != policy.folder.name:
        yield Finding(
            policy.source.mark(("service",)),
            "service-name",
            "",
            f'"service" is not the name of the pack\'s folder, {policy.folder.name}',
            "give both the same name",
        )


def _upstream(policy: Policy) -> Iterator[Finding]:
    upstream = policy.upstream
    if upstream.keep_for_writes >= upstream.in_flight:
        yield Finding(
            policy.source.mark(("upstream", "keep_for_writes")),
            "limits",
            "",
            "keeps every call for writes, so that no read could run",
            f"keep fewer than in_flight ({upstream.in_flight})",
        )
    for index, endpoint in enumerate(upstream.endpoints):
        if variable(endpoint) is None and not is_address(endpoint):
            yield Finding(
                policy.source.mark(("upstream", "endpoints", index)),
                "wrong-value",
                "",
                "no call could be made to this address",
                "write one such as http://10.0.0.8/registration",
            )


# --- code tables ---


def _code_tables(policy: Policy) -> Iterator[Finding]:
    stated = {field.code for field in _all_fields(policy) if field.code is not None}
    used = {meant_name(name, policy.codes) for name in stated}
    for name, table in policy.codes.items():
        mark = policy.source.mark(("codes", name), of_key=True)
        if name not in used and not policy.partial:
            problem = f'no field uses the code table "{name}"'
            yield Finding(mark, "unused-codes", "", problem, "use it or remove it")
        for code, times in Counter(table.values()).items():
            if times > 1:
                problem = f'{times} words of "{name}" have the code "{code}"'
                yield Finding(mark, "code-clash", "", problem, "a code has one word: keep one")
        for word, code in table.items():
            if code in policy.empties:
                yield Finding(
                    policy.source.mark(("codes", name, word)),
                    "code-clash",
                    "",
                    f'"{code}" is the code of "{word}", and among the empties it means nothing',
                    "keep it in one of the two",
                )
        if table.keys() & TRUTH_VALUES and table.keys() != TRUTH_VALUES:
            yield Finding(
                mark,
                "code-words",
                "",
                f'"{name}" mixes true or false with other words',
                "use just these two, as JSON's true and false, or choose other words",
            )


def _all_fields(policy: Policy) -> Iterator[FieldPolicy]:
    for fields in (
        *(route.request for route in policy.routes),
        *(route.response for route in policy.routes),
        *policy.shapes.values(),
    ):
        yield from flat(fields)
