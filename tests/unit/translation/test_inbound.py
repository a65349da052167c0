"""From the hospital's record to the response's JSON."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.record import Record
from gateway.soap.elements import SimpleType
from gateway.translation.inbound import (
    Each,
    Filter,
    Fixed,
    Group,
    Inbound,
    Leaf,
    Untranslatable,
    texts_at,
)
from gateway.translation.values import code_converter, converter, sealed_converter
from tests.unit.translation.contexts import context

TEXT = converter("text", SimpleType("string", "string", "preserve"))
FEN = converter("fen-from-yuan", SimpleType("decimal", "decimal"))
SEX = code_converter({"male": "1", "female": "2"})
ORDER = sealed_converter("appointment", of_card=True)

ORDERS = Inbound(
    (
        Each(
            "items",
            ("OrderList", "Order"),
            (
                Leaf("name", ("Name",), TEXT, optional=False),
                Leaf("sex", ("SexCode",), SEX, optional=True),
                Leaf("fee", ("Fee", "Amount"), FEN, optional=True),
                Fixed("currency", "CNY"),
                Group(
                    "guardian", ("Guardian",), (Leaf("name", ("Name",), TEXT, True),), optional=True
                ),
            ),
        ),
        Leaf("next", ("Next",), TEXT, optional=True),
    )
)


def order(**more: Any) -> Record:
    return {"Name": "张三", **more}


def items(*orders: Record) -> dict[str, Any]:
    return ORDERS({"OrderList": {"Order": list(orders)}}, context())


def test_rows_values_and_fixed_words_become_json() -> None:
    """Codes to words, yuan to fen, rows in their order."""
    assert items(order(SexCode="2", Fee={"Amount": "12.50"}), order(Guardian={"Name": "李四"})) == {
        "items": [
            {"name": "张三", "sex": "female", "fee": 1250, "currency": "CNY"},
            {"name": "张三", "currency": "CNY", "guardian": {"name": "李四"}},
        ]
    }


@pytest.mark.parametrize("nothing", [None, ""])
def test_absent_nil_and_empty_optionals_are_all_absent(nothing: str | None) -> None:
    """Never null, never "", never an empty object."""
    row = order(SexCode=nothing, Fee={"Amount": nothing}, Guardian={"Name": nothing})
    assert items(row, order(Fee=nothing, Guardian=nothing)) == {
        "items": [{"name": "张三", "currency": "CNY"}] * 2
    }


@pytest.mark.parametrize("record", [{}, {"OrderList": None}, {"OrderList": {}}])
def test_a_list_is_a_list_also_when_there_is_none(record: Record) -> None:
    """A caller need not ask whether it is there."""
    assert ORDERS(record, context()) == {"items": []}


@pytest.mark.parametrize("name", [None, ""])
def test_a_needed_value_that_is_missing_is_refused(name: str | None) -> None:
    """The whole reply with it: half of a list would be a lie."""
    with pytest.raises(Untranslatable, match=r"^Name: is missing or empty$"):
        items(order(), {"Name": name})


def test_a_value_that_is_not_what_the_policy_says_is_refused_unquoted() -> None:
    """The error says where and why; the value may be a patient's."""
    with pytest.raises(Untranslatable) as caught:
        items(order(SexCode="7"))
    assert str(caught.value) == "SexCode: a code without a word"


def test_a_needed_object_that_is_missing_is_refused() -> None:
    """As a value is."""
    inbound = Inbound((Group("g", ("G",), (Leaf("n", ("N",), TEXT, True),), optional=False),))
    records: list[Record] = [{}, {"G": None}, {"G": {"N": ""}}]
    for record in records:
        with pytest.raises(Untranslatable, match=r"^G: is missing"):
            inbound(record, context())


def test_a_response_starts_where_the_policy_says() -> None:
    """And a success without that part is no success."""
    inbound = Inbound((Leaf("name", ("Name",), TEXT, False),), at=("Card",))
    assert inbound({"Card": {"Name": "张三"}}, context()) == {"name": "张三"}
    assert inbound({"Trade": {"Card": {"Name": "x"}}}, context(), ("Trade",)) == {"name": "x"}
    missing: list[Record] = [{}, {"Card": None}]
    for record in missing:
        with pytest.raises(Untranslatable, match=r"^Card: is missing from a success$"):
            inbound(record, context())


def test_an_id_in_a_list_of_many_cards_is_sealed_for_its_own() -> None:
    """So that only a request about that card can use it."""
    leaf = Leaf("id", ("OrderNo",), ORDER, optional=False, card=("CardNo",))
    inbound = Inbound((Each("items", ("Row",), (leaf,)),))
    rows: Record = {"Row": [{"OrderNo": "7", "CardNo": "1"}, {"OrderNo": "7", "CardNo": "2"}]}
    one, two = (row["id"] for row in inbound(rows, context())["items"])
    assert ORDER.outbound(one, context(card="1")) == "7"
    assert ORDER.outbound(two, context(card="2")) == "7"
    assert one != two


def test_an_id_without_its_card_is_refused() -> None:
    """It would be sealed for nobody."""
    inbound = Inbound((Leaf("id", ("OrderNo",), ORDER, optional=False, card=("CardNo",)),))
    with pytest.raises(Untranslatable, match=r"^CardNo: is missing beside an id"):
        inbound({"OrderNo": "7"}, context())


def test_no_data_is_an_empty_list_where_the_response_is_a_list() -> None:
    """With what the policy states, and nothing made up."""
    assert ORDERS.empty({}, context()) == {"items": []}


@pytest.mark.parametrize(
    "nodes",
    [
        (Leaf("name", ("Name",), TEXT, True),),
        (Leaf("date", ("Date",), TEXT, False), Each("items", ("Row",), ())),
        (Group("summary", ("Summary",), (), False), Each("items", ("Row",), ())),
    ],
)
def test_no_data_is_not_found_where_the_response_needs_some(nodes: Any) -> None:
    """An empty statement without its date would break its own schema."""
    assert Inbound(nodes).empty({}, context()) is None


def test_texts_are_found_through_lists() -> None:
    """All of them, in their order; what is no text is none."""
    record: Record = {"L": {"R": [{"C": "1"}, {"C": None}, {}, {"C": "2"}]}}
    assert list(texts_at(record, ("L", "R", "C"))) == ["1", "2"]
    assert list(texts_at(record, ("L", "X"))) == []


@pytest.mark.parametrize("pad", ["", " ", "\u3000", "\n"])
def test_space_around_a_text_does_not_let_it_past_a_filter(pad: str) -> None:
    """A column of fixed width fills up with it, and what is withheld is withheld."""
    kept = Filter(only={("Audit",): frozenset("1")}, withhold={("Class",): frozenset({"HIV"})})
    assert kept.shows({"Audit": f"1{pad}", "Class": f"X{pad}"})
    assert not kept.shows({"Audit": "1", "Class": f"{pad}HIV{pad}"})
