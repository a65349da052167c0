"""The answer to "how did this write end?", from the hospital's record of the serial."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from gateway.record import Record
from gateway.translation.context import Context
from gateway.translation.endings import UNKNOWN, Ended, ReadsEnd, unless_on_its_way
from gateway.translation.inbound import Inbound, Path, is_at
from gateway.translation.outcomes import Empty, Outcomes, Refused, UnknownCode, UpstreamFailure


@dataclass(frozen=True, slots=True)
class Inquiry(ReadsEnd):
    """Reads what the hospital keeps of a write's first reply, at `prefix`.

    `after_payment`: a refusal means that money has to go back.
    """

    inbound: Inbound
    outcomes: Outcomes
    prefix: Path
    certain_after: timedelta
    after_payment: bool = False

    def ended(self, record: Record, context: Context) -> Ended:
        """By the first reply's own result code."""
        try:
            outcome = self.outcomes.read(record, self.prefix)
        except (UpstreamFailure, UnknownCode):
            return UNKNOWN
        if isinstance(outcome, Empty):
            # A write that "found nothing" has neither happened nor been refused.
            return UNKNOWN
        if isinstance(outcome, Refused):
            return Ended(
                "refused",
                problem=outcome.type,
                message=outcome.message,
                refund_required=self.after_payment,
            )
        return Ended("succeeded", response=self.inbound(record, context, self.prefix))

    def absent(self, record: Record, context: Context) -> Ended:
        """The hospital knows no such serial: only after `certain_after` is that an answer.

        Nor is it one beside what the hospital keeps of the serial: the two contradict each other.
        """
        if is_at(record, self.prefix or self.inbound.at):
            return UNKNOWN
        return unless_on_its_way(context, self.certain_after)
