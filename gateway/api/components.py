"""What the API document has of any policy: headers, problems, and the answer that is unknown."""

from __future__ import annotations

from typing import Any, Final

from gateway.problems import TYPES
from gateway.rest.admission import KEY_PATTERN

Node = dict[str, Any]

PARAMETERS: Final[Node] = {
    "PatientCard": {
        "name": "Patient-Card",
        "in": "header",
        "required": True,
        "description": "The patient card that the request concerns: the `id` that making it or "
        "finding it answered. This alone says whose the request is. One that another client was "
        "given is 404.",
        "schema": {"type": "string"},
    },
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "required": True,
        "description": "Names the write: made before sending and kept, a new one for each intent. "
        "A repeat with the same key and body has one effect, and is answered as the first "
        "one was; another body under a used key is 422 key-reused. Where the hospital keeps no "
        "serial of a write, what was done before under any key decides: another body is then "
        "refused as done already, 409 already-paid for instance.",
        "schema": {"type": "string", "pattern": KEY_PATTERN},
    },
    "RequestTimeout": {
        "name": "Request-Timeout",
        "in": "header",
        "description": "How many seconds the caller still waits. It shortens the time that a route "
        "takes at most, and never lengthens it.",
        "schema": {"type": "number", "exclusiveMinimum": 0},
    },
    "RequestId": {
        "name": "Request-Id",
        "in": "header",
        "description": "Names the request in the hospital's logs; made where absent, and answered.",
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"},
    },
    "Traceparent": {
        "name": "traceparent",
        "in": "header",
        "description": "The caller's trace (W3C Trace Context); the hospital's logs have it too.",
        "schema": {"type": "string"},
    },
    "AcceptLanguage": {
        "name": "Accept-Language",
        "in": "header",
        "description": "Problems are told in Chinese when it is preferred to English.",
        "schema": {"type": "string"},
    },
}
HEADERS: Final[Node] = {
    "RequestId": {
        "description": "Names the request; say it when asking the hospital about it.",
        "schema": {"type": "string"},
    },
    "RetryAfter": {
        "description": "Seconds to wait before the same request is sent again.",
        "schema": {"type": "integer", "minimum": 1},
    },
    "Location": {
        "description": "Of 202 and of key-reused, where it is told how the write ended: a path of "
        "this server with a query, to be asked with GET, and with the same Patient-Card where the "
        "write had one.",
        "schema": {"type": "string", "format": "uri-reference"},
    },
}
_PROBLEM: Final[Node] = {
    "type": "object",
    "description": "What went wrong, and what is certain (RFC 9457).",
    "required": ["type", "title", "status", "instance", "retryable"],
    "properties": {
        "type": {
            "type": "string",
            "enum": sorted(kind.uri for kind in TYPES.values()),
            "description": "Which problem it is: what a client decides by. Leads to its page.",
        },
        "title": {"type": "string", "description": "The type in a few words, for people."},
        "status": {"type": "integer", "description": "The HTTP status."},
        "detail": {"type": "string", "description": "What to do, for people."},
        "instance": {"type": "string", "description": "The request id."},
        "retryable": {
            "type": "boolean",
            "description": "Whether the same request may succeed later, unchanged.",
        },
        "outcome": {
            "type": "string",
            "enum": ["refused", "not-sent", "unknown"],
            "description": "Of a write, what is certain: refused, the hospital decided against it; "
            "not-sent, nothing reached it, and the same key may be sent again; unknown, neither. "
            "A replica says unknown with 202, only the edge says it here.",
        },
        "location": {
            "type": "string",
            "format": "uri-reference",
            "description": "Of key-reused, where it is told what was done under the key; the same "
            "as the Location header.",
        },
        "reopensAt": {
            "type": "string",
            "format": "date-time",
            "description": "When a closed function is open again.",
        },
        "message": {
            "type": "string",
            "description": "The hospital's words for the patient, in Chinese: show them.",
        },
        "refundRequired": {
            "type": "boolean",
            "description": "Money was taken for this and has to go back.",
        },
        "errors": {
            "type": "array",
            "description": "Of invalid or malformed: each fault of the request, all at once.",
            "items": {
                "type": "object",
                "required": ["location", "pointer", "detail"],
                "properties": {
                    "location": {
                        "type": "string",
                        "enum": ["body", "query", "path", "header"],
                        "description": "The part of the request.",
                    },
                    "pointer": {
                        "type": "string",
                        "description": "The place in the body (JSON Pointer, RFC 6901); elsewhere "
                        "a slash and the name.",
                    },
                    "detail": {"type": "string", "description": "What is wrong there."},
                },
            },
        },
    },
}
_UNKNOWN: Final[Node] = {
    "type": "object",
    "description": "How the write ended is not known yet.",
    "required": ["outcome", "detail", "location"],
    "properties": {
        "outcome": {
            "type": "string",
            "const": "unknown",
            "description": "The write may have been done or not.",
        },
        "detail": {"type": "string", "description": "What to do, for people."},
        "location": {
            "type": "string",
            "format": "uri-reference",
            "description": "Ask here until it is known; the same as the Location header.",
        },
    },
}
SCHEMAS: Final[Node] = {"Problem": _PROBLEM, "Unknown": _UNKNOWN}
