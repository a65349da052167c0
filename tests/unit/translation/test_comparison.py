"""Whether a success is of what was asked."""

from __future__ import annotations

import pytest

from gateway.record import Record
from gateway.soap.elements import Whitespace
from gateway.translation.comparison import Comparison, Same

SAME = Comparison(
    (
        Same(("SlotCode",), ("Hold", "SlotCode")),
        Same(("Amount",), ("Hold", "Fee"), "decimal", "collapse"),
    )
)


@pytest.mark.parametrize(
    ("hold", "differs"),
    [
        ({"SlotCode": "S1", "Fee": "12.50"}, False),
        ({"SlotCode": "S1", "Fee": "12.5"}, False),
        ({"SlotCode": "S1", "Fee": "12.51"}, True),
        ({"SlotCode": "S2", "Fee": "12.50"}, True),
        ({"SlotCode": "S2"}, True),
        ({"Fee": "12.51"}, True),
        ({"SlotCode": "S1"}, None),
        ({"SlotCode": "S1", "Fee": ""}, None),
        ({"SlotCode": "S1", "Fee": None}, None),
        ({}, None),
    ],
)
def test_a_success_is_held_against_what_was_asked(hold: Record, differs: bool | None) -> None:
    """Each argument in its turn; what the reply does not say proves nothing."""
    wanted: Record = {"SlotCode": "S1", "Amount": "12.50"}
    assert SAME.differs(wanted, {"Hold": hold}) is differs


@pytest.mark.parametrize(
    ("base", "whitespace", "asked", "replied", "differs"),
    [
        ("string", "preserve", "007", "7", True),
        ("string", "preserve", "12.50", "12.5", True),
        ("string", "preserve", "A  B", "A B", True),
        ("string", "preserve", "A B", "A B   ", False),
        ("string", "preserve", " A B\n", "A B", False),
        ("string", "replace", "A\tB", "A B", False),
        ("string", "replace", "A  B", "A B", True),
        ("string", "collapse", " A \n B", "A B", False),
        ("integer", "collapse", "007", "7", False),
        ("integer", "collapse", "7", "+7", False),
        ("integer", "collapse", "7", "8", True),
        ("integer", "collapse", "9007199254740993", "9007199254740992", True),
        ("decimal", "collapse", "12.50", "12.5", False),
        ("decimal", "collapse", "12", "12.0", False),
        ("decimal", "collapse", "12.50", "12.51", True),
        ("decimal", "collapse", "12.50", "free", True),
        ("decimal", "collapse", "12.50", "sNaN", True),
        ("decimal", "collapse", "1250", "1_250", True),
        ("boolean", "collapse", "true", "1", False),
        ("boolean", "collapse", "false", "1", True),
        ("date", "collapse", "2031-03-14", "2031-03-14+08:00", False),
        ("date", "collapse", "2031-03-14", "2031-03-14Z", True),
        ("date", "collapse", "2031-03-14", "2031-03-15", True),
        ("date", "collapse", "2031-03-14", "20310314", True),
        ("dateTime", "collapse", "2031-03-14T09:00:00", "2031-03-14T09:00:00.000", False),
        ("dateTime", "collapse", "2031-03-14T09:00:00", "2031-03-14T09:00:00+08:00", False),
        ("dateTime", "collapse", "2031-03-14T09:00:00", "2031-03-14T01:00:00Z", False),
        ("dateTime", "collapse", "2031-03-14T09:00:00", "2031-03-14T09:00:01", True),
        ("dateTime", "collapse", "2031-03-14T09:00:00", "2031-03-14T09:00:00Z", True),
        ("dateTime", "collapse", "2031-03-14T09:00:00", "T", True),
        ("anyURI", "collapse", "a", " a", False),
    ],
)
def test_values_are_compared_and_not_their_spelling(
    base: str, whitespace: Whitespace, asked: str, replied: str, differs: bool
) -> None:
    """By the type of the contract: a fresh write must not be told as a reused key."""
    same = Same(("A",), ("B",), base, whitespace)
    assert same.differs({"A": asked}, {"B": replied}) is differs


@pytest.mark.parametrize(
    ("replied", "differs"),
    [
        (["1", "2", "2"], False),
        (["2", "1", "02"], False),
        (["1", "2"], True),
        (["1", "1", "2"], True),
        (["1", "2", "3"], True),
        (["1", "2", "2", "null"], False),
        ([], None),
        (["null"], None),
    ],
)
def test_lists_are_compared_by_what_they_hold(replied: list[str], differs: bool | None) -> None:
    """Each value as often, in whatever order; a text that means nothing is none."""
    same = Same(("L", "No"), ("R", "No"), "integer", empties=frozenset({"null"}))
    asked: Record = {"L": [{"No": "1"}, {"No": "2"}, {"No": "2"}]}
    assert same.differs(asked, {"R": [{"No": one} for one in replied]}) is differs


def test_what_was_not_asked_and_is_there_was_asked_before() -> None:
    """A repeat without an optional argument is another request, and not done as asked."""
    same = Same(("Guardian", "Name"), ("Card", "Guardian", "Name"))
    assert same.differs({}, {"Card": {"Guardian": {"Name": "N"}}}) is True
    assert same.differs({}, {"Card": {}}) is False
    assert same.differs({}, {"Card": {"Guardian": None}}) is False
    assert same.differs({"Guardian": {"Name": ""}}, {"Card": {"Guardian": {"Name": ""}}}) is False
    assert same.differs({}, {"Card": {"Guardian": {"Name": "    "}}}) is False


def test_what_the_hospital_fills_in_is_compared_only_where_it_was_sent() -> None:
    """It takes the day of birth from the identity number, when nobody names one."""
    same = Same(("BirthDate",), ("Card", "BirthDate"), "date", "collapse", filled=True)
    card: Record = {"Card": {"BirthDate": "1949-12-31"}}
    assert same.differs({}, card) is False
    assert same.differs({"BirthDate": "1949-12-30"}, card) is True
    assert same.differs({"BirthDate": "1949-12-31"}, {"Card": {}}) is None
