"""What only shows when all packs are seen: requests with two routes, limits that disagree."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from gateway.policies.as_meant import doubtful_marks
from gateway.policies.findings import Finding
from gateway.policies.model import Policy, RoutePolicy, flat
from gateway.policies.near import near_name


def check_together(policies: Iterable[Policy], *, whole: bool) -> tuple[Finding, ...]:
    """Every finding that concerns more than one route, or more than one pack.

    `whole`: these are all packs, so that what none of them has is nowhere.
    """
    policies = tuple(policies)
    findings = {*_same_routes(policies), *_limits(policies)}
    if whole and not any(policy.partial for policy in policies):
        findings.update(_seals(policies))
    doubtful = frozenset(mark for policy in policies for mark in doubtful_marks(policy))
    return tuple(sorted(found for found in findings if found.mark not in doubtful))


def _same_routes(policies: tuple[Policy, ...]) -> Iterator[Finding]:
    by_id: dict[str, RoutePolicy] = {}
    by_rest: dict[tuple[str, str], RoutePolicy] = {}
    for policy in policies:
        for route in policy.routes:
            if by_id.setdefault(route.id, route) is not route:
                mark = policy.source.mark((*route.at, "id"))
                yield Finding(
                    mark, "same-route", route.id, "another route has this id", "rename one of them"
                )
            shape = (route.method, re.sub(r"\{[^}]*\}", "{}", route.template))
            other = by_rest.setdefault(shape, route)
            if other is not route:
                mark = policy.source.mark((*route.at, "rest"))
                problem = f"answers the same requests as {other.id}"
                yield Finding(mark, "same-route", route.id, problem, "change one of the two paths")


def _seals(policies: tuple[Policy, ...]) -> Iterator[Finding]:
    """Ids that are opened, and that nobody could ever have been given."""
    given = {
        field.sealed
        for policy in policies
        for route in policy.routes
        for field in flat(route.response)
        if field.sealed is not None
    }
    for policy in policies:
        for route in policy.routes:
            for field in flat(route.request):
                if field.sealed is not None and field.sealed not in given:
                    yield Finding(
                        policy.source.mark((*field.at, "sealed")),
                        "unknown-seal",
                        route.id,
                        f'no response gives out an id that is sealed as "{field.sealed}"',
                        near_name(field.sealed, given, "seal it so where it is given out"),
                    )


def _limits(policies: tuple[Policy, ...]) -> Iterator[Finding]:
    groups: dict[str, Policy] = {}
    for policy in policies:
        first = groups.setdefault(policy.upstream.group, policy)
        if _shared(first) != _shared(policy):
            yield Finding(
                policy.source.mark(("upstream", "group")),
                "limits",
                "",
                f'states other limits than "{first.service}", which is of the same group',
                "state the same ones, or name a group of its own",
            )


def _shared(policy: Policy) -> object:
    upstream = policy.upstream
    return (upstream.in_flight, upstream.keep_for_writes, upstream.breaker)
