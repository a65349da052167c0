"""What a contract's elements look like, free of XML: types with their facets, and paths in them."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from typing import Literal

TEXT = "text()"
"""The member that is the text beside attributes."""

VARIANT = "@xsi:type"
"""The member that says which variant of its type an element has."""

Whitespace = Literal["preserve", "replace", "collapse"]


@dataclass(frozen=True, slots=True)
class SimpleType:
    """Text with facets (XML Schema Part 2, 4.3). `base` is the primitive it derives from.

    The integer family (`long`, `positiveInteger`, ...) has base `integer` and its bounds here;
    the string family (`token`, ...) has base `string` and its whitespace here. `patterns` has one
    entry for each step of derivation, in XML Schema's dialect; a value matches all of them.
    A list or a union of several bases is a text; what the schema says of its parts is not here.

    `tag` is the name of the type, or of the named one that it restricts, in lxml's notation.
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
    tag: str = field(default="", compare=False)


ANY = SimpleType("anyType", "string", "preserve")
"""Whatever it may be, of which a text alone is written and read."""


@dataclass(frozen=True, slots=True)
class ComplexType:
    """What may stand in an element: its members, in the contract's order, no two of one name.

    A member named `@name` is an attribute, the one named `text()` the text beside attributes, as
    in XPath; all others are elements. What stands in a choice or may be left out with its group is
    optional here; what the schema asks of it is in `model`, which is None where each member stands
    for itself.

    `unordered` elements come in any order (`xsd:all`). An `open` type has room for elements that
    the contract does not name (`xsd:any`); they are never written, and not read. Each of `turns`
    names elements that alternate in a repeating sequence: as many of one as of the other.

    A type that others derive from has `variants`: the types that an element of it may have, of
    which `xsi:type` names one. Its members are then those of all variants, what not every variant
    has being optional, and `@xsi:type`, the local name of the variant; required if the type is
    abstract, else absent from an element of the type itself.

    `tag` is the type's own name in lxml's notation, "" if it is anonymous.
    """

    name: str
    children: tuple[Element, ...]
    unordered: bool = False
    open: bool = False
    turns: tuple[tuple[str, ...], ...] = ()
    variants: tuple[ComplexType, ...] = ()
    model: Group | None = None
    tag: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Group:
    """Elements and groups of which all, or as a `choice` one, must be there, unless `optional`."""

    parts: tuple[Element | Group, ...]
    choice: bool = False
    optional: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether each element of it stands for itself."""
        return not (self.choice or self.optional) and all(
            isinstance(part, Element) or part.is_plain for part in self.parts
        )


class ArrayType(ComplexType):
    """An array of SOAP 1.1 section 5: one repeating element, whatever its name on the wire."""

    __slots__ = ()


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
        name = self.name.removeprefix("@")
        return f"{{{self.namespace}}}{name}" if self.namespace else name

    @property
    def is_attribute(self) -> bool:
        """Whether it is an attribute, its name with `@` before it."""
        return self.name.startswith("@")


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


def always(chain: tuple[Element, ...]) -> bool:
    """Whether the contract promises every element of the chain."""
    return all(element.min_occurs > 0 and not element.nillable for element in chain)


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
