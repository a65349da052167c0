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

from gateway.policies.findings import Finding, Mark

Keys: TypeAlias = tuple[str | int, ...]

_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,17}")


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
    loader = yaml.SafeLoader(text)
    try:
        events = list(_anchors(text, shown_as))
        if events:
            return Source(shown_as, {}, {}, {}), tuple(events)
        node = loader.get_single_node()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        return _nothing(shown_as, line, column, f"not YAML: {error.problem}", "mend the syntax")
    except yaml.YAMLError:
        return _nothing(shown_as, 1, 1, "not YAML: a character it does not allow", "remove it")
    finally:
        loader.dispose()
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


def _anchors(text: str, file: str) -> Iterator[Finding]:
    # Checked on the events, before anything is composed: nested aliases grow exponentially.
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            start = event.start_mark
            mark = Mark(file, start.line + 1, start.column + 1) if start else Mark(file, 1, 1)
            yield Finding(mark, "yaml", "", "anchors and aliases are not read", "write it out")


class _Builder:
    """Turns nodes into plain data, keeping the marks."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.keys: dict[Keys, Mark] = {}
        self.values: dict[Keys, Mark] = {}
        self.findings: list[Finding] = []

    def build(self, node: yaml.Node, path: Keys) -> Any:
        self.values[path] = self._mark(node)
        if not node.tag.startswith("tag:yaml.org,2002:"):
            self._find(node, f"the tag {node.tag} is not read", "remove it")
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
                self._find(key_node, "a key is a map or a list", "use text as key")
                continue
            key = key_node.value
            if key in result:
                self._find(
                    key_node, f'the key "{key}" stands twice', "keep one of them", "duplicate-key"
                )
                continue
            self.keys[(*path, key)] = self._mark(key_node)
            result[key] = self.build(value_node, (*path, key))
        return result

    def _mark(self, node: yaml.Node) -> Mark:
        return Mark(self.file, node.start_mark.line + 1, node.start_mark.column + 1)

    def _find(self, node: yaml.Node, problem: str, remedy: str, kind: str = "yaml") -> None:
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
