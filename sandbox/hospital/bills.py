"""Telling bills and payments of a card."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from sqlalchemy import select

from sandbox.hospital import accounts
from sandbox.hospital import billing_views as views
from sandbox.hospital.billing_model import Bill, BillPayment
from sandbox.hospital.operations import Reply
from sandbox.hospital.platform import Desk
from sandbox.hospital.registration_views import found


def of_card(desk: Desk, card_no: str, start_date: date | None, end_date: date | None) -> Reply:
    """List a card's bills by the day on which they were made, the latest first."""
    conditions = [Bill.card_no == card_no]
    if start_date is not None:
        conditions.append(Bill.create_time >= datetime.combine(start_date, time()))
    if end_date is not None:
        conditions.append(Bill.create_time < datetime.combine(end_date, time()) + timedelta(days=1))
    told = [views.bill(account, desk) for account in accounts.load(desk, *conditions)]
    return found(BILLLIST={"BILL": told} if told else None)


def one(desk: Desk, card_no: str, bill_no: str) -> Reply:
    """Tell a bill of the card with its items."""
    for account in accounts.load(desk, Bill.bill_no == bill_no, Bill.card_no == card_no):
        items = [views.item(item) for item in account.items]
        return found(BILL={**views.bill(account, desk), "ITEMLIST": {"ITEM": items}})
    return found()


def payments(desk: Desk, card_no: str, settle_no: str | None, pay_no: str | None) -> Reply:
    """List a card's payments of every channel, of one quote or by their own number."""
    paid = [BillPayment.card_no == card_no]
    if settle_no is not None:
        paid.append(BillPayment.settle_no == settle_no)
    if pay_no is not None:
        paid.append(BillPayment.pay_no == pay_no)
    told = [
        views.payment(account.payment, account, desk.now)
        for account in accounts.load(
            desk, Bill.bill_no.in_(select(BillPayment.bill_no).where(*paid))
        )
        if account.payment is not None
    ]
    return found(PAYLIST={"PAYMENT": told} if told else None)
