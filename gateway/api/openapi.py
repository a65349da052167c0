"""The cloud side's contract: an OpenAPI 3.1 document, generated from a snapshot's routes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from gateway.api.examples import (
    Example,
    path_example,
    problem_examples,
    request_examples,
    response_examples,
)
from gateway.policies.snapshot import Route, Snapshot
from gateway.problems import TYPES
from gateway.rest.admission import KEY_PATTERN

Node = dict[str, Any]

_ABOUT: Final = """\
Booking and outpatient services of the hospital, as plain JSON.

Clients are known by their certificate (mutual TLS). Ids are sealed: opaque, stable, and of use
to nobody but the client and the patient card that they were given to. Money is in fen. Times
carry the hospital's offset. An absent optional member is left out, never null. In the examples
sealed ids are written as example-KIND-CARD-ID, to be read by people.

Every problem is an RFC 9457 document; its `type` leads to a page that says what to do. The edge
in front of the gateway answers some requests by itself: what is not HTTP as it should be (400,
405, 408, 411, 413, 414, 415, 417, 431), and what no replica took (503) or answered (502, 504). A
write that ends in such a 502 or 504 is `outcome: unknown`: repeat it with the same key, or ask.
"""
_ENDS: Final = "operations"
_EVERYWHERE: Final = (400, 401, 403, 404, 409, 414, 422, 429, 431, 500, 502, 503, 504)
_WRITES: Final = (411, 428)
_WITH_BODY: Final = (408, 413, 415)


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
            "parameters": _PARAMETERS,
            "headers": _HEADERS,
            "responses": _problem_responses(),
            "schemas": dict(sorted({**_SCHEMAS, **shared}.items())),
        },
    }


def _tag(route: Route) -> str:
    return _ENDS if route.asks else route.service


def _operation(route: Route, shared: Node, examples: Sequence[Example]) -> Node:
    operation: Node = {
        "operationId": route.id,
        "tags": [_tag(route)],
        "summary": route.about,
        "parameters": _parameters(route, examples),
        "responses": _responses(route, shared, examples),
    }
    if route.writes:
        operation["description"] = (
            "A write. From a terminal:\n\n"
            f"    dmz-gateway call {route.method} {route.template}{_arguments(route)}\n"
        )
    body = route.schemas.body
    if body is not None:
        content = {"application/json": {"schema": dict(body), **request_examples(examples)}}
        operation["requestBody"] = {"required": bool(body["required"]), "content": content}
    return operation


def _arguments(route: Route) -> str:
    card = " --card CARD" if route.subject is not None else ""
    return card + (" --data JSON" if route.schemas.body is not None else "")


def _parameters(route: Route, examples: Sequence[Example]) -> list[Node]:
    told: list[Node] = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": dict(schema),
            **path_example(examples, name),
        }
        for name, schema in route.schemas.path.items()
    ]
    query = route.schemas.query or {}
    told += [
        {"name": name, "in": "query", "required": name in query["required"], "schema": schema}
        for name, schema in query.get("properties", {}).items()
    ]
    if route.subject is not None:
        told.append({"$ref": "#/components/parameters/PatientCard"})
    if route.writes:
        told.append({"$ref": "#/components/parameters/IdempotencyKey"})
    told += [{"$ref": f"#/components/parameters/{name}"} for name in _ON_ALL]
    return told


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
            _problem_response(status, shown)
            if shown
            else {"$ref": f"#/components/responses/{_named(status)}"}
        )
    return dict(sorted(responses.items()))


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
    return {_named(status): _problem_response(status, {}) for status in told}


def _problem_response(status: int, examples: Node) -> Node:
    kinds = [kind for kind in TYPES.values() if kind.status == status]
    headers = dict(_REQUEST_ID)
    if any(kind.retryable for kind in kinds):
        headers["Retry-After"] = {"$ref": "#/components/headers/RetryAfter"}
    problem = {"schema": {"$ref": "#/components/schemas/Problem"}, **examples}
    return {
        "description": "\n".join(f"* [{kind.slug}]({kind.uri}): {kind.title}" for kind in kinds),
        "headers": headers,
        "content": {"application/problem+json": problem},
    }


def _shared(routes: Iterable[Route]) -> Node:
    """What the policies name as shapes, by component; a generated client has a class for each.

    A name that two packs give to different things is no component.
    """
    found: dict[str, list[Mapping[str, Any]]] = {}
    for route in routes:
        shape = route.schemas.shape
        if shape is not None:
            name = "".join(word.capitalize() for word in shape.split("-"))
            found.setdefault(name, []).append(route.schemas.response)
    return {
        name: dict(schemas[0])
        for name, schemas in found.items()
        if name not in _SCHEMAS and all(schema == schemas[0] for schema in schemas)
    }


def _referring(schema: Any, shared: Node) -> Any:
    """The schema with a reference in the place of each shared one, wherever it is in it."""
    if isinstance(schema, list):
        return [_referring(one, shared) for one in schema]
    if not isinstance(schema, Mapping):
        return schema
    for name, component in shared.items():
        if schema == component:
            return {"$ref": f"#/components/schemas/{name}"}
    return {key: _referring(value, shared) for key, value in schema.items()}


_ON_ALL: Final = ("RequestTimeout", "RequestId", "Traceparent", "AcceptLanguage")
_PARAMETERS: Final[Node] = {
    "PatientCard": {
        "name": "Patient-Card",
        "in": "header",
        "required": True,
        "description": "The sealed id of the patient card that the request concerns.",
        "schema": {"type": "string"},
    },
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "required": True,
        "description": "One key for one intent; the same again when the request is repeated.",
        "schema": {"type": "string", "pattern": KEY_PATTERN},
    },
    "RequestTimeout": {
        "name": "Request-Timeout",
        "in": "header",
        "description": "How many seconds the caller waits; caps the gateway's own deadline.",
        "schema": {"type": "number", "exclusiveMinimum": 0},
    },
    "RequestId": {
        "name": "Request-Id",
        "in": "header",
        "description": "Names the request; made when absent.",
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"},
    },
    "Traceparent": {
        "name": "traceparent",
        "in": "header",
        "description": "W3C Trace Context.",
        "schema": {"type": "string"},
    },
    "AcceptLanguage": {
        "name": "Accept-Language",
        "in": "header",
        "description": "Problems are told in Chinese when it is preferred to English.",
        "schema": {"type": "string"},
    },
}
_HEADERS: Final[Node] = {
    "RequestId": {"description": "Names the request.", "schema": {"type": "string"}},
    "RetryAfter": {"description": "Seconds to wait.", "schema": {"type": "integer"}},
    "Location": {
        "description": "Where it is told how the write ended.",
        "schema": {"type": "string"},
    },
}
_REQUEST_ID: Final[Node] = {"Request-Id": {"$ref": "#/components/headers/RequestId"}}
_NAMED_SO: Final[Node] = {
    "description": "What the hospital calls the document (RFC 6266).",
    "schema": {"type": "string"},
}
_PROBLEM: Final[Node] = {
    "type": "object",
    "description": "RFC 9457.",
    "required": ["type", "title", "status", "instance", "retryable"],
    "properties": {
        "type": {
            "type": "string",
            "enum": sorted(kind.uri for kind in TYPES.values()),
        },
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string", "description": "The request id."},
        "retryable": {
            "type": "boolean",
            "description": "Whether the same request may succeed later, unchanged.",
        },
        "outcome": {
            "type": "string",
            "enum": ["refused", "not-sent", "unknown"],
            "description": "On writes: what is certain. Only the edge says unknown here.",
        },
        "reopensAt": {
            "type": "string",
            "format": "date-time",
            "description": "When a closed function is open again.",
        },
        "message": {"type": "string", "description": "The hospital's words for the patient."},
        "refundRequired": {
            "type": "boolean",
            "description": "Money was taken for this and has to go back.",
        },
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["location", "pointer", "detail"],
                "properties": {
                    "location": {"type": "string", "enum": ["body", "query", "path", "header"]},
                    "pointer": {"type": "string", "description": "JSON Pointer (RFC 6901)."},
                    "detail": {"type": "string"},
                },
            },
        },
    },
}
_UNKNOWN: Final[Node] = {
    "type": "object",
    "required": ["outcome", "detail", "location"],
    "properties": {
        "outcome": {"type": "string", "const": "unknown"},
        "detail": {"type": "string"},
        "location": {"type": "string", "description": "Ask here until it is known."},
    },
}
_SCHEMAS: Final[Node] = {"Problem": _PROBLEM, "Unknown": _UNKNOWN}
