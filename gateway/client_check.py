"""Whether the clients of the settings fit the policies that they are to call.

Each is right by itself, and still a client may name a route that is not there, or have no text
where a policy sets one for each client: it would be answered 403, and nobody told why.
"""

from __future__ import annotations

from collections.abc import Iterator

from gateway.policies.findings import Finding, PolicyError
from gateway.policies.snapshot import Snapshot
from gateway.rest.admission import Client, covers
from gateway.settings import Settings


def hold_clients(settings: Settings, snapshot: Snapshot) -> None:
    """Raise `PolicyError` with every finding about a client in the settings' file."""
    findings = []
    for client in settings.clients:
        mark = settings.source.mark(("clients", client.id, "scopes"))
        for problem, remedy in (*_scopes(client, snapshot), *_constants(client, snapshot)):
            findings.append(Finding(mark, "settings", "", problem, remedy))
    if findings:
        raise PolicyError(tuple(sorted(findings)))


def _scopes(client: Client, snapshot: Snapshot) -> Iterator[tuple[str, str]]:
    known = {route.scope for route in snapshot.routes}
    for scope in client.scopes:
        if not any(covers(scope, route) for route in known):
            yield f'no route has an id like "{scope}"', "name one of the policies' routes"


def _constants(client: Client, snapshot: Snapshot) -> Iterator[tuple[str, str]]:
    missing = {
        (route.service, "/".join(constant.target))
        for route in snapshot.routes
        if client.may(route.scope)
        for constant in route.outbound.constants
        if constant.lacks(client.id)
    }
    for service, name in missing:
        yield (
            f"{client.id} may call routes of {service} that send {name}, and has no text for it",
            f"add {client.id} to its by_client in the policy, or leave these routes out",
        )
