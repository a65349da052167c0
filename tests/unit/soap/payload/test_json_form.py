"""JSON in a string: what a schema can say, what goes out, and what comes back."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from gateway.record import Record
from gateway.soap.errors import ContractError, RecordFault, ReplyInvalid, RequestInvalid
from gateway.soap.payload.charset import CHARSETS
from gateway.soap.payload.json_form import JsonForm
from gateway.soap.payload.patterns import xml_pattern

INVOICE: dict[str, Any] = {
    "type": "object",
    "properties": {
        "number": {"$ref": "#/$defs/number"},
        "amount": {"type": "number", "multipleOf": 0.01, "minimum": 0},
        "count": {"type": "integer", "maximum": 9},
        "paid": {"type": "boolean"},
        "state": {"type": ["string", "null"], "enum": ["new", "red", None]},
        "items": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"name": {"type": "string", "minLength": 1}},
                "required": ["name"],
                "additionalProperties": False,
            },
        },
        "tags": {
            "oneOf": [
                {"type": "array", "items": {"type": "string"}, "maxItems": 3},
                {"type": "string"},
            ]
        },
        "notes": {"type": ["array", "null"], "items": {"type": "string"}},
    },
    "required": ["number", "items"],
    "$defs": {"number": {"type": "string", "pattern": "^[0-9]{2,8}$"}},
}

EXACT = json.loads(json.dumps(INVOICE), parse_float=Decimal)
ORACLE = Draft202012Validator(EXACT)


def form(folder: Path, schema: dict[str, Any] | str = INVOICE) -> JsonForm:
    """The form of a schema."""
    file = folder / "message.json"
    file.write_text(schema if isinstance(schema, str) else json.dumps(schema), "utf-8")
    return JsonForm(file, folder, CHARSETS["UTF-8"])


def of(**properties: Any) -> dict[str, Any]:
    """A schema with these members."""
    return {"type": "object", "properties": properties}


def refusal(found: JsonForm, text: str) -> str:
    """How a message is refused."""
    with pytest.raises(ReplyInvalid) as raised:
        found.read(text)
    return str(raised.value)


def test_every_value_goes_out_as_its_own_type(tmp_path: Path) -> None:
    """In the schema's order, numbers to the last digit."""
    record: Record = {
        "paid": "true",
        "number": "0012",
        "amount": "1.50",
        "count": "7",
        "state": None,
        "items": [{"name": '药 "a"\n\\'}],
        "tags": ["one"],
    }
    text = form(tmp_path).write(record)
    assert text == (
        '{"number":"0012","amount":1.50,"count":7,"paid":true,"state":null,'
        '"items":[{"name":"药 \\"a\\"\\n\\\\"}],"tags":["one"]}'
    )
    assert ORACLE.is_valid(json.loads(text, parse_float=Decimal))
    assert form(tmp_path).read(text) == record


def test_an_object_is_laid_out_for_people(tmp_path: Path) -> None:
    """One member a line, with its values as they are sent."""
    found = form(tmp_path)
    text = found.write({"number": "12", "amount": "1.50", "items": [{"name": '{"a,":b'}]})
    assert found.shown(text) == (
        '{\n  "number": "12",\n  "amount": 1.50,\n  "items": [\n    {\n'
        '      "name": "{\\"a,\\":b"\n    }\n  ]\n}'
    )
    assert json.loads(found.shown(text)) == json.loads(text)


def test_an_empty_list_is_there_where_it_must_be(tmp_path: Path) -> None:
    """A record has none of it, and neither has one that was read."""
    text = form(tmp_path).write({"number": "12"})
    assert text == '{"number":"12","items":[]}'
    assert form(tmp_path).read(text) == {"number": "12"}


def test_a_cdata_section_is_not_ended_by_a_value(tmp_path: Path) -> None:
    """JSON can write it otherwise."""
    text = form(tmp_path).write({"number": "12", "items": [{"name": "a]]>b]]>"}]})
    assert "]]>" not in text
    assert json.loads(text)["items"] == [{"name": "a]]>b]]>"}]


