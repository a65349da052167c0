"""The checks of one route as a whole; what is in it has modules of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from gateway.policies.check.constants import check_own_constants
from gateway.policies.check.paging import check_page
from gateway.policies.check.request import check_request
from gateway.policies.check.response import check_response
from gateway.policies.check.scope import Scope
from gateway.policies.check.subject import check_subject
from gateway.policies.check.write import check_effect
from gateway.policies.findings import Finding
from gateway.policies.operations_resource import OPERATIONS, is_reserved
from gateway.policies.resolve import variables
from gateway.rest.methods import SAFE

LONGEST_DEADLINE = 30.0
"""Seconds; the edge waits a little longer (haproxy/README.md)."""


def check_route(scope: Scope) -> Iterator[Finding]:
    """Every finding of one route; where there is no operation, those that need none."""
    route = scope.route
    yield from _basics(scope)
    operation = yield from scope.operation(route.operation, (*route.at, "operation"))
    if operation is not None:
        yield from check_own_constants(scope, operation)
    yield from check_request(scope, operation)
    yield from check_response(scope, operation)
    yield from check_page(scope, operation)
    yield from check_subject(scope, operation)
    yield from check_effect(scope, operation)


def _basics(scope: Scope) -> Iterator[Finding]:
    route = scope.route
    if route.deadline > LONGEST_DEADLINE:
        yield scope.find(
            "deadline",
            (*route.at, "deadline"),
            "the deadline is longer than the edge waits",
            f"state at most {LONGEST_DEADLINE:.0f}s",
        )
    if is_reserved(route.template):
        yield scope.find(
            "same-route",
            (*route.at, "rest"),
            f"{OPERATIONS} is where the gateway tells how writes ended",
            "choose another path",
        )
    if route.effect in ("keyed", "matched") and route.method in SAFE:
        yield scope.find(
            "method",
            (*route.at, "rest"),
            "a write stands behind GET, which callers and proxies repeat freely",
            "use POST or DELETE",
        )
    for name, times in Counter(variables(route.template)).items():
        if times > 1:
            yield scope.find(
                "dead-field", (*route.at, "rest"), f'has "{{{name}}}" twice', "rename one of them"
            )
