"""Paying items of a bill back: asked for by the patient, decided at once, returned by and by."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, select

from sandbox.hospital import accounts, books, settling
from sandbox.hospital import billing_views as views
from sandbox.hospital.accounts import Account
from sandbox.hospital.billing_model import (
    BillItem,
    BillPayment,
    BillRefund,
    BillRefundItem,
)
from sandbox.hospital.operations import Reply
from sandbox.hospital.platform import Desk, Refused
from sandbox.hospital.registration_views import found

_WHY_NOT = {"1": "药品已发放", "2": "检查已完成", "3": "检验已完成", "4": "治疗已完成"}

_AT_ONCE = timedelta(0)


@dataclass(frozen=True, slots=True)
class Way:
    """How long after its request a refund is approved, with the payment channel, and returned.

    By default at once, as the window does it.
    """

    approved: timedelta = _AT_ONCE
    at_channel: timedelta = _AT_ONCE
    returned: timedelta = _AT_ONCE


def request(
    desk: Desk, card_no: str, pay_no: str, item_nos: list[str], amount: str, reason: str | None
) -> Reply:
    """Take a patient's request to undo items of a payment; it is approved and returned later."""
    payment = desk.session.get(BillPayment, pay_no)
    if payment is None or payment.card_no != card_no:
        raise Refused(accounts.NO_SUCH_THING, "缴费记录不存在")
    account = accounts.lock(desk, payment.bill_no, card_no)
    if payment.channel != desk.channel:
        raise Refused(accounts.OTHER_CHANNEL, "请在原缴费渠道退费")
    items = chosen(account, item_nos)
    for item in items:
        if item.performed:
            raise Refused(accounts.PERFORMED, f"{item.name}：{_WHY_NOT[item.kind]}，不能退费")
    if amount != views.yuan(sum(item.amount_fen - item.fund_fen for item in items)):
        raise Refused(accounts.OTHER_AMOUNT, "退费金额与应退金额不符")
    refund = give_back(
        desk,
        payment,
        items,
        initiator=accounts.BY_PATIENT,
        reason=reason,
        way=Way(
            approved=timedelta(seconds=desk.rules.refund_approve_seconds),
            at_channel=timedelta(seconds=desk.rules.refund_channel_seconds),
            returned=timedelta(seconds=desk.rules.refund_return_seconds),
        ),
    )
    return found(REFUND=_told(desk, [refund])[0])


def chosen(account: Account, item_nos: Collection[str]) -> list[BillItem]:
    """Return the items of these numbers; refused when one is not there or already undone.

    These same items refunded together are one refusal, and some of them, or with others, another.
    """
    by_number = {item.item_no: item for item in account.items}
    if not item_nos or not by_number.keys() >= set(item_nos):
        raise Refused(accounts.NO_SUCH_ITEM, "账单中没有该收费项目")
    items = [by_number[number] for number in sorted(set(item_nos))]
    back = {item.refund_no for item in items if item.refund_no is not None}
    if back:
        together = [item.item_no for item in account.items if item.refund_no in back]
        alike = len(back) == 1 and together == [item.item_no for item in items]
        if alike:
            raise Refused(accounts.ALREADY_REFUNDED, "该项目已退费")
        raise Refused(accounts.REFUNDED_OTHERWISE, "部分项目已退费，请重新选择")
    return items


def give_back(
    desk: Desk,
    payment: BillPayment,
    items: Iterable[BillItem],
    *,
    initiator: str,
    reason: str | None,
    way: Way,
) -> BillRefund:
    """Write a refund of items down; the books have it at the time of its return."""
    refund = BillRefund(
        refund_no=accounts.new_number("T", desk.now),
        pay_no=payment.pay_no,
        card_no=payment.card_no,
        initiator=initiator,
        amount_fen=sum(item.amount_fen - item.fund_fen for item in items),
        fund_fen=sum(item.fund_fen for item in items),
        reason=reason,
        failed=False,
        create_time=desk.now,
        approve_time=desk.now + way.approved,
        channel_time=desk.now + way.at_channel,
        refund_time=desk.now + way.returned,
    )
    desk.session.add(refund)
    desk.session.flush()
    for item in items:
        item.refund_no = refund.refund_no
        desk.session.add(
            BillRefundItem(
                refund_no=refund.refund_no,
                item_no=item.item_no,
                amount_fen=item.amount_fen - item.fund_fen,
            )
        )
    books.enter(
        desk,
        books.REFUND,
        books.BILL,
        channel=payment.channel,
        card_no=payment.card_no,
        amount_fen=refund.amount_fen,
        bill_no=payment.bill_no,
        pay_no=payment.pay_no,
        pay_trans_no=payment.trade_no,
        refund_no=refund.refund_no,
        at=refund.refund_time,
    )
    desk.session.flush()
    left = desk.session.scalars(
        select(BillItem)
        .where(BillItem.bill_no == payment.bill_no, BillItem.refund_no.is_(None))
        .order_by(BillItem.item_no)
    )
    settling.invoice_anew(desk, payment, left)
    desk.effect(
        "bill-refunded",
        card_no=payment.card_no,
        bill_no=payment.bill_no,
        amount_fen=refund.amount_fen,
    )
    return refund


def of_card(desk: Desk, card_no: str, pay_no: str | None) -> Reply:
    """List a card's refunds, perhaps of one payment, oldest first."""
    wanted = [BillRefund.card_no == card_no]
    if pay_no is not None:
        wanted.append(BillRefund.pay_no == pay_no)
    told = _told(desk, _refunds(desk, *wanted))
    return found(REFUNDLIST={"REFUND": told} if told else None)


def one(desk: Desk, card_no: str, refund_no: str) -> Reply:
    """Tell one refund of the card."""
    told = _told(
        desk, _refunds(desk, BillRefund.card_no == card_no, BillRefund.refund_no == refund_no)
    )
    return found(REFUND=told[0] if told else None)


def _refunds(desk: Desk, *conditions: ColumnElement[bool]) -> Sequence[BillRefund]:
    return desk.session.scalars(
        select(BillRefund).where(*conditions).order_by(BillRefund.create_time, BillRefund.refund_no)
    ).all()


def _told(desk: Desk, refunds: Iterable[BillRefund]) -> list[views.Message]:
    told = []
    for refund in refunds:
        payment = desk.session.get_one(BillPayment, refund.pay_no)
        items = desk.session.scalars(
            select(BillRefundItem)
            .where(BillRefundItem.refund_no == refund.refund_no)
            .order_by(BillRefundItem.item_no)
        )
        told.append(views.refund(refund, payment.bill_no, items, desk.now))
    return told
