"""The API document of a folder of packs: its routes, with the examples that stand beside them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from gateway.api.examples import Example
from gateway.api.openapi import document
from gateway.example_check import FOLDER
from gateway.packs import pack_folders
from gateway.policies.snapshot import Snapshot


def api_document(packs: Path, snapshot: Snapshot) -> dict[str, Any]:
    """The OpenAPI document of `snapshot`, which was made from the packs in that folder.

    Examples are taken as they are: what they say was checked when the packs were.
    """
    examples = {
        route.id: tuple(
            example for folder in pack_folders(packs) for example in _examples(folder, route.id)
        )
        for route in snapshot.routes
    }
    return document(snapshot, examples)


def _examples(pack: Path, route: str) -> Iterator[Example]:
    for case in sorted((pack / FOLDER / route).glob("*/")):
        given = json.loads((case / "request.json").read_text("utf-8"))
        told = json.loads((case / "response.json").read_text("utf-8"))
        yield Example(
            name=case.name,
            path=given.get("path", {}),
            query=dict(parse_qsl(given.get("query", ""))),
            request=given.get("body"),
            status=told["status"],
            problem=told.get("problem"),
            response=told.get("body"),
            outcome=told.get("outcome"),
            message=told.get("message"),
            refund_required=told.get("refundRequired", False),
        )
