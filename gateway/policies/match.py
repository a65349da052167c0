"""From method and path to a route."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from gateway.policies.snapshot import Find, Route, Snapshot
from gateway.problems import Rejection

_SEGMENT = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2}){1,512}")
"""A path's segment (RFC 3986, pchar), as long as an id may be."""


@dataclass(frozen=True, slots=True)
class Matched:
    """The route of a request, and the values of the variables in its path, decoded."""

    route: Route
    path: Mapping[str, str]


def match(snapshot: Snapshot, method: str, path: str) -> Matched:
    """The route that answers; raises `Rejection` 404, or 405 with what the path does answer."""
    found = snapshot.find(path)
    if found is None:
        raise Rejection(
            "not-found",
            detail="The API document has no such path; check it, and the ids in it.",
            detail_zh="接口文档中没有此路径，请核对路径及其中的标识。",
            reason="no-such-path",
        )
    by_method, values = found
    route = by_method.get(method)
    if route is None:
        allowed = ", ".join(sorted(by_method))
        raise Rejection("method-not-allowed", headers={"Allow": allowed})
    return Matched(route, dict(zip(route.shape.path, values, strict=True)))


class _Node:
    """One level of paths: fixed segments before the variable one."""

    __slots__ = ("any", "fixed", "routes")

    def __init__(self) -> None:
        self.fixed: dict[str, _Node] = {}
        self.any: _Node | None = None
        self.routes: dict[str, Route] = {}


def matcher(routes: Iterable[Route]) -> Find:
    """Compile routes to a look-up by segments: its cost grows with the path, not the routes."""
    root = _Node()
    for route in routes:
        node = root
        for segment in route.template.strip("/").split("/"):
            if segment.startswith("{"):
                node.any = node.any or _Node()
                node = node.any
            else:
                node = node.fixed.setdefault(segment, _Node())
        node.routes[route.method] = route

    def find(path: str) -> tuple[Mapping[str, Route], list[str]] | None:
        found = _descend(root, path[1:].split("/"), 0, [])
        return None if found is None else (found[0].routes, found[1])

    return find


def _descend(
    node: _Node, segments: list[str], at: int, values: list[str]
) -> tuple[_Node, list[str]] | None:
    if at == len(segments):
        return (node, values) if node.routes else None
    segment = segments[at]
    inner = node.fixed.get(segment)
    if inner is not None:
        found = _descend(inner, segments, at + 1, values)
        if found is not None:
            return found
    if node.any is None:
        return None
    value = _decoded(segment)
    return None if value is None else _descend(node.any, segments, at + 1, [*values, value])


def _decoded(segment: str) -> str | None:
    if not _SEGMENT.fullmatch(segment):
        return None
    if "%" not in segment:
        return segment
    try:
        return unquote_to_bytes(segment).decode()
    except UnicodeDecodeError:
        return None
