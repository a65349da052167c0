"""Compiles an element of the contract to a function that writes it from a record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import cast

from lxml import etree

from gateway.record import Value
from gateway.soap.elements import TEXT, VARIANT, ComplexType, Element
from gateway.soap.errors import RecordFault

INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
NIL = f"{{{INSTANCE}}}nil"
TYPE = f"{{{INSTANCE}}}type"

Writer = Callable[[etree._Element, Value, list[RecordFault]], etree._Element]
"""Appends the element to a parent and returns it; what is wrong with the value goes to the list."""


def writer_of(element: Element, path: tuple[str, ...] = ()) -> Writer:
    """The writer of one occurrence of `element`, which stands at `path` in the record."""
    if not isinstance(element.type, ComplexType):
        return _text_writer(element, path)
    if element.type.variants:
        return _variant_writer(element, element.type, path)
    return _record_writer(element, element.type, path)


def _text_writer(element: Element, path: tuple[str, ...]) -> Writer:
    tag, nillable, add = element.tag, element.nillable, etree.SubElement

    def write(parent: etree._Element, value: Value, faults: list[RecordFault]) -> etree._Element:
        node = add(parent, tag)
        if isinstance(value, str):
            try:
                node.text = value
            except ValueError:
                faults.append(RecordFault(path, "has a character that XML cannot carry"))
        elif value is None and nillable:
            node.set(NIL, "true")
        else:
            reason = "must not be nil" if value is None else "must be one text"
            faults.append(RecordFault(path, reason))
        return node

    return write


def _record_writer(element: Element, kind: ComplexType, path: tuple[str, ...]) -> Writer:
    tag, nillable, add = element.tag, element.nillable, etree.SubElement
    fields = tuple(
        (
            child.name,
            child.min_occurs > 0,
            _member_writer(child, (*path, child.name)),
        )
        for child in kind.children
    )
    names = frozenset(child.name for child in kind.children)

    def write(parent: etree._Element, value: Value, faults: list[RecordFault]) -> etree._Element:
        node = add(parent, tag)
        if not isinstance(value, dict):
            if value is None and nillable:
                node.set(NIL, "true")
            else:
                reason = "must not be nil" if value is None else "must be one record"
                faults.append(RecordFault(path, reason))
            return node
        written = 0
        for name, required, write_field in fields:
            if name in value:
                written += 1
                write_field(node, value[name], faults)
            elif required:
                faults.append(RecordFault((*path, name), "is required"))
        if written != len(value):
            unknown = sorted(value.keys() - names)
            faults += [RecordFault((*path, name), "is not in the contract") for name in unknown]
        return node

    turns = tuple(
        tuple(child.tag for child in kind.children if child.name in names) for names in kind.turns
    )
    return _in_turns(write, turns, path) if turns else write


def _member_writer(element: Element, path: tuple[str, ...]) -> Writer:
    if element.is_attribute:
        return _string_writer(element.tag, path)
    if element.name == TEXT:
        return _string_writer(None, path)
    return _list_writer(element, path) if element.repeats else writer_of(element, path)


def _string_writer(attribute: str | None, path: tuple[str, ...]) -> Writer:
    """Writes what stands in the parent itself: an attribute, or its text."""

    def write(parent: etree._Element, value: Value, faults: list[RecordFault]) -> etree._Element:
        if not isinstance(value, str):
            faults.append(RecordFault(path, "must be one text"))
            return parent
        try:
            if attribute is None:
                parent.text = value
            else:
                parent.set(attribute, value)
        except ValueError:
            faults.append(RecordFault(path, "has a character that XML cannot carry"))
        return parent

    return write


def _in_turns(write: Writer, turns: tuple[tuple[str, ...], ...], path: tuple[str, ...]) -> Writer:
    """Puts elements that alternate, and were written one kind after the other, in their order."""

    def write_in_turns(
        parent: etree._Element, value: Value, faults: list[RecordFault]
    ) -> etree._Element:
        node = write(parent, value, faults)
        for tags in turns:
            columns = [node.findall(tag) for tag in tags]
            if len({len(column) for column in columns}) > 1:
                names = ", ".join(etree.QName(tag).localname for tag in tags)
                faults.append(RecordFault(path, f"must have as many of each of {names}"))
            elif columns[0]:
                start = node.index(columns[0][0])
                for place, each in enumerate(
                    one for row in zip(*columns, strict=True) for one in row
                ):
                    node.insert(start + place, each)
        return node

    return write_in_turns


def _variant_writer(element: Element, kind: ComplexType, path: tuple[str, ...]) -> Writer:
    names = [variant.name for variant in kind.variants]
    writers = {
        variant.name: (variant.tag, _record_writer(element, variant, path))
        for variant in kind.variants
    }
    # An element of the type itself need not say so; an abstract type has none.
    own = next(
        (_record_writer(element, it, path) for it in kind.variants if it.tag == kind.tag), None
    )
    tag, nillable = element.tag, element.nillable

    def write(parent: etree._Element, value: Value, faults: list[RecordFault]) -> etree._Element:
        if isinstance(value, dict) and VARIANT in value:
            named = value[VARIANT]
            if not isinstance(named, str) or named not in writers:
                faults.append(RecordFault((*path, VARIANT), f"is none of {', '.join(names)}"))
                return etree.SubElement(parent, tag)
            name, write_named = writers[named]
            members = {key: item for key, item in value.items() if key != VARIANT}
            node = write_named(parent, members, faults)
            # lxml finds or declares the prefix of a QName; its stubs know of texts alone.
            node.set(TYPE, cast("str", etree.QName(name)))
            return node
        if own is not None or (value is None and nillable):
            return (own or next(iter(writers.values()))[1])(parent, value, faults)
        faults.append(RecordFault((*path, VARIANT), "is required"))
        return etree.SubElement(parent, tag)

    return write


def _list_writer(element: Element, path: tuple[str, ...]) -> Writer:
    write_one, least, most = writer_of(element, path), element.min_occurs, element.max_occurs

    def write(parent: etree._Element, value: Value, faults: list[RecordFault]) -> etree._Element:
        if not isinstance(value, list):
            faults.append(RecordFault(path, "must be a list"))
        elif len(value) < least:
            faults.append(RecordFault(path, f"must occur at least {least} times"))
        elif most is not None and len(value) > most:
            faults.append(RecordFault(path, f"must occur at most {most} times"))
        else:
            for index, item in enumerate(value):
                known = len(faults)
                write_one(parent, item, faults)
                faults[known:] = [
                    replace(fault, indexes=(index, *fault.indexes)) for fault in faults[known:]
                ]
        return parent

    return write
