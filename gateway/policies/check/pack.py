"""The checks of one pack: limits, code tables, shapes, closings, and routes."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from gateway.policies.addresses import is_address, variable
from gateway.policies.check.closed import check_closed
from gateway.policies.check.constants import check_constants
from gateway.policies.check.outcome import check_outcomes
from gateway.policies.check.route import check_route
from gateway.policies.check.scope import (
    Scope,
    near_name,
    nearest_name,
)
from gateway.policies.findings import Finding
from gateway.policies.load import Keys
from gateway.policies.model import MOST_FIELDS, MOST_LEVELS, FieldPolicy, Policy, flat

if TYPE_CHECKING:
    from gateway.soap.contract import Contract


_BOOLEANS = {"true", "false"}


def check_pack(policy: Policy, contract: Contract) -> tuple[Finding, ...]:
    """Every finding of one pack."""
    findings = {
        *_service(policy),
        *_upstream(policy),
        *check_outcomes(policy, contract),
        *check_constants(policy, contract),
        *_code_tables(policy),
        *_shapes(policy),
        *check_closed(policy),
    }
    for route in policy.routes:
        findings.update(check_route(Scope(policy, contract, route)))
    return tuple(sorted(findings))


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
    used = {_meant(field.code, policy.codes) for field in _all_fields(policy)}
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
        if table.keys() & _BOOLEANS and table.keys() != _BOOLEANS:
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


def _meant(name: str | None, known: Iterable[str]) -> str | None:
    """The name, or the known one that it stands for: a slip of the pen is one fault, not two."""
    return name if name is None or name in known else nearest_name(name, known)


# --- shapes ---


def _shapes(policy: Policy) -> Iterator[Finding]:
    places = _shape_places(policy)
    uses: dict[str, set[str]] = defaultdict(set)
    for at, name in places.items():
        if at[0] == "shapes":
            uses[str(at[1])].add(name)
    for at, name in places.items():
        if name not in policy.shapes:
            yield Finding(
                policy.source.mark(at),
                "unknown-shape",
                _where(policy, at),
                f'there is no shape "{name}"',
                near_name(name, policy.shapes, "add it under shapes"),
            )
        elif at[0] == "shapes" and str(at[1]) in _within(name, uses):
            yield Finding(
                policy.source.mark(at),
                "shape-cycle",
                _where(policy, at),
                f'the shape "{name}" would hold itself',
                "write out the fields that are wanted here",
            )
    for at in policy.sprawling:
        yield Finding(
            policy.source.mark(at, of_key=True),
            "shape-size",
            _where(policy, at),
            f"has more than {MOST_FIELDS} fields or {MOST_LEVELS} levels, with the shapes in it",
            "write out the fields that are wanted here",
        )
    used = {_meant(name, policy.shapes) for name in places.values()}
    for name in policy.shapes:
        if name not in used and not policy.partial:
            mark = policy.source.mark(("shapes", name), of_key=True)
            problem = f'nothing answers with the shape "{name}"'
            yield Finding(mark, "unused-shape", "", problem, "use it or remove it")


def _where(policy: Policy, at: Keys) -> str:
    """The route or shape that a place belongs to."""
    if at[0] == "shapes":
        return f"shape {at[1]}"
    return next(route.id for route in policy.routes if route.at == at[:2])


def _shape_places(policy: Policy) -> dict[Keys, str]:
    """Where a shape is named, and which."""
    places = {(*route.at, "response"): route.shape for route in policy.routes}
    places |= {(*field.at, "fields"): field.shape for field in _all_fields(policy)}
    return {at: name for at, name in places.items() if name is not None}


def _within(shape: str, uses: Mapping[str, set[str]]) -> set[str]:
    """The shape, and every shape that it is made of, however deep."""
    found: set[str] = set()
    waiting = [shape]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += uses.get(name, ())
    return found