def test_faults_are_told_at_their_paths(tmp_path: Path) -> None:
    """All of the shape, or else all of the values."""
    with pytest.raises(RequestInvalid) as raised:
        form(tmp_path).write({"amount": "1", "items": [{}], "other": "x"})
    assert set(raised.value.faults) == {
        RecordFault(("number",), "is required"),
        RecordFault(("items", "name"), "is required", (0,)),
        RecordFault(("other",), "is not in the contract"),
    }
    with pytest.raises(RequestInvalid) as raised:
        form(tmp_path).write({"number": "x", "amount": "0.001", "count": "10"})
    assert set(raised.value.faults) == {
        RecordFault(("number",), "does not match [0-9]{2,8}"),
        RecordFault(("amount",), "has more than 2 decimals"),
        RecordFault(("count",), "is more than 9"),
    }


@pytest.mark.parametrize("number", ["+1", "01", "1.", " 1"])
def test_a_number_that_json_writes_otherwise_is_refused(tmp_path: Path, number: str) -> None:
    """XML Schema would take it, and the text would be no JSON."""
    with pytest.raises(RequestInvalid) as raised:
        form(tmp_path).write({"number": "12", "amount": number})
    assert raised.value.faults == (
        RecordFault(("amount",), "is not written as JSON writes numbers"),
    )


def test_one_may_stand_without_brackets_where_the_schema_says_so(tmp_path: Path) -> None:
    """And null for a list only where it may."""
    found = form(tmp_path)
    one = '{"number":"12","items":[],"tags":"a","notes":null}'
    assert found.read(one) == {"number": "12", "tags": ["a"]}
    assert refusal(found, '{"number":"12","items":{"name":"a"}}') == (
        "payload-off-schema: /items must be a list"
    )
    assert refusal(found, '{"number":"12","items":null}') == (
        "payload-off-schema: /items must be a list"
    )


def test_members_that_the_schema_leaves_open_are_not_read(tmp_path: Path) -> None:
    """A hospital may add some; where the schema closes an object, it may not."""
    found = form(tmp_path)
    assert found.read('{"number":"12","items":[],"new":{"a":1}}') == {"number": "12"}
    assert refusal(found, '{"number":"12","items":[{"name":"a","secret":1}]}') == (
        "payload-off-schema: /items/* is not in the schema"
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "payload-not-json: syntax at 1:1"),
        ("{'a':1}", "payload-not-json: syntax at 1:2"),
        ('{"number":"12","number":"12","items":[]}', "payload-not-json: key-twice"),
        ('{"number":"12","items":[],"amount":NaN}', "payload-not-json: constant"),
        ('{"number":"\\ud800","items":[]}', "payload-not-json: character"),
        ("[" * 40 + "]" * 40, "payload-not-json: depth"),
        (
            '{"number":"12","items":[' + '{"name":"a"},' * 150_000 + '{"name":"a"}]}',
            "payload-not-json: more values than any message has",
        ),
        ("[]", "payload-off-schema: / must be an object"),
        ('{"items":[]}', "payload-off-schema: /number is required"),
        ('{"number":12,"items":[]}', "payload-off-schema: /number is not of the type string"),
        (
            '{"number":"12","items":[],"amount":"1"}',
            "payload-off-schema: /amount is not of the type decimal",
        ),
        (
            '{"number":"12","items":[],"amount":1e2}',
            "payload-off-schema: /amount is not of the type decimal",
        ),
        (
            '{"number":"12","items":[],"count":1.0}',
            "payload-off-schema: /count is not of the type integer",
        ),
        (
            '{"number":"12","items":[],"paid":"true"}',
            "payload-off-schema: /paid is not of the type boolean",
        ),
        ('{"number":null,"items":[]}', "payload-off-schema: /number is not of the type string"),
        ('{"number":"x","items":[]}', "payload-off-schema: /number does not match [0-9]{2,8}"),
        (
            '{"number":"12","items":[],"state":"old"}',
            "payload-off-schema: /state is none of new, red",
        ),
    ],
)
def test_a_message_off_its_schema_is_refused_without_its_values(
    tmp_path: Path, text: str, told: str
) -> None:
    """The envelope does not know it."""
    assert refusal(form(tmp_path), text) == told


