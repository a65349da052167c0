"""JSON Schema (2020-12), as far as a record can hold what it says, to elements.

Objects, lists of objects or values, text, numbers, truth values, null; references inside the file;
`oneOf` a list and what is in it, for services that leave the brackets away around one. Any other
construct is a `ContractError` that names its place: a construct half understood is misread data.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from lxml import etree

from gateway.soap.elements import ComplexType, Element, SimpleType
from gateway.soap.errors import ContractError
from gateway.soap.payload.patterns import xml_pattern
from gateway.soap.payload.record_schema import RecordSchema
from gateway.strict_json import NotJson, StrictJson

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_WORDS = {
    "$schema", "$id", "$defs", "$comment", "title", "description", "examples", "default", "type",
}  # fmt: skip
_KEYWORDS: Mapping[str, set[str]] = {
    "object": {"properties", "required", "additionalProperties"},
    "array": {"items", "minItems", "maxItems"},
    "string": {"minLength", "maxLength", "pattern", "enum", "const", "format", "contentEncoding"},
    "integer": {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "enum", "const"},
    "number": {
        "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "enum", "const",
        "multipleOf",
    },
    "boolean": set(),
}  # fmt: skip
_BASES = {"string": "string", "integer": "integer", "number": "decimal", "boolean": "boolean"}
_BOUNDS = {
    "minimum": "min_inclusive",
    "maximum": "max_inclusive",
    "exclusiveMinimum": "min_exclusive",
    "exclusiveMaximum": "max_exclusive",
}
_LENGTHS = {"minLength": "min_length", "maxLength": "max_length"}
_FORMATS = {
    "date": SimpleType("date", "date", patterns=("[0-9]{4}-[0-9]{2}-[0-9]{2}",)),
    "date-time": SimpleType(
        "date-time", "dateTime", patterns=(r".*([Zz]|[+\-][0-9]{2}:[0-9]{2})",)
    ),
}
_DECIMALS = re.compile(r"1|0\.(0*1)")
_DEEPEST = 32


class Number(str):
    """A number's text, exactly as it stands in the file."""

    __slots__ = ()


EXACT_JSON = StrictJson(Number, Number)
"""The reader of JSON whose numbers stay texts."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What JSON says of a value beside what its `element` does.

    `bare`: a list may stand without its brackets around one; `null`: it may be null. `required`
    are the members that must be there, an empty list among them; `open`: there may be others.
    """

    element: Element
    members: Mapping[str, Shape]
    required: frozenset[str] = frozenset()
    open: bool = False
    bare: bool = False
    null: bool = False


def read_json_schema(file: Path) -> tuple[Shape, bytes]:
    """The message that a schema describes, and the file's content."""
    try:
        content = file.read_bytes()
        document = EXACT_JSON.read(content)
    except OSError as error:
        raise ContractError(file, None, f"cannot be read: {error.strerror}") from error
    except NotJson as refused:
        what = f"is no strict JSON: {refused.reason}"
        raise ContractError(file, refused.line or None, what) from None
    try:
        shape = _Lowering(file, document).root()
        RecordSchema(shape.element)
    except (AttributeError, TypeError, ValueError, etree.XMLSchemaParseError) as error:
        # A keyword's value is of another type than JSON Schema says, or facets exclude each other.
        raise ContractError(file, None, f"is no JSON Schema that can hold: {error}") from error
    return shape, content


def _inside(shape: Shape) -> tuple[object, ...]:
    """What a value may be, whether there is one or many."""
    return shape.element.type, shape.element.nillable, shape.members, shape.required, shape.open


