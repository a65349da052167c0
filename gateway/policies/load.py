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
    try:
        findings = list(_refused(text, shown_as))
        node = None if findings else yaml.compose(text, yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        return _nothing(shown_as, line, column, f"not YAML: {error.problem}", "mend the syntax")
    except yaml.reader.ReaderError as error:
        line, column = _place(text, error.position)
        problem = "not YAML: a character that it does not allow"
        return _nothing(shown_as, line, column, problem, "remove the character")
    if findings:
        return Source(shown_as, {}, {}, {}), tuple(findings)
    if node is None:
        return _nothing(shown_as, 1, 1, "the file is empty", "write a policy, or remove the pack")
    builder = _Builder(shown_as)
    data = builder.build(node, ())
    return Source(shown_as, data, builder.keys, builder.values), tuple(builder.findings)


def _nothing(
    file: str, line: int, column: int, problem: str, remedy: str
) -> tuple[Source, tuple[Finding, ...]]:
    mark = Mark(file, line, column)
    return Source(file, {}, {}, {}), (Finding(mark, "yaml", "", problem, remedy),)


def _place(text: str, position: int) -> tuple[int, int]:
    before = text[:position]
    return before.count("\n") + 1, position - before.rfind("\n")


def _refused(text: str, file: str) -> Iterator[Finding]:
    """What makes a file unreadable. Told by the events, before anything is composed: nested
    aliases grow exponentially, and nested brackets would overflow the stack.
    """
    depth = 0
    for event in yaml.parse(text, yaml.SafeLoader):
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        tag = getattr(event, "tag", None)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            problem, remedy = "anchors and aliases are not read", "write it out"
        elif tag:
            problem, remedy = f"the tag {tag} is not read", "remove it"
        elif depth > DEEPEST:
            problem, remedy = f"nested deeper than {DEEPEST} levels", "no policy is that deep"
        elif isinstance(event, yaml.ScalarEvent) and _SURROGATE.search(event.value):
            problem, remedy = "half of a character (a lone surrogate)", "write the character itself"
        else:
            continue
        start = event.start_mark
        mark = Mark(file, start.line + 1, start.column + 1) if start else Mark(file, 1, 1)
        yield Finding(mark, "yaml", "", problem, remedy)
        if depth > DEEPEST:
            return


class _Builder:
    """Turns nodes into plain data, keeping the marks."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.keys: dict[Keys, Mark] = {}
        self.values: dict[Keys, Mark] = {}
        self.findings: list[Finding] = []

    def build(self, node: yaml.Node, path: Keys) -> Any:
        self.values[path] = self._mark(node)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            for index, child in enumerate(node.value):
                self.keys[(*path, index)] = self._mark(child)
            return [self.build(child, (*path, i)) for i, child in enumerate(node.value)]
        return _scalar(node) if isinstance(node, yaml.ScalarNode) else None

    def _mapping(self, node: yaml.MappingNode, path: Keys) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                self._find(key_node, "yaml", "a key is a map or a list", "use text as key")
                continue
            key = key_node.value
            if key in result:
                problem = f'the key "{key}" stands twice'
                self._find(key_node, "duplicate-key", problem, "keep one of them")
                continue
            self.keys[(*path, key)] = self._mark(key_node)
            result[key] = self.build(value_node, (*path, key))
        return result

    def _mark(self, node: yaml.Node) -> Mark:
        return Mark(self.file, node.start_mark.line + 1, node.start_mark.column + 1)

    def _find(self, node: yaml.Node, kind: Kind, problem: str, remedy: str) -> None:
        self.findings.append(Finding(self._mark(node), kind, "", problem, remedy))


def _scalar(node: yaml.ScalarNode) -> str | int | bool | None:
    text = str(node.value)
    if node.style is not None:
        return text
    if text in ("true", "false"):
        return text == "true"
    if text in ("", "null", "~"):
        return None
    return int(text) if _INTEGER.fullmatch(text) else text
