"""What each failed schema keyword is called."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.rest.validation import JsonSchema


@pytest.mark.parametrize(
    ("schema", "value", "detail", "detail_zh"),
    [
        ({"type": "string"}, 1, "must be text", "必须为文本"),
        ({"type": "boolean"}, 1, "must be true or false", "必须为true 或 false"),
        ({"type": "array"}, 1, "must be a list", "必须为列表"),
        ({"const": "CNY"}, "USD", "must be CNY", "必须为 CNY"),
        ({"const": None}, 1, "must be null", "必须为 null"),
        ({"enum": ["a", 1, True]}, "b", "must be one of a, 1, true", "必须为以下之一：a, 1, true"),
        ({"exclusiveMinimum": 0}, 0, "must be greater than 0", "必须大于 0"),
        ({"exclusiveMaximum": 9}, 9, "must be less than 9", "必须小于 9"),
        ({"multipleOf": 5}, 3, "must be a multiple of 5", "必须为 5 的倍数"),
        ({"minItems": 1}, [], "must hold at least 1 items", "至少 1 项"),
        ({"maxItems": 1}, [1, 2], "must hold at most 1 items", "最多 1 项"),
        ({"uniqueItems": True}, [1, 1], "must not hold the same item twice", "不得有重复的项"),
        ({"minProperties": 1}, {}, "must have at least 1 members", "至少 1 个成员"),
        ({"maxProperties": 0}, {"a": 1}, "must have at most 0 members", "最多 0 个成员"),
        ({"properties": {"a": False}}, {"a": 1}, "is not allowed here", "此处不允许"),
        ({"unevaluatedProperties": False}, {"a": 1}, "is not known here", "未定义"),
        (
            {"format": "time"},
            "x",
            "must be a time of day with its offset",
            "必须为带时区偏移的时刻",
        ),
        ({"format": "uuid"}, "x", "does not fit the schema", "不符合接口定义"),
        ({"not": {}}, 1, "does not fit the schema", "不符合接口定义"),
        ({"anyOf": [{"const": 1}]}, 2, "does not fit the schema", "不符合接口定义"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) and value else None,
)
def test_text(schema: dict[str, Any], value: object, detail: str, detail_zh: str) -> None:
    """Both languages, from the schema alone."""
    (fault,) = JsonSchema(schema).faults(value, "body")
    assert (fault.detail, fault.detail_zh) == (detail, detail_zh)
