"""The glossary of a pack: what callers are told of its routes, its fields and its words."""

from __future__ import annotations

from gateway.policies.language.forms import ID, NAME, OUR_WORD
from gateway.policies.language.schema import Schema, mapping, members, text

LONGEST = 500
"""Characters of one entry: a reader of the API document wants a sentence or two."""

_SAID: Schema = {**text(r"\S", "What the visit costs"), "maxLength": LONGEST}
_FIELD = text(
    r"^([a-z][a-z0-9]*(-[a-z0-9]+)*/)?([A-Za-z][A-Za-z0-9]{0,63}/)*[A-Za-z][A-Za-z0-9]{0,63}$",
    *NAME["examples"],
    "patient-card/guardian/name",
)
GLOSSARY: Schema = {
    "title": "Glossary of one hospital service",
    **members(
        {
            "routes": mapping(_SAID, ID, description="Route: what its one line leaves open."),
            "fields": mapping(
                _SAID, _FIELD, description="REST name, or the end of a path to it: its meaning."
            ),
            "words": mapping(
                mapping(_SAID, OUR_WORD, minProperties=1),
                ID,
                description="Code table: each of its words, and its meaning.",
            ),
        },
        ("fields",),
    ),
}
