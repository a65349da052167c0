"""Electronic invoices, from a payment to the PDF and back again with a refund."""

from __future__ import annotations

import hashlib
import io
import json
from typing import Any
from urllib.parse import quote

import pytest
from pypdf import PdfReader

from tests.e2e.cloud import Answer, Cloud
from tests.e2e.hospital import Hospital, Row, moment, without_absent
from tests.e2e.patients import card_id

_MEGABYTE = 1024 * 1024


def _rows(hospital: Hospital, column: str, value: str) -> list[Row]:
    return hospital.rows(
        f"SELECT * FROM invoice WHERE {column} = ? ORDER BY paid_at DESC, invoice_no", value
    )


def _told(row: Row, now: str) -> Row:
    """What is said of an invoice, without any sealed id."""
    issued = row["issue_at"] <= now.replace("T", " ")
    state = "reversed" if row["reversed_by"] else "issued" if issued else "pending"
    return without_absent(
        {
            "kind": {"blue": "invoice", "red": "reversal"}[row["colour"]],
            "state": state,
            "invoiceCode": row["code"] if issued else None,
            "invoiceNumber": row["number"] if issued else None,
            "checkCode": row["check_code"] if issued else None,
            "payerName": row["payer"],
            "totalAmount": row["total_fen"],
            "fundAmount": row["fund_fen"],
            "selfAmount": row["total_fen"] - row["fund_fen"],
            "currency": "CNY",
            "paidAt": moment(row["paid_at"]),
            "issuedAt": moment(row["issue_at"]) if issued else None,
        }
    )


_SEALED = {"id", "appointmentId", "billId", "reverses", "reversedBy", "replaces"}


def _bare(item: Row, *also: str) -> Row:
    return {name: value for name, value in item.items() if name not in {*_SEALED, *also}}


def _listed(cloud: Cloud, card: str, query: str = "") -> list[Row]:
    items: list[Row] = cloud.get(f"/v1/invoices{query}", card=card)["items"]
    return items


def _document(cloud: Cloud, card: str, invoice: Row) -> Answer:
    return cloud.call("GET", f"/v1/invoices/{invoice['id']}/document", card=card)


def _reversals(cloud: Cloud, hospital: Hospital, since: str) -> list[str]:
    """The invoices that were taken back since then, as the changes tell."""
    start, end = (quote(f"{at}+08:00") for at in (since, hospital.now()[:10] + "T23:59:59"))
    path = f"/v1/changes?from={start}&to={end}&kind=invoice-reversed"
    return [one["invoiceId"] for one in cloud.get(path)["items"]]


def _text(document: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(document)).pages)


def _lines(hospital: Hospital, row: Row) -> list[Row]:
    return hospital.rows(
        "SELECT name, amount_fen AS amount FROM invoice_item WHERE invoice_no = ? ORDER BY line",
        row["invoice_no"],
    )


@pytest.fixture(scope="module")
def refunded(hospital: Hospital) -> str:
    """The card of somebody whose registration fee was paid and paid back."""
    sql = "SELECT card_no FROM invoice WHERE colour = 'red' AND business = '1' ORDER BY invoice_no"
    return str(hospital.rows(sql)[0]["card_no"])


def test_the_list_is_what_the_rows_say(cloud: Cloud, hospital: Hospital, refunded: str) -> None:
    """Invoices and reversals, amounts to the fen, each naming the other by its sealed id."""
    card = card_id(cloud, hospital, refunded)
    rows, items = _rows(hospital, "card_no", refunded), _listed(cloud, card)
    assert [_bare(item) for item in items] == [_told(row, hospital.now()) for row in rows]
    ids = {row["invoice_no"]: item["id"] for row, item in zip(rows, items, strict=True)}
    for row, item in zip(rows, items, strict=True):
        assert item.get("reverses") == ids.get(row["reverses"])
        assert item.get("reversedBy") == ids.get(row["reversed_by"])
        assert row["invoice_no"] not in json.dumps(item)
    day = rows[0]["paid_at"][:10]
    told = _listed(cloud, card, f"?from={day}&to={day}")
    assert [_bare(one) for one in told] == [
        _told(row, hospital.now()) for row in rows if row["paid_at"][:10] == day
    ]


