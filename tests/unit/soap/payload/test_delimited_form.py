"""Fields with separators between them: what a table can say, what goes out and what comes back."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.record import Record
from gateway.soap.errors import ContractError, RecordFault, ReplyInvalid, RequestInvalid
from gateway.soap.payload.charset import CHARSETS
from gateway.soap.payload.delimited_form import DelimitedForm

TABLE = """\
separator: "|"
fields:
  - {name: CODE, values: ["0", "01"]}
  - {name: NAME, required: false, longest: 4}
  - {name: COUNT, type: integer, about: of what follows}
  - {name: FEE, type: decimal, required: false}
  - {name: TAG, rows: ","}
  - name: ROW
    rows: "##"
    separator: "^"
    required: true
    fields:
      - {name: NO, pattern: "[0-9]+"}
      - {name: NOTE}
"""


def form(folder: Path, table: str = TABLE) -> DelimitedForm:
    """The form of a table."""
    file = folder / "message.yaml"
    file.write_text(table, "utf-8")
    return DelimitedForm(file, folder, CHARSETS["UTF-8"])


def refusal(found: DelimitedForm, text: str) -> str:
    """How a message is refused."""
    with pytest.raises(ReplyInvalid) as raised:
        found.read(text)
    return str(raised.value)


def faults(found: DelimitedForm, record: Record) -> set[RecordFault]:
    """What cannot be written."""
    with pytest.raises(RequestInvalid) as raised:
        found.write(record)
    return set(raised.value.faults)


WHOLE: Record = {
    "CODE": "01",
    "NAME": "王",
    "COUNT": "2",
    "FEE": "1.50",
    "TAG": ["a", "b"],
    "ROW": [{"NO": "1", "NOTE": ""}, {"NO": "2", "NOTE": "x y"}],
}
LEAST: Record = {"CODE": "0", "COUNT": "0", "ROW": [{"NO": "1", "NOTE": ""}]}


@pytest.mark.parametrize(
    ("record", "text"),
    [(WHOLE, "01|王|2|1.50|a,b|1^##2^x y"), (LEAST, "0||0|||1^")],
)
def test_fields_stand_in_the_tables_order(tmp_path: Path, record: Record, text: str) -> None:
    """An empty one that need not be there is not there."""
    found = form(tmp_path)
    assert found.write(record) == text
    assert found.read(text) == record


def test_fields_are_laid_out_for_people_with_their_names(tmp_path: Path) -> None:
    """Below the text as it is sent."""
    found = form(tmp_path)
    assert found.shown(found.write(WHOLE)).split("\n") == [
        "01|王|2|1.50|a,b|1^##2^x y",
        "CODE   01",
        "NAME   王",
        "COUNT  2",
        "FEE    1.50",
        "TAG    a,b",
        "ROW    1^##2^x y",
    ]


@pytest.mark.parametrize("note", ["|", "^", "#", "a,b", "\n", "\r"])
def test_a_value_that_holds_a_separator_is_refused(tmp_path: Path, note: str) -> None:
    """A part of one, too: with the next field's it would be whole."""
    assert faults(form(tmp_path), {**LEAST, "ROW": [{"NO": "1", "NOTE": note}]}) == {
        RecordFault(("ROW", "NOTE"), "holds a separator or a line break")
    }


def test_an_empty_text_is_refused_where_it_would_mean_none(tmp_path: Path) -> None:
    """Nobody could tell the two apart."""
    assert faults(form(tmp_path), {**LEAST, "NAME": ""}) == {
        RecordFault(("NAME",), "is empty, which means that there is none")
    }
    assert faults(form(tmp_path), {**LEAST, "TAG": [""]}) == {
        RecordFault(("TAG",), "is shorter than 1", (0,))
    }


