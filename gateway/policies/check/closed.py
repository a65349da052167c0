"""The checks of `closed`: windows that can be, and patterns that mean a route of the pack."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.policies.closed import means, tells_closed, window
from gateway.policies.findings import Finding
from gateway.policies.model import Policy
from gateway.policies.near import near_name
from gateway.policies.operations_resource import inquiry_id


def check_closed(policy: Policy) -> Iterator[Finding]:
    """Every finding of the pack's closings."""
    routes = [(route.id, tells_closed(route.response)) for route in policy.routes]
    routes += [(inquiry_id(route.id), False) for route in policy.routes if route.settle]
    for closed in policy.closed:
        for index, pattern in enumerate(closed.routes):
            if policy.partial or any(
                means(pattern, name, tells_closed=tells) for name, tells in routes
            ):
                continue
            yield Finding(
                policy.source.mark((*closed.at, "routes", index)),
                "unknown-route",
                "",
                f'"{pattern}" means no route of this pack',
                near_name(pattern, (name for name, _ in routes), "name one, or leave it out"),
            )
        try:
            window(closed)
        except ValueError as error:
            where = "until" if closed.daily is None else "daily"
            yield Finding(
                policy.source.mark((*closed.at, where)),
                "window",
                "",
                f'"{where}" {error}',
                "state an end after the beginning",
            )
