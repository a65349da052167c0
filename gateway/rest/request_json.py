"""JSON that comes from the cloud: strict, integers within 64 bits, and each written as one.

So `1e2`, `1.0` and `-0` can never pass for an amount of money.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Never

from gateway.problems import Rejection
from gateway.strict_json import DEPTH, NotJson, Reason, StrictJson

_INT_DIGITS: Final = 20
_INT_MIN: Final = -(2**63)
_INT_MAX: Final = 2**63 - 1

_DETAILS: Final[Mapping[Reason, tuple[str, str]]] = {
    "encoding": ("The body is not UTF-8.", "请求体不是 UTF-8 编码。"),
    "syntax": (
        "The body is not JSON: line {}, column {}.",
        "请求体不是合法的 JSON：第 {} 行第 {} 列。",
    ),
    "depth": (
        f"The body is not JSON or is nested more than {DEPTH} levels deep.",
        f"请求体不是合法的 JSON，或嵌套超过 {DEPTH} 层。",
    ),
    "character": (
        "The body holds a character that XML cannot carry.",
        "请求体含有 XML 无法表示的字符。",
    ),
    "key-twice": ("An object of the body has a key twice.", "请求体的某个对象有重复的键。"),
    "constant": ("The body holds NaN or Infinity.", "请求体含有 NaN 或 Infinity。"),
}


def read_json(body: bytes) -> object:
    """The value that `body` holds; Rejection `malformed` (400) when it is not strict JSON."""
    try:
        return _READER.read(body)
    except NotJson as refused:
        detail, detail_zh = _DETAILS[refused.reason]
        at = (refused.line, refused.column)
        _malformed(detail.format(*at), detail_zh.format(*at))


def _malformed(detail: str, detail_zh: str) -> Never:
    raise Rejection("malformed", detail=detail, detail_zh=detail_zh) from None


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


_READER = StrictJson(_integer, _fraction)
