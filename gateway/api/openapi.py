"""The cloud side's contract: an OpenAPI 3.1 document, generated from a snapshot's routes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from gateway.api.components import HEADERS, PARAMETERS, SCHEMAS
from gateway.api.examples import (
    Example,
    path_example,
    problem_examples,
    query_example,
    request_examples,
    response_examples,
)
from gateway.policies.snapshot import Route, Snapshot
from gateway.problems import TYPES, ProblemType

Node = dict[str, Any]

_ABOUT: Final = """\
Booking and outpatient services of the hospital, as plain JSON.

Clients are known by their certificate (mutual TLS). Ids are sealed: opaque, stable, and of use
to nobody but the client and the patient card that they were given to. Money is in fen. Times
carry the hospital's offset and are in whole seconds, and days are the hospital's; what is sent may
have any offset, its + written %2B in a URL, and a fraction of a second, which is cut. A list is in
no order to rely on, unless one is told. An absent optional member is left out, never null. An
enumeration has the words of today: take one that you do not know as something else. In the
examples sealed ids are written as example-KIND-CARD-ID, to be read by people.

Every write has an Idempotency-Key; a POST that takes none is no write, and is repeated like a read.
200 or 201: it was done. 409: the hospital decided against it. 503: nothing reached the
hospital; repeat it with the same key. 202: how it ended is not known; ask at the Location, and tell
nobody that it failed. No answer at all: repeat it with the same key.

Every problem is an RFC 9457 document; its `type` leads to a page that says what to do. The edge
in front of the gateway answers some requests by itself: what is not HTTP as it should be (400,
405, 408, 411, 413, 414, 415, 417, 431), and what no replica took (503) or answered (502, 504). A
write that ends in such a 502 or 504 is `outcome: unknown`: repeat it with the same key, or ask.
"""
_ENDS: Final = "operations"
_REFUSED: Final = 409
_EVERYWHERE: Final = (400, 401, 403, 404, 414, 422, 429, 431, 500, 502, 503, 504)
_WRITES: Final = (411, 428)
_WITH_BODY: Final = (408, 413, 415)
_ON_ALL: Final = ("RequestTimeout", "RequestId", "Traceparent", "AcceptLanguage")
_REQUEST_ID: Final[Node] = {"Request-Id": {"$ref": "#/components/headers/RequestId"}}
_NAMED_SO: Final[Node] = {
    "description": "What the hospital calls the document (RFC 6266).",
    "schema": {"type": "string"},
}


def document(snapshot: Snapshot, examples: Mapping[str, Sequence[Example]]) -> Node:
    """The OpenAPI document of every route, the same for the same policies.

    `examples` are by route id.
    """
    paths: Node = {}
    shared = _shared(snapshot.routes)
    for route in sorted(snapshot.routes, key=lambda route: (route.template, route.method)):
        operation = _operation(route, shared, examples.get(route.id, ()))
        paths.setdefault(route.template, {})[route.method.lower()] = operation
    return {
        "openapi": "3.1.0",
        "info": {"title": "Hospital gateway", "version": "1", "description": _ABOUT},
        "servers": [{"url": "/"}],
        "security": [{"clientCertificate": []}],
        "tags": [
            *(
                {"name": service, **({"description": about} if about else {})}
                for service, about in sorted(snapshot.services.items())
            ),
            {"name": _ENDS, "description": "How writes ended: to be asked after a 202."},
        ],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "clientCertificate": {
                    "type": "mutualTLS",
                    "description": "A certificate that the hospital agreed with the client.",
                }
            },
            "parameters": PARAMETERS,
            "headers": HEADERS,
            "responses": _problem_responses(),
            "schemas": dict(sorted({**SCHEMAS, **_components(shared)}.items())),
        },
    }


def _tag(route: Route) -> str:
    return _ENDS if route.asks else route.service


def _operation(route: Route, shared: Node, examples: Sequence[Example]) -> Node:
    operation: Node = {
        "operationId": route.id,
        "tags": [_tag(route)],
        "summary": route.about,
        "description": _description(route),
        "parameters": _parameters(route, examples),
        "responses": _responses(route, shared, examples),
    }
    body = route.schemas.body
    if body is not None:
        content = {"application/json": {"schema": dict(body), **request_examples(examples)}}
        operation["requestBody"] = {"required": bool(body["required"]), "content": content}
    return operation


def _description(route: Route) -> str:
    """What the policy's own text leaves open: how long it may take, how often, how it is tried."""
    late = "202: how it ended is asked at the Location" if route.writes else "504"
    terms = [f"Takes at most {route.deadline:g} s; the answer is then {late}."]
    if route.rate is not None:
        calls, span = route.rate.burst, route.rate.burst / route.rate.per_second
        terms.append(
            f"More than {calls:g} calls in {span:g} s may be answered 429, sooner or later: each "
            "replica counts for itself."
        )
    told = [route.told, " ".join(terms)]
    if route.writes:
        line = f"dmz-gateway call {route.method} {route.template}{_arguments(route)}"
        told += ["A write. From a terminal:", f"    {line}\n"]
    return "\n\n".join(part for part in told if part)


def _arguments(route: Route) -> str:
    card = " --card CARD" if route.subject is not None else ""
    return card + (" --data JSON" if route.schemas.body is not None else "")