class _Lowering:
    """Goes down one schema."""

    def __init__(self, file: Path, document: Any) -> None:
        self._file = file
        self._document = document

    def root(self) -> Shape:
        shape = self._shape("message", self._document, "#")
        element = shape.element
        if not isinstance(element.type, ComplexType) or element.repeats or element.nillable:
            raise self._refusal("#", "a message that is not one object")
        return shape

    def _shape(self, name: str, schema: Any, at: str, *, needed: bool = True) -> Shape:
        """The shape of one member; `needed`: the object requires it."""
        if at.count("/") > 2 * _DEEPEST:
            raise self._refusal("#", f"a schema in itself, or of more than {_DEEPEST} levels,")
        schema, at = self._resolved(schema, at)
        if "oneOf" in schema:
            return self._one_or_many(name, schema, at, needed=needed)
        kind, nullable = self._kind(schema, at)
        self._known(schema, kind, at)
        least = 1 if needed else 0
        if kind == "array":
            return self._list(name, schema, at, needed=needed, nullable=nullable)
        if kind == "object":
            return self._object(name, schema, at, least=least, nullable=nullable)
        simple = self._simple(name, kind, schema, at)
        return Shape(Element(name, "", simple, least, nillable=nullable), {})

    def _resolved(self, schema: Any, at: str) -> tuple[dict[str, Any], str]:
        for _ in range(_DEEPEST):
            if not isinstance(schema, dict):
                raise self._refusal(at, "a schema that is no object")
            reference = schema.get("$ref")
            if reference is None:
                return schema, at
            if schema.keys() - _WORDS - {"$ref"} or not str(reference).startswith("#/"):
                raise self._refusal(at, "a $ref with words beside it, or to another file,")
            schema = self._document
            for step in str(reference)[2:].split("/"):
                schema = schema.get(step) if isinstance(schema, dict) else None
            if schema is None:
                break
        raise self._refusal(at, "a $ref that leads nowhere")

    def _kind(self, schema: dict[str, Any], at: str) -> tuple[str, bool]:
        stated = schema.get("type")
        kinds = list(stated) if isinstance(stated, list) else [stated]
        nullable = "null" in kinds
        kinds = [kind for kind in kinds if kind != "null"]
        if len(kinds) != 1 or kinds[0] not in _KEYWORDS:
            raise self._refusal(at, "a schema without one type")
        return str(kinds[0]), nullable

    def _known(self, schema: dict[str, Any], kind: str, at: str) -> None:
        for word in schema:
            if word not in _WORDS and word not in _KEYWORDS[kind]:
                raise self._refusal(at, f"{word} of a schema of type {kind}")

    def _object(
        self, name: str, schema: dict[str, Any], at: str, *, least: int, nullable: bool
    ) -> Shape:
        others = schema.get("additionalProperties", True)
        if not isinstance(others, bool):
            raise self._refusal(at, "additionalProperties but true or false")
        properties, required = schema.get("properties", {}), schema.get("required", [])
        unknown = [one for one in required if one not in properties]
        if unknown:
            raise self._refusal(at, f"the required {unknown[0]}, which is no property,")
        wrong = next((one for one in properties if not _NAME.fullmatch(one)), None)
        if wrong is not None:
            raise self._refusal(at, f"the member {wrong}, which no path can name,")
        members = {
            member: self._shape(
                member, inner, f"{at}/properties/{member}", needed=member in required
            )
            for member, inner in properties.items()
        }
        kind = ComplexType(name, tuple(member.element for member in members.values()))
        element = Element(name, "", kind, least, nillable=nullable)
        return Shape(element, members, frozenset(required), others)

    def _list(
        self, name: str, schema: dict[str, Any], at: str, *, needed: bool, nullable: bool
    ) -> Shape:
        item = self._shape(name, schema.get("items"), f"{at}/items")
        if item.element.repeats:
            raise self._refusal(at, "a list of lists")
        least = int(schema.get("minItems", "0")) if needed and not nullable else 0
        most = int(schema["maxItems"]) if "maxItems" in schema else None
        if most is not None and most < 2:
            raise self._refusal(at, "a list of at most one")
        element = replace(item.element, min_occurs=least, max_occurs=most)
        return replace(item, element=element, null=nullable)

    def _one_or_many(self, name: str, schema: dict[str, Any], at: str, *, needed: bool) -> Shape:
        """A list whose brackets are left away around one."""
        branches = schema["oneOf"]
        made = [
            self._shape(name, branch, f"{at}/oneOf/{index}", needed=needed)
            for index, branch in enumerate(branches)
        ]
        many = next((one for one in made if one.element.repeats), None)
        one = next((one for one in made if not one.element.repeats), None)
        other = schema.keys() - _WORDS - {"oneOf"}
        if other or len(made) != 2 or many is None or one is None or _inside(many) != _inside(one):
            raise self._refusal(at, "oneOf but of a list and what is in it")
        return replace(many, bare=True)

    def _simple(self, name: str, kind: str, schema: dict[str, Any], at: str) -> SimpleType:
        simple = SimpleType(name, _BASES[kind], "preserve" if kind == "string" else "collapse")
        if "format" in schema:
            if schema["format"] not in _FORMATS:
                raise self._refusal(at, f"the format {schema['format']}")
            simple = replace(_FORMATS[schema["format"]], name=name)
        if "contentEncoding" in schema:
            if schema["contentEncoding"] != "base64":
                raise self._refusal(at, f"the contentEncoding {schema['contentEncoding']}")
            simple = SimpleType(name, "base64Binary")
        if "pattern" in schema:
            simple = replace(simple, patterns=(*simple.patterns, self._pattern(schema, at)))
        if len(simple.patterns) > 1:
            raise self._refusal(at, "a pattern beside a format")
        values = schema.get("enum", [schema["const"]] if "const" in schema else [])
        wanted = str if kind == "string" else Number
        if "null" in schema["type"]:
            values = [value for value in values if value is not None]
        if any(type(value) is not wanted for value in values):
            raise self._refusal(at, "an enum with values of another type")
        facets: dict[str, Any] = {_BOUNDS[word]: schema[word] for word in _BOUNDS if word in schema}
        facets |= {_LENGTHS[word]: int(schema[word]) for word in _LENGTHS if word in schema}
        return replace(
            simple,
            enumeration=tuple(str(value) for value in values),
            fraction_digits=self._decimals(schema, at),
            **facets,
        )

    def _pattern(self, schema: dict[str, Any], at: str) -> str:
        try:
            return xml_pattern(str(schema["pattern"]))
        except ValueError as error:
            raise self._refusal(at, f"a pattern with {error}") from None

    def _decimals(self, schema: dict[str, Any], at: str) -> int | None:
        """`multipleOf: 0.01` is two decimals; what is no power of ten cannot be held."""
        if "multipleOf" not in schema:
            return None
        match = _DECIMALS.fullmatch(schema["multipleOf"])
        if match is None:
            raise self._refusal(at, f"multipleOf {schema['multipleOf']}")
        return len(match[1] or "")

    def _refusal(self, at: str, what: str) -> ContractError:
        return ContractError(self._file, None, f"{at}: {what} is not supported")
