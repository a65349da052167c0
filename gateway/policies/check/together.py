"""What only shows when all packs are seen: requests with two routes, limits that disagree."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from gateway.policies.findings import Finding
from gateway.policies.model import Policy, RoutePolicy


def check_together(policies: Iterable[Policy]) -> tuple[Finding, ...]:
    """Every finding that concerns more than one route, or more than one pack."""
    policies = tuple(policies)
    return tuple(sorted({*_same_routes(policies), *_limits(policies)}))


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
