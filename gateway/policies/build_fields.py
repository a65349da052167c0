"""The fields of requests and responses, with the shapes that they share, from a policy's data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice
from typing import Any

from gateway.policies.language.fields import ALL_OF
from gateway.policies.load import Keys
from gateway.policies.model import MOST_FIELDS, MOST_LEVELS, FieldPolicy, Steps, Texts, flat


class Shapes:
    """The shapes of a policy, each made once, whatever uses it.

    A shape may use others, but not itself. What would grow beyond its bounds is made without the
    shapes in it, and its place is kept in `sprawling`, so that nothing has to walk through it. Of
    fields with one name the first is made, and the place of each other kept in `twice`. `uses` has
    every place where a shape is named.
    """

    def __init__(self, data: Mapping[str, Any]) -> None:
        self._data = data
        self._made: dict[str, tuple[FieldPolicy, ...]] = {}
        self._open: list[str] = []
        self.uses: dict[Keys, str] = {}
        self.sprawling: set[Keys] = set()
        self.twice: set[tuple[Keys, str]] = set()

    def fields(self, data: Any, at: Keys) -> tuple[FieldPolicy, ...]:
        """The fields written at a place, or those of the shape that is named there."""
        if isinstance(data, str):
            return self._used(data, at)
        found: dict[str, FieldPolicy] = {}
        for place, fields in self._parts(data, at):
            for field in fields:
                if field.name in found:
                    self.twice.add((place, field.name))
                else:
                    found[field.name] = field
        return tuple(found.values())

    def _parts(
        self, data: Mapping[str, Any], at: Keys
    ) -> Iterator[tuple[Keys, tuple[FieldPolicy, ...]]]:
        """Each entry of a map of fields, with its place: a field, or all of a shape's."""
        for name, value in data.items():
            place = (*at, name)
            if name != ALL_OF:
                yield place, (_field(name, value, place, self),)
            elif isinstance(value, str):
                yield place, self._used(value, place)
            else:
                for index, shape in enumerate(value):
                    yield (*place, index), self._used(shape, (*place, index))

    def _used(self, name: str, at: Keys) -> tuple[FieldPolicy, ...]:
        self.uses[at] = name
        return self.named(name)

    def named(self, name: str) -> tuple[FieldPolicy, ...]:
        """The fields of a shape; none while it is being made, nor of one that is not there."""
        if name in self._made:
            return self._made[name]
        if name in self._open or name not in self._data:
            return ()
        if len(self._open) == MOST_LEVELS:
            self.sprawling.add(("shapes", self._open[0]))
            return ()
        self._open.append(name)
        self._made[name] = self.bounded(self._data[name], ("shapes", name))
        self._open.pop()
        return self._made[name]

    def bounded(self, data: Any, at: Keys) -> tuple[FieldPolicy, ...]:
        """The fields written at `at`, with the shapes in them as far as there is room."""
        fields = self.fields(data, at)
        if not _sprawl(fields):
            return fields
        self.sprawling.add(at)
        return Shapes({}).fields(data, at)


def _sprawl(fields: tuple[FieldPolicy, ...]) -> bool:
    beyond = islice(flat(fields), MOST_FIELDS, None)
    return next(beyond, None) is not None or _levels(fields) > MOST_LEVELS


def _levels(fields: tuple[FieldPolicy, ...]) -> int:
    return 1 + max((_levels(field.fields) for field in fields if field.fields), default=0)


def request_fields(data: Mapping[str, Any], at: Keys) -> tuple[FieldPolicy, ...]:
    """The fields of a request, which knows no shapes."""
    return _from((), Shapes({}).fields(data, at))


def _from(start: Steps, fields: tuple[FieldPolicy, ...]) -> tuple[FieldPolicy, ...]:
    """A request's fields, with paths from the operation's input and not from the list's element."""
    found = []
    for one in fields:
        path = (*start, *one.hospital)
        inner = _from(path if one.kind == "each" else start, one.fields)
        found.append(replace(one, hospital=path, start=start, fields=inner))
    return tuple(found)


def _field(name: str, data: Any, at: Keys, shapes: Shapes) -> FieldPolicy:
    if isinstance(data, str):
        return FieldPolicy(at, name, "value", hospital=steps(data))
    if "value" in data:
        return FieldPolicy(at, name, "fixed", value=data["value"])
    if "gateway" in data:
        return FieldPolicy(at, name, "gateway")
    if "fields" in data:
        return FieldPolicy(
            at,
            name,
            "each" if "each" in data else "object",
            hospital=steps(data.get("each") or data.get("in") or ""),
            fields=shapes.fields(data["fields"], (*at, "fields")),
            only=texts(data.get("only", {})),
            withhold=texts(data.get("withhold", {})),
        )
    return FieldPolicy(
        at,
        name,
        "values" if "each" in data else "value",
        hospital=steps(data.get("each") or data["hospital"]),
        as_=data.get("as"),
        code=data.get("code"),
        unlisted=data.get("unlisted"),
        format=data.get("format"),
        sealed=data.get("sealed"),
        card=steps(data["card"]) if "card" in data else None,
        within=int(data["within"][:-1]) if "within" in data else None,
        default=data.get("default"),
        empty=data.get("empty"),
        of=data.get("of"),
        optional=data.get("optional"),
    )


def texts(data: Mapping[str, list[str]]) -> Texts:
    """By path, the texts that may stand there."""
    return {steps(path): frozenset(texts) for path, texts in data.items()}


def steps(path: str) -> Steps:
    """A path as policies write it, in its steps."""
    return tuple(path.split("/")) if path else ()
