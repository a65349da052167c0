"""The style `json`: an object inside a string, by a JSON Schema.

Numbers are texts all the way: what is sent is what was given, to the last digit, and so is what
is read.
"""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path as File
from typing import TypeAlias

from gateway.record import Record, Value
from gateway.soap.elements import Element, SimpleType
from gateway.soap.errors import RecordFault, ReplyInvalid, RequestInvalid
from gateway.soap.payload.charset import Charset
from gateway.soap.payload.json_schema import EXACT_JSON, Number, Shape, read_json_schema
from gateway.soap.payload.record_schema import MOST_PARTS, RecordSchema
from gateway.soap.violations import told
from gateway.strict_json import NotJson

Path: TypeAlias = tuple[str, ...]

_INTEGER = re.compile("-?(?:0|[1-9][0-9]*)")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")
_NUMBERS = {"integer": _INTEGER, "decimal": _NUMBER}
_PART = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]:,]|[^"{}\[\]:,]+')
_TRUTH = {"true": "true", "1": "true", "false": "false", "0": "false"}


class JsonForm:
    """An object, its members in the schema's order and the absent ones left out.

    A list that must be there is there when it is empty, and always has its brackets.
    """

    root: Element
    digest: str

    def __init__(self, schema: File, _folder: File, _charset: Charset) -> None:
        """`ContractError` for a schema that says more than a record can hold."""
        self._shape, content = read_json_schema(schema)
        self.root = self._shape.element
        self.digest = hashlib.sha256(content).hexdigest()
        self._schema = RecordSchema(self.root)

    def write(self, record: Record) -> str:
        """The object's text; `RequestInvalid` with every fault found."""
        faults = [*self._schema.faults(record)]
        written = "" if faults else _object(self._shape, record, (), faults)
        if faults:
            raise RequestInvalid(tuple(faults))
        return written

    def shown(self, text: str) -> str:
        """The object, one member a line."""
        lines, depth = [""], 0
        for part in _PART.findall(text):
            if part in "}]":
                depth -= 1
                lines.append("  " * depth)
            lines[-1] += ": " if part == ":" else part
            if part in "{[,":
                depth += part != ","
                lines.append("  " * depth)
        return "\n".join(lines)

    def read(self, text: str) -> Record:
        """The record; `ReplyInvalid` with `payload-not-json` or `payload-off-schema`."""
        if len(text) > MOST_PARTS and sum(map(text.count, ",[{")) > MOST_PARTS:
            raise ReplyInvalid("payload-not-json", "more values than any message has")
        try:
            value = EXACT_JSON.read(text.encode())
        except NotJson as refused:
            raise ReplyInvalid("payload-not-json", str(refused)) from None
        faults: list[RecordFault] = []
        record = _read_object(self._shape, value, (), faults)
        faults = faults or [*self._schema.faults(record, len(text))]
        if faults:
            raise ReplyInvalid("payload-off-schema", told(faults))
        return record


def _object(shape: Shape, record: Record, path: Path, faults: list[RecordFault]) -> str:
    written = []
    for name, member in shape.members.items():
        if name in record:
            value = record[name]
        elif member.element.repeats and name in shape.required:
            value = []
        else:
            continue
        here = (*path, name)
        if isinstance(value, list):
            items = ",".join(_value(member, item, here, faults) for item in value)
            text = f"[{items}]"
        else:
            text = _value(member, value, here, faults)
        written.append(f"{_string(name)}:{text}")
    return f"{{{','.join(written)}}}"


def _value(shape: Shape, value: Value, path: Path, faults: list[RecordFault]) -> str:
    """One value's text. The schema has found it to be one of the element's."""
    if value is None:
        return "null"
    if isinstance(value, dict):
        return _object(shape, value, path, faults)
    text, base = str(value), _base(shape)
    if base == "boolean":
        return _TRUTH[text.strip()]
    if base in _NUMBERS:
        if not _NUMBERS[base].fullmatch(text):
            faults.append(RecordFault(path, "is not written as JSON writes numbers"))
        return text
    return _string(text)


def _base(shape: Shape) -> str:
    return shape.element.type.base if isinstance(shape.element.type, SimpleType) else ""


def _string(text: str) -> str:
    # It may be carried in a CDATA section, which would end there.
    return json.dumps(text, ensure_ascii=False).replace("]]>", "]]\\u003e")


def _read_object(shape: Shape, value: object, path: Path, faults: list[RecordFault]) -> Record:
    record: Record = {}
    if not isinstance(value, dict):
        faults.append(RecordFault(path, "must be an object"))
        return record
    missing = sorted(shape.required - value.keys())
    faults += [RecordFault((*path, name), "is required") for name in missing]
    for name, member in value.items():
        inner = shape.members.get(name)
        if inner is not None:
            _keep(record, inner, member, (*path, name), faults)
        elif not shape.open:
            # A name that the schema does not have is the sender's, and could say anything.
            faults.append(RecordFault((*path, "*"), "is not in the schema"))
    return record


def _keep(
    record: Record, shape: Shape, member: object, path: Path, faults: list[RecordFault]
) -> None:
    if not shape.element.repeats:
        record[path[-1]] = _read(shape, member, path, faults)
        return
    if isinstance(member, list):
        items = member
    elif member is None and shape.null:
        items = []
    elif shape.bare:
        items = [member]
    else:
        faults.append(RecordFault(path, "must be a list"))
        return
    # As of XML, a list without anything in it is not in the record.
    if items:
        record[path[-1]] = [_read(shape, item, path, faults) for item in items]


def _read(shape: Shape, value: object, path: Path, faults: list[RecordFault]) -> Value:
    if value is None and shape.element.nillable:
        return None
    base = _base(shape)
    if not base:
        return _read_object(shape, value, path, faults)
    if base == "boolean":
        if isinstance(value, bool):
            return "true" if value else "false"
    elif base in _NUMBERS:
        if isinstance(value, Number) and _NUMBERS[base].fullmatch(value):
            return str(value)
    elif type(value) is str and (base == "string" or value == value.strip()):
        return value
    faults.append(RecordFault(path, f"is not of the type {base}"))
    return ""
