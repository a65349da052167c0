"""A request's values against its route's schemas."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.problems import FieldError, Rejection
from gateway.rest.validation import MOST_FAULTS, JsonSchema, RequestShape, validate

SECRET = "440106199001011234"
BODY: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["amount", "payer"],
    "properties": {
        "amount": {"type": "integer", "minimum": 1, "maximum": 10_000_000},
        "payer": {
            "type": "object",
            "additionalProperties": False,
            "required": ["name"],
            "properties": {
                "name": {"type": "string", "minLength": 1, "maxLength": 10},
                "born": {"type": "string", "format": "date"},
                "a/b~c": {"type": "string"},
            },
        },
        "kinds": {
            "type": "array",
            "maxItems": 3,
            "items": {"type": "string", "enum": ["lab", "exam"]},
        },
        "code": {"type": "string", "pattern": r"^\d{4}$"},
        "at": {"type": "string", "format": "date-time"},
    },
}
QUERY: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["departmentId"],
    "properties": {
        "departmentId": {"type": "string", "minLength": 1, "maxLength": 8},
        "page": {"type": "integer", "minimum": 1},
        "open": {"type": "boolean"},
        "from": {"type": "string", "format": "date-time"},
    },
}
WRITE = RequestShape(("billId",), None, JsonSchema(BODY), {})
READ = RequestShape((), JsonSchema(QUERY), None, {"page": "integer", "open": "boolean"})
BARE = RequestShape((), None, None, {})


def write(body: bytes, content_type: str | None = "application/json") -> dict[str, object]:
    return validate(WRITE, {"billId": "b1"}, "", content_type, body)


def read(query: str) -> dict[str, object]:
    return validate(READ, {}, query, None, b"")


def faults_of(body: bytes) -> dict[str, str]:
    with pytest.raises(Rejection) as caught:
        write(body)
    assert caught.value.slug == "invalid"
    assert {error.location for error in caught.value.errors} == {"body"}
    return {error.pointer: error.detail for error in caught.value.errors}


def query_faults(query: str) -> dict[str, str]:
    with pytest.raises(Rejection) as caught:
        read(query)
    assert caught.value.slug == "invalid"
    return {error.pointer: error.detail for error in caught.value.errors}


def test_values_of_path_and_body_come_in_one_dict() -> None:
    """Names are distinct across the parts of a request."""
    assert write('{"amount": 1200, "payer": {"name": "张三"}}'.encode()) == {
        "billId": "b1",
        "amount": 1200,
        "payer": {"name": "张三"},
    }


def test_values_of_the_query_have_their_types() -> None:
    """Text becomes an integer or a boolean where the schema has one; the rest stays text."""
    assert read("departmentId=007&page=2&open=true") == {
        "departmentId": "007",
        "page": 2,
        "open": True,
    }
    assert read("departmentId=%E5%86%85+%2B") == {"departmentId": "内 +"}


def test_a_time_with_a_plain_plus_is_told_how_to_write_it() -> None:
    """It is read as a space; of other faults beside it nothing more is told."""
    told = query_faults("departmentId=0101&from=2030-01-01T08:00:00+08:00&page=0")
    assert told == {
        "/from": "must be a time as RFC 3339 writes it, with its offset; "
        "a + in a query is read as a space, write it as %2B",
        "/page": "must be at least 1",
    }
    written = read("departmentId=0101&from=2030-01-01T08:00:00%2B08:00")
    assert written["from"] == "2030-01-01T08:00:00+08:00"


def test_every_fault_is_told_at_once_with_its_place() -> None:
    """Missing and unknown members are places of their own; pointers are escaped."""
    assert faults_of(
        b'{"amount": 0, "payer": {"born": "2023-02-29", "x": 1}, "kinds": ["lab", "x", 3],'
        b' "code": "12", "at": "2024-01-01 10:00", "unknown": 1}'
    ) == {
        "/amount": "must be at least 1",
        "/payer/name": "is required",
        "/payer/born": "must be a date, YYYY-MM-DD",
        "/payer/x": "is not known here",
        "/kinds/1": "must be one of lab, exam",
        "/kinds/2": "must be one of lab, exam",
        "/code": r"must match ^\d{4}$",
        "/at": "must be a time as RFC 3339 writes it, with its offset",
        "/unknown": "is not known here",
    }


@pytest.mark.parametrize(
    ("amount", "detail"),
    [
        (b'"1200"', "must be an integer"),
        (b"12.5", "must be an integer"),
        (b"true", "must be an integer"),
        (b"null", "must be an integer"),
        (b"10000001", "must be at most 10000000"),
    ],
)
def test_amount_is_an_integer_within_bounds(amount: bytes, detail: str) -> None:
    """Nothing else passes for money."""
    body = b'{"amount": ' + amount + b', "payer": {"name": "x"}}'
    assert faults_of(body) == {"/amount": detail}


@pytest.mark.parametrize("amount", [b"1.0", b"1e2", b"-0", b"1E0", b"NaN"])
def test_number_that_only_equals_an_integer_is_no_amount(amount: bytes) -> None:
    """JSON Schema takes 1.0 for an integer; the reader of JSON does not."""
    with pytest.raises(Rejection) as caught:
        write(b'{"amount": ' + amount + b', "payer": {"name": "x"}}')
    assert caught.value.slug == "malformed"


@pytest.mark.parametrize("code", ["1234\\n", "\\u0661\\u0662\\u0663\\u0664", " 1234", "12345"])
def test_pattern_is_anchored_and_ascii(code: str) -> None:
    """`$` is the end of the text and `\\d` an ASCII digit."""
    body = f'{{"amount": 1, "payer": {{"name": "x"}}, "code": "{code}"}}'
    assert set(faults_of(body.encode())) == {"/code"}


@pytest.mark.parametrize("body", [b"[]", b'"text"', b"1", b"null"])
def test_body_that_is_no_object_is_one_fault_at_the_root(body: bytes) -> None:
    """The empty pointer is the whole document."""
    assert faults_of(body) == {"": "must be an object"}


def test_no_text_holds_a_value() -> None:
    """What was sent is in no pointer and no detail, in neither language."""
    with pytest.raises(Rejection) as caught:
        write(
            f'{{"amount": "{SECRET}", "payer": {{"name": "{SECRET}", "{SECRET}": 1}},'
            f' "kinds": ["{SECRET}"], "code": "{SECRET}", "{SECRET}": 1}}'.encode()
        )
    assert len(caught.value.errors) == 6
    assert SECRET not in repr(caught.value.errors)
    assert {error.pointer for error in caught.value.errors} >= {"", "/payer"}


def test_details_come_in_chinese_too() -> None:
    """Both texts of a fault are made at once."""
    with pytest.raises(Rejection) as caught:
        write(b'{"amount": 1, "payer": {}}')
    assert caught.value.errors == (FieldError("body", "/payer/name", "is required", "必填"),)


@pytest.mark.timeout(20)
def test_faults_are_bounded() -> None:
    """A body that is wrong in every byte does not make an answer of its size."""
    schema = JsonSchema({"type": "array", "items": {"type": "integer"}})
    assert len(schema.faults(["x"] * 60_000, "body")) == MOST_FAULTS


@pytest.mark.timeout(20)
def test_patterns_and_unique_items_take_linear_time() -> None:
    """What would take another engine minutes takes this one milliseconds."""
    assert not JsonSchema({"pattern": "^(a+)+$"}).holds("a" * 50_000 + "!")
    many = [{"id": str(number), "n": number} for number in range(20_000)]
    assert JsonSchema({"uniqueItems": True}).holds(many)


@pytest.mark.parametrize(
    "document",
    [
        {"pattern": "(?=a)b"},
        {"pattern": r"(a)\1"},
        {"pattern": "("},
        {"format": "no-such-format"},
        {"type": "no-such-type"},
        {"$ref": "https://schemas.example/elsewhere.json"},
    ],
)
def test_schema_that_cannot_be_run_safely_is_refused(document: dict[str, Any]) -> None:
    """Backtracking, unknown formats and fetching are mistakes of whoever made the schema."""
    with pytest.raises(ValueError, match=r".+"):
        JsonSchema(document)


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "application/json;charset=utf-8",
        'APPLICATION/JSON ; charset="UTF-8"',
    ],
)
def test_json_is_taken(content_type: str) -> None:
    """With or without its only charset."""
    assert write(b'{"amount": 1, "payer": {"name": "x"}}', content_type)


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "",
        "text/json",
        "application/json; charset=gbk",
        "application/jsonx",
        "application/json, text/html",
        "application/xml",
        "application/json\n",
        "multipart/form-data; boundary=application/json",
    ],
)
def test_other_media_type_is_415(content_type: str | None) -> None:
    """Before the body is looked at."""
    with pytest.raises(Rejection) as caught:
        write(b"not even JSON", content_type)
    assert caught.value.slug == "unsupported-media-type"


def test_empty_body_is_malformed_where_one_is_needed() -> None:
    """Nothing is not JSON."""
    with pytest.raises(Rejection) as caught:
        write(b"")
    assert caught.value.slug == "malformed"


def test_body_may_be_left_out_where_each_member_may() -> None:
    """A cancellation without a reason needs no empty object."""
    optional = JsonSchema({"type": "object", "properties": {"reason": {"type": "string"}}})
    assert validate(RequestShape((), None, optional, {}), {}, "", None, b"") == {}


def test_body_where_none_belongs_is_malformed() -> None:
    """A body that nobody reads may be read by somebody else."""
    with pytest.raises(Rejection) as caught:
        validate(BARE, {}, "", "application/json", b"{}")
    assert caught.value.slug == "malformed"


@pytest.mark.parametrize(
    ("query", "faults"),
    [
        ("", {"/departmentId": "is required"}),
        ("departmentId=", {"/departmentId": "must be at least 1 characters long"}),
        ("departmentId", {"/departmentId": "must be at least 1 characters long"}),
        ("departmentId=1&departmentId=1", {"/departmentId": "must be given once"}),
        ("departmentId=1&other=2&x=3", {"/other": "is not known here", "/x": "is not known here"}),
        ("departmentId=123456789", {"/departmentId": "must be at most 8 characters long"}),
        ("departmentId=1&page=0", {"/page": "must be at least 1"}),
        ("departmentId=%0B", {"/departmentId": "must be plain text"}),
        ("departmentId=1&&", {"": "is not known here"}),
    ],
)
def test_query_faults(query: str, faults: dict[str, str]) -> None:
    """Each parameter is known, given once and fits."""
    assert query_faults(query) == faults


@pytest.mark.parametrize(
    "text", ["1.0", "1e2", "+1", "-0", "01", "%D9%A1", "%201", "1%20", "0x1", "1_0", "9" * 19, ""]
)
def test_integer_parameter_is_written_as_one(text: str) -> None:
    """No other spelling of a number is guessed."""
    assert query_faults(f"departmentId=1&page={text}") == {"/page": "must be an integer"}


@pytest.mark.parametrize("text", ["1", "True", "yes", ""])
def test_boolean_parameter_is_true_or_false(text: str) -> None:
    """Nothing else is."""
    assert query_faults(f"departmentId=1&open={text}") == {"/open": "must be true or false"}


@pytest.mark.parametrize(
    "query", ["a=%zz", "a=%", "a=%ff", "a=%c0%af", "a=é", "a=\n", "a=#", "a=<"]
)
def test_query_that_is_not_percent_encoded_is_malformed(query: str) -> None:
    """Bytes that are no text are refused as such."""
    with pytest.raises(Rejection) as caught:
        read(query)
    assert caught.value.slug == "malformed"


def test_query_where_none_belongs_is_told_by_parameter() -> None:
    """Each is unknown; one whose name could be a value is not repeated."""
    with pytest.raises(Rejection) as caught:
        validate(BARE, {}, f"x=1&{SECRET}=2", None, b"")
    assert [error.pointer for error in caught.value.errors] == ["/x", ""]


def test_path_value_beyond_xml_is_a_fault() -> None:
    """What the hospital's XML cannot carry does not come near it."""
    with pytest.raises(Rejection) as caught:
        validate(WRITE, {"billId": "\ufffe"}, "", "application/json", b"{}")
    first = caught.value.errors[0]
    assert (first.location, first.pointer) == ("path", "/billId")


def test_faults_of_path_query_and_body_come_together() -> None:
    """One answer tells the caller everything."""
    shape = RequestShape(("id",), JsonSchema(QUERY), JsonSchema(BODY), {})
    with pytest.raises(Rejection) as caught:
        validate(shape, {"id": "\uffff"}, "x=1", "application/json", b"{}")
    places = [(error.location, error.pointer) for error in caught.value.errors]
    assert sorted(places) == [
        ("body", "/amount"),
        ("body", "/payer"),
        ("path", "/id"),
        ("query", "/departmentId"),
        ("query", "/x"),
    ]
