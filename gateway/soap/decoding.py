"""Compiles an element of the contract to a function that reads it, once valid, into a record."""

from __future__ import annotations

import re
from collections.abc import Callable

from lxml import etree

from gateway.record import Record, Value
from gateway.soap.elements import ComplexType, Element, SimpleType
from gateway.soap.encoding import NIL
from gateway.soap.errors import ReplyInvalid

Reader = Callable[[etree._Element], Record]
"""Reads the children of an element that the schema has found valid and the parser undivided."""

_Keep = Callable[[etree._Element, Record], None]
_Read = Callable[[etree._Element], Value]

# XML's own white space; `str.split()` would take a no-break space for one, too.
_SPACE = " \t\r\n"
_SPACES = re.compile(f"[{_SPACE}]+")
# Valid text of any other base has white space at its ends alone.
_INNER_SPACE = ("string", "anyURI", "base64Binary")


def reader_of(kind: ComplexType) -> Reader:
    """The reader of an element of this type.

    Hundreds of plain texts a reply pass through here, so they are read in the loop itself;
    whatever needs more has a function of its own, which keeps its value in the record.
    """
    fields = {child.tag: (child.name, *_plan(child)) for child in kind.children}
    if all(
        child.min_occurs == child.max_occurs == 1 and fields[child.tag][2] is None
        for child in kind.children
    ):
        return _row_reader(tuple((name, strips) for name, strips, _ in fields.values()))

    def read(node: etree._Element) -> Record:
        record: Record = {}
        for child in node:
            try:
                name, strips, keep = fields[child.tag]
            except KeyError:
                raise _derived() from None
            if keep is not None:
                keep(child, record)
            else:
                text = child.text or ""
                record[name] = text.strip(_SPACE) if strips else text
        return record

    return read


def _row_reader(fields: tuple[tuple[str, bool], ...]) -> Reader:
    """Reads plain texts that are all there, each once: a valid element has them in this order.

    What a child is called need not be asked then, which is half of what it takes to read it.
    """
    count = len(fields)

    def read(node: etree._Element) -> Record:
        if len(node) != count:
            raise _derived()
        record: Record = {}
        for (name, strips), child in zip(fields, node, strict=False):
            text = child.text or ""
            record[name] = text.strip(_SPACE) if strips else text
        return record

    return read


def _derived() -> ReplyInvalid:
    """The schema lets xsi:type bring in a derived type with further elements."""
    return ReplyInvalid("off-schema", "an element of a derived type")


def _plan(element: Element) -> tuple[bool, _Keep | None]:
    """Whether a plain text is stripped, or what keeps a value that is no plain text."""
    kind = element.type
    plain = not element.repeats and not element.nillable
    if isinstance(kind, SimpleType) and plain:
        if kind.whitespace == "preserve":
            return False, None
        if kind.base not in _INNER_SPACE:
            return True, None
    return False, _keeper(element)


def _keeper(element: Element) -> _Keep:
    name = element.name
    read: _Read = (
        reader_of(element.type)
        if isinstance(element.type, ComplexType)
        else _TEXT_READERS[element.type.whitespace]
    )
    if element.nillable:
        read = _unless_nil(read)

    def keep(node: etree._Element, record: Record) -> None:
        record[name] = read(node)

    def keep_one_more(node: etree._Element, record: Record) -> None:
        # What repeats is a list from its first occurrence on.
        record.setdefault(name, []).append(read(node))  # type: ignore[union-attr]

    return keep_one_more if element.repeats else keep


def _unless_nil(read: _Read) -> _Read:
    def read_or_nil(node: etree._Element) -> Value:
        return None if node.get(NIL, "").strip(_SPACE) in ("true", "1") else read(node)

    return read_or_nil


def _preserved(node: etree._Element) -> str:
    return node.text or ""


def _replaced(node: etree._Element) -> str:
    return re.sub("[\t\r\n]", " ", node.text or "")


def _collapsed(node: etree._Element) -> str:
    return _SPACES.sub(" ", node.text or "").strip(" ")


_TEXT_READERS = {"preserve": _preserved, "replace": _replaced, "collapse": _collapsed}
