"""The policy language's shape, as a JSON Schema.

`contracts/policy.schema.json` is this document written out, for completion and checking in
editors (`python -m gateway.policies.language` prints it); `docs/policies/reference.md` explains
every field. Tests hold all three together.
"""

from __future__ import annotations

import json
from typing import Any

from gateway.closing.window import DAYS
from gateway.policies.tables import WORD
from gateway.problems import REFUSALS
from gateway.rest.methods import METHODS
from gateway.translation.documents import BEGINS
from gateway.translation.values import KINDS

Schema = dict[str, Any]


def _text(pattern: str, *examples: str) -> Schema:
    """Text of a form; the examples are shown to whoever misses it."""
    return {"type": "string", "pattern": pattern, "examples": list(examples)}


def _map(of: Schema, names: Schema, **more: Any) -> Schema:
    return {"type": "object", "propertyNames": names, "additionalProperties": of, **more}


def _object(properties: Schema, required: tuple[str, ...] = (), **more: Any) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
        **more,
    }


def _cases(*cases: tuple[str, Schema], otherwise: Schema) -> Schema:
    """An object with a field that says which case it is; so that errors speak of what was meant."""
    schema = otherwise
    for name, then in reversed(cases):
        schema = {"if": {"required": [name]}, "then": then, "else": schema}
    return schema


def _or_text(text: Schema, long: Schema) -> Schema:
    return {"if": {"type": "object"}, "then": long, "else": text}


def _told(schema: Schema, description: str) -> Schema:
    return {**schema, "description": description}


_FLAG: Schema = {"type": "boolean"}
_WORDS: Schema = {"type": "string", "minLength": 1}
_REASON: Schema = {"type": "string", "minLength": 8}
_DURATION = _text("^[1-9][0-9]{0,5}(ms|s|m)$", "500ms", "5s", "2m")
_NAME = _text("^[A-Za-z][A-Za-z0-9]{0,63}$", "departmentId", "items")
_ID = _text("^[a-z][a-z0-9]*(-[a-z0-9]+)*$", "registration", "slot-state")
_WORD = _text(WORD, "male", "identity-card")
_ELEMENT = _text("^[A-Za-z_][A-Za-z0-9_.-]*$", "DeptCode", "PageSize")
_PATH = _text(
    r"^([A-Za-z_][A-Za-z0-9_.-]*/)*(@?[A-Za-z_][A-Za-z0-9_.-]*|@xsi:type|text\(\))$",
    "DeptCode",
    "ScheduleList/Schedule",
    "Fee/@currency",
)
_CODES: Schema = {"type": "array", "items": _WORDS, "uniqueItems": True}

# --- fields of requests and responses --------------------------------------------------------

