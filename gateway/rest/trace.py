"""W3C Trace Context, level 1: the `traceparent` header."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

# Version ff is forbidden, and so are ids of zeros alone.
_TRACEPARENT = re.compile(
    r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})"
)


@dataclass(frozen=True, slots=True)
class Trace:
    """The caller's place in a distributed trace.

    `trace_id` is 32 and `parent_id` 16 lower-case hexadecimal digits, `flags` 2. A trace that
    starts here has no parent and is not sampled.
    """

    trace_id: str
    parent_id: str | None
    flags: str

    def onward(self) -> str:
        """The `traceparent` of one call that the gateway makes in this trace."""
        return f"00-{self.trace_id}-{_new_id(64)}-{self.flags}"


def read_trace(traceparent: str | None) -> Trace:
    """The trace that the header continues, or a new one when it is absent or makes no sense."""
    if traceparent is not None:
        match = _TRACEPARENT.fullmatch(traceparent)
        if match is not None:
            return Trace(*match.groups())
    return Trace(_new_id(128), None, "00")


def _new_id(bits: int) -> str:
    """A random id in hexadecimal; of zeros alone it would not be valid."""
    # It has to be rare, not secret, and the system's generator costs a system call each time.
    return f"{random.getrandbits(bits) or 1:0{bits // 4}x}"
