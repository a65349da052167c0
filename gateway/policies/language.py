"""The policy language's shape, as a JSON Schema.

`contracts/policy.schema.json` is this document written out, for completion and checking in
editors; `docs/policies/reference.md` explains every field. Tests hold all three together.
"""

from __future__ import annotations

from typing import Any

from gateway.problems import REFUSALS
from gateway.translation.values import KINDS

_DURATION = {
    "type": "string",
    "pattern": "^[0-9]{1,6}(ms|s|m)$",
    "description": "A time span: 500ms, 5s, 2m.",
}
_NAME = "^[A-Za-z][A-Za-z0-9]{0,63}$"
_ID = "^[a-z][a-z0-9]*(-[a-z0-9]+)*$"
_PATH = {
    "type": "string",
    "pattern": "^[A-Za-z_][A-Za-z0-9_.-]*(/[A-Za-z_][A-Za-z0-9_.-]*)*$",
    "description": "Element names from the operation's own element inwards, joined by /.",
}
_ENVIRONMENT = r"^(https?://[^\s${}]+|\$\{[A-Z][A-Z0-9_]*\})$"
_CODES = {
    "type": "array",
    "items": {"type": "string", "minLength": 1},
    "uniqueItems": True,
    "description": "Result codes, quoted.",
}


def _map(of: dict[str, Any], names: str = _NAME, **more: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "propertyNames": {"pattern": names},
        "additionalProperties": of,
        **more,
    }


def _object(
    properties: dict[str, Any], required: tuple[str, ...] = (), **more: Any
) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
        **more,
    }


def _choose(
    *cases: tuple[dict[str, Any], dict[str, Any]], otherwise: dict[str, Any]
) -> dict[str, Any]:
    """The first case whose condition holds, so that errors speak of what was meant."""
    schema = otherwise
    for condition, then in reversed(cases):
        schema = {"if": condition, "then": then, "else": schema}
    return schema


_IS_TEXT = {"type": "string"}
_VALUE = {
    "hospital": {**_PATH, "description": "Where the value stands in the hospital's message."},
    "as": {"enum": sorted(KINDS), "description": "What the value is; by default what its type is."},
    "code": {"type": "string", "description": "The code table that turns it into a word."},
    "format": {
        "type": "string",
        "pattern": "%",
        "description": "How the hospital writes a date or time held in text (strftime).",
    },
    "sealed": {"type": "string", "pattern": _ID, "description": "The kind of id that is sealed."},
}

_REQUEST_FIELD = _choose(
    (_IS_TEXT, _PATH),
    (
        {"required": ["fields"]},
        _object(
            {
                "fields": {"$ref": "#/$defs/request"},
                "optional": {"type": "boolean", "description": "The object may be left out."},
            }
        ),
    ),
    otherwise=_object(
        {
            **_VALUE,
            "within": {
                "type": "string",
                "pattern": "^[0-9]{1,3}d$",
                "description": "How far a date may lie from the hospital's today.",
            },
            "default": {
                "type": "string",
                "pattern": r"^today(\+[0-9]{1,3}d)?$",
                "description": "The day that stands in when the caller names none.",
            },
            "of": {
                "type": "string",
                "pattern": _NAME,
                "description": "For identity-number: the field that names the document's type.",
            },
        },
        ("hospital",),
    ),
)

_RESPONSE_FIELD = _choose(
    (_IS_TEXT, _PATH),
    (
        {"required": ["value"]},
        _object({"value": {"type": "string", "description": "A fixed text."}}),
    ),
    (
        {"required": ["each"]},
        _object(
            {
                "each": {**_PATH, "description": "The repeated element: one object for each."},
                "fields": {"$ref": "#/$defs/shape"},
            },
            ("fields",),
        ),
    ),
    (
        {"required": ["fields"]},
        _object(
            {
                "in": {**_PATH, "description": "The element that the object's paths start in."},
                "fields": {"$ref": "#/$defs/shape"},
            }
        ),
    ),
    otherwise=_object(
        {
            **_VALUE,
            "card": {**_PATH, "description": "The card that a sealed id in a list is bound to."},
            "optional": {"type": "boolean", "description": "Empty is taken for absent."},
        },
        ("hospital",),
    ),
)

_ROUTE = _object(
    {
        "id": {"type": "string", "pattern": _ID, "description": "Names the route for ever."},
        "about": {"type": "string", "description": "One line for the OpenAPI document."},
        "rest": {
            "type": "string",
            "pattern": r"^(GET|POST|PUT|DELETE) /v1(/([a-z0-9-]+|\{[A-Za-z][A-Za-z0-9]*\}))+$",
            "description": "Method and path.",
        },
        "operation": {"type": "string", "description": "The operation of the contract."},
        "effect": {
            "enum": ["read", "keyed", "unconfirmed"],
            "description": "What calling it does; keyed: the hospital dedupes by our serial.",
        },
        "status": {"enum": [200, 201], "description": "How success is answered; 200 by default."},
        "deadline": {**_DURATION, "description": "The most that the whole exchange may take."},
        "rate": {
            "type": "string",
            "pattern": "^[1-9][0-9]{0,5}/(s|m|h)$",
            "description": "How often one client may call it; no own limit by default.",
        },
        "after_payment": {
            "type": "boolean",
            "description": "The caller has taken money before: a refusal says refundRequired.",
        },
        "key": {"type": "string", "description": "The argument that carries our serial."},
        "subject": _object(
            {
                "request": {**_PATH, "description": "The argument that carries the card number."},
                "reply": {**_PATH, "description": "Where the reply says whose it is."},
            },
            description="The route concerns the card named by the Patient-Card header.",
        ),
        "settle": _object(
            {
                "operation": {"type": "string", "description": "The read that asks by serial."},
                "key": {"type": "string", "description": "Its argument for the serial."},
                "reply": {**_PATH, "description": "Where it keeps the first reply."},
                "same": _map(
                    _PATH,
                    r"^[A-Za-z_][A-Za-z0-9_./-]*$",
                    description="Argument: where a success repeats it. Each is compared.",
                ),
                "unchecked": _map(
                    {"type": "string", "minLength": 8},
                    r"^[A-Za-z_][A-Za-z0-9_./-]*$",
                    description="Argument: why it need not be compared.",
                ),
                "certain_after": {
                    **_DURATION,
                    "description": "From when on 'no such serial' means that it did not happen.",
                },
            },
            ("operation", "key", "same", "certain_after"),
            description="How it is found out what became of a write.",
        ),
        "request": {"$ref": "#/$defs/request"},
        "reply": {**_PATH, "description": "The element that the response's paths start in."},
        "response": {"$ref": "#/$defs/shape"},
    },
    ("id", "rest", "operation", "effect", "deadline", "response"),
)

