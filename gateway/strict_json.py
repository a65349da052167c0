"""The one strict reading of JSON, from the cloud and out of the hospital's strings alike.

RFC 8259 as I-JSON (RFC 7493) narrows it: UTF-8 without a byte order mark, no key twice in an
object, no lone surrogate. Beyond that: nothing that XML 1.0 could not carry, and no nesting past
`DEPTH`. What a number may be is for the reader to say, who gives a function for each kind.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Final, Literal, Never, TypeAlias

DEPTH: Final = 32

Reason: TypeAlias = Literal["encoding", "syntax", "depth", "character", "key-twice", "constant"]

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# The end of the text closes a string too: a search that could fail would start again at the
# next quote and take quadratic time.
_STRINGS = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|\Z)', re.DOTALL)
_ONE_BRACKET = bytes.maketrans(b"{}", b"[]")
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))


class NotJson(Exception):
    """A text that is no strict JSON: why, and where if it is the syntax. Repeats no value."""

    def __init__(self, reason: Reason, line: int = 0, column: int = 0) -> None:
        super().__init__(f"{reason} at {line}:{column}" if line else reason)
        self.reason = reason
        self.line = line
        self.column = column


class StrictJson:
    """A reader; `integer` and `fraction` make a value of a number's text, or raise."""

    def __init__(self, integer: Callable[[str], object], fraction: Callable[[str], object]) -> None:
        self._decoder = json.JSONDecoder(
            object_pairs_hook=_object,
            parse_int=integer,
            # The annotation of the standard library's stubs asks for a float.
            parse_float=fraction,
            parse_constant=_constant,
        )

    def read(self, body: bytes) -> object:
        """The value that `body` holds; `NotJson` when it is not strict JSON."""
        if body.count(b"{") + body.count(b"[") > DEPTH:
            _refuse_depth(body)
        # "from None": the decoder's exceptions carry the whole body.
        try:
            value: object = self._decoder.decode(body.decode())
        except UnicodeDecodeError:
            raise NotJson("encoding") from None
        except json.JSONDecodeError as error:
            raise NotJson("syntax", error.lineno, error.colno) from None
        # The decoder refuses raw control characters; only an escape, or U+FFFE and U+FFFF, which
        # begin with these two bytes, can bring in what XML cannot carry.
        if b"\\" in body or b"\xef\xbf" in body:
            _refuse_beyond_xml(value)
        return value


def fits_xml(text: str) -> bool:
    """Whether XML 1.0 can carry every character of `text`."""
    return _NOT_XML.search(text) is None


def _refuse_depth(body: bytes) -> None:
    """Take the innermost brackets away `DEPTH` times: what is left lies deeper, or is unpaired."""
    brackets = _STRINGS.sub(b"", body).translate(None, _NO_BRACKETS).translate(_ONE_BRACKET)
    for _ in range(DEPTH):
        brackets = brackets.replace(b"[]", b"")
        if not brackets:
            return
    raise NotJson("depth")


def _refuse_beyond_xml(value: object) -> None:
    if isinstance(value, str):
        if not fits_xml(value):
            raise NotJson("character")
    elif isinstance(value, dict):
        for name, member in value.items():
            _refuse_beyond_xml(name)
            _refuse_beyond_xml(member)
    elif isinstance(value, list):
        for item in value:
            _refuse_beyond_xml(item)


def _object(members: list[tuple[str, object]]) -> dict[str, object]:
    value = dict(members)
    if len(value) != len(members):
        raise NotJson("key-twice")
    return value


def _constant(_: str) -> Never:
    raise NotJson("constant")
