"""A pack's defaults, taken into its routes, so that nothing after this knows of them.

A route's own word wins. Of maps only `settle` is merged, field by field, and only into one that the
route has: a write that does not say what is compared is not settled by a default.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from gateway.policies.findings import Mark
from gateway.policies.language.defaults import NEEDED, NEEDED_TO_SETTLE
from gateway.policies.language.route import EFFECTS
from gateway.policies.load import Keys, Source

Place: TypeAlias = tuple[str, ...]
"""Where a field stands in a route."""

_DEFAULTS = "defaults"
_SETTLE = "settle"


def with_defaults(source: Source) -> Source:
    """The source with whole routes and without defaults; what a route inherits has their marks.

    The file may have any shape: what is not as it should be is left as it is.
    """
    data = _map(source.data)
    if _DEFAULTS not in data:
        return source
    routes = []
    taken: list[tuple[Keys, Keys]] = []
    for index, route in _numbered(data):
        whole = route
        for place, value in _inherited(route, _of(data, route)):
            taken.append(((_DEFAULTS, route["effect"], *place), ("routes", index, *place)))
            whole = _with(whole, place, value)
        routes.append(whole)
    others = {name: value for name, value in data.items() if name != _DEFAULTS}
    keys, values = _marked(source.keys, taken), _marked(source.values, taken)
    return Source(source.file, others | {"routes": routes}, keys, values)


def unused_defaults(source: Source) -> Iterator[Keys]:
    """The places of the defaults that no route takes; nothing while a route's effect is none."""
    data = _map(source.data)
    routes = [_map(route) for _, route in _numbered(data)]
    if not routes or any(route.get("effect") not in EFFECTS for route in routes):
        return
    for effect, default in _map(data.get(_DEFAULTS)).items():
        alike = [route for route in routes if route["effect"] == effect]
        taken = {place for route in alike for place, _ in _inherited(route, _map(default))}
        for place, _ in _fields(_map(default)):
            if place not in taken:
                yield (_DEFAULTS, effect, *place)


def lacking(source: Source) -> Iterator[tuple[int, Place, str]]:
    """What whole routes must have and do not: the route's number, where in it, and the field.

    Of a route whose effect is none it cannot be said.
    """
    for index, route in _numbered(_map(source.data)):
        if _map(route).get("effect") not in EFFECTS:
            continue
        yield from ((index, (), name) for name in NEEDED if name not in route)
        settle = route.get(_SETTLE)
        if isinstance(settle, dict):
            needed = NEEDED_TO_SETTLE["matched" if "ask" in settle else "keyed"]
            yield from ((index, (_SETTLE,), name) for name in needed if name not in settle)


def _map(data: Any) -> Mapping[str, Any]:
    """What is a map, in a file that may hold anything."""
    return data if isinstance(data, dict) else {}


def _numbered(data: Mapping[str, Any]) -> Iterator[tuple[int, Any]]:
    routes = data.get("routes")
    yield from enumerate(routes if isinstance(routes, list) else ())


def _of(data: Mapping[str, Any], route: Any) -> Mapping[str, Any]:
    """The defaults of a route's effect."""
    effect = _map(route).get("effect")
    return _map(_map(data[_DEFAULTS]).get(effect)) if isinstance(effect, str) else {}


def _fields(default: Mapping[str, Any]) -> Iterator[tuple[Place, Any]]:
    """Each default with its place in a route."""
    for name, value in default.items():
        if name == _SETTLE:
            yield from (((name, inner), one) for inner, one in _map(value).items())
        else:
            yield (name,), value


def _inherited(route: Any, default: Mapping[str, Any]) -> Iterator[tuple[Place, Any]]:
    """The defaults that a route takes, for want of its own."""
    for place, value in _fields(default):
        part = _map(route).get(_SETTLE) if place[0] == _SETTLE else route
        if isinstance(part, dict) and place[-1] not in part:
            yield place, value


def _marked(marks: Mapping[Keys, Mark], taken: list[tuple[Keys, Keys]]) -> Mapping[Keys, Mark]:
    """The marks, with those of each default that is taken, and of what is in it, in the route."""
    theirs = [at for at in marks if at[:1] == (_DEFAULTS,)]
    return {
        **marks,
        **{
            (*here, *at[len(told) :]): marks[at]
            for told, here in taken
            for at in theirs
            if at[: len(told)] == told
        },
    }


def _with(route: Mapping[str, Any], place: Place, value: Any) -> Mapping[str, Any]:
    """The route with one more value."""
    name, *inner = place
    return {**route, name: _with(route[name], tuple(inner), value) if inner else value}
