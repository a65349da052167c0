"""How a keyed write is settled: the hospital is asked by our serial, and keeps the first reply."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from gateway.policies.compile.settling import Settling, Write
from gateway.policies.model import BySerial, Steps, outcome_of
from gateway.policies.snapshot import Route
from gateway.translation.comparison import Comparison, Same
from gateway.translation.endings import ReadsEnd
from gateway.translation.inbound import Inbound
from gateway.translation.inquiries import Inquiry
from gateway.translation.outbound import Constant, Outbound


@dataclass(frozen=True, slots=True)
class KeyedSettling(Settling):
    """Paths of `settle` start in the write's own reply, which stands at `settle.reply` again."""

    write: Write
    settle: BySerial

    def compared(self) -> Comparison:
        """All of `same`."""
        return self.write.comparison(self.settle, self.settle.same)

    def carried(self) -> tuple[Steps, ...]:
        """Nothing: the serial follows from the caller's key."""
        return ()

    def asking(self, constants: tuple[Constant, ...]) -> Outbound:
        """The serial, and constants."""
        return Outbound(fields=(), constants=constants, serial=self.settle.serial.request)

    def repeated(self) -> Comparison:
        """The serial."""
        serial = self.settle.serial
        return Comparison((Same(serial.request, serial.reply),))

    def subject(self, reply: Steps) -> Steps:
        """At the same place of the reply that is kept."""
        return (*self.settle.reply, *reply)

    def reads(self, inbound: Inbound) -> ReadsEnd:
        """The reply that is kept, as the write reads its own."""
        return Inquiry(
            inbound,
            outcome_of(self.write.policy, self.write.route),
            self.settle.reply,
            timedelta(seconds=self.settle.certain_after),
            self.write.route.after_payment,
        )

    def refusals(self) -> frozenset[str]:
        """Those of the write's result codes."""
        refused = outcome_of(self.write.policy, self.write.route).refused.values()
        return frozenset(refusal.type for refusal in refused)

    def question(self, inquiry: Route, reads: ReadsEnd) -> None:
        """A repeat is the hospital's to recognise."""
