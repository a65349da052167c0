"""Bills together with what was paid for them and paid back, and what time has made of them."""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, select

from sandbox.hospital import model
from sandbox.hospital.billing_model import (
    Bill,
    BillItem,
    BillPayment,
    BillRefund,
)
from sandbox.hospital.database import LOCKED
from sandbox.hospital.platform import Desk, Refused

SELF_PAYING, PUBLICLY_FUNDED, INSURED = "1", "2", "3"
BILL_OPEN, BILL_PAID, BILL_REFUNDED, BILL_WITHDRAWN, BILL_LAPSED = "0", "1", "2", "3", "4"
PAID, PARTLY_REFUNDED, WHOLLY_REFUNDED = "1", "2", "3"
REQUESTED, APPROVED, RETURNED, FAILED, AT_CHANNEL = "1", "2", "3", "4", "5"
BY_PATIENT, BY_HOSPITAL = "1", "2"
WINDOW = "WINDOW"

NO_SUCH_THING, CHANGED, LAPSED, ALREADY_PAID, WINDOW_ONLY = "11", "12", "13", "14", "15"
OTHER_AMOUNT, PERFORMED, ALREADY_REFUNDED, OTHER_CHANNEL, CLOSED = "16", "17", "18", "19", "20"
REFUNDED_OTHERWISE, NO_SUCH_ITEM = "21", "22"

_Row = TypeVar("_Row")


_CATEGORIES = (SELF_PAYING,) * 11 + (PUBLICLY_FUNDED,) * 4 + (INSURED,) * 5


@dataclass(frozen=True, slots=True)
class Account:
    """A bill with its items, its payment and the refunds of that."""

    bill: Bill
    department: model.Department
    doctor: model.Doctor
    items: list[BillItem]
    payment: BillPayment | None
    refunds: list[BillRefund]

    @property
    def total_fen(self) -> int:
        """Return what the bill comes to."""
        return sum(item.amount_fen for item in self.items)

    @property
    def fund_fen(self) -> int:
        """Return what of it the fund pays."""
        return sum(item.fund_fen for item in self.items)

    def returned_fen(self, now: datetime) -> int:
        """Return what the patient has got back by now."""
        return sum(one.amount_fen for one in self.refunds if refund_state(one, now) == RETURNED)

    def payment_state(self, now: datetime) -> str:
        """Return paid, partly or wholly refunded, by what has been returned."""
        back = {one.refund_no for one in self.refunds if refund_state(one, now) == RETURNED}
        if not back:
            return PAID
        whole = all(item.refund_no in back for item in self.items)
        return WHOLLY_REFUNDED if whole else PARTLY_REFUNDED

    def state(self, now: datetime) -> str:
        """Return open, paid, refunded, withdrawn or lapsed."""
        if self.payment is not None:
            whole = self.payment_state(now) == WHOLLY_REFUNDED
            return BILL_REFUNDED if whole else BILL_PAID
        if self.bill.withdrawn:
            return BILL_WITHDRAWN
        return BILL_LAPSED if self.bill.expire_time <= now else BILL_OPEN

    def refundable(self) -> list[BillItem]:
        """Return the items that can still be undone."""
        return [item for item in self.items if item.refund_no is None and not item.performed]


def refund_state(refund: BillRefund, now: datetime) -> str:
    """Return what time has made of a refund."""
    if refund.failed:
        return FAILED
    if refund.refund_time <= now:
        return RETURNED
    if refund.channel_time <= now:
        return AT_CHANNEL
    return APPROVED if refund.approve_time <= now else REQUESTED


def load(desk: Desk, *conditions: ColumnElement[bool]) -> list[Account]:
    """Return the accounts that fit, the latest bill first, fresh from the database."""
    rows = desk.session.execute(
        select(Bill, model.Department, model.Doctor)
        .join(model.Department, model.Department.code == Bill.dept_code)
        .join(model.Doctor, model.Doctor.code == Bill.doctor_code)
        .where(Bill.create_time <= desk.now, *conditions)
        .order_by(Bill.create_time.desc(), Bill.bill_no)
        .execution_options(populate_existing=True)
    ).all()
    numbers = [bill.bill_no for bill, _, _ in rows]
    items = _all(desk, BillItem, BillItem.bill_no.in_(numbers), BillItem.item_no)
    payments = _all(desk, BillPayment, BillPayment.bill_no.in_(numbers), BillPayment.pay_no)
    paid = [one.pay_no for one in payments]
    refunds = _all(desk, BillRefund, BillRefund.pay_no.in_(paid), BillRefund.create_time)
    payment_of = {one.bill_no: one for one in payments}
    items_of, refunds_of = defaultdict(list), defaultdict(list)
    for item in items:
        items_of[item.bill_no].append(item)
    for refund in refunds:
        refunds_of[refund.pay_no].append(refund)
    return [
        Account(
            bill,
            department,
            doctor,
            items_of[bill.bill_no],
            payment := payment_of.get(bill.bill_no),
            refunds_of[payment.pay_no] if payment else [],
        )
        for bill, department, doctor in rows
    ]


def lock(desk: Desk, bill_no: str, card_no: str | None = None) -> Account:
    """Return a bill's account, locked; refused when there is none, or not of this card."""
    bill = desk.session.get(Bill, bill_no)
    if bill is None or bill.create_time > desk.now or card_no not in (None, bill.card_no):
        raise Refused(NO_SUCH_THING, "账单不存在")
    desk.session.get_one(model.Card, bill.card_no, with_for_update=LOCKED)
    desk.session.get_one(Bill, bill_no, with_for_update=LOCKED)
    return load(desk, Bill.bill_no == bill_no)[0]


def category_of(card_no: str) -> str:
    """Return how a card's bills are settled: always the same way for one card."""
    return _CATEGORIES[int(card_no) % len(_CATEGORIES)]


def new_number(letter: str, now: datetime) -> str:
    """Return a number of a bill, quote, payment or refund: its letter, the day, ten digits."""
    return f"{letter}{now:%Y%m%d}{secrets.randbelow(10**10):010d}"


def _all(
    desk: Desk, table: type[_Row], condition: ColumnElement[bool], *order: Any
) -> Sequence[_Row]:
    return desk.session.scalars(
        select(table).where(condition).order_by(*order).execution_options(populate_existing=True)
    ).all()
