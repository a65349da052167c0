"""What the hospital does with bills by itself: orders and changes them, performs, pays, refunds.

Each writes its changes in the same transaction, for the channels to ask after.
"""

from __future__ import annotations

from dataclasses import replace
from random import Random

from sqlalchemy import delete, select

from sandbox.hospital import accounts, changes, model, price_list, refunding, settling
from sandbox.hospital.accounts import WINDOW
from sandbox.hospital.billing_model import Bill, BillItem, BillPayment, BillRefund, Settlement
from sandbox.hospital.database import LOCKED
from sandbox.hospital.platform import Desk, Refused

_INSURANCE_PAYS = 70  # per cent, of what the window settles with the insurer


def order(desk: Desk, card_no: str, category: str | None) -> str:
    """Have a doctor order something for a card, as of now; return the bill's number."""
    card = desk.session.get(model.Card, card_no, with_for_update=LOCKED)
    if card is None:
        raise Refused(accounts.NO_SUCH_THING, "就诊卡不存在")
    doctor = desk.session.scalars(
        select(model.Doctor).where(model.Doctor.on_duty).order_by(model.Doctor.code).limit(1)
    ).one()
    bill_no = accounts.new_number("B", desk.now)
    funded_as = category or accounts.category_of(card_no)
    desk.session.add(
        Bill(
            bill_no=bill_no,
            card_no=card_no,
            dept_code=doctor.dept_code,
            doctor_code=doctor.code,
            category=funded_as,
            revision=1,
            withdrawn=False,
            create_time=desk.now,
            expire_time=desk.rules.bill_lapses(desk.now),
        )
    )
    desk.session.flush()
    desk.session.add_all(
        BillItem(**row) for row in price_list.ordered(Random(bill_no), bill_no, funded_as)
    )
    return bill_no


def change(desk: Desk, bill_no: str, *, withdraw: bool) -> str:
    """Add an item to an unpaid bill, or withdraw the bill: quotes made before no longer hold."""
    account = accounts.lock(desk, bill_no)
    if account.payment is not None:
        raise Refused(accounts.ALREADY_PAID, "该账单已支付")
    account.bill.revision += 1
    account.bill.withdrawn = withdraw
    if not withdraw:
        number = len(account.items) + 1
        added = price_list.another(Random(bill_no), bill_no, number, account.bill.category)
        desk.session.add(BillItem(**added))
    return bill_no


def perform(desk: Desk, bill_no: str, item_nos: list[str]) -> str:
    """Dispense, examine or do items of a paid bill: they cannot be undone any more."""
    account = accounts.lock(desk, bill_no)
    if account.payment is None:
        raise Refused(accounts.CHANGED, "该账单未支付")
    for item in refunding.chosen(account, item_nos):
        item.performed = True
    return bill_no


def pay(desk: Desk, bill_no: str) -> str:
    """Take the payment of a bill at the window, an insured patient's too; return its number."""
    account = accounts.lock(desk, bill_no)
    if account.payment is not None:
        raise Refused(accounts.ALREADY_PAID, "该账单已支付")
    if account.state(desk.now) != accounts.BILL_OPEN:
        raise Refused(accounts.LAPSED, "账单已失效")
    if account.bill.category == accounts.INSURED:
        for item in account.items:
            item.fund_fen = insurance_pays(item.amount_fen)
    here = replace(desk, channel=WINDOW)
    payment = settling.take(here, settling.settle(here, account, desk.now), account)
    # A bill is of no channel: it concerns those that have quoted it to the patient.
    for channel in desk.session.scalars(
        select(Settlement.channel)
        .where(Settlement.bill_no == bill_no, Settlement.channel != WINDOW)
        .distinct()
    ).all():
        changes.tell(
            desk,
            changes.BILL_PAID,
            channel=channel,
            bill_no=bill_no,
            pay_no=payment.pay_no,
            card_no=payment.card_no,
        )
    return payment.pay_no


def insurance_pays(amount_fen: int) -> int:
    """Return what of an amount the insurer pays when the window settles it."""
    return price_list.share(_INSURANCE_PAYS, amount_fen)


def refund(desk: Desk, pay_no: str, item_nos: list[str] | None, reason: str | None) -> str:
    """Pay items back at the window, at once, performed or not; without numbers, all that is left.

    Returns the refund's number.
    """
    payment = desk.session.get(BillPayment, pay_no)
    if payment is None:
        raise Refused(accounts.NO_SUCH_THING, "缴费记录不存在")
    account = accounts.lock(desk, payment.bill_no)
    left = [item.item_no for item in account.items if item.refund_no is None]
    made = refunding.give_back(
        desk,
        payment,
        refunding.chosen(account, item_nos if item_nos is not None else left),
        initiator=accounts.BY_HOSPITAL,
        reason=reason,
        way=refunding.Way(),
    )
    if payment.channel != WINDOW:
        changes.tell(
            desk,
            changes.REFUNDED,
            channel=payment.channel,
            bill_no=payment.bill_no,
            pay_no=pay_no,
            refund_no=made.refund_no,
            card_no=payment.card_no,
            refund_fen=made.amount_fen,
            reason=reason,
        )
    return made.refund_no


def fail(desk: Desk, refund_no: str) -> str:
    """Let a refund that is under way fail: its items are as before, and the books lack it."""
    found = desk.session.get(BillRefund, refund_no)
    if found is None:
        raise Refused(accounts.NO_SUCH_THING, "退费记录不存在")
    payment = desk.session.get_one(BillPayment, found.pay_no)
    account = accounts.lock(desk, payment.bill_no)
    (made,) = (one for one in account.refunds if one.refund_no == refund_no)
    if accounts.refund_state(made, desk.now) in (accounts.RETURNED, accounts.FAILED):
        raise Refused(accounts.ALREADY_REFUNDED, "该退费已结束")
    left = [item for item in account.items if item.refund_no is None]
    made.failed = True
    for item in account.items:
        if item.refund_no == refund_no:
            item.refund_no = None
    paid = [item for item in account.items if item.refund_no is None]
    (settling.invoice_anew if left else settling.invoice)(desk, payment, paid)
    desk.session.execute(delete(model.MoneyRecord).where(model.MoneyRecord.refund_no == refund_no))
    desk.effect(
        "refund-failed", card_no=made.card_no, bill_no=payment.bill_no, amount_fen=made.amount_fen
    )
    return refund_no