_VALUE: Schema = {
    "hospital": _told(_PATH, "Where the value stands in the hospital's message."),
    "as": {
        "enum": sorted(KINDS),
        "description": "What the value is; by default what its type in the contract is.",
    },
    "code": _told(_ID, "The code table that turns the hospital's code into a word."),
    "format": _told(
        _text("%", "%Y%m%d", "%Y-%m-%d %H:%M:%S"),
        "How the hospital writes a date or time that it holds in text (strftime).",
    ),
    "sealed": _told(_ID, "The kind of id that is sealed; card for the patient card itself."),
}
_REQUEST_OBJECT = _object(
    {"fields": {"$ref": "#/$defs/request", "description": "The members of an object in the body."}}
)
_LIST = _told(_PATH, "The repeated argument: a list of the body, one for each entry.")
_REQUEST_LIST = _object(
    {
        "each": _LIST,
        "fields": {"$ref": "#/$defs/request", "description": "The members of each entry."},
    }
)
_REQUEST_VALUES = _object(
    {"each": _LIST, **{name: _VALUE[name] for name in ("as", "code", "format", "sealed")}}
)
_REQUEST_VALUE = _object(
    {
        **_VALUE,
        "within": _told(
            _text("^[0-9]{1,3}d$", "30d"), "How far a date may lie from the hospital's today."
        ),
        "default": _told(
            _text(r"^today(\+[0-9]{1,3}d)?$", "today", "today+7d"),
            "The day that stands in when the caller names none.",
        ),
        "empty": _told(_WORDS, "What is sent when the caller gives nothing."),
        "of": _told(_NAME, "For identity-number: the field that names the document's type."),
    },
    ("hospital",),
)
_TEXTS_AT = _map({**_CODES, "minItems": 1}, _PATH)
_ONLY = _told(_TEXTS_AT, "Path: the texts of what is shown; all else is kept back.")
_WITHHOLD = _told(_TEXTS_AT, "Path: the texts of what is kept back.")
_RESPONSE_FIXED = _object({"value": _told(_WORDS, "A fixed text.")})
_RESPONSE_GATEWAY = _object(
    {
        "gateway": {
            "enum": ["closed-functions"],
            "description": "What the gateway itself knows: the functions that it holds closed.",
        }
    }
)
_RESPONSE_LIST = _object(
    {
        "each": _told(_PATH, "The repeated element: one object for each."),
        "only": _ONLY,
        "withhold": _WITHHOLD,
        "fields": {"$ref": "#/$defs/shape", "description": "What is read of each."},
    },
    ("fields",),
)
_RESPONSE_OBJECT = _object(
    {
        "in": _told(_PATH, "The element that the object's paths start in; the same one else."),
        "fields": {"$ref": "#/$defs/shape", "description": "The members of the object."},
    }
)
_RESPONSE_VALUE = _object(
    {
        **_VALUE,
        "card": _told(_PATH, "The card number that an id in a list is sealed for."),
        "optional": _told(
            _FLAG, "Whether it may be absent or empty; by default whether the contract lets it."
        ),
    },
    ("hospital",),
)

_BY_CLIENT = _object(
    {"by_client": _map(_WORDS, _ID, minProperties=1, description="Client: the text sent for it.")},
    ("by_client",),
)
_NOW = _object(
    {
        "now": _told(
            _text("%", "%Y%m%d%H%M%S", "%Y-%m-%d"),
            "The hospital's time of the call, in this format (strftime's directives).",
        )
    }
)
_CONSTANTS = _map(_or_text(_WORDS, _cases(("now", _NOW), otherwise=_BY_CLIENT)), _PATH)

# --- result codes ----------------------------------------------------------------------------

_RESULT_CODE = _text("^([^<>].*|[<>]=?(0|-?[1-9][0-9]{0,14}))$", "0", "<0")
_RESULT_CODES: Schema = {**_CODES, "items": _RESULT_CODE}
_REFUSAL = {"enum": sorted(REFUSALS)}
_OUTCOME = _object(
    {
        "code": _told(_PATH, "Where every reply says how it went."),
        "message": _told(_PATH, "Where it says so in words."),
        "success": {**_told(_RESULT_CODES, "Codes for: done, and here it is."), "minItems": 1},
        "empty": _told(_RESULT_CODES, "Codes for: fine, and nothing to show."),
        "refused": _map(
            _or_text(
                _REFUSAL,
                _object(
                    {
                        "type": _told(_REFUSAL, "The problem type."),
                        "show_message": _told(
                            _FLAG, "The hospital's words are meant for the patient."
                        ),
                    },
                    ("type",),
                ),
            ),
            _RESULT_CODE,
            description="Result code: the problem type that it is answered with.",
        ),
        "upstream_failure": _told(
            _RESULT_CODES, "Codes for: the hospital failed. Only these open the breaker."
        ),
    },
    ("code", "success"),
    description="HTTP 200 says nothing; this does.",
)

# --- routes ----------------------------------------------------------------------------------

