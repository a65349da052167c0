"""How it is found out what became of a write: by comparing its success, and by asking."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.policies.compile.values import object_schema
from gateway.policies.model import Policy, RoutePolicy, SettlePolicy, Steps, flat
from gateway.policies.resolve import end_of, type_of
from gateway.policies.snapshot import Question, Route
from gateway.problems import TYPES
from gateway.soap.contract import Contract
from gateway.soap.elements import Element
from gateway.translation.comparison import MEANT_BY, Comparison, Same
from gateway.translation.endings import OUTCOMES, OUTCOMES_TOLD, ReadsEnd
from gateway.translation.inbound import Inbound
from gateway.translation.matching import KEY_REUSED
from gateway.translation.outbound import Constant, Outbound
from gateway.translation.schemas import Schema


class Settling(ABC):
    """How one write is settled: `KeyedSettling` by its serial, `MatchedSettling` by its thing."""

    __slots__ = ()

    @abstractmethod
    def compared(self) -> Comparison:
        """What a success of the write itself repeats of what was asked."""

    @abstractmethod
    def carried(self) -> tuple[Steps, ...]:
        """The write's arguments that its Location carries: it cannot be asked about without."""

    @abstractmethod
    def asking(self, constants: tuple[Constant, ...]) -> Outbound:
        """What makes the question's arguments."""

    @abstractmethod
    def repeated(self) -> Comparison | None:
        """What the answer to the question has to repeat of the question."""

    @abstractmethod
    def subject(self, reply: Steps) -> Steps:
        """Where that answer says whose the write was, which its own reply does at `reply`."""

    @abstractmethod
    def reads(self, inbound: Inbound) -> ReadsEnd:
        """What reads the end of the write out of that answer; `inbound` reads the write's reply."""

    @abstractmethod
    def refusals(self) -> frozenset[str]:
        """The problems that the write may be told to have ended in."""

    @abstractmethod
    def question(self, inquiry: Route, reads: ReadsEnd) -> Question | None:
        """What the gateway itself asks on the write's way; None where its caller alone asks."""


@dataclass(frozen=True, slots=True)
class Write:
    """A write that is settled, against the contract."""

    policy: Policy
    contract: Contract
    route: RoutePolicy

    @property
    def done(self) -> Element:
        """The element of its own reply that says what was done."""
        return end_of(self.contract.operations[self.route.operation].output, self.route.reply)

    def comparison(
        self, settle: SettlePolicy, arguments: Iterable[Steps], at: Steps = ()
    ) -> Comparison:
        """Arguments that a success repeats, below `at`, each compared as what it means."""
        inputs = self.contract.operations[self.route.operation].input
        requested = flat(self.route.request)
        fields = {field.hospital: field for field in requested if field.is_argument}
        same: list[Same] = []
        for argument in arguments:
            simple = type_of(inputs, argument)
            field = fields.get(argument)
            stated = field.as_ if field and field.as_ else ""
            unsaid = {field.empty} if field and field.empty else set()
            same.append(
                Same(
                    argument,
                    (*at, *settle.same[argument]),
                    base=MEANT_BY.get(stated, simple.base),
                    whitespace=simple.whitespace,
                    filled=argument in settle.filled,
                    empties=self.policy.empties | unsaid,
                )
            )
        return Comparison(tuple(same))


def end_schema(
    response: Mapping[str, Any], refusals: frozenset[str], *, after_payment: bool
) -> Schema:
    """What the operations resource answers of a write, whose own success answers `response`."""
    properties: Schema = {
        "outcome": {"type": "string", "enum": list(OUTCOMES), "description": OUTCOMES_TOLD},
        "response": {**response, "description": "Of succeeded: what the write answers."},
    }
    if refusals:
        properties["problem"] = _problem(refusals, after_payment=after_payment)
    return object_schema(properties, ["outcome"])


def _problem(refusals: frozenset[str], *, after_payment: bool) -> Schema:
    properties: Schema = {
        "type": {
            "type": "string",
            "enum": [TYPES[slug].uri for slug in sorted(refusals)],
            "description": "Which refusal; leads to its page.",
        },
        "title": {"type": "string", "description": "The type in a few words."},
        "message": {"type": "string", "description": "The hospital's words for the patient."},
    }
    required = ["type", "title"]
    if after_payment:
        properties["refundRequired"] = {
            "type": "boolean",
            "const": True,
            "description": "Money was taken for this and has to go back.",
        }
        # What was done with the same money is kept by the hospital.
        if KEY_REUSED not in refusals:
            required.append("refundRequired")
    return {
        **object_schema(properties, required),
        "description": "Of refused: why, as the write answers it.",
    }
