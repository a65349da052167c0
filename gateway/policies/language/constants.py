"""Arguments that no caller has a say in."""

from __future__ import annotations

from gateway.policies.language.forms import ID, PATH, SECRET, WORDS
from gateway.policies.language.schema import cases, mapping, members, or_text, text, told

_BY_CLIENT = members(
    {"by_client": mapping(WORDS, ID, minProperties=1, description="Client: the text sent for it.")},
    ("by_client",),
)
_NOW = members(
    {
        "now": told(
            text("%", "%Y%m%d%H%M%S", "%Y-%m-%d"),
            "The hospital's time of the call, in this format (strftime's directives).",
        )
    }
)
_SECRET = members(
    {"secret": told(SECRET, "The variable that names the file with the text, such as a password.")}
)
CONSTANTS = mapping(
    or_text(WORDS, cases(("now", _NOW), ("secret", _SECRET), otherwise=_BY_CLIENT)), PATH
)