_SUBJECT = _object(
    {
        "request": _told(_PATH, "The argument that carries the card number."),
        "reply": _told(_PATH, "Where the reply says whose it is."),
    },
    description="The route concerns the card named by the Patient-Card header.",
)
_SETTLE: Schema = {
    "operation": _told(_ELEMENT, "The read that asks about the write."),
    "reply": _told(_PATH, "Where its answer keeps what was done; by default all of it is that."),
    "same": _map(
        _PATH, _PATH, description="Argument: where a success repeats it. Each is compared."
    ),
    "filled": _map(
        _REASON,
        _PATH,
        description="Argument: whence the hospital takes it where it is not sent.",
    ),
    "unchecked": _map(
        _REASON, _PATH, description="Argument: the reason why it need not be compared."
    ),
    "certain_after": _told(_DURATION, "From when on 'there is none' means that it did not happen."),
}
_BY_SERIAL = _object(
    {
        **_SETTLE,
        "key": _told(_PATH, "Its argument for the serial."),
        "serial": _told(_PATH, "Where its answer repeats the serial. It is compared."),
    },
    ("operation", "key", "serial", "same", "certain_after"),
    description="How it is found out what became of a keyed write.",
)
_STATES = _map({**_CODES, "minItems": 1}, _PATH, minProperties=1, description="Element: its codes.")
_BY_MATCH = _object(
    {
        **_SETTLE,
        "ask": _map(
            _PATH, _PATH, minProperties=1, description="Its argument: the write's argument."
        ),
        "match": {
            "type": "array",
            "items": _PATH,
            "minItems": 1,
            "uniqueItems": True,
            "description": "The write's arguments that say which record is of the same thing.",
        },
        "done": _told(_STATES, "What a record says when it was done."),
        "void": _told(_STATES, "What a record says when it counts as none: failed, revoked."),
        "otherwise": _told(
            {"enum": sorted(REFUSALS)}, "The refusal when it was done, and by another."
        ),
    },
    ("operation", "ask", "match", "done", "same", "otherwise", "certain_after"),
    description="How it is found out what became of a matched write.",
)
_PAGE = _object(
    {
        "request": _told(_PATH, "The argument that takes the number of the page, from 1."),
        "pages": _told(_PATH, "Where the reply says how many pages there are."),
    },
    ("request", "pages"),
    description="The list comes page by page: ?page= asks for one, next leads to the next.",
)
_ROUTE = _object(
    {
        "id": _told(_ID, "Names the route for ever: in scopes, metrics, logs and serials."),
        "about": _told(_WORDS, "One line for the OpenAPI document."),
        "rest": _told(
            _text(
                rf"^({'|'.join(METHODS)}) /v1(/([a-z0-9-]+|\{{[A-Za-z][A-Za-z0-9]*\}}))+$",
                "GET /v1/departments/{id}/practitioners",
            ),
            "Method and path.",
        ),
        "operation": _told(_ELEMENT, "The operation of the contract."),
        "effect": {
            "enum": ["read", "keyed", "matched", "unconfirmed"],
            "description": "What calling it does; keyed: the hospital dedupes by our serial; "
            "matched: the thing that it is about tells whether it was done.",
        },
        "status": {"enum": [200, 201], "description": "How success is answered; 200 by default."},
        "deadline": _told(_DURATION, "The most that the whole exchange may take."),
        "rate": _told(
            _text("^[1-9][0-9]{0,5}/(s|m|h)$", "30/m"),
            "How often one client may call it; no own limit by default.",
        ),
        "after_payment": _told(
            _FLAG, "The caller has taken money before: a refusal says refundRequired."
        ),
        "key": _told(_PATH, "The argument that carries our serial."),
        "subject": _SUBJECT,
        "settle": _told(
            _cases(("ask", _BY_MATCH), otherwise=_BY_SERIAL),
            "How it is found out what became of a write.",
        ),
        "outcome": _told(
            _OUTCOME, "What this route's result codes mean, in place of the service's."
        ),
        "constants": _told(_CONSTANTS, "Arguments that are the same in every call of this route."),
        "request": {"$ref": "#/$defs/request", "description": "What the caller may say."},
        "reply": _told(_PATH, "The element that the response's paths start in."),
        "page": _PAGE,
        "only": _ONLY,
        "withhold": _WITHHOLD,
        "response": {"$ref": "#/$defs/shape", "description": "What the caller is told."},
    },
    ("id", "rest", "operation", "effect", "deadline", "response"),
)

