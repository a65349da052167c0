"""Places in an operation: elements left out of it, and texts put into its record and taken out."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import TypeAlias

from gateway.record import Record, Value
from gateway.soap.elements import ComplexType, Element

Steps: TypeAlias = tuple[str, ...]


def without(start: Element, places: Collection[Steps]) -> tuple[Element, ...]:
    """The children of `start` less what stands at `places`; groups that are left empty go too."""
    return _chosen(start, places, keep=False)


def only(start: Element, places: Collection[Steps]) -> tuple[Element, ...]:
    """The children of `start` as far as they stand at `places` or lead there."""
    return _chosen(start, places, keep=True)


def _chosen(start: Element, places: Collection[Steps], *, keep: bool) -> tuple[Element, ...]:
    found = []
    for child in start.type.children if isinstance(start.type, ComplexType) else ():
        if (child.name,) in places:
            found += [child] if keep else []
            continue
        inner = [steps[1:] for steps in places if steps[0] == child.name]
        if not inner:
            found += [] if keep else [child]
            continue
        children = _chosen(child, inner, keep=keep)
        if children and isinstance(child.type, ComplexType):
            found.append(replace(child, type=replace(child.type, children=children)))
    return tuple(found)


def with_text(record: Record, steps: Steps, text: str) -> Record:
    """A copy of the record with `text` at a place, and the groups that lead there."""
    name, rest = steps[0], steps[1:]
    if not rest:
        return {**record, name: text}
    inner = record.get(name)
    return {**record, name: with_text(inner if isinstance(inner, dict) else {}, rest, text)}


def text_at(record: Record, steps: Steps) -> str | None:
    """The text at a place of the record; None where it, or a group that leads there, is absent."""
    value: Value = record
    for step in steps:
        if not isinstance(value, dict):
            return None
        value = value.get(step)
    return value if isinstance(value, str) else None


def cut(record: Record, elements: tuple[Element, ...]) -> Record:
    """The record as far as it is of these elements."""
    found: Record = {}
    for element in elements:
        if element.name not in record:
            continue
        value = record[element.name]
        if isinstance(element.type, ComplexType) and isinstance(value, dict):
            value = cut(value, element.type.children)
        found[element.name] = value
    return found
