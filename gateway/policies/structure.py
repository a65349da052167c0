"""Whether a file has the shape of its language, told field by field: a policy, or a glossary.

`jsonschema_rs` finds the places; the words are ours, since they are for hospital IT.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import jsonschema_rs

from gateway.policies.as_meant import without_slips
from gateway.policies.defaults import lacking, unused_defaults, with_defaults
from gateway.policies.findings import Finding, Kind
from gateway.policies.form import POLICY_FORM, Form, known_fields, place_of, schema_of
from gateway.policies.language import Schema
from gateway.policies.load import Keys, Source
from gateway.policies.near import near_name

_TYPES = {
    "string": ("text", "put quotes around it"),
    "object": ("a map", "write its fields below it"),
    "array": ("a list", "write it in brackets, or with a dash before each entry"),
    "integer": ("a whole number", "write digits, without quotes"),
    "boolean": ("true or false", "write it without quotes"),
}


def check_form(source: Source, form: Form) -> tuple[Finding, ...]:
    """Every place where the file leaves a language."""
    found: dict[tuple[Any, ...], Finding] = {}
    for error in form.errors(source.data):
        for finding in _speak(error, source, form.schema):
            found.setdefault((finding.mark, finding.problem), finding)
    return tuple(sorted(found.values()))


def check_structure(source: Source) -> tuple[Finding, ...]:
    """Every place where a policy leaves the language, where neither a route nor a default says what
    there must be, or where a default is of no use.
    """
    meant = without_slips(source)
    found = {
        *check_form(source, POLICY_FORM),
        *(
            _missing(name, ("routes", number, *place), source)
            for number, place, name in lacking(with_defaults(meant))
        ),
        *(_unused(at, meant) for at in unused_defaults(meant)),
    }
    return tuple(sorted(found))


def _speak(
    error: jsonschema_rs.ValidationError, source: Source, language: Schema
) -> Iterator[Finding]:
    kinds = jsonschema_rs.ValidationErrorKind
    path = place_of(error, source.data)
    kind = error.kind

    def find(what: Kind, at: Keys, problem: str, remedy: str, *, of_key: bool = False) -> Finding:
        return Finding(source.mark(at, of_key=of_key), what, _where(path, source), problem, remedy)

    if isinstance(kind, kinds.AdditionalProperties):
        known = known_fields(error, language)
        for name in kind.unexpected:
            remedy = near_name(name, known, f"use one of {', '.join(known)}")
            problem = f'"{name}" is not a field here'
            yield find("unknown-field", (*path, name), problem, remedy, of_key=True)
    elif isinstance(kind, kinds.Required):
        yield _missing(kind.property, path, source)
    elif isinstance(kind, kinds.PropertyNames):
        name = str(kind.error.instance)
        problem = f'"{name}" is not a name that can stand here'
        yield find(
            "wrong-value", (*path, name), problem, _written_like(error, language), of_key=True
        )
    else:
        problem, remedy = _wrong(error, language)
        yield find("wrong-value", path, f"{_subject(path)} {problem}", remedy)


def _missing(name: str, path: Keys, source: Source) -> Finding:
    where = _where(path, source)
    return Finding(source.mark(path), "missing-field", where, f'"{name}" is missing', "add it")


def _unused(path: Keys, source: Source) -> Finding:
    _, effect, *names = path
    problem = f'no {effect} route takes the default "{".".join(map(str, names))}"'
    mark = source.mark(path, of_key=True)
    return Finding(mark, "unused-default", "", problem, "use it or remove it")


def _subject(path: Keys) -> str:
    match path:
        case (*_, str(name)):
            return f'"{name}"'
        case (*_, name, int()):
            return f'an entry of "{name}"'
        case _:
            return "the file"


def _wrong(error: jsonschema_rs.ValidationError, language: Schema) -> tuple[str, str]:
    kinds = jsonschema_rs.ValidationErrorKind
    kind = error.kind
    if isinstance(kind, kinds.Enum):
        known = [str(option) for option in kind.options]
        remedy = near_name(str(error.instance), known, f"use one of {', '.join(known)}")
        return "is none of the values that it can have", remedy
    if isinstance(kind, kinds.Type):
        return _of_another_type(error, kind.types[0], language)
    if isinstance(kind, kinds.Pattern):
        return "is not written as it must be", _written_like(error, language)
    if isinstance(kind, kinds.Minimum | kinds.Maximum):
        most = "least" if isinstance(kind, kinds.Minimum) else "most"
        return "is out of bounds", f"state at {most} {kind.limit}"
    if isinstance(kind, kinds.MinItems | kinds.MinProperties | kinds.MinLength):
        return "is empty, or shorter than it must be", f"the least is {kind.limit}"
    if isinstance(kind, kinds.MaxLength):
        return "is longer than it may be", f"the most is {kind.limit}"
    return "has the same entry twice", "keep one of them"


def _of_another_type(
    error: jsonschema_rs.ValidationError, wanted: str, language: Schema
) -> tuple[str, str]:
    name, remedy = _TYPES[wanted]
    schema = schema_of(error, language)
    if wanted == "object" and schema.get("required"):
        remedy += f": {', '.join(schema['required'])}"
    elif "pattern" in schema and not re.search(schema["pattern"], str(error.instance)):
        remedy = _written_like(error, language)
    return f"must be {name}", remedy


def _written_like(error: jsonschema_rs.ValidationError, language: Schema) -> str:
    examples: list[str] = schema_of(error, language)["examples"]
    return f"write it like {' or '.join(examples)}"


def _where(path: Keys, source: Source) -> str:
    """The route or shape that a place belongs to."""
    match path:
        case ("routes", int(number), *_):
            route = source.data["routes"][number]
            name = route.get("id") if isinstance(route, dict) else None
            return name if isinstance(name, str) else f"route {number + 1}"
        case ("shapes", name, *_):
            return f"shape {name}"
        case _:
            return ""
