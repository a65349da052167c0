"""Holding, booking, paying, cancelling and taking a number: the writes of `registration`.

Rows are locked in one order, card before session, so that writers cannot wait for each other in a
ring; everything decided on is read after that. Who has the session has its slots, holds and orders.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import func, select

from sandbox.hospital import books, identity, invoicing, model, visits
from sandbox.hospital import registration_views as views
from sandbox.hospital.availability import alive, at, free_position, left_in_slots
from sandbox.hospital.database import LOCKED
from sandbox.hospital.operations import Reply
from sandbox.hospital.platform import Desk, Refused
from sandbox.hospital.visits import BY_PATIENT, Visit

HELD, RELEASED, BOOKED = "held", "released", "booked"

_OBSTETRICS, _PAEDIATRICS = "3", "4"
_FEMALE = "2"


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment that the platform says was made; the amount is in yuan."""

    channel: str
    trans_no: str
    time: datetime
    amount: Decimal


def lock_slot(desk: Desk, slot_code: str, card_no: str) -> Reply:
    """Keep the lowest free place of a slot for a card."""
    card = _lock_card(desk, card_no)
    slot = desk.session.get(model.Slot, slot_code)
    if slot is None:
        raise Refused("2009", "号源不存在")
    schedule = _lock_schedule(desk, slot.schedule_code)
    desk.session.refresh(slot)
    _require_bookable(desk, schedule, slot)
    _require_admitted(desk, schedule, card)
    _require_within_limits(desk, schedule, card)
    remaining = left_in_slots(desk.session, schedule, desk.channel, desk.now)
    position = free_position(desk.session, slot, desk.now)
    if position is None or not remaining[slot.code]:
        raise Refused("2001", "该时段号源已满")
    expires = desk.now + timedelta(minutes=desk.rules.hold_minutes)
    hold = model.Hold(
        code=f"H{desk.now:%y%m%d}{secrets.randbelow(10**9):09d}",
        slot_code=slot.code,
        schedule_code=schedule.code,
        card_no=card.card_no,
        channel=desk.channel,
        position=position,
        queue_no=queue_number(slot, position) if schedule.numbered else None,
        fee_fen=schedule.fee_fen,
        state=HELD,
        create_time=desk.now,
        expire_time=expires,
    )
    place = model.Place(
        slot_code=slot.code,
        position=position,
        schedule_code=schedule.code,
        channel=desk.channel,
        card_no=card.card_no,
        hold_code=hold.code,
        order_no=None,
        expires_at=expires,
    )
    desk.session.add_all([hold, place])
    desk.effect("slot-held", card_no=card_no, slot_code=slot_code)
    return views.found(Hold=views.hold(hold))


def unlock_slot(desk: Desk, hold_code: str, card_no: str) -> Reply:
    """Let a hold go; letting go again is done."""
    hold = _lock_hold(desk, hold_code, card_no)
    if hold.state == BOOKED:
        raise Refused("2013", "该号源已预约，请取消预约")
    if hold.state == RELEASED:
        return views.found(Hold=views.hold(hold))
    if hold.expire_time <= desk.now:
        raise Refused("2017", "锁号已过期")
    hold.state = RELEASED
    place = _place(desk, hold)
    desk.session.delete(place)
    desk.effect("hold-released", card_no=card_no, slot_code=hold.slot_code)
    return views.found(Hold=views.hold(hold))


def book(desk: Desk, hold_code: str, card_no: str) -> Reply:
    """Turn a hold into an order that is to be paid before it expires."""
    hold = _lock_hold(desk, hold_code, card_no)
    if hold.state == BOOKED:
        raise Refused("2013", "该号源已预约")
    if hold.state == RELEASED or hold.expire_time <= desk.now:
        raise Refused("2017", "锁号已过期")
    schedule = desk.session.get_one(model.Schedule, hold.schedule_code)
    slot = desk.session.get_one(model.Slot, hold.slot_code)
    _require_bookable(desk, schedule, slot)
    expires = desk.now + timedelta(minutes=desk.rules.pay_minutes)
    order = model.Order(
        order_no=new_order_no(desk.now),
        card_no=card_no,
        channel=desk.channel,
        state=visits.UNPAID,
        slot_code=hold.slot_code,
        schedule_code=hold.schedule_code,
        position=hold.position,
        queue_no=hold.queue_no,
        fee_fen=hold.fee_fen,
        hold_code=hold.code,
        create_time=desk.now,
        expire_time=expires,
    )
    hold.state = BOOKED
    place = _place(desk, hold)
    place.order_no, place.expires_at = order.order_no, expires
    desk.session.add(order)
    desk.effect(
        "booked",
        card_no=card_no,
        slot_code=order.slot_code,
        order_no=order.order_no,
        amount_fen=order.fee_fen,
    )
    return _told(desk, order.order_no)