_DOCUMENT = _object(
    {
        "hospital": _told(_PATH, "Where the document stands, in Base64."),
        "media_type": {
            "enum": sorted(BEGINS),
            "description": "What it is; one that begins otherwise is off contract.",
        },
        "name": _told(_PATH, "Where the hospital names the file."),
        "limit": _told(
            _text("^[1-9][0-9]?MB$", "20MB"), "The most that it may have, decoded; 20MB by default."
        ),
    },
    ("hospital", "media_type"),
    description="Success is answered with the document itself, and not with JSON.",
)
_NOT_OF_DOCUMENTS = ("status", "after_payment", "key", "settle", "page", "response")
_DOCUMENT_ROUTE = _object(
    {
        **{
            name: schema
            for name, schema in _ROUTE["properties"].items()
            if name not in _NOT_OF_DOCUMENTS
        },
        "effect": {**_ROUTE["properties"]["effect"], "enum": ["read"]},
        "document": _DOCUMENT,
    },
    ("id", "rest", "operation", "effect", "deadline", "document"),
)

# --- the pack --------------------------------------------------------------------------------

_CONTRACT = _object(
    {
        "wsdl": _told(
            _text(r"^[A-Za-z0-9_-][A-Za-z0-9_.-]*\.wsdl$", "registration.wsdl"),
            "The WSDL beside this file.",
        ),
        "port": _told(_ELEMENT, "Its port, where it has several."),
    },
    ("wsdl",),
    description="What the hospital promises.",
)
_SCHEMA_FILE = _text(
    r"^[A-Za-z0-9_-][A-Za-z0-9_.-]*(/[A-Za-z0-9_-][A-Za-z0-9_.-]*)*$", "schemas/query-bills.xsd"
)
_TRADE = _object(
    {
        "operation": _told(
            _ELEMENT, "The operation that carries it; by default that of the trade's own name."
        ),
        "arguments": _map(
            {"type": "string"},
            _PATH,
            description="Argument of the carrier: the text that is sent in it, such as the code.",
        ),
        "request": _told(_SCHEMA_FILE, "The schema of the message that goes out."),
        "reply": _told(_SCHEMA_FILE, "The schema of the message that comes back."),
    },
    ("request", "reply"),
)
_PAYLOAD = _object(
    {
        "style": {
            "enum": ["xml", "json", "delimited"],
            "description": "How the messages in the string are written.",
        },
        "charset": {
            "enum": ["UTF-8", "GBK", "GB18030"],
            "description": "What the hospital turns the string into; UTF-8 by default.",
        },
        "request": _object(
            {
                "at": _told(_PATH, "The argument that carries the message."),
                "written": {
                    "enum": ["escaped", "cdata", "raw"],
                    "description": "How it stands in the envelope; escaped by default.",
                },
            },
            description="Where the message that goes out stands.",
        ),
        "reply": _object(
            {
                "at": _told(_PATH, "The element that carries the message."),
                "written": {
                    "enum": ["escaped", "twice", "raw"],
                    "description": "How it stands in the envelope; escaped by default.",
                },
                "beside": {
                    "type": "array",
                    "items": _PATH,
                    "uniqueItems": True,
                    "description": "Elements of the carrier's reply that are read too.",
                },
            },
            description="Where the message that comes back stands.",
        ),
        "trades": _map(
            _TRADE,
            _ELEMENT,
            minProperties=1,
            description="The functions of the service: each is an operation of its own.",
        ),
    },
    ("style", "trades"),
    description="The service takes and gives messages inside a string.",
)
_SECRET = _text(r"^\$\{[A-Z][A-Z0-9_]*_FILE\}$", "${INVOICES_KEY_FILE}")
_DIGEST = _object(
    {
        "into": _told(_PATH, "The argument that takes the digest."),
        "algorithm": {"enum": ["MD5", "SHA-1"], "description": "How it is made."},
        "over": {
            "type": "array",
            "minItems": 1,
            "uniqueItems": True,
            "items": _PATH,
            "description": "The arguments that it goes over.",
        },
        "joined": {
            "enum": ["pairs", "values"],
            "description": "How they are put together: a=1&b=2, or the values alone.",
        },
        "key": _object(
            {
                "name": _told(_NAME, "What the key is called among pairs; key by default."),
                "file": _told(_SECRET, "The variable that names the file of the key."),
            },
            ("file",),
            description="What both sides know, put at the end.",
        ),
        "letters": {
            "enum": ["lower", "upper"],
            "description": "Of the hexadecimal digits; lower by default.",
        },
        "charset": {
            "enum": ["UTF-8", "GBK", "GB18030"],
            "description": "Of the text that it is made of; UTF-8 by default.",
        },
    },
    ("into", "algorithm", "over", "joined", "key"),
    description="The service wants a digest of its arguments and a key.",
)
_SECURITY = _object(
    {
        "username": _told(_WORDS, "Who the gateway is to the hospital."),
        "password_file": _told(_SECRET, "The variable that names the file of the password."),
        "type": {
            "enum": ["text", "digest"],
            "description": "Whether the password travels, or a digest of it.",
        },
    },
    ("username", "password_file", "type"),
    description="The service asks for a WS-Security user name and password.",
)
_BREAKER = _object(
    {
        "window": _told(_DURATION, "How far back it looks; 20s by default."),
        "failure_ratio": _told(
            _text(r"^(0\.[0-9]{0,2}[1-9]|1\.0)$", "0.5"),
            "The share of failures that opens it; 0.5 by default.",
        ),
        "minimum_calls": {
            "type": "integer",
            "minimum": 1,
            "maximum": 100000,
            "description": "Fewer calls in the window never open it; 20 by default.",
        },
        "open_for": _told(_DURATION, "How long no call is made then; 5s by default."),
        "probes": {
            "type": "integer",
            "minimum": 1,
            "maximum": 1000,
            "description": "Calls let through at once to try again; 1 by default.",
        },
    },
    description="When the hospital is left alone for a while.",
)
_UPSTREAM = _object(
    {
        "endpoints": {
            "type": "array",
            "minItems": 1,
            "uniqueItems": True,
            "items": _text(
                r"^(https?://[^\s${}@]+|\$\{[A-Z][A-Z0-9_]*\})$",
                "http://10.0.0.8/registration",
                "${REGISTRATION_URL}",
            ),
            "description": "Where the service answers: a URL, or ${NAME} for one.",
        },
        "group": _told(_ID, "Packs of one group share limits; the service's own by default."),
        "in_flight": {
            "type": "integer",
            "minimum": 1,
            "maximum": 10000,
            "description": "Calls at once that the hospital bears, over all replicas.",
        },
        "keep_for_writes": {
            "type": "integer",
            "minimum": 0,
            "maximum": 10000,
            "description": "How many of them reads may not take; 0 by default.",
        },
        "breaker": _BREAKER,
    },
    ("endpoints", "in_flight"),
    description="The internal service as seen from here.",
)
_CLOSED_ROUTES: Schema = {
    "type": "array",
    "minItems": 1,
    "uniqueItems": True,
    "items": _text(r"^([a-z][a-z0-9-]*\*?|\*)$", "pay-appointment", "pay-*"),
    "description": 'Ids of the pack\'s routes; "*" at the end stands for any rest.',
}
_CLOSED_MESSAGE = _object(
    {
        "en": _told(_WORDS, "In English."),
        "zh": _told(_WORDS, "In Chinese."),
    },
    ("en", "zh"),
    description="What callers are told instead of the problem's own words.",
)
_CLOCK = "([01][0-9]|2[0-3]):[0-5][0-9]"
_MOMENT = _text(f"^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}T{_CLOCK}$", "2027-01-01T06:00")
_CLOSED_DAILY = _object(
    {
        "routes": _CLOSED_ROUTES,
        "daily": _told(
            _text(f"^{_CLOCK}-{_CLOCK}$", "23:30-00:30"), "Between these times of each day."
        ),
        "days": {
            "type": "array",
            "minItems": 1,
            "uniqueItems": True,
            "items": {"enum": list(DAYS)},
            "description": "The days on which it begins; every day by default.",
        },
        "message": _CLOSED_MESSAGE,
    },
    ("routes", "daily"),
)
_CLOSED_ONCE = _object(
    {
        "routes": _CLOSED_ROUTES,
        "from": _told(_MOMENT, "When it begins, by the hospital's clock."),
        "until": _told(_MOMENT, "When it ends."),
        "message": _CLOSED_MESSAGE,
    },
    ("routes", "from", "until"),
)

