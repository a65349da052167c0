"""What a contract's choices and optional groups come to, once it is known what a route sends.

The route decides for a branch of a choice by sending something of it: from then on what the branch
requires is required, as is the rest of an optional group of which something is sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from gateway.policies.model import Steps
from gateway.soap.elements import ComplexType, Element, Group


@dataclass(frozen=True, slots=True)
class Undecided:
    """A choice at `path` between `names`, of which the route sends none, or too many."""

    path: Steps
    names: tuple[str, ...]
    too_many: bool


def decided(start: Element, given: Iterable[Steps]) -> Element:
    """The element with its choices as the arguments `given` decide them."""
    given = frozenset(given)
    kind = start.type
    if not isinstance(kind, ComplexType):
        return start
    children = tuple(decided(child, _inside(child, given)) for child in kind.children)
    if kind.model is not None:
        required, _ = _required(kind.model, _here(given))
        in_model = _names(kind.model)
        children = tuple(
            replace(child, min_occurs=int(child.name in required))
            if child.name in in_model and not child.repeats
            else child
            for child in children
        )
    return replace(start, type=replace(kind, children=children))


def undecided(start: Element, given: Iterable[Steps], above: Steps = ()) -> Iterator[Undecided]:
    """The choices that the arguments `given` leave open, or contradict."""
    given = frozenset(given)
    kind = start.type
    if not isinstance(kind, ComplexType):
        return
    if kind.model is not None:
        for choice in _required(kind.model, _here(given))[1]:
            yield replace(choice, path=above)
    for child in kind.children:
        inside = _inside(child, given)
        if inside or child.min_occurs > 0:
            yield from undecided(child, inside, (*above, child.name))


def _here(given: frozenset[Steps]) -> frozenset[str]:
    return frozenset(steps[0] for steps in given)


def _inside(child: Element, given: frozenset[Steps]) -> frozenset[Steps]:
    return frozenset(steps[1:] for steps in given if steps[0] == child.name and len(steps) > 1)


def _required(
    part: Element | Group, given: frozenset[str]
) -> tuple[frozenset[str], tuple[Undecided, ...]]:
    """What the part requires beside what is given, and what of it is not decided."""
    if isinstance(part, Element):
        return frozenset({part.name} if part.min_occurs > 0 else ()), ()
    inside = given & _names(part)
    if not inside and _may_be_empty(part):
        return frozenset(), ()
    if not part.choice:
        found = [_required(each, given) for each in part.parts]
        required = frozenset(name for names, _ in found for name in names)
        return required, tuple(one for _, left in found for one in left)
    fitting = [each for each in part.parts if inside <= _names(each)]
    if not inside or not fitting:
        return frozenset(), (Undecided((), tuple(_in_order(part)), too_many=bool(inside)),)
    return min((_required(each, given) for each in fitting), key=lambda it: len(it[0] - given))


def _may_be_empty(part: Element | Group) -> bool:
    if isinstance(part, Element):
        return part.min_occurs == 0
    if part.optional:
        return True
    return (any if part.choice else all)(_may_be_empty(each) for each in part.parts)


def _names(part: Element | Group) -> frozenset[str]:
    return frozenset(_in_order(part))


def _in_order(part: Element | Group) -> Iterator[str]:
    if isinstance(part, Element):
        yield part.name
    else:
        for each in part.parts:
            yield from _in_order(each)
