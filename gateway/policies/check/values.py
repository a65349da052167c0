"""The checks of single values: what they are, their codes, their seals, their formats."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from gateway.policies.check.scope import Scope, allowed_texts, written
from gateway.policies.findings import Finding
from gateway.policies.model import FieldPolicy
from gateway.policies.near import near_name
from gateway.policies.resolve import fits, kind
from gateway.rest.validation import JsonSchema
from gateway.soap.elements import SimpleType
from gateway.soap.lexical import allows
from gateway.translation.formats import Format, format_of
from gateway.translation.sealing import LONGEST_PLAIN
from gateway.translation.values import HOSPITAL_ZONE, KINDS, XSD_TO_KIND, converter

SAMPLES = (
    datetime(2026, 11, 23, 16, 45, 56, tzinfo=HOSPITAL_ZONE),
    datetime(1949, 2, 3, 4, 5, 6, tzinfo=HOSPITAL_ZONE),
)
"""Moments to try a form on; the second is of another century, before noon, with leading zeros."""
_CANONICAL = re.compile("0|-?[1-9][0-9]*")
"""How numbers are written that XML Schema lets one write in many ways (Part 2, 3.3.13.2)."""
_COUNTS = re.compile(r"\{(?:[0-9]+,)?([0-9]+)\}")
"""The most times that a part of a pattern may come."""
_OTHER_DIALECT = re.compile(r"\\[wWiIcC]|-\[|&&|--|~~")
"""What XML Schema's patterns and the JSON Schema engine's read differently."""


def check_stated(scope: Scope, field: FieldPolicy) -> Iterator[Finding]:
    """Every finding of what a field says of its value, whatever that is in the contract."""
    stated = [
        name
        for name, given in (("as", field.as_), ("code", field.code), ("sealed", field.sealed))
        if given is not None
    ]
    if len(stated) > 1:
        yield scope.find(
            "option",
            field.at,
            f"{' and '.join(stated)} exclude one another",
            "keep one of them",
            of_key=True,
        )
    elif field.code is not None and field.code not in scope.policy.codes:
        yield scope.find(
            "unknown-codes",
            (*field.at, "code"),
            f'there is no code table "{field.code}"',
            near_name(field.code, scope.policy.codes, "add it under codes"),
        )


def check_value(
    scope: Scope, field: FieldPolicy, simple: SimpleType, *, outbound: bool
) -> Iterator[Finding]:
    """Every finding of a field that stands for one value of the contract."""
    stated = tuple(check_stated(scope, field))
    yield from stated
    if stated:
        return
    if field.code is not None:
        yield from _code(scope, field, simple, outbound=outbound)
    elif field.sealed is not None:
        yield from _sealed(scope, field, simple)
    elif simple.base == "string" and simple.enumeration:
        yield scope.find(
            "code-missing",
            field.at,
            f'"{written(field.hospital)}" is a code of the hospital, which the cloud must not see',
            "add code: and a table of words",
            of_key=True,
        )
    else:
        yield from _kind(scope, field, simple, outbound=outbound)


def _kind(
    scope: Scope, field: FieldPolicy, simple: SimpleType, *, outbound: bool
) -> Iterator[Finding]:
    usable = " or ".join(sorted(name for name, bases in KINDS.items() if simple.base in bases))
    if field.as_ is None and simple.base not in XSD_TO_KIND:
        yield scope.find(
            "type",
            field.at,
            f'"{written(field.hospital)}" is of type {simple.base}, which can be read in many ways',
            f"say as: {usable}" if usable else "leave it out: this type is not supported",
            of_key=True,
        )
        return
    what = kind(field, simple)
    if not fits(what, simple):
        yield scope.find(
            "type",
            (*field.at, "as"),
            f"{what} cannot stand for the type {simple.base} without loss",
            f"use {usable}" if usable else "leave it out: this type is not supported",
        )
        return
    yield from _format(scope, field, simple, what, outbound=outbound)
    if what in ("text", "identity-number") and not _same_dialect(simple):
        yield scope.find(
            "pattern",
            field.at,
            f'the pattern of "{written(field.hospital)}" ({" and ".join(simple.patterns)}) '
            "means something else, or nothing, in JSON Schema",
            "ask for a contract that spells its characters out, as in [A-Za-z0-9]",
            of_key=True,
        )


def _same_dialect(simple: SimpleType) -> bool:
    if any(_OTHER_DIALECT.search(pattern) for pattern in simple.patterns):
        return False
    try:
        JsonSchema(converter("text", simple).schema)
    except ValueError:
        return False
    return True


def _format(
    scope: Scope, field: FieldPolicy, simple: SimpleType, what: str, *, outbound: bool
) -> Iterator[Finding]:
    as_text = what in ("date", "time") and simple.base == "string"
    if as_text and field.format is None:
        yield scope.find(
            "type",
            field.at,
            f"the hospital writes this {what} as text",
            'add its format, such as "%Y%m%d"',
            of_key=True,
        )
    elif field.format is not None and not as_text:
        yield scope.find(
            "option",
            (*field.at, "format"),
            "format is for dates and times that the hospital holds in text",
            "remove it",
        )
    elif field.format is not None and not _keeps(field.format, what, outbound=outbound):
        yield scope.find(
            "type",
            (*field.at, "format"),
            f"this format loses a part of the {what}, or is none",
            'write all of it, such as "%Y-%m-%d" or "%Y%m%d%H%M%S"',
        )
    elif not _allowed(simple, field.format, what, outbound=outbound):
        yield scope.find(
            "type",
            (*field.at, "format" if field.format else "hospital"),
            f"the contract does not allow a {what} that is written so",
            allowed_texts(simple),
        )


def _keeps(format_: str, what: str, *, outbound: bool) -> bool:
    """Whether moments come back as they went; a reply may leave out seconds."""
    written = format_of(format_)
    return written is not None and all(
        _comes_back(sample if outbound else sample.replace(second=0), written, what)
        for sample in SAMPLES
    )


def _comes_back(sample: datetime, written: Format, what: str) -> bool:
    try:
        back = written.read(written.write(sample.date() if what == "date" else sample))
    except ValueError:
        return False
    if what == "date":
        return back.date() == sample.date()
    return back.replace(tzinfo=HOSPITAL_ZONE) == sample


def _allowed(simple: SimpleType, format_: str | None, what: str, *, outbound: bool) -> bool:
    """Whether the contract lets some moment be written so; a reply's own form is the hospital's."""
    if what not in ("date", "time") or (format_ is None and not outbound):
        return True
    written = format_of(format_ or ("%Y-%m-%d" if what == "date" else "%Y-%m-%dT%H:%M:%S"))
    return written is not None and any(allows(simple, written.write(one)) for one in SAMPLES)


def _code(
    scope: Scope, field: FieldPolicy, simple: SimpleType, *, outbound: bool
) -> Iterator[Finding]:
    name = field.code or ""
    table = scope.policy.codes[name]
    if not table:
        # It could not be read, which is found already.
        return
    unnamed = [code for code in simple.enumeration if code not in table.values()]
    if not outbound and field.unlisted is None:
        for code in unnamed:
            yield scope.find(
                "code-missing",
                (*field.at, "code"),
                f'the hospital may send "{code}", for which "{name}" has no word',
                "add a word for it",
            )
    for word, code in table.items():
        if not allows(simple, code):
            yield scope.find(
                "code-missing",
                (*field.at, "code"),
                f'the contract does not allow "{code}", the code of "{word}"',
                allowed_texts(simple),
            )
        elif simple.base == "integer" and not _CANONICAL.fullmatch(code):
            yield scope.find(
                "code-missing",
                (*field.at, "code"),
                f'"{code}", the code of "{word}", is a number, which need not come as it stands',
                "write it without plus sign and leading zeros",
            )


def _sealed(scope: Scope, field: FieldPolicy, simple: SimpleType) -> Iterator[Finding]:
    if simple.base != "string":
        yield scope.find(
            "type",
            (*field.at, "sealed"),
            f"only text is sealed, and this is of type {simple.base}",
            "remove it",
        )
    elif (_longest(simple) or 0) > LONGEST_PLAIN:
        yield scope.find(
            "type",
            (*field.at, "sealed"),
            f"{simple.name} may be too long to be sealed: it allows {_longest(simple)} characters",
            f"ask for a contract that allows at most {LONGEST_PLAIN}",
        )


def _longest(simple: SimpleType) -> int | None:
    """The characters that the type allows, of a pattern by its counts; None where none is said."""
    bounds = [simple.length or simple.max_length]
    bounds += [max(map(int, _COUNTS.findall(pattern)), default=None) for pattern in simple.patterns]
    return min((bound for bound in bounds if bound is not None), default=None)