def test_values_are_held_against_the_table(tmp_path: Path) -> None:
    """As those of every other style."""
    wrong: Record = {"CODE": "1", "NAME": "12345", "COUNT": "x", "ROW": [{"NO": "a", "NOTE": ""}]}
    assert faults(form(tmp_path), wrong) == {
        RecordFault(("CODE",), "is none of 0, 01"),
        RecordFault(("NAME",), "is longer than 4"),
        RecordFault(("COUNT",), "is not of the type integer"),
        RecordFault(("ROW", "NO"), "does not match [0-9]+", (0,)),
    }
    assert faults(form(tmp_path), {**LEAST, "COUNT": " 1"}) == {
        RecordFault(("COUNT",), "has space around it")
    }
    assert faults(form(tmp_path), {"CODE": "0", "COUNT": "1"}) == {
        RecordFault(("ROW",), "is required")
    }


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "/ is not of 6 fields"),
        ("0||0||", "/ is not of 6 fields"),
        ("0||0|||1^|", "/ is not of 6 fields"),
        ("0||0|||1", "/ROW is not of 2 fields"),
        ("0||0|||", "/ROW is required"),
        ("||0|||1^", "/CODE is none of 0, 01"),
        ("0|||||1^", "/COUNT is not of the type integer"),
        ("0||0||a,|1^", "/TAG is shorter than 1"),
        ("0|| 0|||1^", "/COUNT has space around it"),
        ("0||0|||1^##", "/ROW is not of 2 fields"),
        ("0||0|||1^a###2^b", "/ROW holds a part of a separator beside a whole one"),
    ],
)
def test_a_message_off_its_table_is_refused(tmp_path: Path, text: str, told: str) -> None:
    """Without its values."""
    assert refusal(form(tmp_path), text) == f"payload-off-schema: {told}"


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ("[", "message.yaml:1: is no table"),
        ("\x00", "is no YAML in UTF-8"),
        ("a", "the table needs a separator and a list of fields"),
        ("{fields: [{name: A}]}", "the table needs a separator"),
        ("{separator: '|', fields: []}", "the table has no field, or one name twice"),
        ("{separator: '|', fields: [{name: A}, {name: A}]}", "one name twice"),
        ("{separator: '|', separator: ';', fields: [{name: A}]}", ":1: is no table: a key stands"),
        ("{separator: '|', field: 1, fields: [{name: A}]}", 'the table has "field"'),
        ("{separator: a, fields: [{name: A}]}", "a letter, a digit or a carriage return"),
        ('{separator: "\\r\\n", fields: [{name: A}]}', "a carriage return as separator"),
        ("{separator: '|', fields: [{}]}", "a field needs a name that a path can have"),
        ("{separator: '|', fields: [{name: a b}]}", "a field needs a name that a path can have"),
        ("{separator: '|', fields: [{name: A, type: date}]}", "A has none of the types text,"),
        ("{separator: '|', fields: [{name: A, type: integer, longest: 3}]}", "only text has one"),
        ("{separator: '|', fields: [{name: A, longest: x}]}", "A has a longest that is no whole"),
        ("{separator: '|', fields: [{name: A, required: x}]}", "A is required: true or false"),
        ("{separator: '|', fields: [{name: A, values: x}]}", "A has values that are no list"),
        ("{separator: '|', fields: [{name: A, pattern: '['}]}", "has a pattern or bound"),
        ("{separator: '|', fields: [{name: A, type: [date]}]}", "A has a type that is no text"),
        ("{separator: '|', fields: [{name: A, required: {}}]}", "A has a required that is no text"),
        ('{separator: "|", fields: [{name: A, pattern: "\\ud800"}]}', "a pattern that is no text"),
        (
            "{separator: '|', fields: [{name: A, values: [[x]]}]}",
            "values that are no list of texts",
        ),
        ("{separator: '|', fields: [{name: A, rows: '||'}]}", "A has a separator that stands"),
        (
            "{separator: '|', fields: [{name: A, separator: ';', fields: [{name: B}]}]}",
            "A needs a separator",
        ),
        (
            "{separator: '|', fields: [{name: A, rows: '#', separator: ';', fields: [{name: B}]}]}",
            "A has rows of one field: leave its fields out",
        ),
    ],
)
def test_a_table_that_is_none_is_refused(tmp_path: Path, table: str, told: str) -> None:
    """At load, by the name of the field."""
    with pytest.raises(ContractError) as raised:
        form(tmp_path, table)
    assert told in str(raised.value)


def test_a_table_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """As any file of a contract."""
    with pytest.raises(ContractError, match="cannot be read"):
        DelimitedForm(tmp_path / "none.yaml", tmp_path, CHARSETS["UTF-8"])


@pytest.mark.parametrize("flood", ["|", ",", "##"])
def test_a_message_of_separators_is_refused_before_it_is_taken_apart(
    tmp_path: Path, flood: str
) -> None:
    """Sixteen megabytes of them would be gigabytes of values."""
    assert refusal(form(tmp_path), f"01|王|2||a{flood * 200_000}|1^") == (
        "payload-off-schema: / has more values than any message"
    )
