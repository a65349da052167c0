"""Telling bills and payments of a card."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, select

from sandbox.hospital import accounts
from sandbox.hospital import billing_views as views
from sandbox.hospital.billing_model import Bill, BillPayment, Settlement
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
    """Tell one bill of the card."""
    told = accounts.load(desk, Bill.bill_no == bill_no, Bill.card_no == card_no)
    return found(BILL=views.bill(told[0], desk) if told else None)


def payments(desk: Desk, card_no: str, settle_no: str | None) -> Reply:
    """List a card's payments of every channel, the latest bill first.

    With a quote, that of the bill that was quoted, by whichever quote it was paid.
    """
    wanted = [BillPayment.card_no == card_no]
    if settle_no is not None:
        quoted = select(Settlement.bill_no).where(Settlement.settle_no == settle_no)
        wanted.append(BillPayment.bill_no.in_(quoted))
    told = _payments(desk, *wanted)
    return found(PAYLIST={"PAYMENT": told} if told else None)


def payment(desk: Desk, card_no: str, pay_no: str) -> Reply:
    """Tell one payment of the card."""
    told = _payments(desk, BillPayment.card_no == card_no, BillPayment.pay_no == pay_no)
    return found(PAYMENT=told[0] if told else None)


def _payments(desk: Desk, *conditions: ColumnElement[bool]) -> list[views.Message]:
    paid = select(BillPayment.bill_no).where(*conditions)
    return [
        views.payment(account.payment, account, desk.now)
        for account in accounts.load(desk, Bill.bill_no.in_(paid))
        if account.payment is not None
    ]
