"""What a contract's elements look like, free of XML: types with their facets, and paths in them."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import Literal

Whitespace = Literal["preserve", "replace", "collapse"]


@dataclass(frozen=True, slots=True)
class SimpleType:
    """Text with facets (XML Schema Part 2, 4.3). `base` is the primitive it derives from.

    The integer family (`long`, `positiveInteger`, ...) has base `integer` and its bounds here;
    the string family (`token`, ...) has base `string` and its whitespace here. `patterns` has one
    entry for each step of derivation, in XML Schema's dialect; a value matches all of them.
    """

    name: str
    base: str
    whitespace: Whitespace = "collapse"
    enumeration: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    length: int | None = None
    min_length: int | None = None
    max_length: int | None = None
    min_inclusive: str | None = None
    max_inclusive: str | None = None
    min_exclusive: str | None = None
    max_exclusive: str | None = None
    total_digits: int | None = None
    fraction_digits: int | None = None


@dataclass(frozen=True, slots=True)
class ComplexType:
    """A sequence of elements, in the contract's order; no two share a local name."""

    name: str
    children: tuple[Element, ...]


@dataclass(frozen=True, slots=True)
class Element:
    """One element: its local `name`, its `namespace` ("" if unqualified) and how often it occurs.

    `max_occurs` is `None` when unbounded.
    """

    name: str
    namespace: str
    type: SimpleType | ComplexType
    min_occurs: int = 1
    max_occurs: int | None = 1
    nillable: bool = False

    @property
    def repeats(self) -> bool:
        """Whether a `Record` holds a list under this name."""
        return self.max_occurs is None or self.max_occurs > 1

    @property
    def tag(self) -> str:
        """The name in lxml's notation: `{namespace}name`, or `name` if unqualified."""
        return f"{{{self.namespace}}}{self.name}" if self.namespace else self.name


def follow(start: Element, steps: tuple[str, ...]) -> tuple[Element, ...] | None:
    """The elements that `steps` lead through below `start`; None when there is no such path."""
    chain: list[Element] = []
    element = start
    for step in steps:
        if not isinstance(element.type, ComplexType):
            return None
        found = next((child for child in element.type.children if child.name == step), None)
        if found is None:
            return None
        chain.append(found)
        element = found
    return tuple(chain)


def nearest(parent: Element, path: str) -> str | None:
    """The path below `parent` that is most like `path`, for messages; `None` if none is."""
    found = difflib.get_close_matches(path, _paths(parent, ""), n=1, cutoff=0.5)
    return found[0] if found else None


def _paths(parent: Element, prefix: str) -> list[str]:
    if not isinstance(parent.type, ComplexType):
        return []
    paths = []
    for child in parent.type.children:
        path = prefix + child.name
        paths += [path, *_paths(child, f"{path}/")]
    return paths
