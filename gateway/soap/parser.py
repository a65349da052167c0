"""The one hardened XML parser: every byte from the hospital goes through it.

It takes XML 1.0 in UTF-8 without document type, comments or processing instructions. Those are
refused, not skipped: with `12<?x?>00` or a comment inside, an element's text is no longer one
piece, and whoever reads the first piece reads 12.

One fault is mended, that of Axis 1: a character beyond U+FFFF comes as references to the two halves
that Java keeps it in. It can mean nothing else, and a patient may be called so.

Any thread may parse: lxml locks the one parser while a document is read, and a tree belongs to
whoever asked for it.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from lxml import etree

from gateway.soap.errors import ReplyInvalid

# A tree takes some twenty times the room of the dense markup it is made of.
_MARKUP_LIMIT = 300_000

_DECLARATION = re.compile(
    rb"""<\?xml[ \t\r\n]+version[ \t\r\n]*=[ \t\r\n]*(?:"1\.0"|'1\.0')
    (?:[ \t\r\n]+encoding[ \t\r\n]*=[ \t\r\n]*(?:"([A-Za-z0-9._-]*)"|'([A-Za-z0-9._-]*)'))?
    (?:[ \t\r\n]+standalone[ \t\r\n]*=[ \t\r\n]*(?:"(?:yes|no)"|'(?:yes|no)'))?
    [ \t\r\n]*\?>""",
    re.VERBOSE,
)
# The most namespace declarations that may hold for one element: what is resolved there is sought
# among all of them.
_SCOPE_LIMIT = 128

# In a CDATA section a reference is none, but text. The end of the document closes one too: a search
# that could fail would start again at the next one and take quadratic time.
_HALVES = re.compile(
    rb"<!\[CDATA\[.*?(?:\]\]>|\Z)|&#x([Dd][89ABab][0-9A-Fa-f]{2});&#x([Dd][C-Fc-f][0-9A-Fa-f]{2});",
    re.DOTALL,
)
_SPACE = b" \t\r\n"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"

_REASONS = {
    etree.ErrorTypes.ERR_INVALID_ENCODING: "encoding",
    etree.ErrorTypes.ERR_RESOURCE_LIMIT: "too-large",
}

# With the encoding given, libxml2 neither guesses one nor believes the declaration.
_PARSER = etree.XMLParser(
    encoding="utf-8",
    resolve_entities=False,
    no_network=True,
    load_dtd=False,
    dtd_validation=False,
    huge_tree=False,
    recover=False,
    collect_ids=False,
)


def parse(body: bytes, declared: Collection[str] = ("utf-8",)) -> etree._Element:
    """The root element; `ReplyInvalid` with `encoding`, `doctype`, `comment-or-pi`, `too-large`
    or `not-xml`.

    The bytes are UTF-8. What a declaration may call them is in `declared`, in lower case: a
    document that came inside a text is declared as what the text once was. Depth is bounded at
    256 and one text at 10 MB, by libxml2.
    """
    start = _root_start(body, declared)
    if len(body) > _MARKUP_LIMIT and (
        body.count(b"<") > _MARKUP_LIMIT or body.count(b"=") > _MARKUP_LIMIT
    ):
        raise ReplyInvalid("too-large", "more markup than any contract needs")
    try:
        root = _tree(body)
    except etree.XMLSyntaxError as error:
        raise _refusal(error) from None
    if body.count(b"xmlns") > _SCOPE_LIMIT:
        _refuse_crowds(root)
    # Outside CDATA these bytes begin a comment or a processing instruction; inside they are text.
    if body.find(b"<!--", start) >= 0 or body.find(b"<?", start) >= 0:
        _refuse_comments(root)
    return root


def _tree(body: bytes) -> etree._Element:
    try:
        return etree.fromstring(body, _PARSER)
    except etree.XMLSyntaxError as error:
        if error.code != etree.ErrorTypes.ERR_INVALID_CHAR:  # type: ignore[attr-defined]
            raise
    return etree.fromstring(_HALVES.sub(_whole, body), _PARSER)


def _whole(found: re.Match[bytes]) -> bytes:
    """A reference to the one character of two halves (Unicode 3.9, D91)."""
    if found[1] is None:
        return found[0]
    high, low = int(found[1], 16), int(found[2], 16)
    return b"&#x%X;" % (0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))


def _root_start(body: bytes, declared: Collection[str]) -> int:
    """Where the root element begins: nothing may stand before it but the declaration."""
    start = len(_BYTE_ORDER_MARK) if body.startswith(_BYTE_ORDER_MARK) else 0
    if body.startswith(b"<?xml", start):
        declaration = _DECLARATION.match(body, start)
        if declaration is None:
            raise ReplyInvalid("not-xml", "the XML declaration")
        encoding = declaration[1] or declaration[2]
        if encoding is not None and encoding.decode("ascii").lower() not in declared:
            raise ReplyInvalid("encoding", f"not declared as {' or '.join(declared).upper()}")
        start = declaration.end()
    head = body[start : start + 256].lstrip(_SPACE)
    if head.startswith(b"<!DOCTYPE"):
        raise ReplyInvalid("doctype")
    if head.startswith((b"<!--", b"<?")):
        raise ReplyInvalid("comment-or-pi")
    if body[start : start + 4].find(b"\0") >= 0 or body[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise ReplyInvalid("encoding", "UTF-16 or UTF-32")
    if not head.startswith(b"<") or head.startswith(b"<!"):
        raise ReplyInvalid("not-xml", "no root element at the start")
    return start


def _refuse_crowds(root: etree._Element) -> None:
    declared = 0
    for event, _ in etree.iterwalk(root, events=("start-ns", "end-ns")):
        declared += 1 if event == "start-ns" else -1
        if declared > _SCOPE_LIMIT:
            raise ReplyInvalid("too-large", "more namespaces than any contract needs")


def _refuse_comments(root: etree._Element) -> None:
    if any(True for _ in root.iter(etree.Comment, etree.PI)) or root.getnext() is not None:
        raise ReplyInvalid("comment-or-pi")


def _refusal(error: etree.XMLSyntaxError) -> ReplyInvalid:
    """libxml2's own words may quote the document, so only the number of the error stays."""
    code: int = error.code  # type: ignore[attr-defined]
    reason = _REASONS.get(code, "not-xml")
    return ReplyInvalid(reason, f"libxml2 error {code} at line {error.lineno}")