_CODE_FILE = _object(
    {
        "file": _told(
            _text(r"^[A-Za-z0-9_-][A-Za-z0-9_.-]*\.csv$", "titles.csv"),
            "The table as CSV beside the policy: word,code.",
        )
    }
)

LANGUAGE: Schema = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Routing policy of one hospital service",
    **_object(
        {
            "service": _told(_ID, "The pack's folder name."),
            "contract": _CONTRACT,
            "upstream": _UPSTREAM,
            "payload": _PAYLOAD,
            "digest": _DIGEST,
            "security": _SECURITY,
            "outcome": _OUTCOME,
            "codes": _map(
                _cases(("file", _CODE_FILE), otherwise=_map(_WORDS, _WORD, minProperties=1)),
                _ID,
                description="Code tables: our word, the hospital's code (quoted).",
            ),
            "constants": _told(
                _CONSTANTS, "Arguments that are the same in every call that has them."
            ),
            "empties": _told(_CODES, "Texts that mean nothing in replies, as an empty one does."),
            "shapes": _map(
                {"$ref": "#/$defs/response"},
                _ID,
                description="Responses that several routes share, by name.",
            ),
            "closed": {
                "type": "array",
                "items": _cases(("from", _CLOSED_ONCE), otherwise=_CLOSED_DAILY),
                "description": "Routes that are closed at times.",
            },
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
        "request": _map(
            _or_text(
                _PATH,
                _cases(
                    ("each", _cases(("fields", _REQUEST_LIST), otherwise=_REQUEST_VALUES)),
                    ("fields", _REQUEST_OBJECT),
                    otherwise=_REQUEST_VALUE,
                ),
            ),
            _NAME,
            description="REST name: the hospital's argument, or how to make it.",
        ),
        "response": _map(
            _or_text(
                _PATH,
                _cases(
                    ("value", _RESPONSE_FIXED),
                    ("gateway", _RESPONSE_GATEWAY),
                    ("each", _RESPONSE_LIST),
                    ("fields", _RESPONSE_OBJECT),
                    otherwise=_RESPONSE_VALUE,
                ),
            ),
            _NAME,
            description="REST name: the reply's element, or how to read it.",
        ),
        "shape": _or_text(_ID, {"$ref": "#/$defs/response"}),
        "route": _cases(("document", _DOCUMENT_ROUTE), otherwise=_ROUTE),
    },
}


def document() -> str:
    """The language as `contracts/policy.schema.json` holds it."""
    return json.dumps(LANGUAGE, indent=2) + "\n"


if __name__ == "__main__":
    print(document(), end="")
