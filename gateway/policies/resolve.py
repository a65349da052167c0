"""Where a policy's words stand in the contract. Shared by the check and the compiler."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gateway.policies.choices import decided
from gateway.policies.model import FieldPolicy, Steps
from gateway.soap.elements import ComplexType, Element, SimpleType, always, follow
from gateway.translation.values import KINDS, XSD_TO_KIND

CARD = "card"
"""The kind of sealed id that names a subject itself, and so is bound to the client alone."""


def chain_of(start: Element, steps: Steps) -> tuple[Element, ...]:
    """`follow`, of a path that the check has found; `LookupError` for one that it would not."""
    chain = follow(start, steps)
    if chain is None:
        raise LookupError("/".join(steps))
    return chain


def end_of(start: Element, steps: Steps) -> Element:
    """The element at the end of a path that the check has found."""
    return (start, *chain_of(start, steps))[-1]


def type_of(start: Element, steps: Steps) -> SimpleType:
    """The simple type at the end of a path that the check has found."""
    end = end_of(start, steps)
    if not isinstance(end.type, SimpleType):
        raise LookupError("/".join(steps))
    return end.type


def leaf(start: Element, steps: Steps) -> SimpleType | None:
    """The simple type at the end of `steps`, if there is one."""
    chain = follow(start, steps)
    if not chain or not isinstance(chain[-1].type, SimpleType):
        return None
    return chain[-1].type


def leaves(start: Element, above: Steps = ()) -> Iterator[tuple[Steps, Element]]:
    """Every element below `start` that holds a value, with its path."""
    for child in start.type.children if isinstance(start.type, ComplexType) else ():
        steps = (*above, child.name)
        if isinstance(child.type, SimpleType):
            yield steps, child
        yield from leaves(child, steps)


def kind(field: FieldPolicy, simple: SimpleType) -> str:
    """The `as` of a field, stated or by its type; `LookupError` where its type needs it stated."""
    return field.as_ or XSD_TO_KIND[simple.base]


def fits(kind_: str, simple: SimpleType) -> bool:
    """Whether values of this type can be that kind without loss."""
    return simple.base in KINDS[kind_]


def needed(start: Element, given: Iterable[Steps]) -> Iterator[Steps]:
    """What a message lacks that is made of the arguments `given`.

    An optional group need not be there; once something in it is given, what it requires is too.
    """
    given = frozenset(given)
    groups = frozenset(steps[:depth] for steps in given for depth in range(1, len(steps)))
    yield from _needed(decided(start, given), (), given, groups)


def _needed(
    element: Element, path: Steps, given: frozenset[Steps], groups: frozenset[Steps]
) -> Iterator[Steps]:
    for child in element.type.children if isinstance(element.type, ComplexType) else ():
        here = (*path, child.name)
        if here in groups:
            lacking = tuple(_needed(child, here, given, groups))
            yield from lacking
            if child.min_occurs > 0 and not lacking and not _surely(child, here, given):
                yield here
        elif child.min_occurs > 0 and here not in given:
            yield here


def _surely(group: Element, path: Steps, given: frozenset[Steps]) -> bool:
    """Whether something in a group is sent each time; else the group itself may be missing.

    A list is, for even an empty one brings its group.
    """
    inside = (steps[len(path) :] for steps in given if steps[: len(path)] == path)
    chains = (follow(group, steps) for steps in inside)
    return any(chain and all(one.repeats or always((one,)) for one in chain) for chain in chains)


def variables(template: str) -> tuple[str, ...]:
    """The names in braces of a REST path."""
    return tuple(part[1:-1] for part in template.split("/") if part.startswith("{"))
