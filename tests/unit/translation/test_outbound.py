"""From a request's values to the operation's arguments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from gateway.problems import Rejection
from gateway.soap.elements import SimpleType
from gateway.translation.outbound import Constant, Field, Items, Outbound
from gateway.translation.values import converter, sealed_converter
from tests.unit.translation.contexts import context

STRING = SimpleType("string", "string", "preserve")
TEXT = converter("text", STRING)
NUMBER = converter("identity-number", STRING)
DATE = converter("date", SimpleType("date", "date"), within=30)
ORDER = sealed_converter("appointment", of_card=True)

OUTBOUND = Outbound(
    fields=(
        Field("path", ("id",), ("OrderNo",), ORDER),
        Field("body", ("name",), ("Name",), TEXT),
        Field("body", ("documentType",), ("DocType",), TEXT),
        Field("body", ("number",), ("DocNo",), NUMBER, of=("documentType",)),
        Field("body", ("guardian", "name"), ("Guardian", "Name"), TEXT),
        Field("body", ("guardian", "phone"), ("Guardian", "Phone"), TEXT),
        Field("query", ("from",), ("StartDate",), DATE, default="today"),
        Field("query", ("to",), ("EndDate",), DATE, default="today+7d"),
    ),
    constants=(
        Constant(("PageSize",), "200", {}),
        Constant(("ChannelCode",), None, {"booking": "DY01"}),
    ),
    serial=("PlatformSerial",),
    subject=("CardNo",),
)


def values(**given: Any) -> Mapping[str, Any]:
    return {"id": ORDER.inbound("20310314000001", context(card="1")), **given}


def rejection(given: Mapping[str, Any], **bound: Any) -> Rejection:
    with pytest.raises(Rejection) as caught:
        OUTBOUND(given, context(**{"card": "1", **bound}))
    return caught.value


def test_values_constants_serial_and_card_go_to_their_elements() -> None:
    """Nested ones into nested records, absent ones nowhere, defaults from the hospital's today."""
    record = OUTBOUND(
        values(name="张三", guardian={"name": "李四"}), context(card="1", serial="G00")
    )
    assert record == {
        "OrderNo": "20310314000001",
        "Name": "张三",
        "Guardian": {"Name": "李四"},
        "StartDate": "2031-03-14",
        "EndDate": "2031-03-21",
        "PageSize": "200",
        "ChannelCode": "DY01",
        "PlatformSerial": "G00",
        "CardNo": "1",
    }


def test_a_read_without_subject_sends_neither_serial_nor_card() -> None:
    """What the context does not have is not made up."""
    record = Outbound((Field("body", ("name",), ("Name",), TEXT),))({"name": "x"}, context())
    assert record == {"Name": "x"}


def test_every_value_that_cannot_go_is_named_at_once() -> None:
    """By where the caller wrote it, in both languages, without the value."""
    given = values(
        documentType="identity-card",
        number="110101199003071234",
        **{"from": "2031-02-30", "to": "2032-01-01"},
    )
    refused = rejection(given)
    assert refused.slug == "invalid"
    assert [(error.location, error.pointer, error.detail) for error in refused.errors] == [
        ("body", "/number", "not a valid identity number (GB 11643)"),
        ("query", "/from", "no such day"),
        ("query", "/to", "must lie within 30 days of today"),
    ]
    assert all(error.detail_zh for error in refused.errors)
    assert "110101199003071234" not in repr(refused.errors)


def test_another_documents_number_is_not_held_against_the_standard() -> None:
    """A passport has no check digit of ours."""
    record = OUTBOUND(values(documentType="passport", number="E12345678"), context(card="1"))
    assert record["DocNo"] == "E12345678"


@pytest.mark.parametrize("bound", [{"card": "2"}, {"client": "clinic-kiosk"}])
def test_an_id_of_another_card_or_client_is_not_found(bound: Mapping[str, Any]) -> None:
    """Nothing is asked of the hospital for it."""
    refused = rejection(values(), **bound)
    assert (refused.slug, refused.reason) == ("not-found", "id-not-sealed-here")


