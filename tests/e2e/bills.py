"""The truth about bills, payments and refunds: worked out from the rows, without sealed ids."""

from __future__ import annotations

from typing import Any

from tests.e2e.hospital import Hospital, Row, moment, without_absent

CATEGORY = {"1": "self-paying", "2": "publicly-funded", "3": "insured"}
KIND = {"1": "drug", "2": "examination", "3": "laboratory", "4": "treatment"}
CHANNEL = {"1": "wechat", "2": "alipay", "3": "unionpay", "4": "wallet"}
INITIATOR = {"1": "patient", "2": "hospital"}
SEALED = ("id", "billId", "paymentId")


def bills(hospital: Hospital, card_no: str) -> list[Row]:
    """A card's bills, the latest first."""
    rows = hospital.rows(
        "SELECT b.*, d.name AS dept_name, p.name AS doctor_name FROM bill b"
        " JOIN department d ON d.code = b.dept_code JOIN doctor p ON p.code = b.doctor_code"
        " WHERE b.card_no = ? ORDER BY b.create_time DESC, b.bill_no",
        card_no,
    )
    return [_bill(hospital, row) for row in rows]


def _bill(hospital: Hospital, row: Row) -> Row:
    items = hospital.rows(
        "SELECT * FROM bill_item WHERE bill_no = ? ORDER BY item_no", row["bill_no"]
    )
    paid = bool(hospital.rows("SELECT 1 FROM bill_payment WHERE bill_no = ?", row["bill_no"]))
    why_not = "already-done" if paid else {"3": "insured"}.get(row["category"])
    pay: Row = {"action": "pay", "allowed": why_not is None}
    pay |= {"until": moment(row["expire_time"])} if why_not is None else {"reason": why_not}
    refund: Row = {"action": "refund", "allowed": paid}
    refund |= {} if paid else {"reason": "not-paid"}
    return without_absent(
        {
            "departmentId": row["dept_code"],
            "departmentName": row["dept_name"],
            "practitionerName": row["doctor_name"],
            "createdAt": moment(row["create_time"]),
            "validUntil": moment(row["expire_time"]),
            "settlementCategory": CATEGORY[row["category"]],
            "state": "paid" if paid else "unpaid",
            "total": sum(item["amount_fen"] for item in items),
            "currency": "CNY",
            "payableOnline": why_not is None,
            "reason": why_not,
            "actions": [pay, refund],
            "items": [_item(item) for item in items],
        }
    )


def _item(row: Row) -> Row:
    state = "performed" if row["performed"] else "open"
    return without_absent(
        {
            "number": row["item_no"],
            "name": row["name"],
            "kind": KIND[row["kind"]],
            "specification": row["spec"],
            "unit": row["unit"],
            "quantity": row["quantity"],
            "price": row["price_fen"],
            "amount": row["amount_fen"],
            "fundPays": row["fund_fen"],
            "patientPays": row["amount_fen"] - row["fund_fen"],
            "state": "refunded" if row["refund_no"] else state,
        }
    )


def quote(hospital: Hospital, card_no: str) -> Row:
    """The newest quote of a card."""
    row = hospital.rows(
        "SELECT * FROM settlement WHERE card_no = ? ORDER BY create_time DESC LIMIT 1", card_no
    )[0]
    return {
        "total": row["total_fen"],
        "fundPays": row["fund_fen"],
        "patientPays": row["amount_fen"],
        "currency": "CNY",
        "validUntil": moment(row["expire_time"]),
    }


def payment(hospital: Hospital, transaction: str) -> Row:
    """A payment by its transaction, and what of it has come back by now."""
    row = hospital.row("SELECT * FROM bill_payment WHERE trade_no = ?", transaction)
    back = hospital.row(
        "SELECT coalesce(sum(amount_fen), 0) AS fen FROM bill_refund"
        " WHERE pay_no = ? AND NOT failed AND refund_time <= ?",
        row["pay_no"], _now(hospital),
    )["fen"]  # fmt: skip
    state = "partly-refunded" if back < row["amount_fen"] else "refunded"
    return {
        "state": state if back else "paid",
        "channel": CHANNEL[row["pay_channel"]],
        "transaction": row["trade_no"],
        "paidAt": moment(row["pay_time"]),
        "total": row["total_fen"],
        "fundPays": row["fund_fen"],
        "amount": row["amount_fen"],
        "refundedAmount": back,
        "currency": "CNY",
    }


def refund(hospital: Hospital, transaction: str) -> Row:
    """The newest refund of a payment, but for how far it has got."""
    row = hospital.rows(
        "SELECT r.* FROM bill_refund r JOIN bill_payment p ON p.pay_no = r.pay_no"
        " WHERE p.trade_no = ? ORDER BY r.create_time DESC LIMIT 1",
        transaction,
    )[0]
    items = hospital.rows(
        "SELECT item_no AS number, amount_fen AS amount FROM bill_refund_item"
        " WHERE refund_no = ? ORDER BY item_no",
        row["refund_no"],
    )
    return without_absent(
        {
            "initiator": INITIATOR[row["initiator"]],
            "amount": row["amount_fen"],
            "currency": "CNY",
            "reason": row["reason"],
            "requestedAt": moment(row["create_time"]),
            "items": items,
        }
    )


def effects(hospital: Hospital, bill_no: str) -> list[tuple[str, int]]:
    """What really happened to a bill: kind and amount, in order."""
    rows = hospital.rows(
        "SELECT kind, amount_fen FROM ledger WHERE bill_no = ? ORDER BY id", bill_no
    )
    return [(row["kind"], row["amount_fen"]) for row in rows]


def _now(hospital: Hospital) -> str:
    """The hospital's time as the database writes it, to the end of its second."""
    return f"{hospital.now().replace('T', ' ')}.999999"


def unsealed(fields: Row) -> Row:
    """An answer without its sealed ids."""
    return {name: value for name, value in fields.items() if name not in SEALED}


def money(hospital: Hospital, day: str) -> list[Row]:
    """The books of this channel on a day, up to now."""
    return hospital.rows(
        "SELECT * FROM money_record WHERE channel = 'DY01' AND record_date = ?"
        " AND record_time <= ?",
        day, _now(hospital),
    )  # fmt: skip


def told(record: Row) -> tuple[Any, ...]:
    """What a record of a statement is held against."""
    return (record["id"], record["business"], record["direction"], record["amount"], record["at"])


def kept(row: Row) -> tuple[Any, ...]:
    """A row of the books as `told` tells a record."""
    return (
        row["record_no"],
        {"1": "registration", "2": "bill"}[row["business"]],
        {"1": "payment", "2": "refund"}[row["direction"]],
        row["amount_fen"],
        moment(row["record_time"]),
    )
