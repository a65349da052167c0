"""The fields of requests and responses."""

from __future__ import annotations

from gateway.policies.language.forms import FLAG, ID, NAME, ONLY, OUR_WORD, PATH, WITHHOLD, WORDS
from gateway.policies.language.schema import (
    Schema,
    cases,
    mapping,
    members,
    one_or_several,
    or_text,
    text,
    told,
)
from gateway.translation.values import KINDS

_VALUE: Schema = {
    "hospital": told(PATH, "Where the value stands in the hospital's message."),
    "as": {
        "enum": sorted(KINDS),
        "description": "What the value is; by default what its type in the contract is.",
    },
    "code": told(ID, "The code table that turns the hospital's code into a word."),
    "format": told(
        text("%", "%Y%m%d", "%Y-%m-%d %H:%M:%S"),
        "How the hospital writes a date or time that it holds in text (strftime).",
    ),
    "sealed": told(ID, "The kind of id that is sealed; card for the patient card itself."),
}
_REQUEST_OBJECT = members(
    {"fields": {"$ref": "#/$defs/request", "description": "The members of an object in the body."}}
)
_LIST = told(PATH, "The repeated argument: a list of the body, one for each entry.")
_REQUEST_LIST = members(
    {
        "each": _LIST,
        "fields": {"$ref": "#/$defs/request", "description": "The members of each entry."},
    }
)
_REQUEST_VALUES = members(
    {"each": _LIST, **{name: _VALUE[name] for name in ("as", "code", "format", "sealed")}}
)
_REQUEST_VALUE = members(
    {
        **_VALUE,
        "within": told(
            text("^[0-9]{1,3}d$", "30d"), "How far a date may lie from the hospital's today."
        ),
        "default": told(
            text(r"^today(\+[0-9]{1,3}d)?$", "today", "today+7d"),
            "The day that stands in when the caller names none.",
        ),
        "empty": told(WORDS, "What is sent when the caller gives nothing."),
        "of": told(NAME, "For identity-number: the field that names the document's type."),
    },
    ("hospital",),
)
_RESPONSE_FIXED = members({"value": told(WORDS, "A fixed text.")})
_RESPONSE_GATEWAY = members(
    {
        "gateway": {
            "enum": ["closed-functions"],
            "description": "What the gateway itself knows: the functions that it holds closed.",
        }
    }
)
_RESPONSE_LIST = members(
    {
        "each": told(PATH, "The repeated element: one object for each."),
        "only": ONLY,
        "withhold": WITHHOLD,
        "fields": {"$ref": "#/$defs/shape", "description": "What is read of each."},
    },
    ("fields",),
)
_RESPONSE_OBJECT = members(
    {
        "in": told(PATH, "The element that the object's paths start in; the same one else."),
        "fields": {"$ref": "#/$defs/shape", "description": "The members of the object."},
    }
)
_RESPONSE_VALUE = members(
    {
        **_VALUE,
        "unlisted": told(OUR_WORD, "The word for every code that the table does not name."),
        "card": told(PATH, "The card number that an id in a list is sealed for."),
        "optional": told(
            FLAG, "Whether it may be absent or empty; by default whether the contract lets it."
        ),
    },
    ("hospital",),
)
REQUEST = mapping(
    or_text(
        PATH,
        cases(
            ("each", cases(("fields", _REQUEST_LIST), otherwise=_REQUEST_VALUES)),
            ("fields", _REQUEST_OBJECT),
            otherwise=_REQUEST_VALUE,
        ),
    ),
    NAME,
    description="REST name: the hospital's argument, or how to make it.",
)
ALL_OF = "all_of"
"""Stands among the fields of a response, and like no REST name."""
RESPONSE = mapping(
    or_text(
        PATH,
        cases(
            ("value", _RESPONSE_FIXED),
            ("gateway", _RESPONSE_GATEWAY),
            ("each", _RESPONSE_LIST),
            ("fields", _RESPONSE_OBJECT),
            otherwise=_RESPONSE_VALUE,
        ),
    ),
    text(f"{NAME['pattern']}|^{ALL_OF}$", *NAME["examples"], ALL_OF),
    properties={
        ALL_OF: told(one_or_several(ID), "The shape, or shapes, whose fields all stand here too.")
    },
    description="REST name: the reply's element, or how to read it.",
)
