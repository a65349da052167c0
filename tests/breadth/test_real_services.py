"""Services of every style, in a library that speaks them all, take what the codecs send."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.record import Record
from gateway.soap.contract import load_contract
from gateway.soap.credentials import Credentials
from gateway.soap.errors import SoapFault
from gateway.soap.security import Security
from tests.breadth.asking import ask
from tests.breadth.conftest import SERVICE

PASSWORD = "made-up 密码 <&>"


def call(
    address: str,
    name: str,
    operation: str,
    arguments: Record,
    *,
    port: str = "Clinic",
    security: Security | None = None,
    secured: bool = False,
) -> Record:
    """Ask the service of that name."""
    codec = load_contract(SERVICE / f"{name}.wsdl", port).codec(operation, Credentials(security))
    version = "/12" if port.endswith("12") else ""
    return ask(f"{address}/{name}{version}{'?secured' if secured else ''}", codec, arguments)


DOCTOR: Any = {"code": "007", "name": "张 <三> & 𠮷", "senior": "true"}


def schedules(times: Any) -> list[Any]:
    """Two schedules of one doctor, and one of another."""
    other = {"code": "8", "name": "]]>", "senior": "false"}
    return [
        {"day": "2030-01-31", "fee": "12.5", "doctor": doctor, **times(number)}
        for number, doctor in enumerate((DOCTOR, DOCTOR, other))
    ]


def test_rpc_encoded_goes_and_comes_with_arrays_and_references(address: str) -> None:
    """The service reads types and arrays, and answers with references, which are resolved."""
    told = schedules(lambda count: {"times": {"item": [f"0{n}:00" for n in range(count)]}})
    del told[0]["times"]["item"]
    asked: Any = {"department": "内科", "limit": "3", "schedules": {"schedule": told}}
    assert call(address, "encoded", "Arrange", asked) == {
        "return": {"schedule": told},
        "count": "3",
        "note": "内科:007",
    }


def test_rpc_encoded_takes_an_empty_array(address: str) -> None:
    """Nothing goes and nothing comes."""
    asked: Any = {"department": "x", "limit": "3", "schedules": {}}
    assert call(address, "encoded", "Arrange", asked) == {"return": {}, "count": "0", "note": "x"}


@pytest.mark.parametrize("port", ["Clinic", "Clinic12"])
def test_rpc_literal_goes_and_comes(address: str, port: str) -> None:
    """In both versions of SOAP, its wrapper made of the parts."""
    told = schedules(lambda count: {"time": [f"0{n}:00" for n in range(count)]} if count else {})
    told[1]["doctor"] = {**DOCTOR, "name": None}
    asked: Any = {"department": "内科", "limit": "3", "schedules": {"schedule": told}}
    assert call(address, "rpc", "Arrange", asked, port=port) == {
        "return": {"schedule": told},
        "count": "3",
        "note": "内科:007",
    }


@pytest.mark.parametrize(
    ("name", "port"), [("rpc", "Clinic"), ("rpc", "Clinic12"), ("encoded", "Clinic")]
)
def test_a_fault_of_a_real_service_is_one(address: str, name: str, port: str) -> None:
    """In either version, whatever the style."""
    asked: Any = {"department": "", "limit": "3", "schedules": {}}
    with pytest.raises(SoapFault) as raised:
        call(address, name, "Arrange", asked, port=port)
    assert raised.value.text == "no department"


@pytest.mark.parametrize("port", ["Clinic", "Clinic12"])
def test_a_document_goes_and_comes_with_every_kind_of_content(address: str, port: str) -> None:
    """Header block, choice, abstract type, attributes, text beside them, and room for more."""
    visit: Any = {
        "@urgent": "true",
        "Identity": "11010119900307231X",
        "Order": [
            {"@xsi:type": "Drug", "Id": "1", "Dose": "2 片"},
            {"@xsi:type": "Test", "Id": "2", "Tube": None},
        ],
        "Fee": {"@currency": "CNY", "text()": "12.5"},
    }
    caller: Any = {"User": "booking", "Channel": "7"}
    answered = call(address, "document", "Admit", {**visit, "Caller": caller}, port=port)
    assert answered == {"By": "booking/7", **visit}


def test_a_bare_text_goes_and_a_bare_number_comes(address: str) -> None:
    """The body's child may hold a text and nothing else."""
    assert call(address, "document", "Count", {"text()": "内科一"}) == {"text()": "3"}


@pytest.mark.parametrize("port", ["Clinic", "Clinic12"])
@pytest.mark.parametrize("digest", [False, True], ids=["text", "digest"])
def test_a_user_name_with_its_password_is_taken(address: str, port: str, digest: bool) -> None:
    """The service checks it, and refuses who has none or another."""
    told = Security("gateway", PASSWORD, digest)
    asked: Any = {"text()": "内科一"}
    answered = call(address, "document", "Count", asked, port=port, security=told, secured=True)
    assert answered == {"text()": "3"}
    for wrong in (None, Security("gateway", "another", digest)):
        with pytest.raises(SoapFault) as raised:
            call(address, "document", "Count", asked, port=port, security=wrong, secured=True)
        assert raised.value.text == "not trusted"
