"""The whole policy of one service."""

from __future__ import annotations

from gateway.policies.language.closed import CLOSED_DAILY, CLOSED_ONCE
from gateway.policies.language.constants import CONSTANTS
from gateway.policies.language.credentials import DIGEST, SECURITY
from gateway.policies.language.defaults import DEFAULTS
from gateway.policies.language.fields import REQUEST, RESPONSE
from gateway.policies.language.forms import CODES, ELEMENT, ID, OUR_WORD, WORDS
from gateway.policies.language.outcome import OUTCOME
from gateway.policies.language.payload import PAYLOAD
from gateway.policies.language.route import DOCUMENT_ROUTE, ROUTE
from gateway.policies.language.schema import Schema, cases, mapping, members, or_text, text, told
from gateway.policies.language.upstream import UPSTREAM

_CONTRACT = members(
    {
        "wsdl": told(
            text(r"^[A-Za-z0-9_-][A-Za-z0-9_.-]*\.wsdl$", "registration.wsdl"),
            "The WSDL beside this file.",
        ),
        "port": told(ELEMENT, "Its port, where it has several."),
    },
    ("wsdl",),
    description="What the hospital promises.",
)
_CODE_FILE = members(
    {
        "file": told(
            text(r"^[A-Za-z0-9_-][A-Za-z0-9_.-]*\.csv$", "titles.csv"),
            "The table as CSV beside the policy: word,code.",
        )
    }
)
LANGUAGE: Schema = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Routing policy of one hospital service",
    **members(
        {
            "service": told(ID, "The pack's folder name."),
            "about": told(WORDS, "One line for the API document: what callers find here."),
            "contract": _CONTRACT,
            "upstream": UPSTREAM,
            "payload": PAYLOAD,
            "digest": DIGEST,
            "security": SECURITY,
            "outcome": OUTCOME,
            "codes": mapping(
                cases(("file", _CODE_FILE), otherwise=mapping(WORDS, OUR_WORD, minProperties=1)),
                ID,
                description="Code tables: our word, the hospital's code (quoted).",
            ),
            "constants": told(
                CONSTANTS, "Arguments that are the same in every call that has them."
            ),
            "empties": told(CODES, "Texts that mean nothing in replies, as an empty one does."),
            "shapes": mapping(
                {"$ref": "#/$defs/response"},
                ID,
                description="Responses and rows of lists, by name.",
            ),
            "glossary": told(
                text(r"^[A-Za-z0-9_-][A-Za-z0-9_.-]*\.yaml$", "glossary.yaml"),
                "What callers are told of routes, fields and words: a file beside this one.",
            ),
            "closed": {
                "type": "array",
                "items": cases(("from", CLOSED_ONCE), otherwise=CLOSED_DAILY),
                "description": "Routes that are closed at times.",
            },
            "defaults": DEFAULTS,
            "routes": {
                "type": "array",
                "minItems": 1,
                "items": {"$ref": "#/$defs/route"},
                "description": "REST method and path, each bound to one operation.",
            },
        },
        ("service", "contract", "upstream", "outcome", "routes"),
    ),
    "$defs": {
        "request": REQUEST,
        "response": RESPONSE,
        "shape": or_text(ID, {"$ref": "#/$defs/response"}),
        "route": cases(("document", DOCUMENT_ROUTE), otherwise=ROUTE),
    },
}
