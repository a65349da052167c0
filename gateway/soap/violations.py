"""What a schema finds wrong, as contract paths and reasons that repeat no value."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

from lxml import etree

from gateway.soap.elements import TEXT, ComplexType, Element, SimpleType
from gateway.soap.errors import RecordFault

MOST = 20
"""More faults than these are not named: naming one costs a walk past all that stand before it."""

# libxml2 tells an attribute by its element's place and, in lxml's notation, in its words.
_ATTRIBUTE = re.compile(r"Element '[^']*', attribute '([^']*)'")
_TOLD = 3
_ELEMENTS: Final = 10_000
_SHORTEST: Final = len("<a/>")
_MANY: Final = 100
_STEP = re.compile(r"(?:([^:\[\]]+):)?([^:\[\]]+)(?:\[(\d+)\])?")

_FACETS: dict[str, Callable[[SimpleType], str]] = {
    "SCHEMAV_CVC_DATATYPE_VALID_1_2_1": lambda t: f"is not of the type {t.base}",
    "SCHEMAV_CVC_ENUMERATION_VALID": lambda t: f"is none of {', '.join(t.enumeration)}",
    "SCHEMAV_CVC_PATTERN_VALID": lambda t: f"does not match {' and '.join(t.patterns)}",
    "SCHEMAV_CVC_LENGTH_VALID": lambda t: f"is not {t.length} long",
    "SCHEMAV_CVC_MINLENGTH_VALID": lambda t: f"is shorter than {t.min_length}",
    "SCHEMAV_CVC_MAXLENGTH_VALID": lambda t: f"is longer than {t.max_length}",
    "SCHEMAV_CVC_MININCLUSIVE_VALID": lambda t: f"is less than {t.min_inclusive}",
    "SCHEMAV_CVC_MAXINCLUSIVE_VALID": lambda t: f"is more than {t.max_inclusive}",
    "SCHEMAV_CVC_MINEXCLUSIVE_VALID": lambda t: f"is not more than {t.min_exclusive}",
    "SCHEMAV_CVC_MAXEXCLUSIVE_VALID": lambda t: f"is not less than {t.max_exclusive}",
    "SCHEMAV_CVC_TOTALDIGITS_VALID": lambda t: f"has more than {t.total_digits} digits",
    "SCHEMAV_CVC_FRACTIONDIGITS_VALID": lambda t: f"has more than {t.fraction_digits} decimals",
}
# These are told at the attribute xsi:type, and are about its element.
_OF_ELEMENT = ("SCHEMAV_CVC_ELT_3_1", "SCHEMAV_CVC_ELT_4_2", "SCHEMAV_CVC_ELT_4_3")
_SHAPE = {
    "SCHEMAV_CVC_ELT_3_1": "must not be nil",
    "SCHEMAV_CVC_ELT_3_2_1": "is nil and has content",
    "SCHEMAV_CVC_TYPE_3_1_2": "must hold text alone",
    "SCHEMAV_CVC_COMPLEX_TYPE_2_3": "must hold elements alone",
    "SCHEMAV_CVC_COMPLEX_TYPE_4": "lacks an attribute",
    "SCHEMAV_CVC_TYPE_2": "must name a variant of its type",
    "SCHEMAV_CVC_ELT_4_2": "names no variant of its type",
    "SCHEMAV_CVC_ELT_4_3": "names no variant of its type",
}


def told(faults: Sequence[RecordFault]) -> str:
    """The first of these, for a log: where, and why."""
    return "; ".join(f"/{'/'.join(fault.path)} {fault.reason}" for fault in faults[:_TOLD])


def violations(
    root: etree._Element, contract: Element, schema: etree.XMLSchema, size: int = 0
) -> tuple[RecordFault, ...]:
    """One fault for each element that `schema` finds wrong in `root`, `MOST` at the most.

    Paths start below `root`. A name that the contract does not have becomes `*`: it is the
    sender's, and could say anything. `size` is that of the message it was read from.
    """
    if size > _ELEMENTS * _SHORTEST and _is_hopeless(root, schema):
        return (RecordFault((), "is wrong at too many places to name one"),)
    try:
        if schema.validate(root):
            return ()
    except etree.XMLSchemaValidateError:
        # libxml2 gives up after some ten million steps back.
        return (RecordFault((), "has a text that takes too long to hold against its pattern"),)
    faults: dict[str, RecordFault] = {}
    for entry in schema.error_log:  # type: ignore[attr-defined]
        place = entry.path or ""
        if place not in faults:
            attribute = _ATTRIBUTE.match(entry.message or "")
            faults[place] = _fault(
                _steps(root, place), contract, entry.type_name, attribute[1] if attribute else None
            )
            if len(faults) == MOST:
                break
    return tuple(faults.values()) or (RecordFault((), "is not valid"),)


def _is_hopeless(root: etree._Element, schema: etree.XMLSchema) -> bool:
    """Whether of more than `_ELEMENTS` more than `_MANY` are wrong.

    A parser with a schema counts them. Validating a tree says of each where it is, by a walk past
    all elements before it: a hundred thousand of them take minutes.
    """
    if sum(1 for _ in root.iter()) <= _ELEMENTS:
        return False
    parser = etree.XMLParser(schema=schema, resolve_entities=False, no_network=True)
    try:
        etree.fromstring(etree.tostring(root, with_tail=False), parser)
    except etree.XMLSyntaxError:
        return len(parser.error_log) > _MANY
    return False


def _fault(
    steps: list[tuple[str, int]], contract: Element, kind: str, attribute: str | None
) -> RecordFault:
    path: list[str] = []
    indexes: list[int] = []
    element: Element | None = contract
    for name, index in steps:
        element = _member(element, name)
        path.append(name if element else "*")
        if element is not None and element.repeats:
            indexes.append(index)
    if attribute is not None and kind not in _OF_ELEMENT:
        element = next(
            (it for it in _members(element) if it.is_attribute and it.tag == attribute), None
        )
        path.append(element.name if element else "@*")
    elif kind in _FACETS:
        text = _member(element, TEXT)
        if text is not None:
            element = text
            path.append(TEXT)
    if kind == "SCHEMAV_ELEMENT_CONTENT":
        reason = "is incomplete, or stands where the contract has another"
    elif element is not None and isinstance(element.type, SimpleType) and kind in _FACETS:
        reason = _FACETS[kind](element.type)
    else:
        reason = _SHAPE.get(kind, "is not what the contract says")
    return RecordFault(tuple(path), reason, tuple(indexes))


def _members(element: Element | None) -> tuple[Element, ...]:
    return element.type.children if element and isinstance(element.type, ComplexType) else ()


def _member(element: Element | None, name: str) -> Element | None:
    return next((child for child in _members(element) if child.name == name), None)


def _steps(root: etree._Element, place: str) -> list[tuple[str, int]]:
    """The steps of libxml2's path `/a:Op/a:List/a:Item[2]`, or `/*/*[2]/*` without prefix.

    Each is a local name, and how many of the same stand before it.
    """
    node = root
    steps = []
    for step in place.split("/")[2:]:
        match = _STEP.fullmatch(step)
        if match is None:
            break
        prefix, name, position = match.groups()
        same = [
            child
            for child in node
            if name == "*" or (child.prefix == prefix and etree.QName(child).localname == name)
        ]
        index = int(position or 1) - 1
        if index >= len(same):
            break
        node = same[index]
        before = sum(1 for _ in node.itersiblings(node.tag, preceding=True))
        steps.append((etree.QName(node).localname, before))
    return steps
