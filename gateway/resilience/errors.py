"""What the guard raises of its own; everything else it raises comes from the attempt."""

from __future__ import annotations

from typing import Literal, TypeAlias

from gateway.delivery import Delivery

Reason: TypeAlias = Literal["breaker-open", "bulkhead-full", "deadline"]


class NotAdmitted(Exception):
    """The call was not made: nothing was sent, nothing can have happened.

    `reason` is a slug for the log, the metrics and the problem. `retry_after` is in seconds, or
    `None` where waiting would not help.
    """

    def __init__(self, reason: Reason, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.reason: Reason = reason
        self.retry_after = retry_after

    @property
    def delivery(self) -> Delivery:
        """Always `NOT_SENT`."""
        return Delivery.NOT_SENT


class Overrun(Exception):
    """The attempt did not end by its deadline and was cut off by the guard.

    An attempt ends by itself and says how far it got; this is for the one that does not, so what
    is known of it is the least: it may have been sent.
    """

    def __init__(self) -> None:
        super().__init__("deadline")
        self.reason: Reason = "deadline"

    @property
    def delivery(self) -> Delivery:
        """Always `MAYBE_SENT`."""
        return Delivery.MAYBE_SENT