def test_one_invoice_has_its_lines_and_what_it_is_for(
    cloud: Cloud, hospital: Hospital, refunded: str
) -> None:
    """The lines of the rows, and the appointment by the id that its own list gives out."""
    card = card_id(cloud, hospital, refunded)
    booked = {one["id"] for one in cloud.get("/v1/appointments", card=card)["items"]}
    billed = {one["id"] for one in cloud.get("/v1/bills", card=card)["items"]}
    rows, items = _rows(hospital, "card_no", refunded), _listed(cloud, card)
    for row, item in zip(rows, items, strict=True):
        whole = cloud.get(f"/v1/invoices/{item['id']}", card=card)
        assert whole["items"] == _lines(hospital, row)
        assert _bare(whole, "items") == _told(row, hospital.now())
        if row["business"] == "1":
            assert whole["appointmentId"] in booked
        else:
            assert whole["billId"] in billed


def test_a_document_says_what_the_invoice_says(
    cloud: Cloud, hospital: Hospital, refunded: str
) -> None:
    """Its text, read by a PDF library: number, codes, payer, lines, and the sum twice."""
    card = card_id(cloud, hospital, refunded)
    rows, items = _rows(hospital, "card_no", refunded), _listed(cloud, card)
    # One that was paid a moment ago is issued later, and has none until then.
    issued = [one for one in zip(rows, items, strict=True) if one[1]["state"] != "pending"]
    assert issued
    for row, item in issued:
        answer = _document(cloud, card, item)
        assert answer.status == 200
        headers = {name.lower(): value for name, value in answer.headers.items()}
        assert headers["content-type"] == "application/pdf"
        assert headers["cache-control"] == "no-store"
        assert f"{row['code']}-{row['number']}.pdf" in headers["content-disposition"]
        said = _text(answer.body)
        lines = [line["name"] for line in _lines(hospital, row)]
        for part in (row["code"], row["number"], row["check_code"], row["payer"], *lines):
            assert part in said
        sign = "-" if row["total_fen"] < 0 else ""
        yuan, fen = divmod(abs(row["total_fen"]), 100)
        assert f"（小写）{sign}{yuan}.{fen:02d}" in said
        assert ("负" in said) is (row["total_fen"] < 0)


def test_an_invoice_follows_the_payment_and_its_refund(cloud: Cloud, hospital: Hospital) -> None:
    """Pending, issued by the clock, then taken back, which is learnt through the changes."""
    sample = hospital.control("GET", "/sample?channel=DY01")
    card = card_id(cloud, hospital, sample["patient"]["card_no"])
    held = cloud.call("POST", f"/v1/slots/{sample['slot_code']}/holds", card=card).json
    booked = cloud.call("POST", "/v1/appointments", {"holdId": held["id"]}, card=card).json
    payment = {
        "channel": "wechat",
        "transaction": "4200001234202611240077",
        "paidAt": moment(hospital.now()),
        "amount": booked["fee"],
    }
    path = f"/v1/appointments/{booked['id']}"
    assert cloud.call("POST", f"{path}/payments", payment, card=card).status == 201

    def invoices() -> list[Row]:
        """Those of this appointment: a bill has its own."""
        return [one for one in _listed(cloud, card) if one.get("appointmentId") == booked["id"]]

    (pending,) = invoices()
    assert pending["state"] == "pending"
    assert not {"invoiceNumber", "checkCode", "issuedAt"} & pending.keys()
    early = _document(cloud, card, pending)
    assert (early.status, early.json["type"]) == (409, "/problems/refused")
    assert early.json["message"] == "票据尚未开具，请稍后再试"
    hospital.control("POST", "/invoices/issue")
    (issued,) = invoices()
    assert (issued["id"], issued["state"]) == (pending["id"], "issued")
    assert issued["invoiceNumber"] in _text(_document(cloud, card, issued).body)
    before = hospital.now()
    assert cloud.call("POST", f"{path}/cancellation", {}, card=card).status == 200
    taken_back, reversal = sorted(invoices(), key=lambda one: str(one["kind"]))
    assert (taken_back["id"], taken_back["state"]) == (issued["id"], "reversed")
    assert (reversal["reverses"], taken_back["reversedBy"]) == (issued["id"], reversal["id"])
    assert reversal["totalAmount"] == -booked["fee"]
    assert issued["id"] in _reversals(cloud, hospital, before)


