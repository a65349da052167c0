"""How often a client may call one replica."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rate:
    """`per_second` requests on average, `burst` of them at once after a pause."""

    per_second: float
    burst: int

    def __post_init__(self) -> None:
        if not (self.per_second > 0.0 and self.burst >= 1):
            raise ValueError("a rate takes more than 0 requests a second and a burst of 1 or more")


class TokenBucket:
    """The token bucket of one client, on whatever clock its caller keeps to, in seconds."""

    __slots__ = ("_at", "_rate", "_tokens")

    def __init__(self, rate: Rate) -> None:
        self._rate = rate
        self._tokens = float(rate.burst)
        self._at = float("-inf")

    def take(self, at: float) -> float:
        """Take one token; 0 when there was one, else the seconds until there is."""
        rate = self._rate
        if at > self._at:
            self._tokens = min(float(rate.burst), self._tokens + (at - self._at) * rate.per_second)
            self._at = at
        if self._tokens >= 1.0:
            self._tokens -= 1.0
            return 0.0
        return (1.0 - self._tokens) / rate.per_second
