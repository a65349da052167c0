"""Whether a policy file has the language's shape, told field by field.

`jsonschema_rs` finds the places; the words are ours, since they are for hospital IT.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Any

import jsonschema_rs

from gateway.policies.findings import Finding
from gateway.policies.language import LANGUAGE
from gateway.policies.load import Keys, Source

_VALIDATOR = jsonschema_rs.Draft202012Validator(LANGUAGE)


def check_structure(source: Source) -> tuple[Finding, ...]:
    """Every place where the file leaves the language."""
    found: dict[tuple[Any, ...], Finding] = {}
    for error in _VALIDATOR.iter_errors(source.data):
        for finding in _speak(error, source):
            found.setdefault((finding.mark, finding.problem), finding)
    return tuple(sorted(found.values()))


def without_unknown(data: Any) -> Any:
    """The data without the keys that the language does not know, so that the rest is checked."""
    for error in list(_VALIDATOR.iter_errors(data)):
        kind = error.kind
        if isinstance(kind, jsonschema_rs.ValidationErrorKind.AdditionalProperties):
            parent = data
            for step in error.instance_path:
                parent = parent[step]
            for name in kind.unexpected:
                parent.pop(name, None)
    return data


def broken_routes(data: Any) -> frozenset[int] | None:
    """The routes that cannot be read at all; None when more than routes is broken."""
    broken: set[int] = set()
    for error in _VALIDATOR.iter_errors(data):
        path = list(error.instance_path)
        if len(path) < 2 or path[0] != "routes":
            return None
        broken.add(int(path[1]))
    return frozenset(broken)


def _speak(error: jsonschema_rs.ValidationError, source: Source) -> Iterator[Finding]:
    path: Keys = tuple(error.instance_path)
    where = _where(path, source)
    kind = error.kind
    if isinstance(kind, jsonschema_rs.ValidationErrorKind.AdditionalProperties):
        known = _known(error)
        for name in kind.unexpected:
            near = difflib.get_close_matches(name, known, n=1)
            remedy = f'did you mean "{near[0]}"?' if near else f"use one of {', '.join(known)}"
            mark = source.mark((*path, name), of_key=True)
            yield Finding(mark, "unknown-field", where, f'"{name}" is not a field here', remedy)
    elif isinstance(kind, jsonschema_rs.ValidationErrorKind.Required):
        mark = source.mark(path)
        yield Finding(mark, "missing-field", where, f'"{kind.property}" is missing', "add it")
    elif isinstance(kind, jsonschema_rs.ValidationErrorKind.PropertyNames):
        mark = source.mark(path)
        yield Finding(
            mark, "wrong-value", where, "a name is not of the form that this map takes",
            "see the policy reference",
        )  # fmt: skip
    else:
        mark = source.mark(path)
        name = f'"{path[-1]}" ' if path and isinstance(path[-1], str) else ""
        problem, remedy = _wrong(kind)
        yield Finding(mark, "wrong-value", where, f"{name}{problem}", remedy)


def _known(error: jsonschema_rs.ValidationError) -> list[str]:
    schema: Any = LANGUAGE
    for step in error.schema_path:
        if "$ref" in schema:
            schema = LANGUAGE["$defs"][schema["$ref"].rsplit("/", 1)[1]]
        if step == "$ref":
            continue
        if step == "additionalProperties" and isinstance(schema.get(step), bool):
            break
        schema = schema[step]
    return sorted(schema.get("properties", ()))


def _wrong(kind: Any) -> tuple[str, str]:
    kinds = jsonschema_rs.ValidationErrorKind
    if isinstance(kind, kinds.Enum):
        return (
            "has a value that is not in the list",
            f"use one of {', '.join(map(str, kind.options))}",
        )
    if isinstance(kind, kinds.Type):
        wanted = ", ".join(kind.types)
        hint = " (put quotes around it)" if wanted == "string" else ""
        return f"must be of type {wanted}", f"write a {wanted}{hint}"
    if isinstance(kind, kinds.Pattern):
        return "is not written as it must be", f"write it to match {kind.pattern}"
    return "has a value that the language does not allow", "see the policy reference"


def _where(path: Keys, source: Source) -> str:
    if len(path) >= 2 and path[0] == "routes" and isinstance(path[1], int):
        try:
            return str(source.data["routes"][path[1]]["id"])
        except (KeyError, TypeError, IndexError):
            return f"route {path[1] + 1}"
    return ""
