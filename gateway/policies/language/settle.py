"""How it is found out what became of a write."""

from __future__ import annotations

from gateway.policies.language.forms import CODES, DURATION, ELEMENT, PATH, REASON
from gateway.policies.language.schema import Schema, mapping, members, told
from gateway.problems import REFUSALS

_SETTLE: Schema = {
    "operation": told(ELEMENT, "The read that asks about the write."),
    "reply": told(PATH, "Where its answer keeps what was done; by default all of it is that."),
    "same": mapping(
        PATH, PATH, description="Argument: where a success repeats it. Each is compared."
    ),
    "filled": mapping(
        REASON,
        PATH,
        description="Argument: whence the hospital takes it where it is not sent.",
    ),
    "unchecked": mapping(
        REASON, PATH, description="Argument: the reason why it need not be compared."
    ),
    "certain_after": told(DURATION, "From when on 'there is none' means that it did not happen."),
}
BY_SERIAL = members(
    {
        **_SETTLE,
        "serial": members(
            {
                "request": told(PATH, "The argument that carries the serial."),
                "reply": told(PATH, "Where the answer repeats it. It is compared."),
            },
            ("request", "reply"),
            description="How the question names the write.",
        ),
    },
    ("same",),
    description="How it is found out what became of a keyed write.",
)
_STATES = mapping(
    {**CODES, "minItems": 1}, PATH, minProperties=1, description="Element: its codes."
)
BY_MATCH = members(
    {
        **_SETTLE,
        "ask": mapping(
            PATH, PATH, minProperties=1, description="Its argument: the write's argument."
        ),
        "match": {
            "type": "array",
            "items": PATH,
            "minItems": 1,
            "uniqueItems": True,
            "description": "The write's arguments that say which record is of the same thing.",
        },
        "whose": {
            "type": "array",
            "items": PATH,
            "minItems": 1,
            "uniqueItems": True,
            "description": "The write's arguments that say whose doing a record is.",
        },
        "done": told(_STATES, "What a record says when it was done."),
        "void": told(_STATES, "What a record says when it counts as none: failed, revoked."),
        "otherwise": told(
            {"enum": sorted(REFUSALS)}, "The refusal when it was done, and by another."
        ),
    },
    ("operation", "ask", "match", "done", "same", "otherwise"),
    description="How it is found out what became of a matched write.",
)
