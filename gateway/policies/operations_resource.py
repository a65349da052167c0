"""Where it is told how a write ended: `/v1/operations/{write}/{idempotencyKey}`, perhaps `?since=`.

The resource stands on its own because three sides must agree on it: who publishes it, who leads
a caller there, and who reads what the caller asks.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from gateway.problems import Rejection
from gateway.rest.admission import KEY_PATTERN

KEY: Final = "idempotencyKey"
SINCE: Final = "since"
PATH_SCHEMA: Final[dict[str, Any]] = {
    KEY: {
        "type": "string",
        "pattern": KEY_PATTERN,
        "description": "The Idempotency-Key that the write was sent with.",
    }
}
LONGEST_SINCE: Final = 2048
"""Characters of `since`: room for what was asked, in a URL that the edge lets through."""

OPERATIONS: Final = "/v1/operations"
INQUIRY: Final = "operations-"
"""How the id of each route of the resource begins."""

INQUIRY_TOLD: Final = (
    "Asks the hospital, afresh each time and without sending the write again. What the Location of "
    "a 202 or 422 leads to."
)
_SINCE_ALL: Final = (
    "What the Location has, sealed: what was asked for, and when. The write has no other name at "
    "the hospital, so it cannot be asked about without."
)
_SINCE_TIME: Final = (
    "What the Location has, sealed: when the write was sent. Without it the outcome is never "
    "not-sent."
)
_KEY = re.compile(KEY_PATTERN)


@dataclass(frozen=True, slots=True)
class Asked:
    """Which call of a write is asked about; `since`, sealed, is when it was sent, and what."""

    key: str
    since: str | None


def query_schema(*, required: bool) -> dict[str, Any]:
    """The query of the resource; `required`: only `since` says what is asked about."""
    since = {
        "type": "string",
        "pattern": f"^[A-Za-z0-9_-]{{22,{LONGEST_SINCE}}}$",
        "description": _SINCE_ALL if required else _SINCE_TIME,
    }
    return {
        "type": "object",
        "properties": {SINCE: since},
        "required": [SINCE] if required else [],
        "additionalProperties": False,
    }


def inquiry_id(write: str) -> str:
    """The id of the route that asks how a write ended."""
    return f"{INQUIRY}{write}"


def template(write: str) -> str:
    """The path of the resource, for the route id of a write."""
    return f"{OPERATIONS}/{write}/{{{KEY}}}"


def location(write: str, key: str, since: str) -> str:
    """Where one call of a write is asked about; `since` is sealed."""
    return f"{OPERATIONS}/{write}/{key}?{SINCE}={since}"


def asked(values: Mapping[str, object]) -> Asked:
    """What a request of the resource asks; raises `Rejection` 404 for a key that can be none."""
    key, since = values[KEY], values.get(SINCE)
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        raise Rejection("not-found", reason="no-such-key")
    return Asked(key, since if isinstance(since, str) else None)


def is_reserved(path: str) -> bool:
    """Whether a path is the resource's, so that no policy may have it."""
    return f"{path}/".startswith(f"{OPERATIONS}/")
