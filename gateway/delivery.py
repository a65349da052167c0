"""What is known of one attempt to call the hospital."""

from __future__ import annotations

import enum


class Delivery(enum.Enum):
    """How far a request got. Only `NOT_SENT` may ever be sent again by the gateway."""

    NOT_SENT = "not-sent"
    """No byte of the request was written: the hospital cannot have acted on it."""
    MAYBE_SENT = "maybe-sent"
    """Some of it was written and no answer came: the hospital may have acted on it."""
    ANSWERED = "answered"
    """An answer came, though it may not be one that the contract allows."""
