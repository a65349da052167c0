"""How it is found out what became of a write: by comparing its success, and by asking."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from gateway.policies.compile.response import Response
from gateway.policies.compile.values import object_schema
from gateway.policies.model import (
    ByMatch,
    BySerial,
    Policy,
    RoutePolicy,
    SettlePolicy,
    Steps,
    flat,
    outcome_of,
)
from gateway.policies.resolve import end_of, type_of
from gateway.problems import TYPES
from gateway.soap.contract import Contract
from gateway.soap.elements import Element, follow
from gateway.translation.comparison import MEANT_BY, Comparison, Same
from gateway.translation.endings import OUTCOMES, OUTCOMES_TOLD, ReadsEnd
from gateway.translation.inbound import Inbound
from gateway.translation.inquiries import Inquiry
from gateway.translation.matching import KEY_REUSED, Matching
from gateway.translation.schemas import Schema


@dataclass(frozen=True, slots=True)
class Settling:
    """One write's `settle`, against the contract."""

    policy: Policy
    contract: Contract
    route: RoutePolicy
    settle: SettlePolicy

    @property
    def carried(self) -> tuple[Steps, ...]:
        """The arguments that are needed to ask about the write; none where its serial does."""
        settle = self.settle
        if not isinstance(settle, ByMatch):
            return ()
        return tuple(dict.fromkeys((*settle.ask.values(), *settle.match, *settle.same)))

    @property
    def subject(self) -> Steps | None:
        """Where the answer to the question says whose the write was."""
        subject = self.route.subject
        if subject is None or subject.reply is None:
            return None
        if isinstance(self.settle, BySerial):
            return (*self.settle.reply, *subject.reply)
        return (*self.settle.reply, *subject.reply[len(self.route.reply) :])

    @property
    def confirm(self) -> bool:
        """Whether a success of the write does not repeat all that it is compared with."""
        return len(self.compared().same) < len(self.settle.same)

    @property
    def done(self) -> Mapping[Steps, frozenset[str]]:
        """What a success of the write itself says of its state when it is done."""
        done = self.settle.done if isinstance(self.settle, ByMatch) else {}
        start = self._start()
        told = ((path, texts) for path, texts in done.items() if follow(start, path))
        return {(*self.route.reply, *path): texts for path, texts in told}

    def compared(self) -> Comparison:
        """What a success of the write itself repeats of what was asked."""
        if isinstance(self.settle, BySerial):
            return self._comparison(self.settle.same)
        # The places are those of the record; a short reply need not have them all.
        start = self._start()
        repeated = [one for one, path in self.settle.same.items() if follow(start, path)]
        return self._comparison(repeated, self.route.reply)

    def answer(self, inbound: Inbound) -> ReadsEnd:
        """What reads the answer to the question how the write ended; `inbound` reads its reply."""
        settle = self.settle
        certain_after = timedelta(seconds=settle.certain_after)
        if isinstance(settle, ByMatch):
            record = end_of(self.contract.operations[settle.operation].output, settle.reply)
            return Matching(
                inbound=Inbound(
                    Response(self.policy).nodes(self.route.response, record),
                    (),
                    self.policy.empties,
                ),
                at=settle.reply,
                match=self._comparison(settle.match),
                whose=self._comparison(settle.whose) if settle.whose else None,
                done=settle.done,
                void=settle.void,
                same=self._comparison(settle.same),
                otherwise=settle.otherwise,
                certain_after=certain_after,
                after_payment=self.route.after_payment,
            )
        return Inquiry(
            inbound,
            outcome_of(self.policy, self.route),
            settle.reply,
            certain_after,
            self.route.after_payment,
        )

    def by_serial(self) -> tuple[Steps | None, Comparison | None]:
        """The question's argument for the serial, and that the answer repeats it."""
        settle = self.settle
        if not isinstance(settle, BySerial):
            return None, None
        return settle.key, Comparison((Same(settle.key, settle.serial),))

    def asks(self) -> Mapping[Steps, Steps]:
        """The question's arguments that are the write's."""
        return self.settle.ask if isinstance(self.settle, ByMatch) else {}

    def schema(self, response: Mapping[str, Any]) -> Schema:
        """What the operations resource answers of this write."""
        properties: Schema = {
            "outcome": {"type": "string", "enum": list(OUTCOMES), "description": OUTCOMES_TOLD},
            "response": {**response, "description": "Of succeeded: what the write answers."},
        }
        refusals = self._refusals()
        if refusals:
            properties["problem"] = self._problem(refusals)
        return object_schema(properties, ["outcome"])

    def _refusals(self) -> frozenset[str]:
        """The problems that the write may be told to have ended in."""
        settle = self.settle
        if isinstance(settle, ByMatch):
            return frozenset({settle.otherwise, *((KEY_REUSED,) if settle.whose else ())})
        refused = outcome_of(self.policy, self.route).refused.values()
        return frozenset(refusal.type for refusal in refused)

    def _problem(self, refusals: frozenset[str]) -> Schema:
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
        if self.route.after_payment:
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

    def _start(self) -> Element:
        """The element of the write's own reply that says what was done."""
        return end_of(self.contract.operations[self.route.operation].output, self.route.reply)

    def _comparison(self, arguments: Iterable[Steps], at: Steps = ()) -> Comparison:
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
                    (*at, *self.settle.same[argument]),
                    base=MEANT_BY.get(stated, simple.base),
                    whitespace=simple.whitespace,
                    filled=argument in self.settle.filled,
                    empties=self.policy.empties | unsaid,
                )
            )
        return Comparison(tuple(same))
