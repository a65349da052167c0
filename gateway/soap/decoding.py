"""Compiles an element of the contract to a function that reads it, once valid, into a record."""

from __future__ import annotations

import re
from collections.abc import Callable

from lxml import etree

from gateway.record import Record
from gateway.soap.elements import ComplexType, Element
from gateway.soap.encoding import NIL
from gateway.soap.errors import ReplyInvalid

Reader = Callable[[etree._Element], Record]
"""Reads the children of an element that the schema has found valid and the parser undivided."""

# XML's own white space; `str.split()` would take a no-break space for one, too.
_SPACES = re.compile("[ \t\r\n]+")
_NIL_VALUES = ("true", "1")


def reader_of(kind: ComplexType) -> Reader:
    """The reader of an element of this type."""
    fields = {
        child.tag: (child.name, child.repeats, child.nillable, _value_reader(child))
        for child in kind.children
    }

    def read(node: etree._Element) -> Record:
        record: Record = {}
        for child in node:
            try:
                name, repeats, nillable, read_value = fields[child.tag]
            except KeyError:
                # The schema lets xsi:type bring in a derived type with further elements.
                raise ReplyInvalid("off-schema", "an element of a derived type") from None
            if nillable and child.get(NIL, "").strip() in _NIL_VALUES:
                value = None
            else:
                value = read_value(child)
            if repeats:
                # What repeats is a list here from its first occurrence on.
                record.setdefault(name, []).append(value)  # type: ignore[union-attr]
            else:
                record[name] = value
        return record

    return read


def _value_reader(element: Element) -> Callable[[etree._Element], str | Record]:
    if isinstance(element.type, ComplexType):
        return reader_of(element.type)
    return _TEXT_READERS[element.type.whitespace]


def _preserved(node: etree._Element) -> str:
    return node.text or ""


def _replaced(node: etree._Element) -> str:
    return re.sub("[\t\r\n]", " ", node.text or "")


def _collapsed(node: etree._Element) -> str:
    return _SPACES.sub(" ", node.text or "").strip(" ")


_TEXT_READERS = {"preserve": _preserved, "replace": _replaced, "collapse": _collapsed}
