"""Where in its carrier a message stands."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from gateway.soap.elements import ComplexType, Element, SimpleType
from gateway.soap.operation import Operation
from gateway.soap.payload.model import Payload, Trade
from gateway.soap.places import Steps


def request_at(payload: Payload, trade: Trade, carrier: Operation) -> Steps | None:
    """The place of the trade's message among the carrier's arguments; None where it is not said."""
    return payload.request.at or _only_text(carrier.input, trade.arguments)


def reply_at(payload: Payload, carrier: Operation) -> Steps | None:
    """The place of the message in the carrier's reply; None where it is not said."""
    return payload.reply.at or _only_text(carrier.output, payload.reply.beside)


def _only_text(start: Element, taken: Collection[Steps]) -> Steps | None:
    found = [steps for steps in texts(start) if steps not in taken]
    return found[0] if len(found) == 1 else None


def texts(start: Element, above: Steps = ()) -> Iterator[Steps]:
    """Every place below `start` that holds one text of the type string."""
    for child in start.type.children if isinstance(start.type, ComplexType) else ():
        steps = (*above, child.name)
        if child.repeats:
            continue
        if isinstance(child.type, SimpleType) and child.type.base == "string":
            yield steps
        yield from texts(child, steps)
