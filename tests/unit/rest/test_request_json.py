"""What the reader of JSON takes and what it refuses."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.problems import Rejection
from gateway.rest.request_json import read_json
from gateway.strict_json import DEPTH, fits_xml

SECRET = "440106199001011234"

REFUSED = {
    "empty": b"",
    "not JSON": b"{'a': 1}",
    "trailing text": b"{} x",
    "trailing comma": b'{"a": 1,}',
    "too deep": b"[" * (DEPTH + 1) + b"]" * (DEPTH + 1),
    "much too deep": b"[" * 100_000 + b"]" * 100_000,
    "too deep in mixed brackets": b'{"a":[' * 17 + b"]}" * 17,
    "unclosed": b"[" * 40,
    "duplicate key": b'{"a": 1, "a": 1}',
    "duplicate key, escaped": b'{"a": 1, "\\u0061": 1}',
    "duplicate key, nested": b'[{"b": {"a": 1, "a": 2}}]',
    "NaN": b'{"a": NaN}',
    "Infinity": b"[Infinity]",
    "negative Infinity": b"[-Infinity]",
    "1e999": b"[1e999]",
    "-1e999": b"[-1e999]",
    "5,000 digits": b"[" + b"9" * 5000 + b"]",
    "beyond 64 bits": b"[9223372036854775808]",
    "below 64 bits": b"[-9223372036854775809]",
    "minus zero": b'{"fen": -0}',
    "integer with a fraction": b'{"fen": 1.0}',
    "integer with an exponent": b'{"fen": 1e2}',
    "vanishing exponent": b"[1e-999]",
    "leading zero": b"[01]",
    "plus": b"[+1]",
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "UTF-16 without a mark": '{"a": 1}'.encode("utf-16-le"),
    "UTF-32": '{"a": 1}'.encode("utf-32"),
    "byte order mark": b'\xef\xbb\xbf{"a": 1}',
    "overlong UTF-8": b'"\xc0\xaf"',
    "surrogate in UTF-8": b'"\xed\xa0\x80"',
    "lone high surrogate": b'{"a": "\\ud800"}',
    "lone low surrogate": b'["\\udc00x"]',
    "surrogate in a key": b'{"\\ud800": 1}',
    "NUL": b'["\\u0000"]',
    "vertical tab": b'["\\u000b"]',
    "backspace": b'["\\b"]',
    "form feed": b'["\\f"]',
    "U+FFFE": b'["\\ufffe"]',
    "U+FFFF, raw": '["\uffff"]'.encode(),
    "raw control character": b'["\x01"]',
    "raw line break": b'["a\nb"]',
}


@pytest.mark.parametrize("body", REFUSED.values(), ids=REFUSED.keys())
def test_refused(body: bytes) -> None:
    """Each is malformed, and nothing of it is told."""
    with pytest.raises(Rejection) as caught:
        read_json(body)
    assert caught.value.slug == "malformed"
    assert caught.value.detail
    assert caught.value.detail_zh


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b"{}", {}),
        (b" [ ] \n", []),
        (b'{"a": [1, -2, 0, 2.5, 1.25e1, true, false, null]}',
         {"a": [1, -2, 0, 2.5, 12.5, True, False, None]}),
        (b"[9223372036854775807, -9223372036854775808]", [2**63 - 1, -(2**63)]),
        ('{"姓名": "张三丰 \U00020000"}'.encode(), {"姓名": "张三丰 \U00020000"}),
        (b'["\\ud840\\udc00", "\\t\\r\\n", "\\\\u0000", "\\u00e9"]',
         ["\U00020000", "\t\r\n", "\\u0000", "é"]),
        (b"[" * DEPTH + b"]" * DEPTH, None),
        (b'["' + b"[{" * 40 + b'"]', ["[{" * 40]),
        (b'["' + b'\\"[' * 40 + b'"]', ['"[' * 40]),
        (b"[" + b"[]," * 99 + b"{}]", [[]] * 99 + [{}]),
    ],
    ids=lambda value: repr(value)[:30],
)  # fmt: skip
def test_taken(body: bytes, value: object) -> None:
    """Ordinary JSON is read as it is."""
    assert read_json(body) == (json.loads(body) if value is None else value)


@pytest.mark.parametrize(
    "body",
    [f'{{"id": "{SECRET}", }}', f'{{"{SECRET}": 1, "{SECRET}": 2}}', f'["{SECRET}\\u0000"]'],
)
def test_no_value_is_echoed(body: str) -> None:
    """Neither the texts nor the exception hold what was sent."""
    with pytest.raises(Rejection) as caught:
        read_json(body.encode())
    rejection = caught.value
    assert SECRET not in f"{rejection!r} {rejection.detail} {rejection.detail_zh}"
    assert rejection.__suppress_context__ or rejection.__context__ is None


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "body",
    [
        b"[" * 262_144,
        b'"\\"' + b'\\"' * 131_000,
        b'"' * 262_144,
        b"[" + b"[]," * 87_000 + b"[]]",
        b"[" + b"1," * 131_000 + b"1]",
        b"[" + b'{"a":{}},' * 29_000 + b"{}]",
        b"[" + b"-" * 262_000 + b"]",
    ],
    ids=range(7),
)
def test_worst_bodies_take_bounded_time(body: bytes) -> None:
    """A hostile body of the largest size costs some milliseconds; quadratic work, minutes."""
    with contextlib.suppress(Rejection):
        read_json(body)


JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.text(st.characters(codec="utf-8")).filter(fits_xml),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(codec="utf-8")).filter(fits_xml), inner, max_size=4)
    ),
    max_leaves=10,
)


@given(JSON_VALUES, st.booleans())
def test_every_writable_value_is_read_back(value: object, ascii_only: bool) -> None:
    """What a JSON library writes within the limits is read as the same value."""
    assert read_json(json.dumps(value, ensure_ascii=ascii_only).encode()) == value


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    """No body raises anything but a Rejection."""
    with contextlib.suppress(Rejection):
        read_json(body)
