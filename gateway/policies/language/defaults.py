"""What a pack's routes have where they do not say it themselves, by their effect.

The list is closed: what belongs to the service, and not to one route. What a reader has to see at
the route itself has no default: whose it is, what is compared, what is answered.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from gateway.policies.language.route import ROUTE
from gateway.policies.language.schema import Schema, members
from gateway.policies.language.settle import BY_MATCH, BY_SERIAL

NEEDED: Final = ("deadline",)
"""What a route may leave to the defaults, and with them must have."""
NEEDED_TO_SETTLE: Final[Mapping[str, tuple[str, ...]]] = {
    "keyed": ("operation", "serial", "certain_after"),
    "matched": ("certain_after",),
}
"""The same of its `settle`, by the kind of write that it is for."""


def _fields(of: Schema, *names: str) -> Schema:
    return {name: of["properties"][name] for name in names}


def _some(properties: Schema, description: str) -> Schema:
    return members(properties, minProperties=1, description=description)


DEFAULTS = _some(
    {
        "read": _some(_fields(ROUTE, "deadline"), "Of reads."),
        "keyed": _some(
            {
                **_fields(ROUTE, "deadline", "serial"),
                "settle": _some(
                    _fields(BY_SERIAL, "operation", "serial", "reply", "certain_after"),
                    "Of how it is found out what became of them; each field by itself.",
                ),
            },
            "Of keyed writes.",
        ),
        "matched": _some(
            {
                **_fields(ROUTE, "deadline"),
                "settle": _some(
                    _fields(BY_MATCH, "certain_after"),
                    "Of how it is found out what became of them.",
                ),
            },
            "Of matched writes.",
        ),
    },
    "What a route of this effect has unless it says otherwise.",
)
