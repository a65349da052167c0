"""The effective policy of each pack: what it compiles to, as one document.

`python -m tests.policies.golden` writes it anew; what changes in it changes for callers or for
the hospital, and is read before it is committed.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from gateway.examples import EXAMPLE_ENVIRONMENT
from gateway.packs import check_packs, pack_folders
from gateway.policies.compile import compile_snapshot
from gateway.policies.snapshot import Route, Snapshot
from tests.policies.packs import ROOT

PACKS = pack_folders(ROOT / "contracts")


def golden(pack: Path) -> Path:
    """Where a pack's document is kept."""
    return Path(__file__).with_name(f"{pack.name}.golden.json")


def effective(pack: Path) -> str:
    """The document of a pack, as JSON text."""
    snapshot = compile_snapshot(check_packs((pack,)).packs, EXAMPLE_ENVIRONMENT)
    shapes = {
        name: dict(schema)
        for route in snapshot.routes
        for name, schema in route.schemas.shapes.items()
    }
    document = {
        "upstreams": upstreams(snapshot),
        "shapes": shapes,
        "routes": {route.id: shown(route, shapes) for route in snapshot.routes},
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def upstreams(snapshot: Snapshot) -> dict[str, Any]:
    """Each group's limits."""
    return {
        name: {
            "in_flight": upstream.in_flight,
            "keep_for_writes": upstream.keep_for_writes,
            "breaker": repr(upstream.breaker),
        }
        for name, upstream in snapshot.upstreams.items()
    }


def shown(route: Route, shapes: dict[str, Any]) -> dict[str, Any]:
    """What a caller or the hospital can notice of a route."""
    outbound = route.outbound
    return {
        "rest": f"{route.method} {route.template}",
        "operation": f"{route.effect} {route.operation}",
        "answers": f"{route.status} within {route.deadline:g} s",
        "rate": route.rate and f"{route.rate.per_second:g}/s, {route.rate.burst:g} at once",
        "sends": {
            "/".join(field.target): f"{field.location} {'/'.join(field.name)}"
            for field in outbound.fields
        },
        "constants": ["/".join(constant.target) for constant in outbound.constants],
        "serial": outbound.serial and f"{'/'.join(outbound.serial)} of {route.serial_of}",
        "card": {
            "sent": outbound.subject and "/".join(outbound.subject),
            "held": route.subject.reply and "/".join(route.subject.reply),
        }
        if route.subject
        else None,
        "compared": {
            "/".join(
                same.argument
            ): f"{'/'.join(same.path)} as {same.base}{' or filled in' * same.filled}"
            for same in route.comparison.same
        }
        if route.comparison
        else None,
        "path": dict(route.schemas.path),
        "query": route.schemas.query,
        "body": route.schemas.body,
        "document": route.document and f"{route.document.media_type}, {route.document.limit} bytes",
        "response": named(route.schemas.response, shapes),
    }


def named(schema: Any, shapes: dict[str, Any]) -> Any:
    """The schema with shapes by name."""
    if isinstance(schema, list):
        return [named(part, shapes) for part in schema]
    if not isinstance(schema, dict):
        return schema
    name = next((name for name, shape in shapes.items() if shape == schema), None)
    return f"shape {name}" if name else {key: named(part, shapes) for key, part in schema.items()}


if __name__ == "__main__":
    for each in PACKS:
        golden(each).write_text(effective(each), "utf-8")
