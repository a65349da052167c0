"""YAML with line marks.

A policy is plain data: maps, lists and text. YAML's surprises are closed off, because a code
such as `01`, `no` or `1e3` must stay what hospital IT wrote: only `true`, `false` and plain
decimal integers are anything but text. Anchors, tags and duplicate keys are findings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import yaml

from gateway.policies.findings import Finding, Kind, Mark

Keys: TypeAlias = tuple[str | int, ...]

DEEPEST = 32
"""Levels of maps and lists; the language itself needs fewer than half of them."""

_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,17}")
_ASIDE = ""
"""Where the marks of what is not kept go."""
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Source:
    """A YAML file as plain data, and where each part of it stands.

    `keys` marks the key (or list entry) that leads to a path, `values` what stands behind it.
    """

    file: str
    data: Any
    keys: Mapping[Keys, Mark]
    values: Mapping[Keys, Mark]

    def mark(self, path: Keys, *, of_key: bool = False) -> Mark:
        """The mark of `path`, or of the nearest part above it that stands in the file."""
        marks = self.keys if of_key else self.values
        while path not in marks and path:
            path = path[:-1]
        return marks.get(path) or self.values.get(path) or Mark(self.file, 1, 1)


def read(path: Path, shown_as: str) -> tuple[Source, tuple[Finding, ...]]:
    """Read one YAML file; `shown_as` is its name in findings."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return _nothing(shown_as, 1, 1, "the file is not UTF-8", "save it as UTF-8")
    except OSError as error:
        return _nothing(shown_as, 1, 1, f"cannot be read ({error.strerror})", "check the file")
    return parse(text, shown_as)


def parse(text: str, shown_as: str) -> tuple[Source, tuple[Finding, ...]]:
    """Parse YAML text; syntax errors, duplicate keys, anchors and tags are findings."""
    builder = _Builder(shown_as)
    try:
        builder.read(yaml.parse(text, yaml.SafeLoader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        return _nothing(shown_as, line, column, f"not YAML: {error.problem}", "mend the syntax")
    except yaml.reader.ReaderError as error:
        before = text[: error.position]
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        problem = "not YAML: a character that it does not allow"
        return _nothing(shown_as, line, column, problem, "remove the character")
    except _TooDeep as error:
        problem = f"nested deeper than {DEEPEST} levels"
        return _nothing(
            shown_as, error.mark.line, error.mark.column, problem, "no policy is that deep"
        )
    if not builder.values:
        return _nothing(shown_as, 1, 1, "the file is empty", "fill it, or remove it")
    source = Source(shown_as, builder.data, builder.keys, builder.values)
    return source, tuple(builder.findings)


def _nothing(
    file: str, line: int, column: int, problem: str, remedy: str
) -> tuple[Source, tuple[Finding, ...]]:
    mark = Mark(file, line, column)
    return Source(file, {}, {}, {}), (Finding(mark, "yaml", "", problem, remedy),)


class _TooDeep(Exception):
    """Going on would overflow the stack."""

    def __init__(self, mark: Mark) -> None:
        super().__init__(str(mark))
        self.mark = mark


class _Builder:
    """Turns YAML's events into plain data, keeping the marks.

    Nothing is composed first: nested aliases would grow exponentially.
    """

    def __init__(self, file: str) -> None:
        self.file = file
        self.data: Any = None
        self.keys: dict[Keys, Mark] = {}
        self.values: dict[Keys, Mark] = {}
        self.findings: list[Finding] = []
        self._events: Iterator[yaml.Event] = iter(())

    def read(self, events: Iterator[yaml.Event]) -> None:
        """Read a stream of at most one document."""
        self._events = events
        documents = 0
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self._find(event, "yaml", "a second document begins here", "keep one of them")
            elif isinstance(event, yaml.NodeEvent):
                data = self._build(event, ())
                self.data = data if documents == 1 else self.data

    def _build(self, event: yaml.Event, path: Keys) -> Any:
        self.values[path] = self._mark(event)
        tag = getattr(event, "tag", None)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            self._find(event, "yaml", "anchors and aliases are not read", "write it out")
        elif tag:
            self._find(event, "yaml", f"the tag {tag} is not read", "remove it")
        if isinstance(event, yaml.CollectionStartEvent) and len(path) >= DEEPEST:
            raise _TooDeep(self._mark(event))
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(path)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(path)
        return self._scalar(event) if isinstance(event, yaml.ScalarEvent) else None

    def _mapping(self, path: Keys) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for event in self._events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            self._build(event, (*path, _ASIDE))
            if not isinstance(event, yaml.ScalarEvent):
                self._find(event, "yaml", "a key is a map or a list", "use text as key")
                self._build(next(self._events), (*path, _ASIDE))
            elif event.value in result:
                problem = f'the key "{event.value}" stands twice'
                self._find(event, "duplicate-key", problem, "keep one of them")
                self._build(next(self._events), (*path, _ASIDE))
            else:
                key = event.value
                self.keys[(*path, key)] = self._mark(event)
                result[key] = self._build(next(self._events), (*path, key))
        return result

    def _sequence(self, path: Keys) -> list[Any]:
        result: list[Any] = []
        for event in self._events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            entry = (*path, len(result))
            self.keys[entry] = self._mark(event)
            result.append(self._build(event, entry))
        return result

    def _scalar(self, event: yaml.ScalarEvent) -> str | int | bool | None:
        text = str(event.value)
        if _SURROGATE.search(text):
            problem = "half of a character (a lone surrogate)"
            self._find(event, "yaml", problem, "write the character itself")
            return ""
        if event.style:
            return text
        if text in ("true", "false"):
            return text == "true"
        if text in ("", "null", "~"):
            return None
        return int(text) if _INTEGER.fullmatch(text) else text

    def _mark(self, event: yaml.Event) -> Mark:
        start = event.start_mark
        return Mark(self.file, start.line + 1, start.column + 1) if start else Mark(self.file, 1, 1)

    def _find(self, event: yaml.Event, kind: Kind, problem: str, remedy: str) -> None:
        self.findings.append(Finding(self._mark(event), kind, "", problem, remedy))