def test_a_number_keeps_every_digit(tmp_path: Path) -> None:
    """It never becomes a float."""
    found = form(tmp_path, of(a={"type": "number"}, b={"type": "integer"}))
    digits = {"a": "0.10000000000000000000000000000001", "b": "9" * 60}
    text = f'{{"a":{digits["a"]},"b":{digits["b"]}}}'
    assert found.read(text) == digits
    assert found.write({**digits}) == text


@pytest.mark.parametrize(
    ("schema", "told"),
    [
        ("{", "message.json:1: is no strict JSON: syntax"),
        ({"type": "array"}, "#/items: a schema that is no object is not supported"),
        ({"type": "string"}, "#: a message that is not one object is not supported"),
        ({"type": ["object", "null"]}, "#: a message that is not one object is not supported"),
        (of(a={}), "#/properties/a: a schema without one type is not supported"),
        (of(a={"type": "text"}), "#/properties/a: a schema without one type is not supported"),
        (of(a={"type": "string", "if": {}}), "#/properties/a: if of a schema of type string"),
        (of(a={"$ref": "other.json"}), "to another file, is not supported"),
        (of(a={"$ref": "#/$defs/a"}), "a $ref that leads nowhere is not supported"),
        (of(a={"$ref": "#"}), "to another file, is not supported"),
        (
            {**of(a={"$ref": "#/$defs/x"}), "$defs": {"x": of(a={"$ref": "#/$defs/x"})}},
            "a schema in itself, or of more than 32 levels, is not supported",
        ),
        (of(a={"type": "string", "pattern": "^(?=a)$"}), "a pattern with (? is not supported"),
        (of(a={"type": "string", "pattern": "^[$"}), "a pattern with a class without its end"),
        (of(a={"type": "string", "format": "email"}), "the format email is not supported"),
        (of(a={"type": "number", "multipleOf": 3}), "multipleOf 3 is not supported"),
        (of(a={"type": "integer", "enum": ["1"]}), "an enum with values of another type"),
        (of(**{"a b": {"type": "string"}}), "the member a b, which no path can name,"),
        ({**of(), "required": ["a"]}, "the required a, which is no property,"),
        ({**of(), "required": [None]}, "the required None, which is no property,"),
        ({**of(), "additionalProperties": {}}, "additionalProperties but true or false"),
        (of(a={"oneOf": [{"type": "string"}, {"type": "integer"}]}), "oneOf but of a list"),
        (
            of(a={"type": "array", "items": {"type": "array", "items": {"type": "string"}}}),
            "a list of lists is not supported",
        ),
        (of(a={"type": "string", "minLength": "x"}), "is no JSON Schema that can hold"),
        ({"type": "object", "properties": []}, "is no JSON Schema that can hold"),
    ],
)
def test_a_schema_that_says_more_than_a_record_holds_is_refused(
    tmp_path: Path, schema: dict[str, Any] | str, told: str
) -> None:
    """At load, with the place in it."""
    with pytest.raises(ContractError) as raised:
        form(tmp_path, schema)
    assert told in str(raised.value)


def test_formats_are_held(tmp_path: Path) -> None:
    """A day, a moment with its offset, and Base64."""
    found = form(
        tmp_path,
        of(
            day={"type": "string", "format": "date"},
            moment={"type": "string", "format": "date-time"},
            file={"type": "string", "contentEncoding": "base64"},
        ),
    )
    good: Record = {"day": "2030-02-28", "moment": "2030-02-28T10:00:00+08:00", "file": "AAE="}
    assert found.read(json.dumps(good)) == good
    for name, text in (("day", "2030-02-30"), ("moment", "2030-02-28T10:00:00"), ("file", "A")):
        assert refusal(found, json.dumps({name: text})).startswith(f"payload-off-schema: /{name} ")


