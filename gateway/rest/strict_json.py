"""The one reader of JSON that comes from the cloud.

RFC 8259 as I-JSON (RFC 7493) narrows it: UTF-8 without a byte order mark, no key twice in an
object, no lone surrogate, integers within 64 bits. Beyond that: nothing that XML 1.0 could not
carry on to the hospital, no nesting past `DEPTH`, and an integer is written as one, so that
`1e2`, `1.0` and `-0` can never pass for an amount of money.
"""

from __future__ import annotations

import json
import re
from typing import Final, Never

from gateway.problems import Rejection

DEPTH: Final = 32

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# The end of the text closes a string too: a search that could fail would start again at the
# next quote and take quadratic time.
_STRINGS = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|\Z)', re.DOTALL)
_ONE_BRACKET = bytes.maketrans(b"{}", b"[]")
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_INT_DIGITS: Final = 20
_INT_MIN: Final = -(2**63)
_INT_MAX: Final = 2**63 - 1


def read_json(body: bytes) -> object:
    """The value that `body` holds; Rejection `malformed` (400) when it is not strict JSON."""
    if body.count(b"{") + body.count(b"[") > DEPTH:
        _refuse_depth(body)
    try:
        value: object = _DECODER.decode(body.decode())
    except UnicodeDecodeError:
        _malformed("The body is not UTF-8.", "请求体不是 UTF-8 编码。")
    except json.JSONDecodeError as error:
        _malformed(
            f"The body is not JSON: line {error.lineno}, column {error.colno}.",
            f"请求体不是合法的 JSON：第 {error.lineno} 行第 {error.colno} 列。",
        )
    # The decoder refuses raw control characters; only an escape, or U+FFFE and U+FFFF, which
    # begin with these two bytes, can bring in what XML cannot carry.
    if b"\\" in body or b"\xef\xbf" in body:
        _refuse_beyond_xml(value)
    return value


def fits_xml(text: str) -> bool:
    """Whether XML 1.0 can carry every character of `text`."""
    return _NOT_XML.search(text) is None


def _malformed(detail: str, detail_zh: str) -> Never:
    # "from None": the decoder's exceptions carry the whole body.
    raise Rejection("malformed", detail=detail, detail_zh=detail_zh) from None


def _refuse_depth(body: bytes) -> None:
    """Take the innermost brackets away `DEPTH` times: what is left lies deeper, or is unpaired."""
    brackets = _STRINGS.sub(b"", body).translate(None, _NO_BRACKETS).translate(_ONE_BRACKET)
    for _ in range(DEPTH):
        brackets = brackets.replace(b"[]", b"")
        if not brackets:
            return
    _malformed(
        f"The body is not JSON or is nested more than {DEPTH} levels deep.",
        f"请求体不是合法的 JSON，或嵌套超过 {DEPTH} 层。",
    )


def _refuse_beyond_xml(value: object) -> None:
    if isinstance(value, str):
        if not fits_xml(value):
            _malformed(
                "The body holds a character that XML cannot carry.",
                "请求体含有 XML 无法表示的字符。",
            )
    elif isinstance(value, dict):
        for name, member in value.items():
            _refuse_beyond_xml(name)
            _refuse_beyond_xml(member)
    elif isinstance(value, list):
        for item in value:
            _refuse_beyond_xml(item)


def _object(members: list[tuple[str, object]]) -> dict[str, object]:
    value = dict(members)
    if len(value) != len(members):
        _malformed("An object of the body has a key twice.", "请求体的某个对象有重复的键。")
    return value


def _integer(digits: str) -> int:
    # The length first: reading thousands of digits takes quadratic time.
    if len(digits) <= _INT_DIGITS and digits != "-0":
        value = int(digits)
        if _INT_MIN <= value <= _INT_MAX:
            return value
    _malformed("A number of the body is -0 or beyond 64 bits.", "请求体的数字为 -0 或超出 64 位。")


def _fraction(digits: str) -> float:
    value = float(digits)
    if value.is_integer() or value in (float("inf"), float("-inf")):
        _malformed(
            "A number of the body has an exponent or a fraction that it should not have.",
            "请求体的数字带有不应有的指数或小数部分。",
        )
    return value


def _constant(_: str) -> Never:
    _malformed("The body holds NaN or Infinity.", "请求体含有 NaN 或 Infinity。")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object,
    parse_int=_integer,
    parse_float=_fraction,
    parse_constant=_constant,
)
