"""The made-up contract of these tests, and messages of it."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from gateway.record import Record
from gateway.soap.codec import Codec
from gateway.soap.contract import Contract, load_contract

CLINIC = Path(__file__).parent / "contracts" / "clinic" / "clinic.wsdl"
SOAP_11 = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP_12 = "http://www.w3.org/2003/05/soap-envelope"


def clinic(soap: Literal["1.1", "1.2"] = "1.1") -> Contract:
    """The contract, by its SOAP 1.1 or 1.2 port."""
    return load_contract(CLINIC, "ClinicSoap" if soap == "1.1" else "ClinicSoap12")


def codec(soap: Literal["1.1", "1.2"] = "1.1") -> Codec:
    """The codec of the contract's one operation."""
    return clinic(soap).codec("RecordVisit")


def visit() -> Record:
    """A visit with its required elements only."""
    return {"Day": "2030-01-31", "Fee": "12.50", "Paid": "true"}


def reply(
    content: str = "<ResultCode>0</ResultCode>",
    *,
    name: str = "RecordVisitResponse",
    namespace: str = "urn:clinic",
    soap: str = SOAP_11,
) -> bytes:
    """A reply whose body's child has this content, in the contract's default namespace."""
    child = f'<{name} xmlns="{namespace}">{content}</{name}>'
    return envelope(f"<s:Body>{child}</s:Body>", soap)


def envelope(parts: str, soap: str = SOAP_11) -> bytes:
    """An envelope around these parts, with the prefixes `s` and `xsi` declared."""
    instance = "http://www.w3.org/2001/XMLSchema-instance"
    return f'<s:Envelope xmlns:s="{soap}" xmlns:xsi="{instance}">{parts}</s:Envelope>'.encode()
