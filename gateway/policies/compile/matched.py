"""How a matched write is settled: the hospital is asked what was done to the thing it is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from gateway.policies.compile.response import Response
from gateway.policies.compile.settling import Settling, Write
from gateway.policies.model import ByMatch, Steps
from gateway.policies.resolve import end_of
from gateway.policies.snapshot import Question, Route
from gateway.soap.elements import follow
from gateway.translation.comparison import Comparison
from gateway.translation.endings import ReadsEnd
from gateway.translation.inbound import Inbound
from gateway.translation.matching import KEY_REUSED, Matching
from gateway.translation.outbound import Constant, Outbound


@dataclass(frozen=True, slots=True)
class MatchedSettling(Settling):
    """Paths of `settle` start in a record of what was done; the write's own reply has one too, but
    a short one need not repeat all of it.
    """

    write: Write
    settle: ByMatch

    def compared(self) -> Comparison:
        """What the write's own reply has of `same`."""
        done = self.write.done
        repeated = [one for one, path in self.settle.same.items() if follow(done, path)]
        return self.write.comparison(self.settle, repeated, self.write.route.reply)

    def carried(self) -> tuple[Steps, ...]:
        """What is asked by, and what a record is held against."""
        settle = self.settle
        return tuple(dict.fromkeys((*settle.ask.values(), *settle.match, *settle.same)))

    def asking(self, constants: tuple[Constant, ...]) -> Outbound:
        """What the write is about, and constants."""
        return Outbound(fields=(), constants=constants, asks=self.settle.ask)

    def repeated(self) -> None:
        """Nothing: each record is held against what was asked."""

    def subject(self, reply: Steps) -> Steps:
        """At the same place of a record."""
        return (*self.settle.reply, *reply[len(self.write.route.reply) :])

    def reads(self, inbound: Inbound) -> ReadsEnd:
        """The records, as the write reads the one of its own reply."""
        settle, policy = self.settle, self.write.policy
        asked = self.write.contract.operations[settle.operation].output
        nodes = Response(policy).nodes(self.write.route.response, end_of(asked, settle.reply))
        return Matching(
            inbound=Inbound(nodes, (), policy.empties),
            at=settle.reply,
            match=self.write.comparison(settle, settle.match),
            whose=self.write.comparison(settle, settle.whose) if settle.whose else None,
            done=settle.done,
            void=settle.void,
            same=self.write.comparison(settle, settle.same),
            otherwise=settle.otherwise,
            certain_after=timedelta(seconds=settle.certain_after),
            after_payment=self.write.route.after_payment,
        )

    def refusals(self) -> frozenset[str]:
        """That of another's doing, and of the caller's own with another content."""
        return frozenset({self.settle.otherwise, *((KEY_REUSED,) if self.settle.whose else ())})

    def question(self, inquiry: Route, reads: ReadsEnd) -> Question:
        """The hospital knows no repeat, so that it is asked before each sending."""
        confirm = len(self.compared().same) < len(self.settle.same)
        return Question(inquiry, reads, self.settle.otherwise, confirm, self._told_done())

    def _told_done(self) -> Mapping[Steps, frozenset[str]]:
        """What the write's own reply says of its state when it is done, where it says that."""
        done = self.write.done
        told = ((path, texts) for path, texts in self.settle.done.items() if follow(done, path))
        return {(*self.write.route.reply, *path): texts for path, texts in told}
