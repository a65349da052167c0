"""What the gateway shows the hospital: a digest, a user name and a password."""

from __future__ import annotations

from gateway.policies.language.forms import NAME, PATH, SECRET, WORDS
from gateway.policies.language.schema import members, told

DIGEST = members(
    {
        "into": told(PATH, "The argument that takes the digest."),
        "algorithm": {"enum": ["MD5", "SHA-1"], "description": "How it is made."},
        "over": {
            "type": "array",
            "minItems": 1,
            "uniqueItems": True,
            "items": PATH,
            "description": "The arguments that it goes over.",
        },
        "joined": {
            "enum": ["pairs", "values"],
            "description": "How they are put together: a=1&b=2, or the values alone.",
        },
        "key": members(
            {
                "name": told(NAME, "What the key is called among pairs; key by default."),
                "file": told(SECRET, "The variable that names the file of the key."),
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
SECURITY = members(
    {
        "username": told(WORDS, "Who the gateway is to the hospital."),
        "password_file": told(SECRET, "The variable that names the file of the password."),
        "type": {
            "enum": ["text", "digest"],
            "description": "Whether the password travels, or a digest of it.",
        },
    },
    ("username", "password_file", "type"),
    description="The service asks for a WS-Security user name and password.",
)
