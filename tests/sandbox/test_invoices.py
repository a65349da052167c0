"""The service `invoices`: signed calls, JSON in a string, and a PDF that says what is true."""

from __future__ import annotations

import hashlib
import io
import json
from datetime import timedelta
from typing import Any

import pytest
import requests
from pypdf import PdfReader

from sandbox.hospital.capitals import capitals
from tests.sandbox import flow
from tests.sandbox.world import INVOICES_KEY, OPENED, World

_APP = "DMZ01"
_STAMP = "20260310090000"


@pytest.fixture(scope="module")
def invoices(world: World) -> Any:
    """The service's operations."""
    return world.proxy("invoices", "{urn:hospital:e-invoice}InvoicePort")


def _signed(data: str, key: str = INVOICES_KEY) -> dict[str, str]:
    text = f"AppId={_APP}&Data={data}&Timestamp={_STAMP}&key={key}"
    sign = hashlib.md5(text.encode(), usedforsecurity=False).hexdigest().upper()
    return {"AppId": _APP, "Timestamp": _STAMP, "Data": data, "Sign": sign}


def _ask(operation: Any, **fields: str) -> Any:
    return operation(**_signed(json.dumps(fields, ensure_ascii=False)))


def _list(invoices: Any, card: str, since: str = "20260101", until: str = "20261231") -> Any:
    reply = _ask(invoices.QueryInvoices, cardNo=card, dateFrom=since, dateTo=until)
    return json.loads(reply.Data)["invoices"] if reply.Code == "0000" else reply.Code


def _text(file: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(file)).pages)


def _seeded(world: World, where: str) -> Any:
    of_registrations = f"SELECT * FROM invoice WHERE business = '1' AND {where}"
    return world.rows(f"{of_registrations} ORDER BY invoice_no")[0]


def test_a_card_has_its_invoices_the_latest_first(world: World, invoices: Any) -> None:
    """Blue and red ones by the day of payment, amounts in fen, of this card alone."""
    card = _seeded(world, "reversed_by IS NOT NULL")["card_no"]
    rows = world.rows(
        "SELECT * FROM invoice WHERE card_no = :card ORDER BY paid_at DESC, invoice_no", card=card
    )
    told = _list(invoices, card)
    names = ("invoiceId", "totalAmount", "invoiceNumber", "reversedBy", "reverses")
    columns = ("invoice_no", "total_fen", "number", "reversed_by", "reverses")
    assert [[one[name] for name in names] for one in told] == [
        [row[column] for column in columns] for row in rows
    ]
    assert {one["kind"] for one in told} == {1, 2}
    assert _list(invoices, card, until="20260101") == "1001"


def test_one_invoice_tells_its_lines(world: World, invoices: Any) -> None:
    """What was paid for, and for which registration."""
    row = _seeded(world, "colour = 'blue'")
    reply = _ask(invoices.QueryInvoice, cardNo=row["card_no"], invoiceId=row["invoice_no"])
    told = json.loads(reply.Data)["invoice"]
    assert told["items"] == [{"name": "挂号费", "amount": row["total_fen"]}]
    assert (told["registrationNo"], told["billNo"]) == (row["reference"], None)
    assert told["selfAmount"] == row["total_fen"] - row["fund_fen"]


def test_a_document_says_what_the_invoice_says(world: World, invoices: Any) -> None:
    """Number, codes, payer, lines and the total, in figures and in words."""
    row = _seeded(world, "colour = 'blue' AND reversed_by IS NULL")
    asked = {"cardNo": row["card_no"], "invoiceId": row["invoice_no"]}
    reply = _ask(invoices.DownloadInvoice, **asked)
    assert reply.Code == "0000"
    assert json.loads(reply.Data)["fileSize"] == len(reply.File)
    said = _text(reply.File)
    total = row["total_fen"]
    for part in (
        *(row["code"], row["number"], row["check_code"], row["payer"], "挂号费"),
        *(f"{total // 100}.{total % 100:02d}", capitals(total)),
    ):
        assert part in said
    red = _seeded(world, "colour = 'red'")
    asked = {"cardNo": red["card_no"], "invoiceId": red["invoice_no"]}
    said = _text(_ask(invoices.DownloadInvoice, **asked).File)
    assert "红字票据" in said
    assert f"-{-red['total_fen'] // 100}.00" in said