def test_a_partial_refund_takes_the_invoice_back_and_issues_one_of_the_rest(
    cloud: Cloud, hospital: Hospital
) -> None:
    """A publicly funded bill, paid here, part of it refunded at the window: to the fen."""
    card_no = hospital.control("GET", "/sample?channel=DY01")["patient"]["card_no"]
    card = card_id(cloud, hospital, card_no)
    bill_no = hospital.control("POST", f"/cards/{card_no}/bills", {"category": "2"})["bill"]
    bill = cloud.get("/v1/bills", card=card)["items"][0]
    settled = cloud.call("POST", "/v1/settlements", {"billId": bill["id"]}, card=card).json
    payment = {
        "settlementId": settled["id"],
        "channel": "alipay",
        "transaction": "2026112422001400000099",
        "paidAt": moment(hospital.now()),
        "amount": settled["patientPays"],
    }
    paid = cloud.call("POST", "/v1/payments", payment, card=card)
    assert paid.status == 201, paid.body
    hospital.control("POST", "/invoices/issue")
    (whole,) = [one for one in _listed(cloud, card) if one.get("billId") == bill["id"]]
    assert (whole["totalAmount"], whole["fundAmount"], whole["selfAmount"]) == (
        *(settled["total"], settled["fundPays"]),
        settled["patientPays"],
    )
    number = hospital.row("SELECT pay_no FROM bill_payment WHERE bill_no = ?", bill_no)["pay_no"]
    before = hospital.now()
    hospital.control("POST", f"/payments/{number}/window-refund", {"items": ["01"]})
    hospital.control("POST", "/invoices/issue")
    told = {one["id"]: one for one in _listed(cloud, card) if one.get("billId") == bill["id"]}
    taken_back = told.pop(whole["id"])
    reversal = told.pop(taken_back["reversedBy"])
    ((_, rest),) = told.items()
    assert (taken_back["state"], reversal["reverses"]) == ("reversed", whole["id"])
    assert reversal["totalAmount"] == -whole["totalAmount"]
    assert (rest["state"], rest["replaces"]) == ("issued", whole["id"])
    left = hospital.rows(
        "SELECT name, amount_fen AS amount, fund_fen FROM bill_item"
        " WHERE bill_no = ? AND refund_no IS NULL ORDER BY item_no",
        bill_no,
    )
    assert rest["totalAmount"] == sum(item["amount"] for item in left)
    assert rest["fundAmount"] == sum(item.pop("fund_fen") for item in left)
    assert cloud.get(f"/v1/invoices/{rest['id']}", card=card)["items"] == left
    said = _text(_document(cloud, card, rest).body)
    assert all(item["name"] in said for item in left)
    assert whole["id"] in _reversals(cloud, hospital, before)


def test_a_large_document_comes_whole(cloud: Cloud, hospital: Hospital, refunded: str) -> None:
    """Ten megabytes through the edge, byte for byte as the hospital made them, each time."""
    card = card_id(cloud, hospital, refunded)
    item = _listed(cloud, card)[0]
    hospital.control("POST", "/invoices/document", {"bytes": 10 * _MEGABYTE})
    try:
        answers = [_document(cloud, card, item) for _ in range(2)]
    finally:
        hospital.control("POST", "/invoices/document", {"bytes": None})
    assert [answer.status for answer in answers] == [200, 200]
    assert len(answers[0].body) >= 10 * _MEGABYTE
    assert len({hashlib.sha256(answer.body).digest() for answer in answers}) == 1
    assert item["invoiceNumber"] in _text(answers[0].body)


def test_another_patients_invoice_is_worth_nothing(
    cloud: Cloud, hospital: Hospital, refunded: str
) -> None:
    """Its id under another card is 404, document and all, and the hospital is not asked."""
    item = _listed(cloud, card_id(cloud, hospital, refunded))[0]
    other = hospital.rows("SELECT card_no FROM invoice WHERE card_no <> ?", refunded)[0]
    stranger = card_id(cloud, hospital, other["card_no"])
    before = hospital.control("GET", "/counters")["calls"]
    assert cloud.call("GET", f"/v1/invoices/{item['id']}", card=stranger).status == 404
    assert _document(cloud, stranger, item).status == 404
    assert hospital.control("GET", "/counters")["calls"] == before


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "error", "code": "9001", "message": "签名错误"},
        {"kind": "garbage", "body": "html"},
        {"kind": "fault", "message": "NullPointerException"},
        {"kind": "cut", "at": "inside-reply"},
    ],
    ids=["refuses the signature", "html", "SOAP fault", "cut inside the document"],
)
def test_half_a_document_is_none(
    cloud: Cloud, hospital: Hospital, refunded: str, fault: dict[str, Any]
) -> None:
    """502, and nothing of what came."""
    card = card_id(cloud, hospital, refunded)
    item = _listed(cloud, card)[0]
    hospital.control("POST", "/faults", [{**fault, "operation": "DownloadInvoice"}])
    try:
        answer = _document(cloud, card, item)
    finally:
        hospital.control("DELETE", "/faults")
    assert answer.status in (502, 504)
    assert b"%PDF" not in answer.body
    assert "签名" not in answer.body.decode()
