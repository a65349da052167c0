"""The answer to "how did this write end?", from the hospital's record of the serial."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from gateway.problems import TYPES
from gateway.record import Record
from gateway.translation.context import Context
from gateway.translation.inbound import Inbound, Path, is_at
from gateway.translation.outcomes import Empty, Outcomes, Refused, UnknownCode, UpstreamFailure

OUTCOMES = ("succeeded", "refused", "unknown", "not-sent")


@dataclass(frozen=True, slots=True)
class Inquiry:
    """Reads what the hospital keeps of a write's first reply, at `prefix`.

    `after_payment`: a refusal means that money has to go back. Stands where a route's `Inbound`
    does: the result is the body of the operations resource.
    """

    inbound: Inbound
    outcomes: Outcomes
    prefix: Path
    certain_after: timedelta
    after_payment: bool = False

    def __call__(self, record: Record, context: Context) -> dict[str, Any]:
        """The outcome, with the first reply's own response or problem."""
        try:
            outcome = self.outcomes.read(record, self.prefix)
        except (UpstreamFailure, UnknownCode):
            return {"outcome": "unknown"}
        if isinstance(outcome, Empty):
            # A write that "found nothing" has neither happened nor been refused.
            return {"outcome": "unknown"}
        if isinstance(outcome, Refused):
            return refused(outcome.type, outcome.message, after_payment=self.after_payment)
        response = self.inbound(record, context, self.prefix)
        return {"outcome": "succeeded", "response": response}

    def empty(self, record: Record, context: Context) -> dict[str, Any]:
        """The hospital knows no such serial: only after `certain_after` is that an answer.

        Nor is it one beside what the hospital keeps of the serial: the two contradict each other.
        """
        if is_at(record, self.prefix or self.inbound.at):
            return {"outcome": "unknown"}
        return absent(context, self.certain_after)


def refused(slug: str, message: str | None, *, after_payment: bool) -> dict[str, Any]:
    """What is told of a write that was refused."""
    kind = TYPES[slug]
    problem: dict[str, Any] = {"type": kind.uri, "title": kind.title}
    if message:
        problem["message"] = message
    if after_payment:
        problem["refundRequired"] = True
    return {"outcome": "refused", "problem": problem}


def absent(context: Context, certain_after: timedelta) -> dict[str, Any]:
    """What is told of a write that the hospital does not have: it may still be on its way."""
    return {"outcome": "not-sent" if is_over(context, certain_after) else "unknown"}


def is_over(context: Context, certain_after: timedelta) -> bool:
    """Whether the sending that is asked about can do nothing any more that it has not done."""
    first = context.first_sent
    return first is not None and context.now - first >= certain_after