def test_a_pending_invoice_has_no_number_and_no_document(
    world: World, service: Any, invoices: Any
) -> None:
    """It is there from the payment on, and issued by the clock, or when told to."""
    order = flow.booked(world, service)
    flow.pay(service, order)
    told = _list(invoices, order.CardNo)[0]
    assert (told["state"], told["invoiceNumber"], told["issueTime"]) == (0, "", None)
    asked = {"cardNo": order.CardNo, "invoiceId": told["invoiceId"]}
    assert _ask(invoices.DownloadInvoice, **asked).Code == "2001"
    with world.time(OPENED + timedelta(minutes=5)):
        assert _list(invoices, order.CardNo)[0]["state"] == 1
    assert told["invoiceId"] in world.control("POST", "/invoices/issue")["invoices"]
    assert _list(invoices, order.CardNo)[0]["state"] == 1


def test_a_document_may_be_asked_to_be_large(world: World, invoices: Any) -> None:
    """Padded to the size asked for at the control port, and saying the same."""
    row = _seeded(world, "colour = 'blue'")
    asked = {"cardNo": row["card_no"], "invoiceId": row["invoice_no"]}
    size = 4 * 1024 * 1024
    world.control("POST", "/invoices/document", {"bytes": size})
    try:
        reply = _ask(invoices.DownloadInvoice, **asked)
    finally:
        world.control("POST", "/invoices/document", {"bytes": None})
    assert size <= len(reply.File) < size + 10_000
    assert row["number"] in _text(reply.File)


def test_another_cards_invoice_is_not_told(world: World, invoices: Any) -> None:
    """A number alone opens nothing."""
    row = _seeded(world, "colour = 'blue'")
    asked = {"cardNo": world.patient(), "invoiceId": row["invoice_no"]}
    assert _ask(invoices.QueryInvoice, **asked).Code == "1001"
    assert _ask(invoices.DownloadInvoice, **asked).Code == "1001"


@pytest.mark.parametrize(
    ("data", "key", "code"),
    [
        ('{"cardNo": "1"}', "another-key", "9001"),
        ("no JSON", INVOICES_KEY, "9002"),
        ('{"cardNo": "1", "dateFrom": "2026-03-01"}', INVOICES_KEY, "9002"),
        ("{}", INVOICES_KEY, "9002"),
        (r'{"cardNo": "1\u0000"}', INVOICES_KEY, "9002"),
        (r'{"cardNo": "\ud800"}', INVOICES_KEY, "9002"),
    ],
    ids=["wrong signature", "no JSON", "bad date", "no card", "NUL", "half a pair"],
)
def test_what_is_not_signed_or_not_understood_is_refused(
    invoices: Any, data: str, key: str, code: str
) -> None:
    """With a code of its own, and never a SOAP fault."""
    assert invoices.QueryInvoices(**_signed(data, key)).Code == code


def test_faults_are_of_soap_12(world: World, invoices: Any) -> None:
    """An invalid request, an error and a fault on demand: each in the version's own envelope."""
    envelope = (
        '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>'
        '<QueryInvoices xmlns="urn:hospital:e-invoice"/></s:Body></s:Envelope>'
    )
    headers = {
        "Content-Type": 'application/soap+xml; charset=utf-8; action="urn:hospital:e-invoice/'
        'QueryInvoices"'
    }

    def post() -> requests.Response:
        address = world.address("invoices")
        return requests.post(address, data=envelope, headers=headers, timeout=30)

    invalid = post()
    assert invalid.status_code == 500
    assert "http://www.w3.org/2003/05/soap-envelope" in invalid.text
    assert "Sender" in invalid.text
    with world.faults({"kind": "fault", "operation": "QueryInvoices", "times": 1}):
        assert "soap:Receiver" in post().text
    with world.faults({"kind": "error", "operation": "QueryInvoices", "code": "9999"}):
        assert _ask(invoices.QueryInvoices, cardNo="1").Code == "9999"


@pytest.mark.parametrize(
    ("fen", "words"),
    [
        (0, "零圆整"),
        (5, "伍分"),
        (105, "壹圆零伍分"),
        (12350, "壹佰贰拾叁圆伍角整"),
        (100100, "壹仟零壹圆整"),
        (10000500, "壹拾万零伍圆整"),
        (123456789, "壹佰贰拾叁万肆仟伍佰陆拾柒圆捌角玖分"),
        (-5000, "负伍拾圆整"),
    ],
)
def test_amounts_are_said_in_words(fen: int, words: str) -> None:
    """Zeros are said once, and none at the end."""
    assert capitals(fen) == words
