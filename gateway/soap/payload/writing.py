"""How a message stands in its carrier: escaped, in a CDATA section, as elements, escaped twice.

The carrier's codec knows text alone, and holds it against the WSDL; what is not plain escaped text
on the wire is made of it afterwards, and made text again before it is read.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from lxml import etree

from gateway.soap.errors import ReplyInvalid
from gateway.soap.parser import parse
from gateway.soap.places import Steps

_SPACE = " \t\r\n"
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}
_REFERENCE = re.compile(r"&(?:#x([0-9A-Fa-f]{1,6})|#([0-9]{1,7})|([a-z]{2,4}));")
_MARKUP = re.compile(r"[<&]")


def in_cdata(envelope: bytes, at: Steps) -> bytes:
    """The envelope with the text at a place of its body in a CDATA section."""

    def write(node: etree._Element, text: str) -> None:
        node.text = etree.CDATA(text)

    return _rewritten(envelope, at, write)


def as_elements(envelope: bytes, at: Steps) -> bytes:
    """The envelope with the document that is the text at a place as elements there."""

    def write(node: etree._Element, text: str) -> None:
        # What we wrote ourselves has the declaration that we gave it.
        document = text.partition("?>")[2]
        node.text = None
        node.append(parse(document.encode()))

    return _rewritten(envelope, at, write)


def from_elements(envelope: bytes, at: Steps) -> bytes:
    """The envelope with the elements at a place of its body as the text of a document.

    What has no such place is left to the carrier's codec; `ReplyInvalid` with `payload-not-xml`
    for anything but one element.
    """
    try:
        root = parse(envelope)
    except ReplyInvalid:
        return envelope
    node = _place(root, at)
    if node is None or not len(node):
        return envelope
    document = node[0]
    between = ((node.text or "") + (document.tail or "")).strip(_SPACE)
    if len(node) > 1 or between:
        raise ReplyInvalid("payload-not-xml", "not one element")
    text = etree.tostring(document, encoding="unicode", with_tail=False)
    node.remove(document)
    node.text = text
    return etree.tostring(root, encoding="UTF-8")


def unescaped(text: str) -> str:
    """The text that was escaped once more than XML does; `ReplyInvalid` with `payload-not-xml`
    where it was not.
    """
    if _MARKUP.search(_REFERENCE.sub("", text)):
        raise ReplyInvalid("payload-not-xml", "not escaped twice")
    return _REFERENCE.sub(_character, text)


def _character(reference: re.Match[str]) -> str:
    hexadecimal, decimal, name = reference.groups()
    if name:
        if name not in _NAMED:
            raise ReplyInvalid("payload-not-xml", "an entity that XML does not have")
        return _NAMED[name]
    code = int(hexadecimal, 16) if hexadecimal else int(decimal)
    if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        raise ReplyInvalid("payload-not-xml", "a reference to no character")
    return chr(code)


def _rewritten(envelope: bytes, at: Steps, write: Callable[[etree._Element, str], None]) -> bytes:
    root = parse(envelope)
    node = _place(root, at)
    if node is None:
        raise LookupError("/".join(at))
    write(node, node.text or "")
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _place(root: etree._Element, at: Steps) -> etree._Element | None:
    """The element at a place below the body's child."""
    node = next((part[0] for part in root if _named(part, "Body") and len(part)), None)
    for step in at:
        if node is None:
            return None
        # The text of an element stands in the element.
        if step != "text()":
            node = next((child for child in node if _named(child, step)), None)
    return node


def _named(node: etree._Element, name: str) -> bool:
    return etree.QName(node).localname == name
