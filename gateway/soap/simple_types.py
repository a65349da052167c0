"""Simple types of XML Schema 1.0 part 2: the built-in ones, and what is derived from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from lxml import etree

from gateway.soap.documents import XSD
from gateway.soap.elements import SimpleType, Whitespace

_BUILTIN = {
    "string": SimpleType("string", "string", "preserve"),
    "normalizedString": SimpleType("normalizedString", "string", "replace"),
    "token": SimpleType("token", "string", "collapse"),
    "language": SimpleType(
        "language", "string", "collapse", patterns=("[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*",)
    ),
    # Texts of a form that the schema alone looks at.
    **{
        name: SimpleType(name, "string", "collapse")
        for name in (
            "ID",
            "IDREF",
            "IDREFS",
            "NCName",
            "NMTOKEN",
            "NMTOKENS",
            "Name",
            "duration",
            "gDay",
            "gMonth",
            "gMonthDay",
            "gYear",
            "gYearMonth",
        )
    },
    **{
        name: SimpleType(name, name)
        for name in (
            "anyURI",
            "base64Binary",
            "boolean",
            "date",
            "dateTime",
            "decimal",
            "double",
            "float",
            "hexBinary",
            "integer",
            "time",
        )
    },
    **{
        name: SimpleType(name, "integer", min_inclusive=low, max_inclusive=high)
        for name, low, high in (
            ("long", "-9223372036854775808", "9223372036854775807"),
            ("int", "-2147483648", "2147483647"),
            ("short", "-32768", "32767"),
            ("byte", "-128", "127"),
            ("unsignedLong", "0", "18446744073709551615"),
            ("unsignedInt", "0", "4294967295"),
            ("unsignedShort", "0", "65535"),
            ("unsignedByte", "0", "255"),
            ("nonNegativeInteger", "0", None),
            ("positiveInteger", "1", None),
            ("nonPositiveInteger", None, "0"),
            ("negativeInteger", None, "-1"),
        )
    },
}
_COUNTS = {
    "length": "length",
    "minLength": "min_length",
    "maxLength": "max_length",
    "totalDigits": "total_digits",
    "fractionDigits": "fraction_digits",
}
_BOUNDS = {
    "minInclusive": "min_inclusive",
    "maxInclusive": "max_inclusive",
    "minExclusive": "min_exclusive",
    "maxExclusive": "max_exclusive",
}
_WHITESPACE: dict[str, Whitespace] = {
    "preserve": "preserve",
    "replace": "replace",
    "collapse": "collapse",
}


def builtin(name: str) -> SimpleType | None:
    """The type `xsd:name`, if the gateway takes it."""
    found = _BUILTIN.get(name)
    return None if found is None else replace(found, tag=f"{{{XSD}}}{name}")


def restricted(
    parent: SimpleType, facets: Sequence[etree._Element], *, counted: bool = True
) -> SimpleType:
    """`parent` with these facets too; without `counted` a length is not that of the text."""
    changes: dict[str, Any] = {}
    enumeration: list[str] = []
    patterns: list[str] = []
    for facet in facets:
        kind, value = etree.QName(facet).localname, facet.get("value", "")
        if kind == "enumeration":
            enumeration.append(value)
        elif kind == "pattern":
            patterns.append(value)
        elif kind == "whiteSpace":
            changes["whitespace"] = _WHITESPACE[value]
        elif kind in _COUNTS:
            if counted:
                changes[_COUNTS[kind]] = int(value)
        else:
            changes[_BOUNDS[kind]] = value
    if enumeration:
        changes["enumeration"] = tuple(enumeration)
    if patterns:
        changes["patterns"] = (*parent.patterns, "|".join(patterns))
    return replace(parent, **changes)


def union(name: str, members: Sequence[SimpleType]) -> SimpleType:
    """A text of one of the types: of their one base and all their words, if they have such."""
    bases = {member.base for member in members}
    spaces = {member.whitespace for member in members}
    words = [word for member in members for word in member.enumeration]
    closed = all(member.enumeration for member in members)
    return SimpleType(
        name,
        bases.pop() if closed and len(bases) == 1 else "string",
        spaces.pop() if len(spaces) == 1 else "preserve",
        enumeration=tuple(dict.fromkeys(words)) if closed else (),
    )


def list_of(name: str) -> SimpleType:
    """A text of several values with spaces between them."""
    return SimpleType(name, "string", "collapse")
