"""The internal service as seen from here, and when it is left alone."""

from __future__ import annotations

from gateway.policies.language.forms import DURATION, ID
from gateway.policies.language.schema import members, text, told

_BREAKER = members(
    {
        "window": told(DURATION, "How far back it looks; 20s by default."),
        "failure_ratio": told(
            text(r"^(0\.[0-9]{0,2}[1-9]|1\.0)$", "0.5"),
            "The share of failures that opens it; 0.5 by default.",
        ),
        "minimum_calls": {
            "type": "integer",
            "minimum": 1,
            "maximum": 100000,
            "description": "Fewer calls in the window never open it; 20 by default.",
        },
        "open_for": told(DURATION, "How long no call is made then; 5s by default."),
        "probes": {
            "type": "integer",
            "minimum": 1,
            "maximum": 1000,
            "description": "Calls let through at once to try again; 1 by default.",
        },
    },
    description="When the hospital is left alone for a while.",
)
UPSTREAM = members(
    {
        "endpoints": {
            "type": "array",
            "minItems": 1,
            "uniqueItems": True,
            "items": text(
                r"^(https?://[^\s${}@]+|\$\{[A-Z][A-Z0-9_]*\})$",
                "http://10.0.0.8/registration",
                "${REGISTRATION_URL}",
            ),
            "description": "Where the service answers: a URL, or ${NAME} for one.",
        },
        "group": told(ID, "Packs of one group share limits; the service's own by default."),
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
