"""A request's values against its route's JSON Schemas (2020-12), every fault at once.

Faults are told by the schema's words and the place alone, never by the value: it may be a
patient's. Patterns run on an engine of linear time, where `$` is the end of the text and `\\d`
an ASCII digit; formats are asserted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, Final
from urllib.parse import unquote_to_bytes

import jsonschema_rs

from gateway.problems import FieldError, Location, Rejection
from gateway.rest.fault_texts import fault_text
from gateway.rest.request_json import read_json
from gateway.strict_json import fits_xml

MOST_FAULTS: Final = 100
"""More faults than these are not listed: a body may hold a wrong value in every other byte."""

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}")
_QUERY = re.compile(r"(?:[A-Za-z0-9\-._~!$'()*+,;:@/?&=]|%[0-9A-Fa-f]{2})*+")
_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,17}")
_JSON = re.compile(r'application/json(?:[ \t]*;[ \t]*charset=(?:"utf-8"|utf-8))?', re.IGNORECASE)


class JsonSchema:
    """One compiled schema. ValueError when `document` is not a schema this engine runs safely.

    Refused are a pattern that needs backtracking (look-around, back-references), an unknown
    format and a `$ref` that would have to be fetched.
    """

    __slots__ = ("_validator",)

    def __init__(self, document: dict[str, Any]) -> None:
        self._validator = jsonschema_rs.Draft202012Validator(
            document,
            pattern_options=jsonschema_rs.RegexOptions(),
            validate_formats=True,
            ignore_unknown_formats=False,
            offline=True,
        )

    def holds(self, value: object) -> bool:
        """Whether `value`, of the types that JSON has, fits the schema."""
        return self._validator.is_valid(value)

    def faults(self, value: object, location: Location) -> tuple[FieldError, ...]:
        """What is wrong with `value`, at most `MOST_FAULTS`; none when it fits."""
        if self._validator.is_valid(value):
            return ()
        return tuple(islice(self._each(value, location), MOST_FAULTS))

    def _each(self, value: object, location: Location) -> Iterator[FieldError]:
        for error in self._validator.iter_errors(value):
            detail, detail_zh = fault_text(error.kind)
            for path in _places(error):
                yield FieldError(location, _pointer(path), detail, detail_zh)


@dataclass(frozen=True, slots=True)
class RequestShape:
    """What a route takes: path parameters by name, a query and a body by schema.

    `query` describes an object with a member for each parameter; `query_types` gives the JSON
    type ("string", "integer", "boolean") of those that are not plain text. Names are distinct
    across path, query and body, for all end in one dict.
    """

    path: tuple[str, ...]
    query: JsonSchema | None
    body: JsonSchema | None
    query_types: Mapping[str, str]


def validate(
    shape: RequestShape,
    path_values: Mapping[str, str],
    query: str,
    content_type: str | None,
    body: bytes,
) -> dict[str, object]:
    """The request's values by name: path, query and body members in one dict.

    `path_values` are decoded, `query` is raw. Rejections: `invalid` (422) with every fault,
    `malformed` (400), `unsupported-media-type` (415).
    """
    faults: list[FieldError] = []
    values: dict[str, object] = {}
    for name in shape.path:
        values[name] = path_values[name]
        if not fits_xml(path_values[name]):
            faults.append(_fault("path", name, "must be plain text", "必须为普通文本"))
    if query or shape.query is not None:
        values.update(_read_query(shape, query, faults))
    if shape.body is not None:
        values.update(_read_body(shape.body, content_type, body, faults))
    elif body:
        raise Rejection(
            "malformed", detail="This request takes no body.", detail_zh="该请求不接受请求体。"
        )
    if faults:
        raise Rejection("invalid", errors=tuple(faults[:MOST_FAULTS]))
    return values


def _read_body(
    schema: JsonSchema, content_type: str | None, body: bytes, faults: list[FieldError]
) -> dict[str, object]:
    if not body and content_type is None and schema.holds({}):
        # Every member may be left out, and so may the body.
        return {}
    if content_type != "application/json" and not _JSON.fullmatch(content_type or ""):
        raise Rejection("unsupported-media-type")
    value = read_json(body)
    found = schema.faults(value, "body")
    if found:
        faults.extend(found)
        return {}
    if not isinstance(value, dict):
        faults.append(FieldError("body", "", "must be an object", "必须为对象"))
        return {}
    return value


def _read_query(shape: RequestShape, query: str, faults: list[FieldError]) -> dict[str, object]:
    if not _QUERY.fullmatch(query):
        raise Rejection(
            "malformed",
            detail="The query string is not percent-encoded as it should be.",
            detail_zh="查询字符串的百分号编码不正确。",
        )
    values: dict[str, object] = {}
    with_plus: set[str] = set()
    for part in query.split("&") if query else ():
        name, _, raw = part.partition("=")
        name, text = _decoded(name), _decoded(raw)
        if "+" in raw and name not in shape.query_types:
            with_plus.add(_pointer((name,)))
        if name in values:
            faults.append(_fault("query", name, "must be given once", "不得重复"))
        elif not fits_xml(text):
            faults.append(_fault("query", name, "must be plain text", "必须为普通文本"))
        values[name] = _typed(text, shape.query_types.get(name))
    if shape.query is None:
        faults.extend(_fault("query", name, "is not known here", "未定义") for name in list(values))
    else:
        found = shape.query.faults(values, "query")
        faults.extend(_told_of_plus(one) if one.pointer in with_plus else one for one in found)
    return values


def _told_of_plus(fault: FieldError) -> FieldError:
    """The fault of a text that came with a "+", which most callers meant as that."""
    return replace(
        fault,
        detail=f"{fault.detail}; a + in a query is read as a space, write it as %2B",
        detail_zh=f"{fault.detail_zh}；查询字符串中的 + 会被读作空格，请写作 %2B",
    )


def _decoded(text: str) -> str:
    """`text` of a form-encoded query (WHATWG URL, section 5), which reads "+" as a space."""
    if "%" not in text and "+" not in text:
        return text
    try:
        return unquote_to_bytes(text.replace("+", " ")).decode()
    except UnicodeDecodeError:
        raise Rejection(
            "malformed",
            detail="The query string is not UTF-8.",
            detail_zh="查询字符串不是 UTF-8 编码。",
        ) from None


def _typed(text: str, json_type: str | None) -> object:
    """`text` as its JSON type, or as it is where it cannot be one: the schema then says so."""
    if json_type == "integer" and _INTEGER.fullmatch(text):
        return int(text)
    if json_type == "boolean" and text in ("true", "false"):
        return text == "true"
    return text


def _fault(location: Location, name: str, detail: str, detail_zh: str) -> FieldError:
    return FieldError(location, _pointer((name,)), detail, detail_zh)


def _places(error: jsonschema_rs.ValidationError) -> Iterator[tuple[str | int, ...]]:
    """Where the fault is: a missing or unknown member is a place of its own."""
    at = tuple(error.instance_path)
    match error.kind:
        case jsonschema_rs.ValidationErrorKind.Required(property=name):
            yield (*at, name)
        case (
            jsonschema_rs.ValidationErrorKind.AdditionalProperties(unexpected=names)
            | jsonschema_rs.ValidationErrorKind.UnevaluatedProperties(unexpected=names)
        ):
            for name in names:
                yield (*at, name)
        case _:
            yield at


def _pointer(path: tuple[str | int, ...]) -> str:
    """The JSON Pointer of `path`, up to a name that the caller made up and that may be a value."""
    tokens = []
    for token in path:
        text = str(token)
        if isinstance(token, str) and not _NAME.fullmatch(token):
            break
        tokens.append("/" + text)
    return "".join(tokens)
