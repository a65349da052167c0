"""What an XSD type allows, as JSON Schema: the REST side of a value that stands on it."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gateway.soap.elements import SimpleType

LARGEST_FEN = 10**13
_FEN = "In fen, of which 100 are 1 CNY."
Schema = dict[str, Any]


# A text that whoever reads the message by its schema would read otherwise (XML Schema 1.0 part 2,
# 4.3.6) is not one of the type: it would arrive as another.
_SPACES = {
    "replace": "^[^\\t\\n\\r]*$",
    "collapse": "^(?:[^ \\t\\n\\r]+(?: [^ \\t\\n\\r]+)*)?$",
}


def text_schema(simple: SimpleType) -> Schema:
    """The facets of an XSD string, as JSON Schema."""
    schema: Schema = {"type": "string"}
    if simple.enumeration:
        schema["enum"] = list(simple.enumeration)
        return schema
    shortest = simple.length if simple.length is not None else simple.min_length
    longest = simple.length if simple.length is not None else simple.max_length
    if shortest:
        schema["minLength"] = shortest
    if longest is not None:
        schema["maxLength"] = longest
    patterns = [f"^(?:{json_pattern(pattern)})$" for pattern in simple.patterns]
    if simple.whitespace in _SPACES:
        patterns.append(_SPACES[simple.whitespace])
    if len(patterns) == 1:
        schema["pattern"] = patterns[0]
    elif patterns:
        schema["allOf"] = [{"pattern": pattern} for pattern in patterns]
    return schema


_XSD_TOKEN = re.compile(r"(\\.)|(\[(?:\\.|[^\]\\])*\])|([$^])")
_OUTSIDE_CLASS = {r"\d": "[0-9]", r"\-": "-"}


def json_pattern(pattern: str) -> str:
    """An XSD pattern (XML Schema 1.0 part 2, appendix F) as an ECMA 262 one.

    Outside a character class XSD's `^` and `$` are plain characters, and a hyphen may be escaped.
    Its `\\d` is every Unicode digit and is narrowed to ASCII, since no identifier or amount is
    written in others.
    """

    def token(match: re.Match[str]) -> str:
        escape, character_class, anchor = match.groups()
        if anchor:
            return "\\" + anchor
        if character_class:
            return character_class.replace(r"\d", "0-9")
        return _OUTSIDE_CLASS.get(escape, escape)

    return _XSD_TOKEN.sub(token, pattern)


def integer_schema(simple: SimpleType) -> Schema:
    """The bounds of an XSD integer, as JSON Schema."""
    schema: Schema = {"type": "integer"}
    if simple.min_inclusive is not None:
        schema["minimum"] = int(simple.min_inclusive)
    if simple.max_inclusive is not None:
        schema["maximum"] = int(simple.max_inclusive)
    if simple.min_exclusive is not None:
        schema["exclusiveMinimum"] = int(simple.min_exclusive)
    if simple.max_exclusive is not None:
        schema["exclusiveMaximum"] = int(simple.max_exclusive)
    if simple.enumeration:
        schema["enum"] = [int(value) for value in simple.enumeration]
    return schema


def fen_schema(simple: SimpleType, *, decimals: int) -> Schema:
    """The bounds of an amount, in fen; `decimals` of the hospital's unit are 2 for yuan."""
    schema: Schema = {
        "type": "integer",
        "minimum": 0,
        "maximum": LARGEST_FEN,
        "description": _FEN,
    }
    if simple.min_inclusive is not None:
        schema["minimum"] = int(Decimal(simple.min_inclusive).scaleb(decimals))
    if simple.max_inclusive is not None:
        most = int(Decimal(simple.max_inclusive).scaleb(decimals))
        schema["maximum"] = min(most, LARGEST_FEN)
    return schema
