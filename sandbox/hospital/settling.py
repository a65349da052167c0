"""Quoting and paying a bill: the platform sends no serial, so it is the bill that is paid once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sandbox.hospital import accounts, books, invoicing
from sandbox.hospital import billing_views as views
from sandbox.hospital.accounts import Account
from sandbox.hospital.billing_model import Bill, BillItem, BillPayment, Settlement
from sandbox.hospital.operations import Reply
from sandbox.hospital.platform import Desk, Refused
from sandbox.hospital.registration_views import found


@dataclass(frozen=True, slots=True)
class Paid:
    """A payment that the platform says was made; the amount is yuan, as text."""

    channel: str
    trade_no: str
    time: datetime
    amount: str


def quote(desk: Desk, card_no: str, bill_no: str) -> Reply:
    """Say what the patient would pay for the bill as it is now, and until when that holds."""
    account = accounts.lock(desk, bill_no, card_no)
    _require_payable(desk, account)
    until = desk.now + timedelta(minutes=desk.rules.settle_minutes)
    settlement = settle(desk, account, min(until, account.bill.expire_time))
    return found(SETTLE=views.settlement(settlement))


def settle(desk: Desk, account: Account, until: datetime) -> Settlement:
    """Write down what a bill costs as it is now, for the channel that asks."""
    total, fund = account.total_fen, account.fund_fen
    settlement = Settlement(
        settle_no=accounts.new_number("S", desk.now),
        bill_no=account.bill.bill_no,
        card_no=account.bill.card_no,
        channel=desk.channel,
        revision=account.bill.revision,
        total_fen=total,
        fund_fen=fund,
        amount_fen=total - fund,
        create_time=desk.now,
        expire_time=until,
    )
    desk.session.add(settlement)
    desk.session.flush()
    return settlement


def pay(desk: Desk, card_no: str, settle_no: str, paid: Paid) -> Reply:
    """Take the payment of a quote, if the bill is still the one that was quoted."""
    settlement = desk.session.get(Settlement, settle_no)
    if settlement is None or settlement.card_no != card_no or settlement.channel != desk.channel:
        raise Refused(accounts.NO_SUCH_THING, "结算单不存在")
    account = accounts.lock(desk, settlement.bill_no, card_no)
    _require_payable(desk, account)
    if settlement.revision != account.bill.revision:
        raise Refused(accounts.CHANGED, "账单已变更，请重新结算")
    if settlement.expire_time <= desk.now:
        raise Refused(accounts.LAPSED, "结算单已过期，请重新结算")
    if paid.amount != views.yuan(settlement.amount_fen):
        raise Refused(accounts.OTHER_AMOUNT, "支付金额与应付金额不符")
    payment = take(desk, settlement, account, paid)
    (account,) = accounts.load(desk, Bill.bill_no == payment.bill_no)
    return found(PAYMENT=views.payment(payment, account, desk.now))


def take(
    desk: Desk, settlement: Settlement, account: Account, paid: Paid | None = None
) -> BillPayment:
    """Write the payment of a settlement down, in the books too; its invoice is due from now on.

    At the window the platform says nothing of it.
    """
    payment = BillPayment(
        pay_no=accounts.new_number("P", desk.now),
        bill_no=settlement.bill_no,
        settle_no=settlement.settle_no,
        card_no=settlement.card_no,
        channel=settlement.channel,
        pay_channel=paid.channel if paid else None,
        trade_no=paid.trade_no if paid else None,
        total_fen=settlement.total_fen,
        fund_fen=settlement.fund_fen,
        amount_fen=settlement.amount_fen,
        pay_time=paid.time if paid else desk.now,
        create_time=desk.now,
    )
    desk.session.add(payment)
    books.enter(
        desk,
        books.PAYMENT,
        books.BILL,
        channel=payment.channel,
        card_no=payment.card_no,
        amount_fen=payment.amount_fen,
        bill_no=payment.bill_no,
        pay_no=payment.pay_no,
        pay_trans_no=payment.trade_no,
    )
    desk.effect(
        "bill-paid",
        card_no=payment.card_no,
        bill_no=payment.bill_no,
        amount_fen=payment.amount_fen,
    )
    invoice(desk, payment, account.items)
    return payment


def invoice(desk: Desk, payment: BillPayment, items: Iterable[BillItem]) -> None:
    """Let an invoice be issued of items that are paid."""
    paid = list(items)
    invoicing.due(
        replace(desk, channel=payment.channel),
        business=invoicing.BILL,
        reference=payment.bill_no,
        card_no=payment.card_no,
        lines=_lines(paid),
        fund_fen=sum(item.fund_fen for item in paid),
    )


def invoice_anew(desk: Desk, payment: BillPayment, items: Iterable[BillItem]) -> None:
    """Take the invoice of a payment back, and let one be issued of the items that are paid now."""
    paid = list(items)
    invoicing.refunded(
        desk,
        business=invoicing.BILL,
        reference=payment.bill_no,
        left=_lines(paid),
        fund_fen=sum(item.fund_fen for item in paid),
    )


def _lines(items: Iterable[BillItem]) -> list[invoicing.Line]:
    return [invoicing.Line(item.name, item.amount_fen) for item in items]


def _require_payable(desk: Desk, account: Account) -> None:
    if "PAY" in desk.closed:
        raise Refused(accounts.CLOSED, "缴费功能暂停服务，请稍后再试")
    if account.payment is not None:
        raise Refused(accounts.ALREADY_PAID, "该账单已支付")
    if account.bill.category == accounts.INSURED:
        raise Refused(accounts.WINDOW_ONLY, "医保患者请到窗口缴费")
    match account.state(desk.now):
        case accounts.BILL_WITHDRAWN:
            raise Refused(accounts.CHANGED, "账单已撤销")
        case accounts.BILL_LAPSED:
            raise Refused(accounts.LAPSED, "账单已过期")
