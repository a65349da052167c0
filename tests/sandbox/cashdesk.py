# zeep is typed in part only.
# mypy: disallow-untyped-calls=False
"""A client of the billing platform for tests: each message is held against the pack's schemas."""

from __future__ import annotations

from functools import cache
from typing import Any

import requests
import zeep
from lxml import etree
from zeep.transports import Transport

from tests.sandbox.world import CHANNEL, WSDL_FILE, World

FOLDER = WSDL_FILE.parents[1] / "billing"
TRADES = {
    "MZ2001": "query-bills",
    "MZ2002": "query-bill",
    "MZ2003": "quote-bill",
    "MZ2004": "pay-bill",
    "MZ2005": "query-payments",
    "MZ2006": "query-payment",
    "MZ2007": "refund-payment",
    "MZ2008": "query-refunds",
    "MZ2009": "query-refund",
}
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True)


@cache
def schema(name: str) -> etree.XMLSchema:
    """Return one of the pack's schemas."""
    return etree.XMLSchema(etree.parse(FOLDER / "schemas" / f"{name}.xsd", _PARSER))


class Cashdesk:
    """The trades of `billing`, for a running hospital."""

    def __init__(self, world: World, channel: str = CHANNEL) -> None:
        transport = Transport(session=requests.Session(), timeout=30, operation_timeout=30)
        client = zeep.Client(str(FOLDER / "billing.wsdl"), transport=transport)
        url = f"http://{world.at.soap}/billing"
        self._service = client.create_service("{urn:internet-hospital:billing}BillingSoap", url)
        self._channel = channel

    def call(self, trade: str, *fields: tuple[str, str | list[str]]) -> Any:
        """Carry out a trade; its RESPONSE, valid by the schema."""
        request = etree.Element("REQUEST")
        head = etree.SubElement(request, "HEAD")
        etree.SubElement(head, "CHANNEL").text = self._channel
        etree.SubElement(head, "REQTIME").text = "20260310090000"
        for name, value in fields:
            if isinstance(value, str):
                etree.SubElement(request, name).text = value
            else:
                items = etree.SubElement(request, name)
                for one in value:
                    etree.SubElement(items, "ITEMNO").text = one
        schema(TRADES[trade]).assertValid(request)
        return self.send(trade, etree.tostring(request, encoding="unicode"))

    def send(self, trade: str, message: str) -> Any:
        """Send a message as it is; the RESPONSE, valid by the schema."""
        told = self._service.Process(TransCode=trade, InXml=message)
        response = etree.fromstring(told.encode(), _PARSER)
        schema(f"{TRADES[trade]}-reply").assertValid(response)
        return response

    def quote(self, card: str, bill: str) -> Any:
        """Quote a bill; the SETTLE."""
        reply = self.call("MZ2003", ("CARDNO", card), ("BILLNO", bill))
        assert reply.findtext("RESULTCODE") == "0", reply.findtext("RESULTMSG")
        return reply.find("SETTLE")

    def pay(
        self, settle: Any, *, amount: str | None = None, trade_no: str = "WX20260310001"
    ) -> Any:
        """Pay a quote, or another amount; the whole reply."""
        return self.call(
            "MZ2004",
            ("CARDNO", settle.findtext("CARDNO")),
            ("SETTLENO", settle.findtext("SETTLENO")),
            ("PAYCHANNEL", "1"),
            ("TRADENO", trade_no),
            ("PAYTIME", "2026-03-10 09:05:00"),
            ("AMOUNT", amount or settle.findtext("PATFEE")),
        )

    def refund(self, payment: Any, items: list[str], amount: str) -> Any:
        """Ask for items back; the whole reply."""
        return self.call(
            "MZ2007",
            ("CARDNO", payment.findtext("CARDNO")),
            ("PAYNO", payment.findtext("PAYNO")),
            ("ITEMLIST", items),
            ("AMOUNT", amount),
        )


def bill(world: World, category: str = "1", card: str | None = None) -> tuple[str, str]:
    """Have a bill made for a patient; card and bill number."""
    of = card or world.patient()
    return of, world.control("POST", f"/cards/{of}/bills", {"category": category})["bill"]


def paid(world: World, cashdesk: Cashdesk, category: str = "1") -> Any:
    """Have a bill made, quoted and paid; the PAYMENT."""
    reply = cashdesk.pay(cashdesk.quote(*bill(world, category)))
    assert reply.findtext("RESULTCODE") == "0", reply.findtext("RESULTMSG")
    return reply.find("PAYMENT")


def code(reply: Any) -> Any:
    """Return a reply's result code."""
    return reply.findtext("RESULTCODE")


def fen(text: str) -> int:
    """Return fen of yuan as text."""
    whole, _, part = text.partition(".")
    return int(whole) * 100 + int(part)
