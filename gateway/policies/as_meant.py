"""What can be read of a policy file that leaves the language, so that the rest is checked too.

A slip is read as what was meant. What cannot be read has something that the language allows in its
place, and whatever is found there is not told: there is a finding already.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import jsonschema_rs

from gateway.policies.defaults import lacking, with_defaults
from gateway.policies.findings import Mark
from gateway.policies.form import POLICY_FORM, known_fields, place_of, schema_of
from gateway.policies.language import LANGUAGE, Schema
from gateway.policies.language.forms import ELEMENT, ID, NAME, OUR_WORD, PATH
from gateway.policies.load import Keys, Source
from gateway.policies.model import Policy
from gateway.policies.near import nearest_name

_ROUNDS = 8
"""What stands in for a part may lack a part itself; no part is that deep."""
_NAMES = frozenset(form["pattern"] for form in (ELEMENT, ID, NAME, OUR_WORD, PATH))
"""How names are written. One that is written otherwise is a name all the same."""


@dataclass(frozen=True, slots=True)
class Understood:
    """A source of which all can be built but the routes whose numbers are `broken`.

    `doubtful` are the places at which it does not say what the file says.
    """

    source: Source
    broken: frozenset[int] = frozenset()
    doubtful: frozenset[Keys] = frozenset()


def understood(source: Source) -> Understood | None:
    """What can be read of a policy, with whole routes; None of a file in which there is none."""
    routes = source.data.get("routes") if isinstance(source.data, dict) else None
    if not isinstance(routes, list) or not any(isinstance(route, dict) for route in routes):
        return None
    source = without_slips(source)
    broken: set[int] = set()
    doubtful: set[Keys] = set()
    for _ in range(_ROUNDS):
        mended: set[Keys] = set()
        for error in POLICY_FORM.errors(source.data):
            match place_of(error, source.data):
                case ("routes", int(number), *_):
                    broken.add(number)
                case place:
                    mended.update(_mend(source.data, place, error))
        if mended <= doubtful:
            break
        doubtful |= mended
    source = with_defaults(source)
    broken.update(number for number, _, _ in lacking(source))
    return Understood(source, frozenset(broken), frozenset(doubtful))


def doubtful_marks(policy: Policy) -> frozenset[Mark]:
    """The marks of all that stands at the doubtful places of a policy, or would."""
    source, doubtful = policy.source, policy.doubtful
    return frozenset(
        mark
        for marks in (source.keys, source.values)
        for place, mark in marks.items()
        if any(place[: len(start)] == start for start in doubtful)
    ) | {source.mark(place) for place in doubtful}


def without_slips(source: Source) -> Source:
    """With each unknown field and each name taken for the one that was meant, or left out."""
    data, keys, values = copy.deepcopy(source.data), dict(source.keys), dict(source.values)
    errors = [(place_of(error, data), error) for error in POLICY_FORM.errors(data)]
    # The innermost first: what is around it may go next.
    for place, error in sorted(errors, key=lambda one: -len(one[0])):
        parent = _at(data, place)
        for name, near in _slips(error):
            value = parent.pop(name, None)
            if near is not None and near not in parent:
                parent[near] = value
                for marks in (keys, values):
                    _move(marks, (*place, name), (*place, near))
    return replace(source, data=data, keys=keys, values=values)


def _slips(error: jsonschema_rs.ValidationError) -> Iterator[tuple[str, str | None]]:
    """What is written otherwise than it was meant, and how that is written, if it is known."""
    kinds = jsonschema_rs.ValidationErrorKind
    if isinstance(error.kind, kinds.AdditionalProperties):
        for name in error.kind.unexpected:
            yield name, nearest_name(name, known_fields(error, LANGUAGE))
    elif isinstance(error.kind, kinds.PropertyNames):
        name = str(error.kind.error.instance)
        lower = name.lower().replace("_", "-")
        if re.search(schema_of(error, LANGUAGE)["pattern"], lower):
            yield name, lower


def _move(marks: dict[Keys, Mark], old: Keys, new: Keys) -> None:
    for path, mark in list(marks.items()):
        if path[: len(old)] == old:
            marks[(*new, *path[len(old) :])] = mark


def _mend(data: Any, place: Keys, error: jsonschema_rs.ValidationError) -> Iterator[Keys]:
    """Put something of the language there where its type matters; gives the place."""
    kinds = jsonschema_rs.ValidationErrorKind
    kind, schema = error.kind, schema_of(error, LANGUAGE)
    if isinstance(kind, kinds.Required):
        _at(data, place)[kind.property] = _some(schema["properties"][kind.property])
        yield (*place, kind.property)
    elif isinstance(kind, kinds.PropertyNames):
        name = str(kind.error.instance)
        if schema["pattern"] not in _NAMES:
            _at(data, place).pop(name, None)
        yield (*place, name)
    elif not place:
        return
    elif isinstance(kind, kinds.Type | kinds.Enum | kinds.Minimum | kinds.Maximum) or (
        isinstance(kind, kinds.Pattern) and schema["pattern"] not in _NAMES
    ):
        parent, last = _at(data, place[:-1]), place[-1]
        parent[last] = _meant(parent[last], schema)
        yield place
    else:
        yield place


def _meant(value: Any, schema: Schema) -> Any:
    """A value as it was meant where that can be known, else one that the schema allows."""
    match schema.get("type"), value:
        case "string", bool() | int():
            return str(value).lower()
        case "integer", str() if value.isdecimal() and value.isascii():
            return min(int(value), schema["maximum"])
        case "array", str():
            return [value]
        case _:
            options = [option for option in schema.get("enum", ()) if isinstance(option, str)]
            near = nearest_name(str(value), options) if options else None
            return near if near is not None else _some(schema)


def _some(schema: Schema) -> Any:
    """Something that the schema allows, as far as its type goes."""
    if "else" in schema:
        return _some(schema["else"])
    if "enum" in schema:
        return schema["enum"][0]
    match schema.get("type"):
        case "string":
            return schema.get("examples", ["-"])[0]
        case "integer":
            # The most that is allowed: of bounds nothing else is beyond it.
            return schema["maximum"]
        case "boolean":
            return False
        case "array":
            return []
        case _:
            required = schema.get("required", ())
            return {name: _some(schema["properties"][name]) for name in required}


def _at(data: Any, place: Keys) -> Any:
    for step in place:
        data = data[step]
    return data
