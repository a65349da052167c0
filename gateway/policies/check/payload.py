"""The checks of a payload: its trades ride on operations that can carry them.

Held against the WSDL alone, before trades become operations.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gateway.policies.check.scope import (
    allowed_texts,
    near_path,
    no_operation,
    single,
    written,
)
from gateway.policies.findings import Finding, Kind
from gateway.policies.load import Keys
from gateway.policies.model import Policy, Steps
from gateway.soap.elements import Element, follow
from gateway.soap.lexical import allows
from gateway.soap.payload.model import Payload, Trade
from gateway.soap.payload.places import reply_at, request_at, texts

if TYPE_CHECKING:
    from gateway.soap.contract import Contract
    from gateway.soap.operation import Operation


def check_payload(policy: Policy, payload: Payload) -> tuple[Finding, ...]:
    """Every finding of the payload by itself."""
    return tuple(_writings(policy, payload))


def check_trade(
    policy: Policy, payload: Payload, name: str, contract: Contract
) -> tuple[Finding, ...]:
    """Every finding of one trade, of which none has been looked at but by its shape.

    With none, an operation can be made of it.
    """
    check = _Check(policy, contract, payload, name, payload.trades[name])
    return tuple(sorted(set(check.findings())))


def _writings(policy: Policy, payload: Payload) -> Iterator[Finding]:
    """Styles and places have writings that they cannot be in."""
    for where, how in (("request", payload.request.written), ("reply", payload.reply.written)):
        place = payload.request if where == "request" else payload.reply
        if how in ("raw", "twice") and payload.encryption is not None:
            problem = "what is encrypted holds neither elements nor anything to escape"
        elif how == "raw" and payload.style != "xml":
            problem = f"{payload.style} is no XML, and cannot stand in an envelope as elements"
        elif how == "cdata" and payload.style == "delimited":
            problem = "a value could end the CDATA section, and delimited text has no other way"
        elif how in ("raw", "cdata") and place.at and place.at[-1].startswith("@"):
            problem = "an attribute holds neither elements nor a CDATA section"
        else:
            continue
        mark = policy.source.mark(("payload", where, "written"))
        yield Finding(mark, "payload", "", problem, "write escaped")


@dataclass(frozen=True, slots=True)
class _Check:
    """One trade while it is checked."""

    policy: Policy
    contract: Contract
    payload: Payload
    name: str
    trade: Trade

    def find(
        self, kind: Kind, at: Keys, problem: str, remedy: str, *, of_key: bool = False
    ) -> Finding:
        mark = self.policy.source.mark(("payload", *at), of_key=of_key)
        return Finding(mark, kind, "", problem, remedy)

    def findings(self) -> Iterator[Finding]:
        at: Keys = ("trades", self.name)
        carrier = self.contract.operations.get(self.trade.operation)
        if carrier is None:
            stated = "operation" in self.policy.source.data["payload"]["trades"][self.name]
            problem, remedy = no_operation(self.contract, self.trade.operation)
            yield self.find(
                "unknown-operation",
                (*at, "operation") if stated else at,
                f"{problem} to carry {self.name}",
                remedy,
                of_key=not stated,
            )
            return
        carriers = {trade.operation for trade in self.payload.trades.values()}
        if self.name in self.contract.operations and self.name not in carriers:
            yield self.find(
                "unknown-operation",
                at,
                f"{self.name} is an operation of the contract, too",
                "give the trade another name",
                of_key=True,
            )
        yield from self.arguments(carrier)
        yield from self.places(carrier)

    def arguments(self, carrier: Operation) -> Iterator[Finding]:
        for steps, text in self.trade.arguments.items():
            at = ("trades", self.name, "arguments", written(steps))
            simple = single(carrier.input, steps)
            if simple is None:
                yield self.no_text(carrier.input, steps, at, of_key=True)
            elif not allows(simple, text):
                yield self.find(
                    "constant",
                    at,
                    f'the contract does not allow this text for "{written(steps)}"',
                    allowed_texts(simple),
                )

    def places(self, carrier: Operation) -> Iterator[Finding]:
        payload = self.payload
        for where, start, at, taken in (
            (
                "request",
                carrier.input,
                request_at(payload, self.trade, carrier),
                self.trade.arguments,
            ),
            ("reply", carrier.output, reply_at(payload, carrier), payload.reply.beside),
        ):
            yield from self.place(where, start, at, taken)
        for index, steps in enumerate(payload.reply.beside):
            # A trade need not have what another one has, such as a document.
            if not any(follow(other.output, steps) for other in self.carriers()):
                yield self.unknown(carrier.output, steps, ("reply", "beside", index))

    def carriers(self) -> Iterator[Operation]:
        for trade in self.payload.trades.values():
            if (carrier := self.contract.operations.get(trade.operation)) is not None:
                yield carrier

    def place(
        self, where: str, start: Element, at: Steps | None, taken: Collection[Steps]
    ) -> Iterator[Finding]:
        if at is None:
            several = [written(steps) for steps in texts(start) if steps not in taken]
            yield self.find(
                "payload",
                (where,),
                f"{start.name} has {len(several)} texts that could carry the message",
                f"add at: and one of {', '.join(several)}" if several else "see the contract",
                of_key=True,
            )
        elif (simple := single(start, at)) is None:
            yield self.no_text(start, at, (where, "at"))
        elif simple.base != "string":
            yield self.find(
                "type",
                (where, "at"),
                f'"{written(at)}" is of type {simple.base}, and a message needs a string',
                "name the element that carries it",
            )
        elif at in taken:
            yield self.find(
                "two-sources",
                (where, "at"),
                f'"{written(at)}" carries the message, and something else too',
                "keep one",
            )

    def no_text(self, start: Element, steps: Steps, at: Keys, *, of_key: bool = False) -> Finding:
        """A path that is not in `start`, or is, and holds no single text."""
        if not follow(start, steps):
            return self.unknown(start, steps, at, of_key=of_key)
        problem = f'"{written(steps)}" of {start.name} holds no single text'
        return self.find("list", at, problem, "name an element that does", of_key=of_key)

    def unknown(self, start: Element, steps: Steps, at: Keys, *, of_key: bool = False) -> Finding:
        problem = f'"{written(steps)}" is not in {start.name}'
        return self.find("unknown-path", at, problem, near_path(start, steps), of_key=of_key)
