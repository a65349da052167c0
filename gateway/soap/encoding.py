"""Compiles an element of the contract to a function that writes it from a record."""

from __future__ import annotations

from collections.abc import Callable

from lxml import etree

from gateway.record import Value
from gateway.soap.elements import ComplexType, Element
from gateway.soap.errors import RecordFault

NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"

Writer = Callable[[etree._Element, Value, list[RecordFault]], etree._Element]
"""Appends the element to a parent and returns it; what is wrong with the value goes to the list."""


def writer_of(element: Element, path: tuple[str, ...] = ()) -> Writer:
    """The writer of one occurrence of `element`, which stands at `path` in the record."""
    if isinstance(element.type, ComplexType):
        return _record_writer(element, element.type, path)
    return _text_writer(element, path)


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
            _list_writer(child, (*path, child.name))
            if child.repeats
            else writer_of(child, (*path, child.name)),
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
            for item in value:
                write_one(parent, item, faults)
        return parent

    return write