def test_a_client_that_the_policy_does_not_know_is_forbidden() -> None:
    """Without its channel code the hospital would take it for another."""
    outbound = Outbound((), OUTBOUND.constants)
    with pytest.raises(Rejection) as caught:
        outbound({}, context(client="clinic-kiosk"))
    assert (caught.value.slug, caught.value.reason) == ("forbidden", "no-constant-for-client")


def test_what_the_contract_refuses_is_told_at_the_callers_own_field() -> None:
    """In the caller's words, one error for each fault."""
    refused = OUTBOUND.refused(
        ((("Name",), "is too long", ()), (("Guardian", "Phone"), "is empty", ()))
    )
    assert refused.slug == "invalid"
    assert [(error.pointer, error.detail) for error in refused.errors] == [
        ("/name", "is not allowed by the hospital: is too long"),
        ("/guardian/phone", "is not allowed by the hospital: is empty"),
    ]


ITEMS = Outbound(
    (
        Items(
            ("order", "items"),
            ("List", "Item"),
            (
                Field("body", ("day",), ("Day",), DATE),
                Items(("notes",), ("Note",), (Field("body", (), (), TEXT),)),
            ),
        ),
    )
)


def test_a_list_goes_to_the_repeated_element() -> None:
    """Of records or of plain texts, one in the other; none where the caller gives none."""
    given = {
        "order": {"items": [{"day": "2031-03-14", "notes": ["a", "b"]}, {"day": "2031-03-15"}]}
    }
    assert ITEMS(given, context()) == {
        "List": {
            "Item": [{"Day": "2031-03-14", "Note": ["a", "b"]}, {"Day": "2031-03-15"}],
        }
    }
    assert ITEMS({"order": {"items": []}}, context()) == {"List": {"Item": []}}
    assert ITEMS({"order": {}}, context()) == {}


def test_a_fault_in_a_list_is_told_at_its_entry() -> None:
    """By the JSON Pointer that the caller knows it by (RFC 6901)."""
    with pytest.raises(Rejection) as caught:
        ITEMS({"order": {"items": [{"day": "2031-03-14"}, {"day": "2031-02-30"}]}}, context())
    assert [error.pointer for error in caught.value.errors] == ["/order/items/1/day"]


@pytest.mark.parametrize(
    ("path", "indexes", "pointer"),
    [
        (("List", "Item"), (), "/order/items"),
        (("List", "Item"), (2,), "/order/items"),
        (("List", "Item", "Day"), (2,), "/order/items/2/day"),
        (("List", "Item", "Day"), (), "/order/items"),
        (("List", "Item", "Note"), (2, 1), "/order/items/2/notes/1"),
        (("List", "Item", "Note"), (2,), "/order/items/2/notes"),
    ],
)
def test_what_the_contract_refuses_in_a_list_is_told_as_near_as_is_known(
    path: tuple[str, ...], indexes: tuple[int, ...], pointer: str
) -> None:
    """At the value in its entry, or at the list."""
    refused = ITEMS.refused(((path, "is too long", indexes),))
    assert [error.pointer for error in refused.errors] == [pointer]


def test_an_id_in_the_path_that_the_contract_refuses_names_nothing() -> None:
    """It is a resource that does not exist, not a faulty request."""
    assert OUTBOUND.refused(((("OrderNo",), "does not fit", ()),)).slug == "not-found"


def test_what_the_contract_refuses_as_a_whole_is_told_of_the_body() -> None:
    """All values together are too long for the string that carries them, say."""
    (error,) = OUTBOUND.refused((((), "is longer than 4000", ()),)).errors
    assert (error.location, error.pointer) == ("body", "")
    assert error.detail == "is not allowed by the hospital: is longer than 4000"
    assert Outbound(()).refused((((), "is longer than 4000", ()),)).slug == "internal"


def test_a_fault_that_no_caller_made_is_the_gateways_own() -> None:
    """A constant or a serial off the contract is for operations to mend."""
    refused = OUTBOUND.refused(((("ChannelCode",), "does not fit", ()),))
    assert (refused.slug, refused.reason) == ("internal", "request-off-contract")