@pytest.mark.parametrize(
    ("pattern", "texts", "others"),
    [
        (r"^\d{2}$", ["12"], ["1", "123", "a12", "\uff11\uff12"]),
        (r"^[\s\S]*b[\s\S]*$", ["abc", "b", "\nb\n"], ["a"]),
        (r"^a\$$", ["a$"], ["a", "ba$", "a$b"]),
        ("^(a|b)$", ["a", "b"], ["ab"]),
        (r"^[\d\-\[]+\/$", ["1-[/"], ["1"]),
        (r"^\\$", ["\\"], ["\\$"]),
        (r"^\w+@\w+\.cn$", ["a_1@b.cn"], ["a@bxcn"]),
    ],
)
def test_a_pattern_means_what_it_means_in_json_schema(
    tmp_path: Path, pattern: str, texts: list[str], others: list[str]
) -> None:
    """Though another engine runs it."""
    schema = of(a={"type": "string", "pattern": pattern})
    found, oracle = form(tmp_path, schema), Draft202012Validator(schema)
    for text in texts:
        assert oracle.is_valid({"a": text})
        assert found.read(json.dumps({"a": text})) == {"a": text}
    for text in others:
        assert refusal(found, json.dumps({"a": text})).startswith("payload-off-schema: /a ")


@pytest.mark.parametrize("pattern", [r"^a\b$", "^a*?$", "^(?:a)$", r"^(a)\1$", "^a|b$", "^a^b$"])
def test_a_pattern_of_another_dialect_is_none(pattern: str) -> None:
    """It would be another pattern."""
    with pytest.raises(ValueError, match=r"\S"):
        xml_pattern(pattern)


@pytest.mark.parametrize("pattern", ["a", "^a", "a$", r"^a\$", "a|b"])
def test_a_pattern_says_where_the_text_begins_and_ends(pattern: str) -> None:
    """To look for it anywhere in a long text would take very long."""
    with pytest.raises(ValueError, match=r"no \^ at its beginning or no \$ at its end"):
        xml_pattern(pattern)


TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8)
VALUES = st.fixed_dictionaries(
    {"number": st.one_of(st.just("0012"), TEXT), "items": st.lists(st.builds(dict, name=TEXT))},
    optional={
        "amount": st.one_of(st.decimals(0, 99, places=2), st.integers(-5, 10**12), TEXT),
        "count": st.one_of(st.integers(-5, 12), st.none()),
        "paid": st.one_of(st.booleans(), st.integers(0, 1)),
        "state": st.sampled_from(["new", "red", None, "old"]),
        "tags": st.one_of(TEXT, st.lists(TEXT, max_size=4), st.none()),
        "notes": st.one_of(st.none(), st.lists(TEXT, max_size=2), TEXT),
    },
)


@settings(max_examples=300, deadline=None)
@given(value=VALUES)
def test_what_is_read_is_what_json_schema_allows(
    tmp_path_factory: pytest.TempPathFactory, value: dict[str, Any]
) -> None:
    """By a validator of its own; and what was read is written so that it allows it again."""
    found = form(tmp_path_factory.getbasetemp())
    text = json.dumps(value, ensure_ascii=False, default=str)
    for name, one in value.items():
        if isinstance(one, Decimal):
            text = text.replace(f'"{name}": "{one}"', f'"{name}": {one}')
    if not ORACLE.is_valid(json.loads(text, parse_float=Decimal)):
        assert refusal(found, text)
        return
    record = found.read(text)
    again = found.write(record)
    assert ORACLE.is_valid(json.loads(again, parse_float=Decimal))
    assert found.read(again) == record
