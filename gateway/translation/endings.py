"""How a write ended, by what the hospital keeps of it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, Literal, get_args

from gateway.problems import TYPES
from gateway.record import Record
from gateway.translation.context import Context

Outcome = Literal["succeeded", "refused", "unknown", "not-sent"]
OUTCOMES: Final[tuple[Outcome, ...]] = get_args(Outcome)
OUTCOMES_TOLD: Final = """\
How the write ended, as far as the hospital can say now.

* `succeeded`: it was done, as it was asked for
* `refused`: the hospital decided against it; nothing was done
* `unknown`: the hospital does not have it, or not yet; ask again in a few seconds
* `not-sent`: it was not done, and this sending will not do it any more"""


@dataclass(frozen=True, slots=True)
class Ended:
    """How one write ended: with the `response` of a success, or the `problem` of a refusal.

    `message` is the hospital's, meant for the patient.
    """

    outcome: Outcome
    response: dict[str, Any] | None = None
    problem: str | None = None
    message: str | None = None
    refund_required: bool = False

    def told(self) -> dict[str, Any]:
        """The body of the operations resource."""
        body: dict[str, Any] = {"outcome": self.outcome}
        if self.response is not None:
            body["response"] = self.response
        if self.problem is not None:
            kind = TYPES[self.problem]
            body["problem"] = {"type": kind.uri, "title": kind.title}
            if self.message:
                body["problem"]["message"] = self.message
            if self.refund_required:
                body["problem"]["refundRequired"] = True
        return body


UNKNOWN: Final = Ended("unknown")


class ReadsEnd(ABC):
    """Reads how a write ended out of the answer to the question.

    Stands where a route's `Inbound` does: what it gives there is the body of the operations
    resource.
    """

    __slots__ = ()

    @abstractmethod
    def ended(self, record: Record, context: Context) -> Ended:
        """How the write ended, by a record that says so; raises `Untranslatable`."""

    @abstractmethod
    def absent(self, record: Record, context: Context) -> Ended:
        """How it ended when the hospital says that it has nothing of it."""

    def __call__(self, record: Record, context: Context) -> dict[str, Any]:
        """`ended`, as it is told."""
        return self.ended(record, context).told()

    def empty(self, record: Record, context: Context) -> dict[str, Any]:
        """`absent`, as it is told."""
        return self.absent(record, context).told()


def unless_on_its_way(context: Context, certain_after: timedelta) -> Ended:
    """What is said of a write that the hospital does not have: it may still be on its way."""
    return Ended("not-sent") if is_over(context, certain_after) else UNKNOWN


def is_over(context: Context, certain_after: timedelta) -> bool:
    """Whether the sending that is asked about can do nothing any more that it has not done."""
    if context.nothing_on_its_way:
        return True
    first = context.first_sent
    return first is not None and context.now - first >= certain_after
