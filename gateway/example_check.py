"""A pack's examples: what must go out for a request, and what must be answered to a reply.

One folder a case, `examples/<route>/<case>/`, with `request.json` (who asks what), `request.xml`
(the body child that goes out), `reply.xml` (the one that comes back) and `response.json` (what is
answered).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from lxml import etree

from gateway.examples import EXAMPLE_ENVIRONMENT, needs, translate
from gateway.policies.compile import compile_snapshot
from gateway.policies.findings import Finding, Mark
from gateway.policies.model import Policy
from gateway.policies.snapshot import Route
from gateway.problems import Rejection
from gateway.rest.validation import JsonSchema
from gateway.settlement import FAILURES
from gateway.soap.contract import Contract

FOLDER = "examples"
FILES = ("request.json", "request.xml", "reply.xml", "response.json")

_TEXT = {"type": "string", "minLength": 1}
_MOMENT = {"type": "string", "format": "date-time"}
_GIVEN = JsonSchema(
    {
        "type": "object",
        "properties": {
            "client": _TEXT,
            "now": _MOMENT,
            "card": _TEXT,
            "key": _TEXT,
            "firstSent": _MOMENT,
            "asked": {"type": "object"},
            "path": {"type": "object", "additionalProperties": _TEXT},
            "query": {"type": "string"},
            "body": {"type": "object"},
        },
        "required": ["client", "now"],
        "additionalProperties": False,
    }
)


def check_examples(packs: tuple[tuple[Policy, Contract], ...]) -> Iterator[Finding]:
    """Every example that does not translate as written. A route need not have one."""
    snapshot = compile_snapshot(packs, EXAMPLE_ENVIRONMENT)
    routes = {route.id: route for route in snapshot.routes}
    for policy, _ in packs:
        shown = f"{Path(policy.source.file).parent}/{FOLDER}"
        for folder in _folders(policy.folder / FOLDER):
            route = routes.get(folder.name)
            if route is None or route.service != policy.service:
                mark = Mark(f"{shown}/{folder.name}", 1, 1)
                problem = "the policy has no route of this name"
                yield Finding(mark, "example", folder.name, problem, "rename or remove the folder")
                continue
            for case in _folders(folder):
                for file, problem, remedy in _faults(route, case):
                    mark = Mark(f"{shown}/{folder.name}/{case.name}/{file}", 1, 1)
                    yield Finding(mark, "example", route.id, problem, remedy)


def _folders(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*") if path.is_dir())


def _faults(route: Route, case: Path) -> Iterator[tuple[str, str, str]]:
    """File, problem and remedy of each fault of one example."""
    missing = [name for name in FILES if not (case / name).is_file()]
    if missing:
        yield missing[0], f"the example has no {', '.join(missing)}", "add what is missing"
        return
    read: dict[str, Any] = {}
    for name in FILES:
        try:
            content = (case / name).read_bytes()
            read[name] = json.loads(content) if name.endswith("json") else _parsed(content)
        except (ValueError, RecursionError, etree.XMLSyntaxError) as error:
            yield name, f"cannot be read ({type(error).__name__})", "mend its JSON or XML"
    if len(read) == len(FILES):
        yield from _differences(route, read)


def _differences(route: Route, read: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    given = read["request.json"]
    if not _GIVEN.holds(given):
        problem = (
            "is not client, now, card, key, firstSent, asked, path, query and body as they must be"
        )
        yield "request.json", problem, "see docs/policies/README.md"
        return
    lacking = [f"{name} ({why})" for name, why in needs(route).items() if name not in given]
    if lacking or given.get("path", {}).keys() != set(route.shape.path):
        problem = f"has no {', '.join(lacking)}" if lacking else "states other path variables"
        yield "request.json", problem, "add what the route needs"
        return
    try:
        got = translate(route, given, etree.tostring(read["reply.xml"]))
    except Rejection as rejection:
        told = ", ".join(f"{error.pointer} {error.detail}" for error in rejection.errors)
        problem = f"is rejected as {rejection.slug}{': ' if told else ''}{told}"
        yield "request.json", problem, "mend the example or the policy"
        return
    except ValueError:
        yield "request.json", "now or firstSent is a moment that does not exist", "mend it"
        return
    except FAILURES as failure:
        problem = f"does not fit the contract: {failure}"
        yield "request.json", problem, "mend the example or the policy"
        return
    places = {
        "request.xml": _xml_difference(etree.fromstring(got.request_xml), read["request.xml"]),
        "response.json": _json_difference(got.response, read["response.json"]),
    }
    for name, place in places.items():
        if place is not None:
            problem = f"is not what is made of this example: it differs first at {place or '/'}"
            yield name, problem, "mend the example or the policy"


def _parsed(content: bytes) -> etree._Element:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True,
        remove_pis=True, remove_blank_text=True,
    )  # fmt: skip
    return etree.fromstring(content, parser)


def _xml_difference(made: etree._Element, wanted: etree._Element, at: str = "") -> str | None:
    """Where two elements differ first, as a path of names; None when they are the same."""
    here = f"{at}/{etree.QName(made).localname}"
    if made.tag != wanted.tag or sorted(made.items()) != sorted(wanted.items()):
        return here
    if len(made) != len(wanted) or (not len(made) and made.text != wanted.text):
        return here
    places = (_xml_difference(one, other, here) for one, other in zip(made, wanted, strict=True))
    return next((place for place in places if place is not None), None)


def _json_difference(made: Any, wanted: Any, at: str = "") -> str | None:
    """Where two documents differ first, as a JSON Pointer; None when they are the same."""
    if isinstance(made, dict) and isinstance(wanted, dict):
        for name in sorted(made.keys() | wanted.keys()):
            if name not in made or name not in wanted:
                return f"{at}/{name}"
            place = _json_difference(made[name], wanted[name], f"{at}/{name}")
            if place is not None:
                return place
        return None
    if isinstance(made, list) and isinstance(wanted, list):
        for index, (mine, other) in enumerate(zip(made, wanted, strict=False)):
            place = _json_difference(mine, other, f"{at}/{index}")
            if place is not None:
                return place
        return None if len(made) == len(wanted) else f"{at}/{min(len(made), len(wanted))}"
    return None if type(made) is type(wanted) and made == wanted else at
