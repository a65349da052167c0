"""Axis 1.4, in which many a hospital speaks rpc/encoded, by the WSDL that it publishes."""

from __future__ import annotations

import urllib.request
from typing import Any

import pytest

from gateway.record import Record
from gateway.soap.contract import Contract, load_contract
from gateway.soap.errors import SoapFault
from tests.breadth.asking import ask

DOCTOR: Any = {"code": "007", "name": "张 <三> & 𠮷 ]]>"}
PLAIN: Any = {"@xsi:type": "Item", "amount": "1", "name": "甘草"}
HERB: Any = {"@xsi:type": "Herb", "amount": "2", "name": "当归", "part": "根"}


def prescription(number: str | None, **members: Any) -> Any:
    """With all that it may have, unless it is told otherwise."""
    return {
        "days": "3",
        "doctor": DOCTOR,
        "items": {"item": [PLAIN, HERB]},
        "notes": {"item": ["", "a\nb", None, "𠮷"]},
        "number": number,
        "paid": "true",
        "price": "12.50",
        "seal": "AAEC",
        "written": "2030-01-31T08:00:00.000Z",
        **members,
    }


@pytest.fixture(scope="session")
def contract(pharmacy: str, tmp_path_factory: pytest.TempPathFactory) -> Contract:
    """What Axis says that it can be asked."""
    wsdl = tmp_path_factory.mktemp("published") / "Pharmacy.wsdl"
    with urllib.request.urlopen(f"{pharmacy}?wsdl", timeout=60) as answer:
        wsdl.write_bytes(answer.read())
    return load_contract(wsdl)


def arranged(pharmacy: str, contract: Contract, *prescriptions: Any, card: str = "x") -> Record:
    """What the service makes of these."""
    items: Any = {"item": list(prescriptions)} if prescriptions else {}
    asked: Any = {"card": card, "prescriptions": items, "count": "0", "note": None}
    return ask(pharmacy, contract.codec("arrange"), asked)


def test_beans_in_arrays_come_back_from_many_references(pharmacy: str, contract: Contract) -> None:
    """Each bean and number beside the wrapper, one doctor for all who have the same."""
    other = {"code": "8", "name": None}
    told = [prescription("1"), prescription("2"), prescription("3", doctor=other)]
    card = "卡 & ]]> <𠮷>"
    assert arranged(pharmacy, contract, *told, card=card) == {
        "arrangeReturn": {"item": told},
        "count": "3",
        "note": card,
    }


def test_what_is_nil_or_empty_comes_back_as_that(pharmacy: str, contract: Contract) -> None:
    """Beans, arrays, texts and numbers that are null, and arrays of nothing."""
    nothing: Any = dict.fromkeys(["days", "doctor", "items", "notes", "price", "seal", "written"])
    told = [prescription(None, **nothing), prescription("", items={}, notes={})]
    assert arranged(pharmacy, contract, *told)["arrangeReturn"] == {"item": told}
    assert arranged(pharmacy, contract)["arrangeReturn"] == {}


def test_one_object_referred_to_twice_is_read_twice(pharmacy: str, contract: Contract) -> None:
    """With the type that it has, which is not that of the array."""
    asked: Any = {"item": HERB}
    answered = ask(pharmacy, contract.codec("twice"), asked)
    assert answered == {"twiceReturn": {"item": [HERB, HERB]}}


def test_an_array_that_is_null_is_nil(pharmacy: str, contract: Contract) -> None:
    """As services return it that found nothing."""
    assert ask(pharmacy, contract.codec("find"), {"card": "x"}) == {"findReturn": None}


@pytest.mark.parametrize(
    ("card", "code", "text"),
    [(None, "Client.Card", "no card"), ("", "Server.userException", "Refused: not here")],
    ids=["fault", "exception"],
)
def test_a_fault_of_axis_is_one(
    pharmacy: str, contract: Contract, card: str | None, code: str, text: str
) -> None:
    """With a detail of its own, be it a stack trace or the bean of an exception."""
    with pytest.raises(SoapFault) as raised:
        ask(pharmacy, contract.codec("find"), {"card": card})
    assert (raised.value.code, raised.value.text) == (code, text)


def test_what_cannot_be_called_is_refused_alone(contract: Contract) -> None:
    """Each with its reason and the line of what it is for."""
    assert set(contract.operations) == {"arrange", "find", "twice"}
    assert {name: error.what for name, error in contract.refused.items()} == {
        "anything": "the type xsd:anyType is not supported",
        "shelves": "an array of xsd:int[][] is not supported",
    }
    assert all(error.line for error in contract.refused.values())
