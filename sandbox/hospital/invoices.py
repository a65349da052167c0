"""The service `invoices`: SOAP 1.2, a typed envelope around JSON in a string, signed.

Each operation takes AppId, Timestamp, Data and the Sign over these three; it answers Code 0000
with Data when it is done, 1001 when there is nothing, and anything else when it is not. A
document comes beside the Data as Base64.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from xml.sax.saxutils import escape

from spyne import ByteArray, Unicode
from sqlalchemy import select

from sandbox.hospital import faults, invoicing
from sandbox.hospital.invoices_document import document
from sandbox.hospital.invoices_model import Invoice
from sandbox.hospital.invoices_signature import is_signed
from sandbox.hospital.operations import Operations, Reply
from sandbox.hospital.platform import SYSTEM_FAILURE, Desk, Hospital, Refused

NAMESPACE = "urn:hospital:e-invoice"
APP_ID = "DMZ01"

DONE, NOTHING, NOT_ISSUED, BAD_SIGN, BAD_DATA, FAILED = (
    *("0000", "1001", "2001"),
    *("9001", "9002", "9999"),
)
_PENDING, _ISSUED, _REVERSED = 0, 1, 2
_KINDS = {invoicing.BLUE: 1, invoicing.RED: 2}


def _named(name: str, **facets: Any) -> Any:
    """Return a required text of this namespace, called `name`, restricted by `facets`."""
    made = Unicode.customize(type_name=name, min_occurs=1, nillable=False, **facets)
    made.__namespace__ = NAMESPACE
    return made


_CODE = _named("Code", pattern="[0-9]{4}")
_MESSAGE = _named("Message", max_len=200)
_APP_ID = _named("AppId", pattern="[0-9A-Z]{4,16}")
_TIMESTAMP = _named("Timestamp", pattern="[0-9]{14}")
_SIGN = _named("Sign", pattern="[0-9A-F]{32}")
_DATA = Unicode.customize(min_occurs=1, nillable=False)
_REPLY_DATA = Unicode.customize(min_occurs=0, nillable=False)
_FILE = ByteArray.customize(min_occurs=0, nillable=False)

_SIGNED = {"app_id": _APP_ID, "timestamp": _TIMESTAMP, "data": _DATA, "sign": _SIGN}

OPERATIONS = Operations(
    "InvoiceService", port="InvoicePort", head={"Code": _CODE, "Message": _MESSAGE}
)


@OPERATIONS.publish({"Data": _REPLY_DATA}, **_SIGNED)
def query_invoices(hospital: Hospital, app_id: str, timestamp: str, data: str, sign: str) -> Reply:
    """List a card's invoices by the day of payment."""
    return _answer(hospital, app_id, timestamp, data, sign, _list)


@OPERATIONS.publish({"Data": _REPLY_DATA}, **_SIGNED)
def query_invoice(hospital: Hospital, app_id: str, timestamp: str, data: str, sign: str) -> Reply:
    """Tell one invoice of a card, with its lines."""
    return _answer(hospital, app_id, timestamp, data, sign, _one)


@OPERATIONS.publish({"Data": _REPLY_DATA, "File": _FILE}, **_SIGNED)
def download_invoice(
    hospital: Hospital, app_id: str, timestamp: str, data: str, sign: str
) -> Reply:
    """Give an issued invoice as a PDF."""
    size = hospital.document_bytes
    return _answer(
        hospital, app_id, timestamp, data, sign, lambda desk, asked: _document(desk, asked, size)
    )


def result(operation: str, code: str, words: str) -> bytes:
    """Return a whole reply that says a code and its words, and no more."""
    return faults.envelope(
        f'<{operation}Response xmlns="{NAMESPACE}"><Code>{escape(code)}</Code>'
        f"<Message>{escape(words)}</Message></{operation}Response>",
        "1.2",
    )


def _answer(
    hospital: Hospital,
    app_id: str,
    timestamp: str,
    data: str,
    sign: str,
    work: Callable[[Desk, dict[str, Any]], Reply],
) -> Reply:
    signed = {"AppId": app_id, "Timestamp": timestamp, "Data": data}
    key = hospital.invoices_key
    if key is None or app_id != APP_ID or not is_signed(signed, sign, key):
        return Reply(BAD_SIGN, "签名错误")
    try:
        asked = json.loads(data)
    except ValueError:
        asked = None
    if not isinstance(asked, dict):
        return Reply(BAD_DATA, "Data不是有效的JSON对象")
    reply = hospital.read("", lambda desk: work(desk, asked))
    return Reply(FAILED, reply.message) if reply.code == SYSTEM_FAILURE.code else reply