def pay(desk: Desk, order_no: str, card_no: str, payment: Payment) -> Reply:
    """Record the payment of an order's fee, of whatever channel the order is."""
    visit = _lock_visit(desk, order_no, card_no)
    order = visit.order
    if order.state in (visits.CANCELLED, visits.REFUNDED):
        raise Refused("2014", "该预约已取消")
    if order.state != visits.UNPAID:
        raise Refused("2015", "该预约已支付")
    if payment.amount != views.yuan(order.fee_fen):
        raise Refused("2016", "支付金额与应付金额不符")
    order.state, order.expire_time = visits.PAID, None
    order.paid_fen = order.fee_fen
    order.pay_channel, order.pay_trans_no = payment.channel, payment.trans_no
    order.pay_time = payment.time
    place = desk.session.get_one(model.Place, (order.slot_code, order.position))
    place.expires_at = None
    _record_money(desk, order, books.PAYMENT, order.fee_fen)
    _order_effect(desk, "paid", order, order.fee_fen)
    invoicing.due(
        desk,
        business=invoicing.REGISTRATION,
        reference=order_no,
        card_no=card_no,
        lines=[invoicing.Line(invoicing.REGISTRATION_FEE, order.fee_fen)],
    )
    return _told(desk, order_no)


def cancel(desk: Desk, order_no: str, card_no: str, reason: str | None) -> Reply:
    """Cancel an order of this channel and refund what was paid; again is done."""
    visit = _lock_visit(desk, order_no, card_no)
    order = visit.order
    if order.state in (visits.CANCELLED, visits.REFUNDED):
        return _told(desk, order_no)
    if order.channel != desk.channel:
        raise Refused("2013", "请在原预约渠道取消")
    if order.state == visits.TAKEN:
        raise Refused("2013", "已取号，请到窗口退号")
    if order.state == visits.NO_SHOW or (
        order.state == visits.PAID and desk.now > visit.cancel_until(desk.rules)
    ):
        raise Refused("2007", "已过取消时间")
    void(desk, order, BY_PATIENT, reason)
    return _told(desk, order_no)


def take_number(desk: Desk, order_no: str, card_no: str) -> Reply:
    """Turn a paid order of any channel into a visit, with its queue number; again is done."""
    visit = _lock_visit(desk, order_no, card_no)
    order = visit.order
    if order.state == visits.TAKEN:
        return _told(desk, order_no)
    if order.state in (visits.CANCELLED, visits.REFUNDED):
        raise Refused("2014", "该预约已取消")
    if order.state == visits.UNPAID:
        raise Refused("2010", "请先支付挂号费")
    if order.state == visits.NO_SHOW or desk.now > visit.take_until(desk.rules):
        raise Refused("2007", "已过取号时间")
    if desk.now < visit.take_from(desk.rules):
        raise Refused("2013", "未到取号时间")
    order.state = visits.TAKEN
    order.queue_no = order.queue_no or queue_number(visit.slot, order.position)
    _order_effect(desk, "number-taken", order, None)
    return _told(desk, order_no)


def void(desk: Desk, order: model.Order, cancelled_by: str, reason: str | None) -> None:
    """Cancel an order that is alive, refund what was paid and give its place back."""
    visits.give_back(desk.session, order)
    order.cancelled_by, order.cancel_reason = cancelled_by, reason
    order.expire_time = None
    _order_effect(desk, "cancelled", order, None)
    if order.paid_fen is None:
        order.state = visits.CANCELLED
        return
    order.state = visits.REFUNDED
    order.refund_fen = order.paid_fen
    order.refund_no = f"R{desk.now:%Y%m%d}{secrets.randbelow(10**10):010d}"
    _record_money(desk, order, books.REFUND, order.paid_fen)
    _order_effect(desk, "refunded", order, order.paid_fen)
    invoicing.refunded(desk, business=invoicing.REGISTRATION, reference=order.order_no)


def queue_number(slot: model.Slot, position: int) -> str:
    """Return the number in the session's queue of a place of the slot."""
    return f"{slot.first_number + position - 1:03d}"


def new_order_no(now: datetime) -> str:
    """Return an order number: the day and ten random digits."""
    return f"{now:%Y%m%d}{secrets.randbelow(10**10):010d}"


def _lock_card(desk: Desk, card_no: str) -> model.Card:
    card = desk.session.get(model.Card, card_no, with_for_update=LOCKED)
    if card is None:
        raise Refused("2009", "就诊卡不存在")
    return card


def _lock_schedule(desk: Desk, code: str) -> model.Schedule:
    return desk.session.get_one(model.Schedule, code, with_for_update=LOCKED)


