"""The table of a message whose fields stand one after the other, with separators between them.

A YAML file: `separator`, and `fields` in their order, each with its `name` and, where wanted,
`type` (text, integer, decimal), `required`, `shortest`, `longest`, `pattern` (XML Schema's, of the
whole text), `values`. With `rows`, what stands between rows, a field is a list: of values, or of
rows with a `separator` and `fields` of their own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml
from lxml import etree

from gateway.soap.elements import ComplexType, Element, SimpleType
from gateway.soap.errors import ContractError
from gateway.soap.payload.record_schema import RecordSchema
from gateway.strict_json import fits_xml

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_TYPES = {
    "text": SimpleType("text", "string", "preserve"),
    "integer": SimpleType("integer", "integer"),
    "decimal": SimpleType("decimal", "decimal"),
}
_VALUE = {"name", "type", "required", "shortest", "longest", "pattern", "values", "rows", "about"}
_ROWS = {"name", "required", "rows", "separator", "fields", "about"}
_NO_TEXTS = {"fields", "values"}
_TRUTH = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `rows` is what stands between those of a list; `row` what each of them is."""

    element: Element
    rows: str | None = None
    row: Table | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """Fields in their order, and what stands between them."""

    separator: str
    fields: tuple[Field, ...]


def read_field_table(file: Path) -> tuple[Table, bytes]:
    """The table, and the file's content; `ContractError` for what is none."""
    try:
        content = file.read_bytes()
        data = yaml.load(content.decode(), _Loader)  # noqa: S506 - it makes nothing but texts
        table = _Reader(file).table(data, "the table", set())
        RecordSchema(message_of(table))
    except OSError as error:
        raise ContractError(file, None, f"cannot be read: {error.strerror}") from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else None
        raise ContractError(file, line, f"is no table: {error.problem}") from error
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise ContractError(file, None, "is no YAML in UTF-8") from error
    except etree.XMLSchemaParseError as error:
        raise ContractError(file, None, f"has a pattern or bound that is none: {error}") from error
    return table, content


def message_of(table: Table) -> Element:
    """The element of a whole message."""
    return Element("message", "", _kind("message", table))


def _kind(name: str, table: Table) -> ComplexType:
    return ComplexType(name, tuple(field.element for field in table.fields))


class _Loader(yaml.BaseLoader):
    """Reads maps, lists and texts; a key that stands twice is an error."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        made = super().construct_mapping(node, deep=deep)
        if len(made) != len(node.value):
            raise yaml.constructor.ConstructorError(
                problem="a key stands twice", problem_mark=node.start_mark
            )
        return made


def _is_text(word: str, value: object) -> bool:
    """Whether what stands at a word is one text, or is read as something else where it is read."""
    return word in _NO_TEXTS or (isinstance(value, str) and fits_xml(value))


class _Reader:
    """Reads a table, and refuses what is not of one, by the name of the field."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def table(self, data: Any, where: str, around: set[str], *, row: bool = False) -> Table:
        """A message's table or a row's, inside the separators `around`."""
        if not isinstance(data, dict) or not isinstance(data.get("fields"), list):
            raise self._refusal(where, "needs a separator and a list of fields")
        if not row:
            self._known(data, {"separator", "fields", "about"}, where)
        separator = self._separator(data.get("separator"), where, around)
        fields = tuple(self._field(each, around | {separator}) for each in data["fields"])
        names = [field.element.name for field in fields]
        if len(set(names)) != len(names) or not names:
            raise self._refusal(where, "has no field, or one name twice")
        return Table(separator, fields)

    def _field(self, data: Any, around: set[str]) -> Field:
        name = data.get("name") if isinstance(data, dict) else None
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise self._refusal("a field", "needs a name that a path can have")
        if "fields" in data:
            return self._rows(name, data, around)
        self._known(data, _VALUE, name)
        simple = self._simple(name, data)
        if "rows" not in data:
            return Field(Element(name, "", simple, 1 if self._required(data, name, True) else 0))
        # An empty text between two separators would be no value but nothing.
        simple = (
            replace(simple, min_length=max(simple.min_length or 1, 1))
            if (simple.base == "string")
            else simple
        )
        rows = self._separator(data["rows"], name, around)
        least = 1 if self._required(data, name, False) else 0
        return Field(Element(name, "", simple, least, None), rows)

    def _rows(self, name: str, data: dict[str, Any], around: set[str]) -> Field:
        self._known(data, _ROWS, name)
        rows = self._separator(data.get("rows"), name, around)
        table = self.table(data, name, around | {rows}, row=True)
        if len(table.fields) < 2:
            raise self._refusal(name, "has rows of one field: leave its fields out")
        least = 1 if self._required(data, name, False) else 0
        return Field(Element(name, "", _kind(name, table), least, None), rows, table)

    def _simple(self, name: str, data: dict[str, Any]) -> SimpleType:
        stated = data.get("type", "text")
        if stated not in _TYPES:
            raise self._refusal(name, f"has none of the types {', '.join(_TYPES)}")
        simple = replace(_TYPES[stated], name=name)
        if simple.base != "string" and ("shortest" in data or "longest" in data):
            raise self._refusal(name, "has a length, and only text has one")
        values = data.get("values", [])
        if not isinstance(values, list) or not all(_is_text("", value) for value in values):
            raise self._refusal(name, "has values that are no list of texts")
        return replace(
            simple,
            min_length=self._count(data, "shortest", name),
            max_length=self._count(data, "longest", name),
            patterns=(data["pattern"],) if "pattern" in data else (),
            enumeration=tuple(values),
        )

    def _count(self, data: dict[str, Any], word: str, name: str) -> int | None:
        text = data.get(word)
        if text is not None and not re.fullmatch("[0-9]{1,6}", text):
            raise self._refusal(name, f"has a {word} that is no whole number")
        return None if text is None else int(text)

    def _required(self, data: dict[str, Any], name: str, otherwise: bool) -> bool:
        text = data.get("required")
        if text is not None and text not in _TRUTH:
            raise self._refusal(name, "is required: true or false")
        return otherwise if text is None else _TRUTH[text]

    def _separator(self, text: Any, where: str, around: set[str]) -> str:
        if not isinstance(text, str) or not text or not fits_xml(text):
            raise self._refusal(where, "needs a separator")
        if "\r" in text or any(char.isalnum() for char in text):
            raise self._refusal(where, "has a letter, a digit or a carriage return as separator")
        if any(set(text) & set(other) for other in around):
            raise self._refusal(where, "has a separator that stands around it, too")
        return text

    def _known(self, data: dict[str, Any], words: set[str], where: str) -> None:
        unknown = next((word for word in data if word not in words), None)
        if unknown is not None:
            raise self._refusal(where, f'has "{unknown}", which is none of {sorted(words)}')
        wrong = next((word for word, value in data.items() if not _is_text(word, value)), None)
        if wrong is not None:
            raise self._refusal(where, f"has a {wrong} that is no text")

    def _refusal(self, where: str, what: str) -> ContractError:
        return ContractError(self._file, None, f"{where} {what}")
