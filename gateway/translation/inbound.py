"""From the hospital's record to the response's JSON.

A route's response is compiled to nested closures once, so that a list of thirty rows costs one
plain function call a row, one a value, and no look-up of what a field means.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias

from gateway.problems import Rejection
from gateway.record import Record, Value
from gateway.translation.context import Context
from gateway.translation.faults import ValueFault
from gateway.translation.values import Converter, Sealed

Path: TypeAlias = tuple[str, ...]
Read: TypeAlias = Callable[[Record, Context, dict[str, Any]], None]

_NUMBER = re.compile("[0-9]{1,9}")
_MISSING: Final = "is missing or empty"


class Untranslatable(Exception):
    """A reply that is valid by its contract but not what the policy says. Never holds values."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{'/'.join(path)}: {why}")


@dataclass(frozen=True, slots=True)
class Leaf:
    """A single value. `card` leads, from the same element, to the card its id is sealed for."""

    name: str
    path: Path
    converter: Converter
    optional: bool
    card: Path | None = None


@dataclass(frozen=True, slots=True)
class Fixed:
    """A value that the policy states."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Held:
    """What the gateway itself holds closed: a list, as `CLOSED_SCHEMA` has it."""

    name: str


CLOSED_SCHEMA: Final[dict[str, Any]] = {
    "type": "array",
    "description": "Functions that the gateway holds closed now; a call of one is answered 503.",
    "items": {
        "type": "object",
        "properties": {
            "route": {"type": "string", "description": "Its operationId."},
            "reopensAt": {
                "type": "string",
                "format": "date-time",
                "description": "When it is open again.",
            },
            "message": {
                "type": "object",
                "description": "What to tell patients, by language.",
                "properties": {
                    "en": {"type": "string", "description": "In English."},
                    "zh": {"type": "string", "description": "In Chinese."},
                },
                "required": ["en", "zh"],
                "additionalProperties": False,
            },
        },
        "required": ["route", "reopensAt"],
        "additionalProperties": False,
    },
}


@dataclass(frozen=True, slots=True)
class Group:
    """A nested object; absent when the element at `path` is, or when nothing is in it."""

    name: str
    path: Path
    fields: tuple[Node, ...]
    optional: bool


@dataclass(frozen=True, slots=True)
class Filter:
    """What of the hospital's answers is shown, by texts in them.

    At each path of `only` one of its texts must stand, at none of `withhold` one of its, each with
    or without the space around it that old databases fill a column with; where nothing stands,
    `only` shows nothing.
    """

    only: Mapping[Path, frozenset[str]]
    withhold: Mapping[Path, frozenset[str]]

    def shows(self, record: Record) -> bool:
        """Whether this row or reply is shown."""
        return all(_stands(record, at, texts) for at, texts in self.only.items()) and not any(
            _stands(record, at, texts) for at, texts in self.withhold.items()
        )


@dataclass(frozen=True, slots=True)
class Each:
    """A list: one object for each element at `path`; always a list, also when there is none."""

    name: str
    path: Path
    fields: tuple[Node, ...]
    filter: Filter | None = None


@dataclass(frozen=True, slots=True)
class NextPage:
    """Where the next page is, while there is one; at `path` the reply says how many there are."""

    name: str
    path: Path


Node: TypeAlias = Leaf | Fixed | Held | Group | Each | NextPage


class Inbound:
    """A route's response translation, compiled.

    `at` is where the response's paths start, `empties` are texts that mean nothing. What the
    filter does not show is not found.
    """

    def __init__(
        self,
        nodes: tuple[Node, ...],
        at: Path = (),
        empties: frozenset[str] = frozenset(),
        kept: Filter | None = None,
    ) -> None:
        self.nodes = nodes
        self.at = at
        self._filter = kept
        self._read = _compile(nodes, frozenset({None, "", *empties}))

    def __call__(self, record: Record, context: Context, prefix: Path = ()) -> dict[str, Any]:
        """The response; `prefix` is where an inquiry keeps the reply.

        Raises `Untranslatable`, and `Rejection` 404 for what is not shown.
        """
        start = record
        for part in (*prefix, *self.at):
            inner = start.get(part)
            if not isinstance(inner, dict):
                raise Untranslatable((*prefix, *self.at), "is missing from a success")
            start = inner
        if self._filter is not None and not self._filter.shows(start):
            raise Rejection("not-found", reason="kept-back")
        return self._read(start, context)

    def empty(self, record: Record, context: Context) -> dict[str, Any] | None:
        """What "no data" means here: empty lists, or nothing at all (None: not found)."""
        lists = [node.name for node in self.nodes if isinstance(node, Each)]
        if not lists or any(isinstance(n, Leaf | Group) and not n.optional for n in self.nodes):
            return None
        fixed = {node.name: node.value for node in self.nodes if isinstance(node, Fixed)}
        held = {node.name: context.closed() for node in self.nodes if isinstance(node, Held)}
        return {**fixed, **held, **{name: [] for name in lists}}


def texts_at(record: Value, path: Path) -> Iterator[str]:
    """Every text that `path` leads to, through lists."""
    if isinstance(record, list):
        for entry in record:
            yield from texts_at(entry, path)
    elif not path:
        if isinstance(record, str):
            yield record
    elif isinstance(record, dict) and path[0] in record:
        yield from texts_at(record[path[0]], path[1:])


def _stands(record: Record, path: Path, texts: frozenset[str]) -> bool:
    return any(text in texts or text.strip() in texts for text in texts_at(record, path))


def is_at(record: Record, path: Path) -> bool:
    """Whether an element, and not nil, stands at `path`; none is where the path is empty."""
    found: Value = record if path else None
    for part in path:
        found = found.get(part) if isinstance(found, dict) else None
    return found is not None


_Step: TypeAlias = tuple[str, str, bool, Callable[[Any, Context], Any] | None, Read | None]
"""A value that stands directly in the element: name, key, whether it may be missing, and its
converter. For any other node the last one, a function of its own."""


_Nothing: TypeAlias = frozenset[Value]
"""What stands for no value: nil or absent, the empty text, and what the policy names."""


def _compile(
    nodes: tuple[Node, ...], nothing: _Nothing
) -> Callable[[Record, Context], dict[str, Any]]:
    """The reader of one object; its plain values are read in the loop, for they are hundreds."""
    steps = tuple(_step(node, nothing) for node in nodes)

    def read(record: Record, context: Context) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for name, key, optional, inbound, read_other in steps:
            if inbound is not None:
                text = record.get(key)
                if text not in nothing:
                    try:
                        result[name] = inbound(text, context)
                    except ValueFault as fault:
                        raise Untranslatable((key,), fault.detail) from None
                elif not optional:
                    raise Untranslatable((key,), _MISSING)
            elif read_other is not None:
                read_other(record, context, result)
        return result

    return read


def _step(node: Node, nothing: _Nothing) -> _Step:
    if isinstance(node, Leaf) and len(node.path) == 1 and not _has_own_card(node):
        return node.name, node.path[0], node.optional, node.converter.inbound, None
    return node.name, "", False, None, _reader(node, nothing)


def _has_own_card(node: Leaf) -> bool:
    return node.card is not None and isinstance(node.converter, Sealed)


def _reader(node: Node, nothing: _Nothing) -> Read:
    if isinstance(node, Fixed):
        return _fixed(node)
    if isinstance(node, Held):
        return _held(node)
    if isinstance(node, NextPage):
        return _next_page(node)
    if isinstance(node, Each):
        return _each(node, nothing)
    if isinstance(node, Group):
        return _group(node, nothing)
    return _leaf(node, nothing)


def _fixed(node: Fixed) -> Read:
    name, value = node.name, node.value

    def read(record: Record, context: Context, into: dict[str, Any]) -> None:
        into[name] = value

    return read


def _held(node: Held) -> Read:
    name = node.name

    def read(record: Record, context: Context, into: dict[str, Any]) -> None:
        into[name] = context.closed()

    return read


def _next_page(node: NextPage) -> Read:
    name, path = node.name, node.path

    def read(record: Record, context: Context, into: dict[str, Any]) -> None:
        pages = next(texts_at(record, path), "")
        if not _NUMBER.fullmatch(pages):
            raise Untranslatable(path, "does not say how many pages there are")
        if context.page < int(pages):
            into[name] = context.next_page

    return read


def _leaf(node: Leaf, nothing: _Nothing) -> Read:
    name, path, optional, card = node.name, node.path, node.optional, node.card
    inbound = node.converter.inbound
    *parents, last = path
    of_row = card if isinstance(node.converter, Sealed) else None

    def read(record: Record, context: Context, into: dict[str, Any]) -> None:
        within: Value = record
        for parent in parents:
            within = within.get(parent) if isinstance(within, dict) else None
        text = within.get(last) if isinstance(within, dict) else None
        if text in nothing:
            # Absent, nil and empty are one thing to the cloud: the member is not there.
            if optional:
                return
            raise Untranslatable(path, _MISSING)
        if of_row is not None:
            owner = next(texts_at(record, of_row), None)
            if owner in nothing:
                raise Untranslatable(of_row, "is missing beside an id that is sealed for it")
            context = replace(context, card=owner)
        try:
            into[name] = inbound(text, context)  # type: ignore[arg-type]
        except ValueFault as fault:
            raise Untranslatable(path, fault.detail) from None

    return read


def _group(node: Group, nothing: _Nothing) -> Read:
    name, path, optional = node.name, node.path, node.optional
    inner = _compile(node.fields, nothing)

    def read(record: Record, context: Context, into: dict[str, Any]) -> None:
        start: Value = record
        for part in path:
            start = start.get(part) if isinstance(start, dict) else None
        if isinstance(start, dict):
            members = inner(start, context)
            if members:
                into[name] = members
                return
        if not optional:
            raise Untranslatable(path, _MISSING)

    return read


def _each(node: Each, nothing: _Nothing) -> Read:
    name, path = node.name, node.path
    inner = _compile(node.fields, nothing)
    shows = node.filter.shows if node.filter is not None else None

    def read(record: Record, context: Context, into: dict[str, Any]) -> None:
        rows: Value = record
        for part in path:
            rows = rows.get(part) if isinstance(rows, dict) else None
        if rows is None:
            rows = []
        elif not isinstance(rows, list):
            rows = [rows]
        into[name] = [
            inner(row, context)
            for row in rows
            if isinstance(row, dict) and (shows is None or shows(row))
        ]

    return read