def _lock_hold(desk: Desk, hold_code: str, card_no: str) -> model.Hold:
    _lock_card(desk, card_no)
    hold = desk.session.get(model.Hold, hold_code)
    if hold is None or hold.card_no != card_no or hold.channel != desk.channel:
        raise Refused("2009", "锁号记录不存在")
    _lock_schedule(desk, hold.schedule_code)
    desk.session.refresh(hold)
    return hold


def _lock_visit(desk: Desk, order_no: str, card_no: str) -> Visit:
    """Return the card's order, locked, with what time has made of it written down."""
    _lock_card(desk, card_no)
    order = desk.session.get(model.Order, order_no)
    if order is None or order.card_no != card_no:
        raise Refused("2009", "预约记录不存在")
    _lock_schedule(desk, order.schedule_code)
    visit = visits.load(desk.session, model.Order.order_no == order_no)[0]
    visits.settle(desk.session, visit, desk.now)
    return visit


def _place(desk: Desk, hold: model.Hold) -> model.Place:
    return desk.session.get_one(
        model.Place, (hold.slot_code, hold.position), populate_existing=True
    )


def _told(desk: Desk, order_no: str) -> Reply:
    desk.session.flush()
    visit = visits.load(desk.session, model.Order.order_no == order_no)[0]
    return views.found(Order=views.order(visit, desk))


def _require_bookable(desk: Desk, schedule: model.Schedule, slot: model.Slot) -> None:
    if schedule.stopped:
        raise Refused("2003", "该出诊已停诊")
    if desk.now < schedule.release_time:
        raise Refused("2002", "号源尚未放号")
    if at(schedule, slot.end_time) <= desk.now:
        raise Refused("2007", "该时段已结束")


def _require_admitted(desk: Desk, schedule: model.Schedule, card: model.Card) -> None:
    department = desk.session.get_one(model.Department, schedule.dept_code)
    if department.kind == _OBSTETRICS and card.sex != _FEMALE:
        raise Refused("2006", "该科室仅限女性就诊")
    age = identity.age_on(card.birth_date, schedule.clinic_date)
    if department.kind == _PAEDIATRICS and age >= desk.rules.paediatrics_below_age:
        raise Refused("2006", f"该科室仅限{desk.rules.paediatrics_below_age}周岁以下儿童就诊")


def _require_within_limits(desk: Desk, schedule: model.Schedule, card: model.Card) -> None:
    since = desk.today - timedelta(days=desk.rules.no_show_block_days)
    recent = visits.load(
        desk.session,
        model.Order.card_no == card.card_no,
        model.Order.state.in_([visits.PAID, visits.NO_SHOW]),
        model.Schedule.clinic_date >= since,
        model.Schedule.clinic_date <= desk.today,
    )
    missed = sum(visit.state(desk.now)[0] == visits.NO_SHOW for visit in recent)
    if missed >= desk.rules.no_show_limit:
        raise Refused("2005", "因多次爽约，暂停预约")
    by_period = dict(
        desk.session.execute(
            select(model.Schedule.period, func.count())
            .join(model.Place, model.Place.schedule_code == model.Schedule.code)
            .where(
                model.Place.card_no == card.card_no,
                model.Schedule.clinic_date == schedule.clinic_date,
                alive(desk.now),
            )
            .group_by(model.Schedule.period)
        ).all()
    )
    if (
        sum(by_period.values()) >= desk.rules.max_orders_per_day
        or by_period.get(schedule.period, 0) >= desk.rules.max_orders_per_period
    ):
        raise Refused("2004", "已达当日预约上限")


def _record_money(desk: Desk, order: model.Order, direction: str, amount_fen: int) -> None:
    paying = direction == books.PAYMENT
    books.enter(
        desk,
        direction,
        books.REGISTRATION_FEE,
        channel=desk.channel if paying else _paid_through(desk, order),
        card_no=order.card_no,
        amount_fen=amount_fen,
        order_no=order.order_no,
        pay_trans_no=order.pay_trans_no,
        refund_no=None if paying else order.refund_no,
    )


def _paid_through(desk: Desk, order: model.Order) -> str:
    """Return the channel that the payment came through; its statement shows the refund too."""
    return desk.session.scalars(
        select(model.MoneyRecord.channel).where(
            model.MoneyRecord.order_no == order.order_no,
            model.MoneyRecord.direction == books.PAYMENT,
        )
    ).one()


def _order_effect(desk: Desk, kind: str, order: model.Order, amount_fen: int | None) -> None:
    desk.effect(
        kind,
        card_no=order.card_no,
        slot_code=order.slot_code,
        order_no=order.order_no,
        amount_fen=amount_fen,
    )
