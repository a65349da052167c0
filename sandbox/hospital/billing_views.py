"""How bills, quotes, payments and refunds are told in the messages of `billing`.

A message is a mapping of element names, in their order, to a text, a mapping or a list of either;
what is None is left out. Money is yuan with two decimals, a time is `yyyy-MM-dd HH:mm:ss`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeAlias

from sandbox.hospital import accounts
from sandbox.hospital.accounts import Account
from sandbox.hospital.billing_model import (
    BillItem,
    BillPayment,
    BillRefund,
    BillRefundItem,
    Settlement,
)
from sandbox.hospital.platform import Desk

Message: TypeAlias = Mapping[str, Any]

_PAY, _REFUND = "1", "2"
_INSURED, _DONE, _LAPSED, _WITHDRAWN = "01", "02", "03", "04"
_UNPAID, _NOTHING_LEFT, _AT_THE_WINDOW = "05", "06", "07"
_NORMAL, _PERFORMED, _REFUNDED = "0", "1", "2"


def yuan(fen: int) -> str:
    """Return an amount of fen in yuan, as text."""
    return str(Decimal(fen).scaleb(-2))


def moment(time: datetime) -> str:
    """Return a time as text."""
    return f"{time:%Y-%m-%d %H:%M:%S}"


def bill(account: Account, desk: Desk) -> Message:
    """Tell a bill: its items, whether it can be paid online, and what may be done with it."""
    row = account.bill
    reason = _why_not_payable(account, desk.now)
    return {
        "BILLNO": row.bill_no,
        "CARDNO": row.card_no,
        "DEPTCODE": row.dept_code,
        "DEPTNAME": account.department.name,
        "DOCTORNAME": account.doctor.name,
        "BILLTIME": moment(row.create_time),
        "VALIDTIME": moment(row.expire_time),
        "FEETYPE": row.category,
        "STATE": account.state(desk.now),
        "TOTALFEE": yuan(account.total_fen),
        "ONLINEPAY": "0" if reason else "1",
        "REASONCODE": reason,
        "PAYNO": account.payment.pay_no if account.payment else None,
        "ACTIONLIST": {"ACTION": [_pay_action(account, reason), _refund_action(account, desk)]},
        "ITEMLIST": {"ITEM": [_item(item) for item in account.items]},
    }


def settlement(row: Settlement) -> Message:
    """Tell a quote."""
    return {
        "SETTLENO": row.settle_no,
        "BILLNO": row.bill_no,
        "CARDNO": row.card_no,
        "TOTALFEE": yuan(row.total_fen),
        "FUNDFEE": yuan(row.fund_fen),
        "PATFEE": yuan(row.amount_fen),
        "VALIDTIME": moment(row.expire_time),
    }


def payment(row: BillPayment, account: Account, now: datetime) -> Message:
    """Tell a payment, and what of it has come back."""
    return {
        "PAYNO": row.pay_no,
        "SETTLENO": row.settle_no,
        "BILLNO": row.bill_no,
        "CARDNO": row.card_no,
        "PAYCHANNEL": row.pay_channel,
        "TRADENO": row.trade_no,
        "PAYTIME": moment(row.pay_time),
        "TOTALFEE": yuan(row.total_fen),
        "FUNDFEE": yuan(row.fund_fen),
        "AMOUNT": yuan(row.amount_fen),
        "REFUNDFEE": yuan(account.returned_fen(now)),
        "STATE": account.payment_state(now),
    }


def refund(
    row: BillRefund, bill_no: str, items: Iterable[BillRefundItem], now: datetime
) -> Message:
    """Tell a refund as far as it has got, with its items."""
    state = accounts.refund_state(row, now)
    return {
        "REFUNDNO": row.refund_no,
        "PAYNO": row.pay_no,
        "BILLNO": bill_no,
        "CARDNO": row.card_no,
        "INITIATOR": row.initiator,
        "STATE": state,
        "AMOUNT": yuan(row.amount_fen),
        "REASON": row.reason,
        "APPLYTIME": moment(row.create_time),
        "APPROVETIME": (
            moment(row.approve_time)
            if state in (accounts.APPROVED, accounts.AT_CHANNEL, accounts.RETURNED)
            else None
        ),
        "REFUNDTIME": moment(row.refund_time) if state == accounts.RETURNED else None,
        "ITEMLIST": {
            "ITEM": [{"ITEMNO": one.item_no, "AMOUNT": yuan(one.amount_fen)} for one in items]
        },
    }


def _item(row: BillItem) -> Message:
    state = _PERFORMED if row.performed else _NORMAL
    return {
        "ITEMNO": row.item_no,
        "ITEMNAME": row.name,
        "ITEMTYPE": row.kind,
        "SPEC": row.spec,
        "UNIT": row.unit,
        "QTY": str(row.quantity),
        "PRICE": yuan(row.price_fen),
        "AMOUNT": yuan(row.amount_fen),
        "FUNDFEE": yuan(row.fund_fen),
        "PATFEE": yuan(row.amount_fen - row.fund_fen),
        "STATE": _REFUNDED if row.refund_no else state,
    }


def _why_not_payable(account: Account, now: datetime) -> str | None:
    match account.state(now):
        case accounts.BILL_LAPSED:
            return _LAPSED
        case accounts.BILL_WITHDRAWN:
            return _WITHDRAWN
        case accounts.BILL_OPEN:
            return _INSURED if account.bill.category == accounts.INSURED else None
        case _:
            return _DONE


def _pay_action(account: Account, reason: str | None) -> Message:
    if reason is not None:
        return {"ACTCODE": _PAY, "ALLOWED": "0", "REASONCODE": reason}
    return {"ACTCODE": _PAY, "ALLOWED": "1", "UNTIL": moment(account.bill.expire_time)}


def _refund_action(account: Account, desk: Desk) -> Message:
    if account.payment is None:
        reason = _UNPAID
    elif account.payment.channel != desk.channel:
        reason = _AT_THE_WINDOW
    elif not account.refundable():
        reason = _NOTHING_LEFT
    else:
        return {"ACTCODE": _REFUND, "ALLOWED": "1"}
    return {"ACTCODE": _REFUND, "ALLOWED": "0", "REASONCODE": reason}
