"""Windows in which routes are closed."""

from __future__ import annotations

from gateway.closing.window import DAYS
from gateway.policies.language.forms import WORDS
from gateway.policies.language.schema import Schema, members, text, told

_CLOSED_ROUTES: Schema = {
    "type": "array",
    "minItems": 1,
    "uniqueItems": True,
    "items": text(r"^([a-z][a-z0-9-]*\*?|\*)$", "pay-appointment", "pay-*"),
    "description": 'Ids of the pack\'s routes; "*" at the end stands for any rest.',
}
_CLOSED_MESSAGE = members(
    {
        "en": told(WORDS, "In English."),
        "zh": told(WORDS, "In Chinese."),
    },
    ("en", "zh"),
    description="What callers are told instead of the problem's own words.",
)
_CLOCK = "([01][0-9]|2[0-3]):[0-5][0-9]"
_MOMENT = text(f"^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}T{_CLOCK}$", "2027-01-01T06:00")
CLOSED_DAILY = members(
    {
        "routes": _CLOSED_ROUTES,
        "daily": told(
            text(f"^{_CLOCK}-{_CLOCK}$", "23:30-00:30"), "Between these times of each day."
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
CLOSED_ONCE = members(
    {
        "routes": _CLOSED_ROUTES,
        "from": told(_MOMENT, "When it begins, by the hospital's clock."),
        "until": told(_MOMENT, "When it ends."),
        "message": _CLOSED_MESSAGE,
    },
    ("routes", "from", "until"),
)
