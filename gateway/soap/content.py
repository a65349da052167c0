"""Content models as a record holds them: one list of elements, however the schema nests them.

XML Schema 1.0 part 1, 3.7 to 3.9. What one list cannot hold without loss is `NotHeld`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from gateway.soap.elements import Element, Group


class NotHeld(Exception):
    """A content model that no record could be read from and written back to; says which."""


_NOTHING = Group(())


@dataclass(frozen=True, slots=True)
class Content:
    """The elements of a content model in the order they are written; see `ComplexType`.

    `alternatives` says that each of its turns, were it to repeat, is one element and no more.
    """

    elements: tuple[Element, ...] = ()
    unordered: bool = False
    open: bool = False
    turns: tuple[tuple[str, ...], ...] = ()
    alternatives: bool = False
    model: Group = _NOTHING


def one(element: Element) -> Content:
    """The content of an element alone; of one that may not occur, nothing."""
    if element.max_occurs == 0:
        return Content()
    return Content((element,), alternatives=True, model=Group((element,)))


def in_sequence(parts: Sequence[Content]) -> Content:
    """One after the other."""
    if len(parts) == 1:
        return parts[0]
    elements = tuple(element for part in parts for element in part.elements)
    names = [element.name for element in elements]
    repeated = next((name for name in names if names.count(name) > 1), None)
    if repeated is not None:
        raise NotHeld(f"the element {repeated} at two places")
    return Content(
        elements,
        open=any(part.open for part in parts),
        turns=tuple(turn for part in parts for turn in part.turns),
        model=Group(tuple(part.model for part in parts)),
    )


def in_any_order(parts: Sequence[Content]) -> Content:
    """`xsd:all`."""
    return replace(in_sequence([*parts, Content()]), unordered=True)


def choice(parts: Sequence[Content]) -> Content:
    """One of them. An element that stands in several branches is one, if it is the same in all."""
    elements = merged([part.elements for part in parts] or [()])
    place = {element.name: index for index, element in enumerate(elements)}
    for part in parts:
        places = [place[element.name] for element in part.elements]
        if places != sorted(places):
            raise NotHeld("a choice between the same elements in another order")
    return Content(
        elements,
        open=any(part.open for part in parts),
        turns=tuple(dict.fromkeys(turn for part in parts for turn in part.turns)),
        alternatives=all(part.alternatives for part in parts),
        model=Group(tuple(part.model for part in parts), choice=True),
    )


def merged(branches: Sequence[Sequence[Element]]) -> tuple[Element, ...]:
    """The members of all branches; what not every branch requires is optional."""
    found: list[Element] = []
    for branch in branches:
        place = 0
        for element in branch:
            known = next((index for index, it in enumerate(found) if it.name == element.name), None)
            if known is None:
                found.insert(place, element)
                place += 1
            else:
                found[known] = _both(found[known], element)
                place = known + 1
    everywhere = set.intersection(*({each.name for each in branch} for branch in branches))
    return tuple(
        element if element.name in everywhere else replace(element, min_occurs=0)
        for element in found
    )


def _both(first: Element, second: Element) -> Element:
    if (first.tag, first.type, first.repeats) != (second.tag, second.type, second.repeats):
        raise NotHeld(f"the element {first.name} at two places and of two kinds")
    unbounded = first.max_occurs is None or second.max_occurs is None
    return replace(
        first,
        min_occurs=min(first.min_occurs, second.min_occurs),
        max_occurs=None if unbounded else max(first.max_occurs or 0, second.max_occurs or 0),
        nillable=first.nillable or second.nillable,
    )


def occurring(content: Content, least: int, most: int | None) -> Content:
    """A group that occurs so often."""
    if most == 0:
        return Content()
    if most == 1:
        if least == 1:
            return content
        return replace(
            content,
            elements=tuple(replace(each, min_occurs=0) for each in content.elements),
            model=replace(content.model, optional=True),
        )
    if content.alternatives:
        alone = len(content.elements) == 1
        elements = tuple(
            replace(
                each,
                min_occurs=each.min_occurs * least if alone else 0,
                max_occurs=_times(each.max_occurs, most),
            )
            for each in content.elements
        )
        return replace(content, elements=elements, model=Group(elements))
    if content.open or any(
        (each.min_occurs, each.max_occurs) != (1, 1) for each in content.elements
    ):
        raise NotHeld("a group that repeats, where each element in it does not occur once a turn,")
    elements = tuple(replace(each, min_occurs=least, max_occurs=most) for each in content.elements)
    turn = tuple(each.name for each in elements)
    return replace(content, elements=elements, turns=(turn,), model=Group(elements))


def _times(each: int | None, most: int | None) -> int | None:
    return None if each is None or most is None else each * most
