"""The message in a string, and the trades of such a service."""

from __future__ import annotations

from gateway.policies.language.forms import ELEMENT, PATH, SECRET
from gateway.policies.language.schema import mapping, members, text, told

_SCHEMA_FILE = text(
    r"^[A-Za-z0-9_-][A-Za-z0-9_.-]*(/[A-Za-z0-9_-][A-Za-z0-9_.-]*)*$", "schemas/query-bills.xsd"
)
_TRADE = members(
    {
        "operation": told(
            ELEMENT, "The operation that carries it; by default that of the trade's own name."
        ),
        "arguments": mapping(
            {"type": "string"},
            PATH,
            description="Argument of the carrier: the text that is sent in it, such as the code.",
        ),
        "request": told(_SCHEMA_FILE, "The schema of the message that goes out."),
        "reply": told(_SCHEMA_FILE, "The schema of the message that comes back."),
    },
    ("request", "reply"),
)
_ENCRYPTED = members(
    {
        "algorithm": {"enum": ["AES-ECB"], "description": "The cipher, with PKCS #7 padding."},
        "key_file": told(
            SECRET, "The variable that names the file of the key: 16, 24 or 32 bytes of text."
        ),
        "as": {
            "enum": ["base64", "hex"],
            "description": "How the bytes are written; base64 by default.",
        },
    },
    ("algorithm", "key_file"),
    description="The messages are encrypted in the string, both ways.",
)
PAYLOAD = members(
    {
        "style": {
            "enum": ["xml", "json", "delimited"],
            "description": "How the messages in the string are written.",
        },
        "charset": {
            "enum": ["UTF-8", "GBK", "GB18030"],
            "description": "What the hospital turns the string into; UTF-8 by default.",
        },
        "request": members(
            {
                "at": told(PATH, "The argument that carries the message."),
                "written": {
                    "enum": ["escaped", "cdata", "raw"],
                    "description": "How it stands in the envelope; escaped by default.",
                },
            },
            description="Where the message that goes out stands.",
        ),
        "reply": members(
            {
                "at": told(PATH, "The element that carries the message."),
                "written": {
                    "enum": ["escaped", "twice", "raw"],
                    "description": "How it stands in the envelope; escaped by default.",
                },
                "beside": {
                    "type": "array",
                    "items": PATH,
                    "uniqueItems": True,
                    "description": "Elements of the carrier's reply that are read too.",
                },
            },
            description="Where the message that comes back stands.",
        ),
        "encrypted": _ENCRYPTED,
        "trades": mapping(
            _TRADE,
            ELEMENT,
            minProperties=1,
            description="The functions of the service: each is an operation of its own.",
        ),
    },
    ("style", "trades"),
    description="The service takes and gives messages inside a string.",
)
