"""What a failed JSON Schema keyword is called in each language, told from the schema alone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

import jsonschema_rs

Texts = tuple[str, str]

_FIXED: Final[Mapping[str, Texts]] = {
    "required": ("is required", "必填"),
    "additionalProperties": ("is not known here", "未定义"),
    "unevaluatedProperties": ("is not known here", "未定义"),
    "falseSchema": ("is not allowed here", "此处不允许"),
    "uniqueItems": ("must not hold the same item twice", "不得有重复的项"),
}
# Each text takes the keyword's own value from the schema.
_WITH_VALUE: Final[Mapping[str, Texts]] = {
    "const": ("must be {}", "必须为 {}"),
    "enum": ("must be one of {}", "必须为以下之一：{}"),
    "exclusiveMaximum": ("must be less than {}", "必须小于 {}"),
    "exclusiveMinimum": ("must be greater than {}", "必须大于 {}"),
    "maxItems": ("must hold at most {} items", "最多 {} 项"),
    "maxLength": ("must be at most {} characters long", "最多 {} 个字符"),
    "maxProperties": ("must have at most {} members", "最多 {} 个成员"),
    "maximum": ("must be at most {}", "不得大于 {}"),
    "minItems": ("must hold at least {} items", "至少 {} 项"),
    "minLength": ("must be at least {} characters long", "至少 {} 个字符"),
    "minProperties": ("must have at least {} members", "至少 {} 个成员"),
    "minimum": ("must be at least {}", "不得小于 {}"),
    "multipleOf": ("must be a multiple of {}", "必须为 {} 的倍数"),
    "pattern": ("must match {}", "必须匹配 {}"),
}
_FORMATS: Final[Mapping[str, Texts]] = {
    "date": ("must be a date, YYYY-MM-DD", "必须为日期 YYYY-MM-DD"),
    "date-time": (
        "must be a time as RFC 3339 writes it, with its offset",
        "必须为带时区偏移的 RFC 3339 时间",
    ),
    "time": ("must be a time of day with its offset", "必须为带时区偏移的时刻"),
}
_TYPES: Final[Mapping[str, Texts]] = {
    "array": ("a list", "列表"),
    "boolean": ("true or false", "true 或 false"),
    "integer": ("an integer", "整数"),
    "null": ("null", "null"),
    "number": ("a number", "数字"),
    "object": ("an object", "对象"),
    "string": ("text", "文本"),
}
_OTHERWISE: Final[Texts] = ("does not fit the schema", "不符合接口定义")


def fault_text(kind: jsonschema_rs.ValidationErrorKind) -> Texts:
    """The English and the Chinese text of one fault; neither holds what was sent."""
    keyword = kind.name
    if keyword in _FIXED:
        return _FIXED[keyword]
    if keyword in _WITH_VALUE:
        shown = _shown(kind.value)
        english, chinese = _WITH_VALUE[keyword]
        return english.format(shown), chinese.format(shown)
    if keyword == "type":
        names = [_TYPES[name] for name in kind.value]
        return (
            "must be " + " or ".join(name[0] for name in names),
            "必须为" + "或".join(name[1] for name in names),
        )
    if keyword == "format":
        return _FORMATS.get(kind.value, _OTHERWISE)
    return _OTHERWISE


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(_shown, value))
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
