"""The service `billing`: one operation, `Process`, XML in a string, and no serial of the caller's.

`TransCode` names the trade, `InXml` is a `REQUEST` with a head and the trade's fields, the result
a `RESPONSE` with `RESULTCODE` and `RESULTMSG` before its data: 0 is done, 1 is nothing found, 2 a
request that makes no sense, 11 and up refusals, -1 a failure of the system. No write is
deduplicated: a bill is paid once, an item is paid back once, and who comes second is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from xml.sax.saxutils import escape

from lxml import etree

from sandbox.hospital import bills, faults, refunding, settling
from sandbox.hospital.billing_views import Message
from sandbox.hospital.carrier import carrier
from sandbox.hospital.operations import Reply
from sandbox.hospital.platform import SYSTEM_FAILURE, Desk, Hospital
from sandbox.hospital.settling import Paid

NAMESPACE = "urn:internet-hospital:billing"
NAME = "Billing"

_FAILED, _SENSELESS = "-1", "2"
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True)
_DAY, _TIME = r"[0-9]{4}-[0-9]{2}-[0-9]{2}", r"[0-9]{2}:[0-9]{2}:[0-9]{2}"
_SHAPES = {
    "HEAD/CHANNEL": "[A-Z0-9]{2,8}",
    "CARDNO": "[0-9]{12}",
    "BILLNO": "[0-9A-Z]{8,20}",
    "SETTLENO": "[0-9A-Z]{8,20}",
    "PAYNO": "[0-9A-Z]{8,20}",
    "REFUNDNO": "[0-9A-Z]{8,20}",
    "STARTDATE": _DAY,
    "ENDDATE": _DAY,
    "PAYCHANNEL": "[1-4]",
    "TRADENO": "[0-9A-Za-z_-]{8,64}",
    "PAYTIME": f"{_DAY} {_TIME}",
    "AMOUNT": "(0|[1-9][0-9]{0,9})[.][0-9]{2}",
    "ITEMLIST/ITEMNO": "[0-9]{2}",
    "REASON": ".{1,100}",
}


class _Senseless(Exception):
    """The request is not one of this service; says the field."""


@dataclass(frozen=True, slots=True)
class _Fields:
    """The fields of a request, by path; what is not there is not in it."""

    texts: Mapping[str, list[str]]

    def __getitem__(self, path: str) -> str:
        return self.texts[path][0]

    def get(self, path: str) -> str | None:
        """Return a field that may be absent."""
        return self.texts[path][0] if path in self.texts else None

    def day(self, path: str) -> date | None:
        """Return a date that may be absent."""
        return date.fromisoformat(self[path]) if path in self.texts else None


@dataclass(frozen=True, slots=True)
class _Trade:
    """What a trade does, the fields that it needs, those that it takes too, and if it writes."""

    work: Callable[[Desk, _Fields], Reply]
    needs: tuple[str, ...]
    takes: tuple[str, ...] = ()
    writes: bool = False


_TRADES = {
    "MZ2001": _Trade(
        lambda desk, of: bills.of_card(desk, of["CARDNO"], of.day("STARTDATE"), of.day("ENDDATE")),
        needs=("CARDNO",),
        takes=("STARTDATE", "ENDDATE"),
    ),
    "MZ2002": _Trade(
        lambda desk, of: bills.one(desk, of["CARDNO"], of["BILLNO"]),
        needs=("CARDNO", "BILLNO"),
    ),
    "MZ2003": _Trade(
        lambda desk, of: settling.quote(desk, of["CARDNO"], of["BILLNO"]),
        needs=("CARDNO", "BILLNO"),
        writes=True,
    ),
    "MZ2004": _Trade(
        lambda desk, of: settling.pay(
            desk,
            of["CARDNO"],
            of["SETTLENO"],
            Paid(
                of["PAYCHANNEL"],
                of["TRADENO"],
                datetime.fromisoformat(of["PAYTIME"]),
                of["AMOUNT"],
            ),
        ),
        needs=("CARDNO", "SETTLENO", "PAYCHANNEL", "TRADENO", "PAYTIME", "AMOUNT"),
        writes=True,
    ),
    "MZ2005": _Trade(
        lambda desk, of: bills.payments(desk, of["CARDNO"], of.get("SETTLENO")),
        needs=("CARDNO",),
        takes=("SETTLENO",),
    ),
    "MZ2006": _Trade(
        lambda desk, of: bills.payment(desk, of["CARDNO"], of["PAYNO"]),
        needs=("CARDNO", "PAYNO"),
    ),
    "MZ2007": _Trade(
        lambda desk, of: refunding.request(
            desk,
            of["CARDNO"],
            of["PAYNO"],
            of.texts["ITEMLIST/ITEMNO"],
            of["AMOUNT"],
            of.get("REASON"),
        ),
        needs=("CARDNO", "PAYNO", "ITEMLIST/ITEMNO", "AMOUNT"),
        takes=("REASON",),
        writes=True,
    ),
    "MZ2008": _Trade(
        lambda desk, of: refunding.of_card(desk, of["CARDNO"], of.get("PAYNO")),
        needs=("CARDNO",),
        takes=("PAYNO",),
    ),
    "MZ2009": _Trade(
        lambda desk, of: refunding.one(desk, of["CARDNO"], of["REFUNDNO"]),
        needs=("CARDNO", "REFUNDNO"),
    ),
}


def service() -> object:
    """Return the spyne service."""
    return carrier(
        NAME,
        port="BillingSoap",
        operation="Process",
        function="TransCode",
        message="InXml",
        result="ProcessResult",
        answer=process,
    )


def process(hospital: Hospital, trans_code: str, in_xml: str) -> str:
    """Carry out one trade and return its RESPONSE."""
    try:
        trade = _TRADES.get(trans_code)
        if trade is None:
            raise _Senseless("TransCode")
        fields = _read(in_xml, trade)
        run = hospital.trade if trade.writes else hospital.read
        reply = run(fields["HEAD/CHANNEL"], lambda desk: trade.work(desk, fields))
    except _Senseless as senseless:
        reply = Reply(_SENSELESS, f"入参错误：{senseless}")
    return _written(reply)


def result(_operation: str, code: str, message: str) -> bytes:
    """Return a whole reply that says its result code and no more."""
    inner = escape(_written(Reply(code, message)))
    return faults.envelope(
        f'<ProcessResponse xmlns="{NAMESPACE}"><ProcessResult>{inner}</ProcessResult>'
        "</ProcessResponse>"
    )


def _read(text: str, trade: _Trade) -> _Fields:
    try:
        root = etree.fromstring(text.encode(), _PARSER)
    except etree.XMLSyntaxError:
        raise _Senseless("InXml") from None
    if root.tag != "REQUEST":
        raise _Senseless("REQUEST")
    needed = ("HEAD/CHANNEL", *trade.needs)
    texts: dict[str, list[str]] = {}
    for path in (*needed, *trade.takes):
        found = [element.text or "" for element in root.iterfind(path)]
        if found:
            texts[path] = found
        elif path in needed:
            raise _Senseless(path)
        if not all(_fits(path, one) for one in found):
            raise _Senseless(path)
    return _Fields(texts)


def _fits(path: str, text: str) -> bool:
    shape = _SHAPES[path]
    if not re.fullmatch(shape, text):
        return False
    if shape.startswith(_DAY):
        try:
            datetime.fromisoformat(text)
        except ValueError:
            return False
    return True


def _written(reply: Reply) -> str:
    code = _FAILED if reply.code == SYSTEM_FAILURE.code else reply.code
    root = etree.Element("RESPONSE")
    _write(root, {"RESULTCODE": code, "RESULTMSG": reply.message, **reply.data})
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True).decode()


def _write(parent: etree._Element, members: Message) -> None:
    for name, value in members.items():
        for one in value if isinstance(value, list) else [value]:
            if one is None:
                continue
            child = etree.SubElement(parent, name)
            if isinstance(one, str):
                child.text = one
            else:
                _write(child, one)