def _parameters(route: Route, examples: Sequence[Example]) -> list[Node]:
    told: list[Node] = [
        {
            "name": name,
            "in": "path",
            "required": True,
            **_schema_told(schema),
            **path_example(examples, name),
        }
        for name, schema in route.schemas.path.items()
    ]
    query = route.schemas.query or {}
    told += [
        {
            "name": name,
            "in": "query",
            "required": name in query["required"],
            **_schema_told(schema),
            **query_example(examples, name, schema),
        }
        for name, schema in query.get("properties", {}).items()
    ]
    if route.subject is not None:
        told.append({"$ref": "#/components/parameters/PatientCard"})
    if route.writes:
        told.append({"$ref": "#/components/parameters/IdempotencyKey"})
    told += [{"$ref": f"#/components/parameters/{name}"} for name in _ON_ALL]
    return told


def _schema_told(schema: Mapping[str, Any]) -> Node:
    """A parameter's schema, with what is told of it where readers of parameters look."""
    bare = {key: value for key, value in schema.items() if key != "description"}
    told = {"description": schema["description"]} if "description" in schema else {}
    return {**told, "schema": bare}


def _responses(route: Route, shared: Node, examples: Sequence[Example]) -> Node:
    responses: Node = {
        str(route.status): {
            "description": _success(route),
            "headers": _success_headers(route),
            "content": _content(route, shared, examples),
        }
    }
    if route.writes:
        responses["202"] = {
            "description": TYPES["unknown"].title + ". " + TYPES["unknown"].detail,
            "headers": {**_REQUEST_ID, "Location": {"$ref": "#/components/headers/Location"}},
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Unknown"}}},
        }
    for status in _statuses(route):
        shown = problem_examples(examples, status)
        responses[str(status)] = (
            _problem_response(_kinds(status), shown)
            if shown
            else {"$ref": f"#/components/responses/{_named(status)}"}
        )
    refusals = _refusals(route)
    if refusals:
        shown = problem_examples(examples, _REFUSED)
        responses[str(_REFUSED)] = _problem_response(refusals, shown)
    return dict(sorted(responses.items()))


def _refusals(route: Route) -> list[ProblemType]:
    """What the hospital may refuse the route for. Refused questions are the hospital's failure."""
    if route.asks:
        return []
    told = {refusal.type for refusal in route.outcomes.refused.values()}
    if route.question is not None:
        told.add(route.question.otherwise)
    return [kind for kind in _kinds(_REFUSED) if kind.slug in told]


def _kinds(status: int) -> list[ProblemType]:
    return [kind for kind in TYPES.values() if kind.status == status]


def _success(route: Route) -> str:
    if route.document is not None:
        return f"The document, of at most {route.document.limit / 1_000_000:g} MB."
    return "Done." if route.writes else "The answer."


def _content(route: Route, shared: Node, examples: Sequence[Example]) -> Node:
    """What a success carries. Binary content has no schema (OpenAPI 3.1, 4.8.14.3)."""
    if route.document is not None:
        return {route.document.media_type: {}}
    schema = _referring(route.schemas.response, shared)
    return {"application/json": {"schema": schema, **response_examples(examples)}}


def _success_headers(route: Route) -> Node:
    if route.document is None or route.document.name is None:
        return _REQUEST_ID
    return {**_REQUEST_ID, "Content-Disposition": _NAMED_SO}


def _statuses(route: Route) -> Iterable[int]:
    """The statuses of the problems that the route may end in."""
    yield from _EVERYWHERE
    if route.writes:
        yield from _WRITES
    if route.schemas.body is not None:
        yield from _WITH_BODY


def _named(status: int) -> str:
    return f"Problem{status}"


def _problem_responses() -> Node:
    told = sorted((*_EVERYWHERE, *_WRITES, *_WITH_BODY))
    return {_named(status): _problem_response(_kinds(status), {}) for status in told}


def _problem_response(kinds: Sequence[ProblemType], examples: Node) -> Node:
    headers = dict(_REQUEST_ID)
    if any(kind.retryable for kind in kinds):
        headers["Retry-After"] = {"$ref": "#/components/headers/RetryAfter"}
    if TYPES["key-reused"] in kinds:
        headers["Location"] = {"$ref": "#/components/headers/Location"}
    problem = {"schema": {"$ref": "#/components/schemas/Problem"}, **examples}
    return {
        "description": "\n".join(_problem_told(kind) for kind in kinds),
        "headers": headers,
        "content": {"application/problem+json": problem},
    }


def _problem_told(kind: ProblemType) -> str:
    return f"* [{kind.slug}]({kind.uri}): {kind.title}. {kind.detail}"


def _shared(routes: Iterable[Route]) -> Node:
    """What the policies name as shapes, by component; a generated client has a class for each.

    A name that stands for different things, in two packs or of two elements, is no component.
    """
    found: dict[str, list[Mapping[str, Any]]] = {}
    for route in routes:
        for shape, schema in route.schemas.shapes.items():
            name = "".join(word.capitalize() for word in shape.split("-"))
            found.setdefault(name, []).append(schema)
    return {
        name: dict(schemas[0])
        for name, schemas in found.items()
        if name not in SCHEMAS and all(schema == schemas[0] for schema in schemas)
    }


def _components(shared: Node) -> Node:
    """The shared schemas, each with references to the others that it holds."""
    return {
        name: {key: _referring(value, shared) for key, value in schema.items()}
        for name, schema in shared.items()
    }


def _referring(schema: Any, shared: Node) -> Any:
    """The schema with a reference in the place of each shared one, wherever it is in it."""
    if isinstance(schema, list):
        return [_referring(one, shared) for one in schema]
    if not isinstance(schema, Mapping):
        return schema
    bare = {key: value for key, value in schema.items() if key != "description"}
    told = {key: value for key, value in schema.items() if key == "description"}
    for name, component in shared.items():
        if bare == component:
            return {"$ref": f"#/components/schemas/{name}", **told}
    return {key: _referring(value, shared) for key, value in schema.items()}
