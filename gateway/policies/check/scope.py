"""One route while it is checked: how its findings are worded and placed."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gateway.policies.findings import Finding, Kind
from gateway.policies.load import Keys
from gateway.policies.model import Policy, RoutePolicy, Steps
from gateway.policies.near import near_name, nearest_name
from gateway.policies.resolve import leaf, leaves
from gateway.soap.elements import ComplexType, Element, SimpleType, follow, nearest

if TYPE_CHECKING:
    from gateway.soap.contract import Contract
    from gateway.soap.operation import Operation


@dataclass(frozen=True, slots=True)
class Scope:
    """A route, with the policy and the contract that it is held against."""

    policy: Policy
    contract: Contract
    route: RoutePolicy

    def find(
        self, kind: Kind, at: Keys, problem: str, remedy: str, *, of_key: bool = False
    ) -> Finding:
        """A finding of this route, at a place of the file; `of_key`: at its key."""
        mark = self.policy.source.mark(at, of_key=of_key)
        # A fault in a shape is one fault, however many routes answer with it.
        where = f"shape {at[1]}" if at[0] == "shapes" else self.route.id
        return Finding(mark, kind, where, problem, remedy)

    def unknown(self, start: Element, steps: Steps, at: Keys, *, of_key: bool = False) -> Finding:
        """A path that is not in `start`, with the nearest that is."""
        problem = f'"{written(steps)}" is not in {start.name}'
        return self.find("unknown-path", at, problem, near_path(start, steps), of_key=of_key)

    def chain(
        self, start: Element, steps: Steps, at: Keys, *, many: bool = False
    ) -> Generator[Finding, None, tuple[Element, ...] | None]:
        """The elements that a path leads through, to one that others stand in.

        A finding when it is not in `start`, and then the nearest path's elements, if that leads
        to such an element too: to a list if `many`.
        """
        chain = follow(start, steps)
        if chain is not None:
            return chain
        yield self.unknown(start, steps, at)
        near = follow(start, meant(start, steps)) or ()
        wanted = list(near[-1:]) if many else []
        fits = near and isinstance(near[-1].type, ComplexType)
        return near if fits and [one for one in near if one.repeats] == wanted else None

    def single(
        self,
        start: Element,
        steps: Steps,
        at: Keys,
        *,
        in_lists: bool = False,
        of_key: bool = False,
    ) -> Generator[Finding, None, SimpleType | None]:
        """The type of the value at `steps`; a finding when there is none.

        `in_lists`: there may be several; else that is a finding too. `of_key`: the path is a key.
        """
        chain = follow(start, steps)
        if not chain:
            yield self.unknown(start, steps, at, of_key=of_key)
            return None
        end = chain[-1]
        if not isinstance(end.type, SimpleType):
            yield self.find(
                "unknown-path",
                at,
                f'"{written(steps)}" holds other elements and no value',
                _inside(end, chain, steps),
                of_key=of_key,
            )
            return None
        if not in_lists and any(element.repeats for element in chain):
            yield self.find(
                "list",
                at,
                f'"{written(steps)}" repeats, and one value is wanted',
                "choose an element that occurs once, or use each in a response",
                of_key=of_key,
            )
            return None
        return end.type

    def alike(
        self, sent: SimpleType | None, told: SimpleType | None, at: Keys, remedy: str
    ) -> Iterator[Finding]:
        """A finding where what is sent and what comes back cannot be one thing, by their types."""
        if sent is None or told is None or (sent.name, sent.base) == (told.name, told.base):
            return
        yield self.find(
            "type",
            at,
            f"{_typed(sent)} is sent and {_typed(told)} comes back: two different things",
            remedy,
        )

    def constants(self) -> set[Steps]:
        """The arguments that the pack's constants are meant for, slips of the pen forgiven."""
        known = {
            written(steps)
            for operation in self.contract.operations.values()
            for steps, _ in leaves(operation.input)
        }
        names = (written(steps) for steps in self.policy.constants)
        meant = (name if name in known else nearest_name(name, known) for name in names)
        return {tuple(name.split("/")) for name in meant if name is not None}

    def operation(self, name: str, at: Keys) -> Generator[Finding, None, Operation | None]:
        """The operation of that name; a finding when the contract has none.

        One that could not be read has its finding already.
        """
        operation = self.contract.operations.get(name)
        if operation is None and name not in unread(self.policy, self.contract):
            yield self.find("unknown-operation", at, *no_operation(self.contract, name))
        return operation


def unread(policy: Policy, contract: Contract) -> frozenset[str]:
    """The operations that would be there, had the contract and the payload no fault.

    A contract that could not be read has no operations at all.
    """
    trades = frozenset(policy.payload.trades if policy.payload else ())
    named = frozenset() if contract.operations else frozenset(_named(policy))
    return (named | trades) - contract.operations.keys()


def _named(policy: Policy) -> Iterator[str]:
    for route in policy.routes:
        yield route.operation
        if route.settle is not None:
            yield route.settle.operation


def single(start: Element, steps: Steps) -> SimpleType | None:
    """The type of the one value at `steps`, if there is such."""
    chain = follow(start, steps) or ()
    return None if any(element.repeats for element in chain) else leaf(start, steps)


def _inside(end: Element, chain: tuple[Element, ...], steps: Steps) -> str:
    """A remedy: how what stands in an element is named."""
    repeats = [depth for depth, element in enumerate(chain, 1) if element.repeats]
    if repeats:
        return f"read it as a list: each: {written(steps[: repeats[-1]])}, and fields"
    first = next(iter(end.type.children), None) if isinstance(end.type, ComplexType) else None
    if first is None:
        return "leave it out"
    inner = written((*steps, first.name))
    if first.repeats:
        return f"read the list in it: each: {inner}"
    return f"name one of those in it, such as {inner}"


def _typed(simple: SimpleType) -> str:
    return simple.name if simple.name == simple.base else f"{simple.name} ({simple.base})"


def written(steps: Steps) -> str:
    """A path as policies write it."""
    return "/".join(steps)


def meant(start: Element, steps: Steps) -> Steps:
    """The path, or the one in `start` that it stands for: a slip of the pen is one fault."""
    if follow(start, steps) is not None:
        return steps
    return tuple((nearest(start, written(steps)) or written(steps)).split("/"))


def near_path(start: Element, steps: Steps) -> str:
    """A remedy: the path below `start` that is most like this one."""
    near = nearest(start, written(steps))
    return f'did you mean "{near}"?' if near else "see the contract"


def allowed_texts(simple: SimpleType) -> str:
    """A remedy: what the contract does allow."""
    if simple.enumeration:
        return f"it allows {', '.join(simple.enumeration)}"
    if simple.patterns:
        return f"it must match {' and '.join(simple.patterns)}"
    return f"see the limits of {simple.name} in the contract"


def no_operation(contract: Contract, name: str) -> tuple[str, str]:
    """What is wrong with the name of an operation that the contract has not, and what to do."""
    refused = contract.refused.get(name)
    if refused is not None:
        return (
            f'the operation "{name}" cannot be called: {refused}',
            "ask the hospital for another, or leave it out",
        )
    return (
        f'the contract has no operation "{name}"',
        near_name(name, contract.operations, "see the WSDL's portType"),
    )
