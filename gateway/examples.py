"""A pack's examples: what must go out for a request, and what must be answered to a reply.

One folder a route, `examples/<route>/`, with `request.json` (who asks what), `request.xml` (the
body child that goes out), `reply.xml` (the one that comes back) and `response.json` (what is
answered). Sealed ids are written `example-<kind>-<card>-<id>`, so that people can read them.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from lxml import etree

from gateway.conclusion import Reply, conclude, hold_response
from gateway.policies.compile import compile_snapshot
from gateway.policies.findings import Finding, Mark
from gateway.policies.model import Policy
from gateway.policies.snapshot import Route
from gateway.problems import Rejection
from gateway.rest.validation import validate
from gateway.settlement import FAILURES, settle
from gateway.soap.contract import Contract
from gateway.soap.envelope import DIALECTS
from gateway.translation.context import Context
from gateway.translation.sealing import SealBroken, Sealer, serial

FOLDER = "examples"
FILES = ("request.json", "request.xml", "reply.xml", "response.json")
EXAMPLE_ENVIRONMENT: Mapping[str, str] = defaultdict(lambda: "http://hospital.invalid")


class ExampleSealer(Sealer):
    """Seals nothing, so that examples can be read and written by hand."""

    def __init__(self) -> None:
        super().__init__(bytes(64))

    def seal(self, kind: str, client: str, card: str, plain: str) -> str:
        """`example-<kind>-<card>-<id>`."""
        return f"example-{kind}-{card}-{plain}"

    def open(self, kind: str, client: str, card: str, token: str) -> str:
        """The id of such a token."""
        start = f"example-{kind}-{card}-"
        if not token.startswith(start):
            raise SealBroken
        return token.removeprefix(start)


@dataclass(frozen=True, slots=True)
class Translated:
    """What an example came to."""

    request_xml: bytes
    response: dict[str, Any]


def check_examples(packs: tuple[tuple[Policy, Contract], ...]) -> Iterator[Finding]:
    """Every example that does not translate as written. A route need not have one."""
    snapshot = compile_snapshot(packs, EXAMPLE_ENVIRONMENT)
    folders = {policy.service: policy for policy, _ in packs}
    for route in snapshot.routes:
        if route.scope != route.id:
            continue
        policy = folders[route.service]
        folder = policy.folder / FOLDER / route.id
        if not folder.is_dir():
            continue
        mark = Mark(f"{Path(policy.source.file).parent}/{FOLDER}/{route.id}", 1, 1)
        for problem, remedy in _faults(route, folder):
            yield Finding(mark, "example", route.id, problem, remedy)


def _faults(route: Route, folder: Path) -> Iterator[tuple[str, str]]:
    missing = [name for name in FILES if not (folder / name).is_file()]
    if missing:
        yield f"the example has no {', '.join(missing)}", "add what is missing"
        return
    try:
        given = json.loads((folder / "request.json").read_text("utf-8"))
        expected = json.loads((folder / "response.json").read_text("utf-8"))
        request_xml = etree.canonicalize(from_file=str(folder / "request.xml"), strip_text=True)
    except (ValueError, etree.XMLSyntaxError) as error:
        yield f"the example cannot be read ({type(error).__name__})", "mend its JSON or XML"
        return
    try:
        got = translate(route, given, (folder / "reply.xml").read_bytes())
    except KeyError as error:
        yield f"request.json has no {error.args[0]!r}", "add it"
        return
    except Rejection as rejection:
        yield f"the request is rejected as {rejection.slug}", "mend the example or the policy"
        return
    except FAILURES as failure:
        yield f"the request does not fit the contract ({failure})", "mend the example or the policy"
        return
    if etree.canonicalize(got.request_xml.decode(), strip_text=True) != request_xml:
        yield "the request translates to something else than request.xml", "compare with explain"
    if got.response != expected:
        yield "the reply translates to something else than response.json", "compare with explain"


def translate(route: Route, given: Mapping[str, Any], reply_xml: bytes) -> Translated:
    """One example both ways, as the exchange would; raises what the exchange would on the way out.

    `given` holds client, now (RFC 3339) and, as the route needs them, card, key, path, query and
    body.
    """
    body = json.dumps(given["body"]).encode() if "body" in given else b""
    values = validate(
        route.shape, given.get("path", {}), given.get("query", ""),
        "application/json" if body else None, body,
    )  # fmt: skip
    client = given["client"]
    context = Context(
        client=client,
        sealer=ExampleSealer(),
        now=datetime.fromisoformat(given["now"]),
        card=given["card"] if route.subject is not None else None,
        serial=serial(client, route.id, given["key"]) if route.writes else None,
    )
    arguments = route.outbound(values, context)
    envelope = etree.fromstring(route.codec.encode(arguments))
    request_xml = etree.tostring(envelope[-1][0])
    try:
        record = route.codec.decode(_enveloped(route, reply_xml))
        answered = conclude(route, arguments, Reply(record, route.outcomes.read(record)), context)
        hold_response(route, answered)
        response: dict[str, Any] = {"status": route.status, "body": answered}
    except Rejection as rejection:
        response = _problem(rejection)
    except FAILURES as failure:
        response = _problem(settle(route, failure))
    return Translated(request_xml, response)


def _problem(rejection: Rejection) -> dict[str, Any]:
    problem: dict[str, Any] = {"status": rejection.type.status, "problem": rejection.slug}
    if rejection.message is not None:
        problem["message"] = rejection.message
    return problem


def _enveloped(route: Route, reply_xml: bytes) -> bytes:
    dialect = next(
        one
        for one in DIALECTS.values()
        if route.codec.headers["Content-Type"].startswith(one.media_type)
    )
    envelope = etree.Element(dialect.envelope)
    etree.SubElement(envelope, dialect.body).append(etree.fromstring(reply_xml))
    return etree.tostring(envelope)
