"""Looking things up: a card's registrations of every channel, and what became of a serial."""

from __future__ import annotations

from datetime import date

from sandbox.hospital import model, trades, visits
from sandbox.hospital import registration_types as wire
from sandbox.hospital import registration_views as views
from sandbox.hospital.operations import Reply
from sandbox.hospital.platform import Desk


def orders(desk: Desk, card_no: str, start_date: date | None, end_date: date | None) -> Reply:
    """List a card's registrations, the latest clinic first."""
    conditions = [model.Order.card_no == card_no]
    if start_date is not None:
        conditions.append(model.Schedule.clinic_date >= start_date)
    if end_date is not None:
        conditions.append(model.Schedule.clinic_date <= end_date)
    told = [views.order(visit, desk) for visit in visits.load(desk.session, *conditions)]
    return views.found(OrderList=wire.OrderList(Order=told) if told else None)


def order(desk: Desk, card_no: str, order_no: str) -> Reply:
    """Tell one registration of the card."""
    of_card = visits.load(
        desk.session, model.Order.order_no == order_no, model.Order.card_no == card_no
    )
    return views.found(Order=views.order(of_card[0], desk) if of_card else None)


def by_serial(desk: Desk, serial: str) -> Reply:
    """Tell what became of a write of this channel."""
    row = desk.session.get(model.Trade, serial)
    if row is None or row.channel != desk.channel:
        return views.found()
    return views.found(Trade=views.trade(row, trades.reply(row)))
