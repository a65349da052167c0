"""One request and its reply, translated both ways without a hospital: what examples are made of.

Sealed ids are written `example-<kind>-<card>-<id>`, so that people can read them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lxml import etree

from gateway.binding import bind
from gateway.conclusion import Reply, Response, conclude, hold_response
from gateway.document import Document
from gateway.policies.secrets import EXAMPLE_SECRET
from gateway.policies.snapshot import Route
from gateway.problems import Rejection
from gateway.rest.validation import validate
from gateway.settlement import FAILURES, settle
from gateway.soap.envelope import DIALECTS
from gateway.soap.spool import Spool
from gateway.translation.sealing import SealBroken, Sealer


class _ExampleEnvironment(dict[str, str]):
    """Addresses that lead nowhere, and one secret for all."""

    def __missing__(self, name: str) -> str:
        return EXAMPLE_SECRET if name.endswith("_FILE") else "http://hospital.invalid"


EXAMPLE_ENVIRONMENT: Mapping[str, str] = _ExampleEnvironment()


class ExampleSealer(Sealer):
    """Seals nothing, so that examples can be read and written by hand."""

    def __init__(self) -> None:
        super().__init__(bytes(64))

    def seal(self, kind: str, client: str, card: str, plain: str) -> str:
        """`example-<kind>-<card>-<id>`."""
        return f"example-{kind}-{card}-{plain}"

    def open(self, kind: str, client: str, card: str, token: str, *, longest: int = 0) -> str:
        """The id of such a token."""
        start = f"example-{kind}-{card}-"
        if not token.startswith(start):
            raise SealBroken
        return token.removeprefix(start)


@dataclass(frozen=True, slots=True)
class Translated:
    """What an example came to: the body child sent, and status with body, document or problem."""

    request_xml: bytes
    response: dict[str, Any]


def translate(route: Route, given: Mapping[str, Any], reply_xml: bytes) -> Translated:
    """One example both ways, as the exchange would; raises what the exchange would on the way out.

    `given` holds client, now (RFC 3339) and, as the route needs them, card, key, path, query and
    body; for a route that asks how a write ended, firstSent (RFC 3339) too, and where no serial
    names that write, the arguments that it was `asked` with.
    """
    body = json.dumps(given["body"]).encode() if "body" in given else b""
    values = validate(
        route.shape,
        given.get("path", {}),
        given.get("query", ""),
        "application/json" if body else None,
        body,
    )
    context = bind(
        route,
        values,
        client=given["client"],
        sealer=ExampleSealer(),
        now=datetime.fromisoformat(given["now"]),
        card=given.get("card"),
        key=given.get("key"),
        first_sent=datetime.fromisoformat(given["firstSent"]) if "firstSent" in given else None,
        asked_for=given.get("asked"),
    )
    arguments = route.outbound(values, context)
    envelope = etree.fromstring(route.codec.encode(arguments))
    request_xml = etree.tostring(envelope[-1][0])
    try:
        reply = _read(route, _enveloped(route, reply_xml))
        answered = conclude(route, arguments, reply, context)
        hold_response(route, answered)
        response = {"status": route.status, **_told(answered)}
    except Rejection as rejection:
        response = _problem(rejection)
    except FAILURES as failure:
        response = _problem(settle(route, failure))
    return Translated(request_xml, response)


def _read(route: Route, envelope: bytes) -> Reply:
    """The reply, its document taken out on the way in where the route has one."""
    if route.document is None:
        record = route.codec.decode(envelope)
        return Reply(record, route.outcomes.read(record))
    with ExitStack() as held:
        spool = held.enter_context(closing(Spool(route.document.limit)))
        spool.write(envelope)
        record = route.codec.decode(spool.end())
        reply = Reply(record, route.outcomes.read(record), spool)
        held.pop_all()
        return reply


def _told(answered: Response) -> dict[str, Any]:
    """What was answered; of a document what tells it from any other."""
    if not isinstance(answered, Document):
        return {"body": answered}
    digest, size = hashlib.sha256(), len(answered.content)
    with closing(answered.content):
        for piece in answered.content.pieces():
            digest.update(piece)
    told = {"mediaType": answered.media_type, "bytes": size, "sha256": digest.hexdigest()}
    return {"document": {**told, **({"name": answered.name} if answered.name else {})}}


def needs(route: Route) -> dict[str, str]:
    """What an example of this route has to state besides client and now, and why."""
    names = {}
    if route.subject is not None:
        names["card"] = "the route has a subject"
    if route.writes:
        names["key"] = "its serial is made from it"
    if route.shape.path:
        names["path"] = f"the path has {', '.join(route.shape.path)}"
    return names


def _problem(rejection: Rejection) -> dict[str, Any]:
    problem: dict[str, Any] = {"status": rejection.type.status, "problem": rejection.slug}
    if rejection.outcome is not None:
        problem["outcome"] = rejection.outcome
    if rejection.refund_required:
        problem["refundRequired"] = True
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
