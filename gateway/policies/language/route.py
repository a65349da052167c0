"""A route: a REST method and path, bound to one operation."""

from __future__ import annotations

from gateway.policies.language.constants import CONSTANTS
from gateway.policies.language.forms import DURATION, ELEMENT, FLAG, ID, ONLY, PATH, WITHHOLD, WORDS
from gateway.policies.language.outcome import OUTCOME
from gateway.policies.language.schema import cases, members, text, told
from gateway.policies.language.settle import BY_MATCH, BY_SERIAL
from gateway.rest.methods import METHODS
from gateway.translation.documents import BEGINS

EFFECTS = ("read", "keyed", "matched", "unconfirmed")
_SUBJECT = members(
    {
        "request": told(PATH, "The argument that carries the card number."),
        "reply": told(PATH, "Where the reply says whose it is."),
    },
    description="The route concerns the card named by the Patient-Card header.",
)
_PAGE = members(
    {
        "request": told(PATH, "The argument that takes the number of the page, from 1."),
        "pages": told(PATH, "Where the reply says how many pages there are."),
    },
    ("request", "pages"),
    description="The list comes page by page: ?page= asks for one, next leads to the next.",
)
ROUTE = members(
    {
        "id": told(ID, "Names the route for ever: in scopes, metrics, logs and serials."),
        "about": told(WORDS, "One line for the OpenAPI document."),
        "rest": told(
            text(
                rf"^({'|'.join(METHODS)}) /v1(/([a-z0-9-]+|\{{[A-Za-z][A-Za-z0-9]*\}}))+$",
                "GET /v1/departments/{id}/practitioners",
            ),
            "Method and path.",
        ),
        "operation": told(ELEMENT, "The operation of the contract."),
        "effect": {
            "enum": list(EFFECTS),
            "description": "What calling it does; keyed: the hospital dedupes by our serial; "
            "matched: the thing that it is about tells whether it was done.",
        },
        "status": {"enum": [200, 201], "description": "How success is answered; 200 by default."},
        "deadline": told(DURATION, "The most that the whole exchange may take."),
        "rate": told(
            text("^[1-9][0-9]{0,5}/(s|m|h)$", "30/m"),
            "How often one client may call it; no own limit by default.",
        ),
        "after_payment": told(
            FLAG, "The caller has taken money before: a refusal says refundRequired."
        ),
        "serial": told(PATH, "The argument that carries our serial."),
        "subject": _SUBJECT,
        "settle": told(
            cases(("ask", BY_MATCH), otherwise=BY_SERIAL),
            "How it is found out what became of a write.",
        ),
        "outcome": told(OUTCOME, "What this route's result codes mean, in place of the service's."),
        "constants": told(CONSTANTS, "Arguments that are the same in every call of this route."),
        "request": {"$ref": "#/$defs/request", "description": "What the caller may say."},
        "reply": told(PATH, "The element that the response's paths start in."),
        "page": _PAGE,
        "only": ONLY,
        "withhold": WITHHOLD,
        "response": {"$ref": "#/$defs/shape", "description": "What the caller is told."},
    },
    ("id", "rest", "operation", "effect", "response"),
)
_DOCUMENT = members(
    {
        "hospital": told(PATH, "Where the document stands, in Base64."),
        "media_type": {
            "enum": sorted(BEGINS),
            "description": "What it is; one that begins otherwise is off contract.",
        },
        "name": told(PATH, "Where the hospital names the file."),
        "limit": told(
            text("^[1-9][0-9]?MB$", "20MB"), "The most that it may have, decoded; 20MB by default."
        ),
    },
    ("hospital", "media_type"),
    description="Success is answered with the document itself, and not with JSON.",
)
_NOT_OF_DOCUMENTS = ("status", "after_payment", "serial", "settle", "page", "response")
DOCUMENT_ROUTE = members(
    {
        **{
            name: schema
            for name, schema in ROUTE["properties"].items()
            if name not in _NOT_OF_DOCUMENTS
        },
        "effect": {**ROUTE["properties"]["effect"], "enum": ["read"]},
        "document": _DOCUMENT,
    },
    ("id", "rest", "operation", "effect", "document"),
)
