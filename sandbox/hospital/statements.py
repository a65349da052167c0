"""The daily statement of one channel's money, of registrations and bills, for reconciliation."""

from __future__ import annotations

from datetime import date

from sqlalchemy import func, select

from sandbox.hospital import books, model
from sandbox.hospital import registration_types as wire
from sandbox.hospital import registration_views as views
from sandbox.hospital.operations import Reply
from sandbox.hospital.platform import Desk, Refused


def daily(desk: Desk, record_date: date, page_no: int, page_size: int) -> Reply:
    """List one page of a day's records; the day is final once it is over."""
    if record_date > desk.today:
        raise Refused("2008", "对账日期有误")
    of_day = (
        model.MoneyRecord.channel == desk.channel,
        model.MoneyRecord.record_date == record_date,
        model.MoneyRecord.record_time <= desk.now,
    )
    totals = {
        direction: (count, amount)
        for direction, count, amount in desk.session.execute(
            select(
                model.MoneyRecord.direction,
                func.count(),
                func.sum(model.MoneyRecord.amount_fen),
            )
            .where(*of_day)
            .group_by(model.MoneyRecord.direction)
        )
    }
    paid, refunded = totals.get(books.PAYMENT, (0, 0)), totals.get(books.REFUND, (0, 0))
    rows = desk.session.scalars(
        select(model.MoneyRecord)
        .where(*of_day)
        .order_by(
            model.MoneyRecord.record_time,
            model.MoneyRecord.direction,
            model.MoneyRecord.record_no,
        )
        .limit(page_size)
        .offset((page_no - 1) * page_size)
    )
    told = [views.record(row) for row in rows]
    return views.found(
        Summary=wire.Summary(
            RecordDate=record_date,
            Final=views.yes_no(record_date < desk.today),
            PayCount=paid[0],
            PayAmount=views.yuan(int(paid[1])),
            RefundCount=refunded[0],
            RefundAmount=views.yuan(int(refunded[1])),
        ),
        PageCount=-(-(paid[0] + refunded[0]) // page_size),
        RecordList=wire.RecordList(Record=told) if told else None,
    )
