"""Compiles an element of the contract to a function that reads it, once valid, into a record."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from lxml import etree

from gateway.record import Record, Value
from gateway.soap.elements import ANY, TEXT, VARIANT, ComplexType, Element, SimpleType, Whitespace
from gateway.soap.encoding import NIL, TYPE
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


def is_nil(node: etree._Element) -> bool:
    """Whether the element says that it has no value."""
    return node.get(NIL, "").strip(_SPACE) in ("true", "1")


def reader_of(kind: ComplexType) -> Reader:
    """The reader of an element of this type.

    Hundreds of plain texts a reply pass through here, so they are read in the loop itself;
    whatever needs more has a function of its own, which keeps its value in the record.
    """
    if kind.variants:
        return _variant_reader(kind)
    attributes = tuple(child for child in kind.children if child.is_attribute)
    text = next((child.type for child in kind.children if child.name == TEXT), None)
    read = _elements_reader(kind)
    if isinstance(text, SimpleType):
        return _beside(attributes, text)
    return _with_attributes(read, attributes) if attributes else read


def _elements_reader(kind: ComplexType) -> Reader:
    children = tuple(child for child in kind.children if not child.is_attribute)
    fields = {child.tag: (child.name, *_plan(child)) for child in children}
    if kind.open:
        return _open_reader(frozenset(child.tag for child in children if not child.repeats), fields)
    if not kind.unordered and all(
        child.min_occurs == child.max_occurs == 1 and fields[child.tag][2] is None
        for child in children
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


def _open_reader(
    single: frozenset[str], fields: Mapping[str, tuple[str, bool, _Keep | None]]
) -> Reader:
    """Reads the elements that the contract names, and passes by those that it has room for.

    One that may occur once must not occur again where anything may stand: either could be meant.
    """

    def read(node: etree._Element) -> Record:
        record: Record = {}
        for child in node:
            if child.tag not in fields:
                continue
            name, strips, keep = fields[child.tag]
            if child.tag in single and name in record:
                raise ReplyInvalid("off-schema", f"/{name} again, where anything may stand")
            if keep is not None:
                keep(child, record)
            else:
                text = child.text or ""
                record[name] = text.strip(_SPACE) if strips else text
        return record

    return read


def _with_attributes(read: Reader, attributes: tuple[Element, ...]) -> Reader:
    strings = tuple((each.name, each.tag, _string_reader(each.type)) for each in attributes)

    def read_both(node: etree._Element) -> Record:
        record = read(node)
        for name, tag, normalise in strings:
            value = node.get(tag)
            if value is not None:
                record[name] = normalise(value)
        return record

    return read_both


def _beside(attributes: tuple[Element, ...], kind: SimpleType) -> Reader:
    """Reads a text, which is empty rather than absent, and the attributes beside it."""
    normalise = _string_reader(kind)

    def read(node: etree._Element) -> Record:
        return {TEXT: normalise(node.text or "")}

    return _with_attributes(read, attributes)


def _string_reader(kind: SimpleType | ComplexType) -> Callable[[str], str]:
    return _NORMALISED[kind.whitespace] if isinstance(kind, SimpleType) else str


def _variant_reader(kind: ComplexType) -> Reader:
    readers = {variant.tag: (variant.name, reader_of(variant)) for variant in kind.variants}

    def read(node: etree._Element) -> Record:
        named = node.get(TYPE)
        tag = kind.tag if named is None else _tag(node, named)
        if tag not in readers:
            raise _derived()
        name, read_variant = readers[tag]
        record = read_variant(node)
        return record if named is None else {VARIANT: name, **record}

    return read


def _tag(node: etree._Element, name: str) -> str:
    prefix, _, local = name.strip(_SPACE).rpartition(":")
    namespace = node.nsmap.get(prefix or None)
    return f"{{{namespace}}}{local}" if namespace else local


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
    plain = not element.repeats and not element.nillable and kind != ANY
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
        else _text_reader(element.type)
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
        return None if is_nil(node) else read(node)

    return read_or_nil


def _same(text: str) -> str:
    return text


def _replaced(text: str) -> str:
    return re.sub("[\t\r\n]", " ", text)


def _collapsed(text: str) -> str:
    return _SPACES.sub(" ", text).strip(" ")


_NORMALISED: Mapping[Whitespace, Callable[[str], str]] = {
    "preserve": _same,
    "replace": _replaced,
    "collapse": _collapsed,
}


def _text_reader(kind: SimpleType) -> _Read:
    normalise = _NORMALISED[kind.whitespace]

    def read(node: etree._Element) -> Value:
        return normalise(node.text or "")

    return _unless_elements(read) if kind == ANY else read


def _unless_elements(read: _Read) -> _Read:
    """No schema keeps them out of what may be anything."""

    def read_text(node: etree._Element) -> Value:
        if len(node):
            raise ReplyInvalid("off-schema", "elements where a text alone is read")
        return read(node)

    return read_text