LANGUAGE: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Routing policy of one hospital service",
    **_object(
        {
            "service": {"type": "string", "pattern": _ID, "description": "The pack's folder name."},
            "contract": _object(
                {
                    "wsdl": {
                        "type": "string",
                        "pattern": r"^[A-Za-z0-9_-][A-Za-z0-9_.-]*\.wsdl$",
                        "description": "The WSDL beside this file.",
                    },
                    "port": {"type": "string", "description": "Its port, where it has several."},
                },
                ("wsdl",),
                description="What the hospital promises.",
            ),
            "upstream": _object(
                {
                    "endpoints": {
                        "type": "array",
                        "minItems": 1,
                        "items": {"type": "string", "pattern": _ENVIRONMENT},
                        "description": "Where the service answers: a URL, or ${NAME} for one.",
                    },
                    "group": {
                        "type": "string",
                        "pattern": _ID,
                        "description": "Packs of one group share limits; the service by default.",
                    },
                    "in_flight": {
                        "type": "integer",
                        "minimum": 1,
                        "maximum": 10000,
                        "description": "Calls at once that the hospital bears, over all replicas.",
                    },
                    "keep_for_writes": {
                        "type": "integer",
                        "minimum": 0,
                        "description": "How many of them reads may not take; 0 by default.",
                    },
                    "breaker": _object(
                        {
                            "window": {**_DURATION, "description": "What is looked at; 20s."},
                            "failure_ratio": {
                                "type": "string",
                                "pattern": r"^(0\.[0-9]{1,3}|1(\.0)?)$",
                                "description": "The share of failures that opens it; 0.5.",
                            },
                            "minimum_calls": {
                                "type": "integer",
                                "minimum": 1,
                                "description": "Fewer calls than this never open it; 20.",
                            },
                            "open_for": {**_DURATION, "description": "Then it tries again; 5s."},
                            "probes": {
                                "type": "integer",
                                "minimum": 1,
                                "description": "Calls let through at once to try; 1.",
                            },
                        },
                        description="When the hospital is left alone for a while.",
                    ),
                },
                ("endpoints", "in_flight"),
                description="The internal service as seen from here.",
            ),
            "outcome": _object(
                {
                    "code": {**_PATH, "description": "Where every reply says how it went."},
                    "message": {**_PATH, "description": "Where it says so in words."},
                    "success": {**_CODES, "minItems": 1},
                    "empty": {**_CODES, "description": "Codes for: fine, and nothing to show."},
                    "refused": _map(
                        {
                            "anyOf": [
                                {"enum": sorted(REFUSALS)},
                                _object(
                                    {
                                        "type": {"enum": sorted(REFUSALS)},
                                        "show_message": {
                                            "type": "boolean",
                                            "description": "The words are meant for the patient.",
                                        },
                                    },
                                    ("type",),
                                ),
                            ]
                        },
                        "^.+$",
                        description="Result code: the problem type that it is answered with.",
                    ),
                    "upstream_failure": {
                        **_CODES,
                        "description": "For: the hospital failed. Only these open the breaker.",
                    },
                },
                ("code", "success"),
                description="HTTP 200 says nothing; this does.",
            ),
            "codes": _map(
                _map({"type": "string"}, "^[a-z0-9][a-z0-9-]*$", minProperties=1),
                _ID,
                description="Code tables: our word, the hospital's code (quoted).",
            ),
            "constants": _map(
                {
                    "anyOf": [
                        {"type": "string"},
                        _object(
                            {"by_client": _map({"type": "string"}, _ID, minProperties=1)},
                            ("by_client",),
                        ),
                    ]
                },
                r"^[A-Za-z_][A-Za-z0-9_.-]*$",
                description="Arguments that are the same in every call that has them.",
            ),
            "shapes": _map(
                {"$ref": "#/$defs/response"},
                _ID,
                description="Responses that several routes share, by name.",
            ),
            "routes": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/route"}},
        },
        ("service", "contract", "upstream", "outcome", "routes"),
    ),
    "$defs": {
        "request": _map(
            _REQUEST_FIELD, description="REST name: the hospital's argument, or how to make it."
        ),
        "response": _map(
            _RESPONSE_FIELD, description="REST name: the reply's element, or how to read it."
        ),
        "shape": _choose(
            (
                _IS_TEXT,
                {"type": "string", "pattern": _ID, "description": "The name of a shape."},
            ),
            otherwise={"$ref": "#/$defs/response"},
        ),
        "route": _ROUTE,
    },
}
