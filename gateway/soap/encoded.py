"""The encoding of SOAP 1.1 section 5: put upon a message that goes out, taken off one that comes.

In between both are plain: valid by a schema of `gateway.soap.encoded_schemas`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from lxml import etree

from gateway.soap.decoding import is_nil
from gateway.soap.documents import ARRAY_TYPE, SOAP_ENCODING, XSD, qualified
from gateway.soap.elements import ArrayType, ComplexType, Element
from gateway.soap.encoding import INSTANCE, NIL, TYPE
from gateway.soap.envelope import DIALECTS
from gateway.soap.errors import ReplyInvalid

ENCODED_NAMESPACES = {"xsd": XSD, "xsi": INSTANCE, "soapenc": SOAP_ENCODING}

_ENCODING_STYLE = f"{{{DIALECTS['1.1'].namespace}}}encodingStyle"
_UNEVEN = (f"{{{SOAP_ENCODING}}}position", f"{{{SOAP_ENCODING}}}offset")
# What is referred to a hundred times is read a hundred times.
_MOST_ELEMENTS = 100_000
_MOST_TEXT = 10_000_000


def encode(node: etree._Element, element: Element) -> None:
    """Say of every element below a wrapper of what type it is."""
    node.set(_ENCODING_STYLE, SOAP_ENCODING)
    for member, child in _members(node, element.type):
        _encode(child, member)


def _encode(node: etree._Element, element: Element) -> None:
    kind = element.type
    if node.get(NIL) is not None:
        return
    if isinstance(kind, ArrayType):
        (item,) = kind.children
        node.set(TYPE, cast("str", etree.QName(SOAP_ENCODING, "Array")))
        # Beside the name it has a length, so lxml cannot find the prefix for it.
        name = etree.QName(item.type.tag)
        prefix = next((it for it, uri in node.nsmap.items() if uri == name.namespace), None)
        local = f"{name.localname}[{len(node)}]"
        node.set(ARRAY_TYPE, f"{prefix}:{local}" if prefix else local)
    elif node.get(TYPE) is None and kind.tag:
        node.set(TYPE, cast("str", etree.QName(kind.tag)))
    for member, child in _members(node, kind):
        _encode(child, member)


def _members(node: etree._Element, kind: object) -> Iterator[tuple[Element, etree._Element]]:
    if isinstance(kind, ComplexType):
        members = {member.tag: member for member in kind.children if not member.is_attribute}
        for child in node:
            yield members[child.tag], child


def decode(
    wrapper: etree._Element, siblings: list[etree._Element], element: Element
) -> etree._Element:
    """The plain form of a message: `wrapper`, with what it refers to among it and its siblings.

    Whatever the contract does not know is kept as an empty element, for the schema to refuse.
    `ReplyInvalid` with `reference` for one that leads nowhere, outside or in a circle, or for more
    of them than a message needs.
    """
    return _Decoder([wrapper, *siblings]).plain(wrapper, element)


class _Decoder:
    """Reads one message."""

    def __init__(self, roots: list[etree._Element]) -> None:
        self._targets: dict[str, etree._Element] = {}
        self._open: set[etree._Element] = set()
        self._elements = self._text = 0
        for root in roots:
            for node in root.iter("*"):
                name = node.get("id")
                if name is not None and self._targets.setdefault(name, node) is not node:
                    raise ReplyInvalid("reference", "an id that two elements have")

    def plain(self, wrapper: etree._Element, element: Element) -> etree._Element:
        return self._element(wrapper, element, etree.Element(element.tag))

    def _element(
        self, given: etree._Element, element: Element, made: etree._Element
    ) -> etree._Element:
        node = self._resolved(given)
        if node in self._open:
            raise ReplyInvalid("reference", "in a circle")
        if is_nil(node):
            made.set(NIL, "true")
            return made
        self._open.add(node)
        kind = element.type
        if isinstance(kind, ArrayType):
            self._items(node, kind.children[0], made)
        elif isinstance(kind, ComplexType):
            self._struct(node, self._variant(node, kind, made), made)
        else:
            self._unknown(list(node), made)
        if not len(node) or any(text.strip() for text in _texts(node)):
            made.text = "".join(_texts(node))
        self._open.remove(node)
        return made

    def _items(self, node: etree._Element, item: Element, made: etree._Element) -> None:
        for each in (node, *node):
            if any(each.get(name) is not None for name in _UNEVEN):
                raise ReplyInvalid("off-schema", "an array that is not sent whole")
        for child in node:
            self._element(child, item, etree.SubElement(made, item.tag))

    def _struct(self, node: etree._Element, kind: ComplexType, made: etree._Element) -> None:
        """The order of members means nothing in a struct, nor does a namespace put before them."""
        left: dict[str, list[etree._Element]] = {}
        for child in node:
            left.setdefault(etree.QName(child).localname, []).append(child)
        for member in kind.children:
            if member.is_attribute:
                value = node.get(member.tag)
                if value is not None:
                    made.set(member.tag, value)
            for child in left.pop(member.name, ()):
                self._element(child, member, etree.SubElement(made, member.tag))
        for children in left.values():
            self._unknown(children, made)

    def _variant(
        self, node: etree._Element, kind: ComplexType, made: etree._Element
    ) -> ComplexType:
        named = node.get(TYPE)
        tag = kind.tag if named is None else qualified(node, named)
        found = next((variant for variant in kind.variants if variant.tag == tag), None)
        if found is None:
            return kind
        if named is not None:
            made.set(TYPE, cast("str", etree.QName(tag)))
        return found

    def _unknown(self, children: list[etree._Element], made: etree._Element) -> None:
        for child in children:
            self._count(child)
            etree.SubElement(made, child.tag)

    def _resolved(self, node: etree._Element) -> etree._Element:
        """Where the references lead that begin at `node`, all on the way being counted."""
        seen = set()
        self._count(node)
        while (reference := node.get("href")) is not None:
            if len(node) or (node.text or "").strip():
                raise ReplyInvalid("reference", "beside a content")
            if not reference.startswith("#"):
                raise ReplyInvalid("reference", "to outside of the message")
            seen.add(node)
            target = self._targets.get(reference[1:])
            if target is None:
                raise ReplyInvalid("reference", "to nothing")
            if target in seen:
                raise ReplyInvalid("reference", "in a circle")
            node = target
            self._count(node)
        return node

    def _count(self, node: etree._Element) -> None:
        self._elements += 1
        self._text += sum(map(len, (node.text or "", node.tail or "", *node.values())))
        if self._elements > _MOST_ELEMENTS or self._text > _MOST_TEXT:
            raise ReplyInvalid("reference", "to more than any contract needs")


def _texts(node: etree._Element) -> Iterator[str]:
    yield node.text or ""
    for child in node:
        yield child.tail or ""
