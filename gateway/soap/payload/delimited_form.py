"""The style `delimited`: fields one after the other, with separators between them.

There is no way to write a separator inside a value, so a value that holds one is refused. An empty
field that need not be there means that it is not.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path as File
from typing import TypeAlias

from gateway.record import Record, Value
from gateway.soap.elements import Element, SimpleType
from gateway.soap.errors import RecordFault, ReplyInvalid, RequestInvalid
from gateway.soap.payload.charset import Charset
from gateway.soap.payload.field_table import Field, Table, message_of, read_field_table
from gateway.soap.payload.record_schema import MOST_PARTS, RecordSchema
from gateway.soap.violations import told

Path: TypeAlias = tuple[str, ...]

_LINE_BREAKS = "\r\n"


class DelimitedForm:
    """Fields by a table."""

    root: Element
    digest: str

    def __init__(self, schema: File, _folder: File, _charset: Charset) -> None:
        """`ContractError` for a file that is no table."""
        self._table, content = read_field_table(schema)
        self.root = message_of(self._table)
        self.digest = hashlib.sha256(content).hexdigest()
        self._schema = RecordSchema(self.root)
        self._separators = frozenset(_separators(self._table))
        self._not_in_values = frozenset(_LINE_BREAKS).union(*self._separators)

    def write(self, record: Record) -> str:
        """The fields' text; `RequestInvalid` with every fault found."""
        faults = self._schema.faults(record) or tuple(self._unwritable(self._table, record, ()))
        if faults:
            raise RequestInvalid(faults)
        return _written(self._table, record)

    def shown(self, text: str) -> str:
        """The text, and below it its fields with their names."""
        names = [field.element.name for field in self._table.fields]
        widest = max(len(name) for name in names)
        parts = zip(names, text.split(self._table.separator), strict=True)
        return "\n".join([text, *(f"{name:<{widest}}  {part}".rstrip() for name, part in parts)])

    def read(self, text: str) -> Record:
        """The record; `ReplyInvalid` with `payload-off-schema`."""
        if len(text) > MOST_PARTS and sum(map(text.count, self._separators)) > MOST_PARTS:
            raise ReplyInvalid("payload-off-schema", "/ has more values than any message")
        faults: list[RecordFault] = []
        record = _read(self._table, text, (), faults)
        found = faults or self._schema.faults(record, len(text))
        if found:
            raise ReplyInvalid("payload-off-schema", told(found))
        return record

    def _unwritable(self, table: Table, record: Record, path: Path) -> Iterator[RecordFault]:
        for field in table.fields:
            here = (*path, field.element.name)
            value = record.get(field.element.name)
            for item in value if isinstance(value, list) else [value]:
                if field.row is not None and isinstance(item, dict):
                    yield from self._unwritable(field.row, item, here)
                elif isinstance(item, str) and _is_padded(field.element, item):
                    yield RecordFault(here, "has space around it")
                elif isinstance(item, str) and not self._not_in_values.isdisjoint(item):
                    yield RecordFault(here, "holds a separator or a line break")
                elif item == "" and not field.element.min_occurs:
                    yield RecordFault(here, "is empty, which means that there is none")


def _separators(table: Table) -> Iterator[str]:
    """Every separator of the table and its rows."""
    yield table.separator
    for field in table.fields:
        if field.rows is not None:
            yield field.rows
        if field.row is not None:
            yield from _separators(field.row)


def _written(table: Table, record: Record) -> str:
    return table.separator.join(
        _field(field, record.get(field.element.name)) for field in table.fields
    )


def _field(field: Field, value: Value) -> str:
    if isinstance(value, list):
        return (field.rows or "").join(_field(field, item) for item in value)
    if isinstance(value, dict) and field.row is not None:
        return _written(field.row, value)
    return value if isinstance(value, str) else ""


def _read(table: Table, text: str, path: Path, faults: list[RecordFault]) -> Record:
    record: Record = {}
    parts = _parts(text, table.separator, path, faults)
    if len(parts) != len(table.fields):
        faults.append(RecordFault(path, f"is not of {len(table.fields)} fields"))
        return record
    for field, part in zip(table.fields, parts, strict=True):
        element, here = field.element, (*path, field.element.name)
        if not part and (field.rows is not None or not element.min_occurs):
            continue
        if field.rows is None:
            record[element.name] = _value(element, part, here, faults)
        elif field.row is None:
            items = _parts(part, field.rows, here, faults)
            record[element.name] = [_value(element, item, here, faults) for item in items]
        else:
            rows = _parts(part, field.rows, here, faults)
            record[element.name] = [_read(field.row, row, here, faults) for row in rows]
    return record


def _parts(text: str, separator: str, path: Path, faults: list[RecordFault]) -> list[str]:
    """What stands between the separators: `a###b` could be `a#` and `b`, or `a` and `#b`."""
    parts = text.split(separator)
    if len(separator) > 1 and any(part and part[0] in separator for part in parts[1:]):
        faults.append(RecordFault(path, "holds a part of a separator beside a whole one"))
    return parts


def _value(element: Element, text: str, path: Path, faults: list[RecordFault]) -> str:
    if _is_padded(element, text):
        faults.append(RecordFault(path, "has space around it"))
    return text


def _is_padded(element: Element, text: str) -> bool:
    """Whether a number has space around it, which XML Schema would let pass."""
    kind = element.type
    return isinstance(kind, SimpleType) and kind.base != "string" and text != text.strip()
