"""The hospital's promise, read offline from a pack's WSDL and XSD.

zeep reads the WSDL (services, ports, bindings, messages); `gateway.soap.xsd` reads the types with
their facets, which zeep drops. Nothing is opened that does not lie in the WSDL's own folder.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from lxml import etree


@dataclass(frozen=True, slots=True)
class SimpleType:
    """Text with facets (XML Schema Part 2, 4.3). `base` is the primitive it derives from.

    The integer family (`long`, `positiveInteger`, ...) has base `integer` and its bounds here;
    the string family (`token`, ...) has base `string` and its whitespace here. `patterns` has one
    entry for each step of derivation; a value must match all of them.
    """

    name: str
    base: str
    whitespace: Literal["preserve", "replace", "collapse"] = "collapse"
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


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: the child of the SOAP body that goes out, and the one that comes back."""

    name: str
    action: str
    input: Element
    output: Element
    soap: Literal["1.1", "1.2"]
    style: Literal["document"] = "document"


@dataclass(frozen=True, slots=True)
class Contract:
    """A port of a WSDL. `digest` (SHA-256, hex) is over every document it was read from."""

    source: Path
    operations: Mapping[str, Operation]
    schema: etree.XMLSchema
    namespace: str
    digest: str


def load_contract(wsdl: Path, port: str | None = None) -> Contract:
    """Read `wsdl` and what it imports from its own folder; `ContractError` says what is wrong."""
    raise NotImplementedError


def element_at(parent: Element, path: str) -> Element | None:
    """The element at `path` ("ScheduleList/Schedule") below `parent`, if the contract has it."""
    element = parent
    for name in path.split("/"):
        if not isinstance(element.type, ComplexType):
            return None
        for child in element.type.children:
            if child.name == name:
                element = child
                break
        else:
            return None
    return element


def nearest(parent: Element, path: str) -> str | None:
    """The path below `parent` that is most like `path`, for messages."""
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
