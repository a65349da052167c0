"""One switch: a function that somebody closed, or opened again, by hand.

A switch is signed by who throws it (HMAC, RFC 2104, with SHA-256), so that it can be believed
whoever hands it on. Its stamp orders the switches of one name; nothing else does.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, Self

import orjson

LONGEST: Final = timedelta(days=31)
"""How long a switch may close a function, and so how long one that opens it is remembered."""

_ROUTE: Final = re.compile(r"[a-z][a-z0-9-]{0,99}\*?|\*")
_MOST_BY: Final = 64
_MOST_REASON: Final = 200


class SwitchRefused(Exception):
    """A switch that is not taken; `why` is a word of docs/closing.md, never what was sent."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Switch:
    """`route` is an id, or ends in "*"; `until` when it is forgotten, and the function open.

    `at` is its stamp. Times carry their offset.
    """

    route: str
    closed: bool
    until: datetime
    by: str
    reason: str
    at: datetime
    signature: str = ""

    def signed(self, secret: str) -> Self:
        """The same, signed."""
        return replace(self, signature=_signature(self._said(), secret))

    def is_of(self, secret: str) -> bool:
        """Whether it was signed with this secret, and nothing of it changed since."""
        # As bytes: text that is not ASCII would raise instead of differing.
        expected = _signature(self._said(), secret).encode()
        return hmac.compare_digest(expected, self.signature.encode())

    def replaces(self, other: Switch) -> bool:
        """Whether it holds instead of another of its name: the same answer on every replica."""
        return (self.at, self.signature) > (other.at, other.signature)

    def written(self) -> dict[str, Any]:
        """As JSON has it."""
        return {**self._said(), "signature": self.signature}

    def _said(self) -> dict[str, Any]:
        return {
            "route": self.route,
            "closed": self.closed,
            "until": self.until.isoformat(),
            "by": self.by,
            "reason": self.reason,
            "at": self.at.isoformat(),
        }


def read(data: object) -> Switch:
    """The switch that `written` wrote; raises `SwitchRefused`, `malformed`, for anything else."""
    try:
        switch = _read(data)
        if is_whole(switch):
            return switch
    except (KeyError, TypeError, ValueError, OverflowError):
        pass
    raise SwitchRefused("malformed")


def is_whole(switch: Switch) -> bool:
    """Whether it says who, what and until when, each as it must be."""
    return (
        _ROUTE.fullmatch(switch.route) is not None
        and switch.at < switch.until <= switch.at + LONGEST
        and is_text(switch.by, _MOST_BY)
        and (is_text(switch.reason, _MOST_REASON) or not (switch.closed or switch.reason))
    )


def is_text(text: str, most: int) -> bool:
    """Whether it is something to read in one line."""
    return 0 < len(text) <= most and text.isprintable()


def _read(data: object) -> Switch:
    if not isinstance(data, Mapping):
        raise TypeError
    switch = Switch(
        route=data["route"],
        closed=data["closed"],
        until=datetime.fromisoformat(data["until"]),
        by=data["by"],
        reason=data["reason"],
        at=datetime.fromisoformat(data["at"]),
        signature=data["signature"],
    )
    texts = (switch.route, switch.by, switch.reason, switch.signature)
    if not isinstance(switch.closed, bool) or not all(isinstance(one, str) for one in texts):
        raise TypeError
    return switch


def _signature(said: Mapping[str, Any], secret: str) -> str:
    text = orjson.dumps(said, option=orjson.OPT_SORT_KEYS)
    return hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()
