"""The made-up services of these tests that take and give one string."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from lxml import etree

from gateway.soap.contract import Contract, load_contract
from gateway.soap.payload.model import Payload, ReplyPlace, RequestPlace, Trade
from gateway.soap.payload.trades import with_payload

PACK = Path(__file__).parent / "pack"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
BILLING = "urn:billing"


@cache
def wsdl() -> Contract:
    """The WSDL's own contract."""
    return load_contract(PACK / "billing.wsdl")


def payload(
    trade: Trade | None = None,
    *,
    request: RequestPlace | None = None,
    reply: ReplyPlace | None = None,
    charset: str = "UTF-8",
) -> Payload:
    """One trade, QueryBills, carried by Process unless another is given."""
    process = Trade(
        operation="Process",
        arguments={("TransCode",): "MZ2001"},
        request="schemas/request.xsd",
        reply="schemas/reply.xsd",
    )
    return Payload(
        style="xml",
        charset=charset,
        request=request or RequestPlace(None, "escaped"),
        reply=reply or ReplyPlace(None, "escaped", ()),
        trades={"QueryBills": trade or process},
    )


def contract(found: Payload | None = None) -> Contract:
    """The contract with the trade as an operation."""
    return with_payload(wsdl(), found or payload(), PACK)


def asking(*, beside: tuple[tuple[str, ...], ...] = (("Code",), ("Return", "Message"))) -> Payload:
    """The trade carried by Ask: in groups, with a code beside, and a text that may be absent."""
    return payload(
        Trade("Ask", {("Request", "Function"): "MZ"}, "schemas/request.xsd", "schemas/reply.xsd"),
        request=RequestPlace(("Request", "Data"), "escaped"),
        reply=ReplyPlace(("Return", "Data"), "escaped", beside),
    )


def body_child(envelope: bytes) -> etree._Element:
    """What an envelope carries."""
    child: etree._Element = etree.fromstring(envelope)[-1][0]
    return child


def envelope(child: etree._Element) -> bytes:
    """An envelope around a body's child."""
    root = etree.Element(f"{{{SOAP}}}Envelope")
    etree.SubElement(root, f"{{{SOAP}}}Body").append(child)
    return etree.tostring(root)


def answer(text: str | None) -> bytes:
    """What Process answers: its result holds `text`."""
    child = etree.Element(f"{{{BILLING}}}ProcessResponse")
    etree.SubElement(child, f"{{{BILLING}}}ProcessResult").text = text
    return envelope(child)