def _list(desk: Desk, asked: dict[str, Any]) -> Reply:
    wanted = select(Invoice).where(Invoice.card_no == _text(asked, "cardNo"))
    if "dateFrom" in asked:
        wanted = wanted.where(Invoice.paid_at >= _day(asked, "dateFrom"))
    if "dateTo" in asked:
        wanted = wanted.where(Invoice.paid_at < _day(asked, "dateTo") + timedelta(days=1))
    rows = desk.session.scalars(wanted.order_by(Invoice.paid_at.desc(), Invoice.invoice_no)).all()
    if not rows:
        return Reply(NOTHING, "无数据")
    return _told({"count": len(rows), "invoices": [_head(desk, row) for row in rows]})


def _one(desk: Desk, asked: dict[str, Any]) -> Reply:
    invoice = _asked_for(desk, asked)
    items = invoicing.items_of(desk, invoice.invoice_no)
    lines = [{"name": item.name, "amount": item.amount_fen} for item in items]
    return _told({"invoice": _head(desk, invoice) | {"items": lines}})


def _document(desk: Desk, asked: dict[str, Any], size: int | None) -> Reply:
    invoice = _asked_for(desk, asked)
    if invoice.issue_at > desk.now:
        raise Refused(NOT_ISSUED, "票据尚未开具，请稍后再试")
    items = invoicing.items_of(desk, invoice.invoice_no)
    file = document(invoice, items, at_least=size)
    named = {"fileName": f"{invoice.code}-{invoice.number}.pdf", "fileSize": len(file)}
    told = {"invoiceId": invoice.invoice_no, "cardNo": invoice.card_no} | named
    return Reply(DONE, "成功", {"Data": _json(told), "File": file})


def _asked_for(desk: Desk, asked: dict[str, Any]) -> Invoice:
    invoice = desk.session.get(Invoice, _text(asked, "invoiceId"))
    if invoice is None or invoice.card_no != _text(asked, "cardNo"):
        raise Refused(NOTHING, "无数据")
    return invoice


def _head(desk: Desk, invoice: Invoice) -> dict[str, Any]:
    """Tell an invoice without its lines; one that is not issued yet has no number."""
    issued = invoice.issue_at <= desk.now
    state = _REVERSED if invoice.reversed_by else _ISSUED if issued else _PENDING
    registration = invoice.business == invoicing.REGISTRATION
    return {
        "invoiceId": invoice.invoice_no,
        "cardNo": invoice.card_no,
        "kind": _KINDS[invoice.colour],
        "state": state,
        "invoiceCode": invoice.code if issued else "",
        "invoiceNumber": invoice.number if issued else "",
        "checkCode": invoice.check_code if issued else "",
        "payerName": invoice.payer,
        "registrationNo": invoice.reference if registration else None,
        "billNo": None if registration else invoice.reference,
        "totalAmount": invoice.total_fen,
        "fundAmount": invoice.fund_fen,
        "selfAmount": invoice.total_fen - invoice.fund_fen,
        "payTime": f"{invoice.paid_at:%Y%m%d%H%M%S}",
        "issueTime": f"{invoice.issue_at:%Y%m%d%H%M%S}" if issued else None,
        "reverses": invoice.reverses,
        "reversedBy": invoice.reversed_by,
        "replaces": invoice.replaces,
    }


def _text(asked: dict[str, Any], name: str) -> str:
    value = asked.get(name)
    # JSON can say what no database keeps, such as NUL and half of a surrogate pair.
    if not isinstance(value, str) or not value or not value.isprintable():
        raise Refused(BAD_DATA, f"缺少{name}")
    return value


def _day(asked: dict[str, Any], name: str) -> datetime:
    try:
        return datetime.strptime(_text(asked, name), "%Y%m%d")  # noqa: DTZ007 # hospital time
    except ValueError:
        raise Refused(BAD_DATA, f"{name}格式错误") from None


def _told(data: dict[str, Any]) -> Reply:
    return Reply(DONE, "成功", {"Data": _json(data)})


def _json(data: dict[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))
