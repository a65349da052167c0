"""What the hospital changed by itself, as it is written down and told to a channel."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import exists, or_, select

from sandbox.hospital import model
from sandbox.hospital import registration_types as wire
from sandbox.hospital import registration_views as views
from sandbox.hospital.operations import Reply
from sandbox.hospital.platform import Desk, Refused

SCHEDULE_STOPPED, SCHEDULE_MOVED, DOCTOR_REPLACED = "1", "2", "3"
ORDER_CANCELLED, REFUNDED = "4", "5"
INVOICE_REVERSED, REPORT_AMENDED, BILL_PAID = "6", "7", "8"


def tell(desk: Desk, kind: str, **details: Any) -> None:
    """Write a change down, in this same transaction; `details` are columns of its row."""
    event_id = f"E{desk.now:%Y%m%d%H%M%S}{secrets.randbelow(10**8):08d}"
    desk.session.add(
        model.ChangeEvent(event_id=event_id, kind=kind, event_time=desk.now, **details)
    )


def query(desk: Desk, start_time: datetime, end_time: datetime, kind: str | None) -> Reply:
    """List what concerns this channel, the sessions that it may book, and all; oldest first."""
    if end_time < start_time:
        raise Refused("2008", "查询时间范围有误")
    bookable = exists().where(
        model.Quota.schedule_code == model.ChangeEvent.schedule_code,
        model.Quota.channel.in_([desk.channel, model.ANY_CHANNEL]),
        model.Quota.places > 0,
    )
    wanted = (
        select(model.ChangeEvent)
        .where(
            model.ChangeEvent.event_time >= start_time,
            model.ChangeEvent.event_time < end_time,
            or_(
                model.ChangeEvent.channel == desk.channel,
                model.ChangeEvent.channel.is_(None)
                & or_(model.ChangeEvent.schedule_code.is_(None), bookable),
            ),
        )
        .order_by(model.ChangeEvent.event_time, model.ChangeEvent.event_id)
    )
    if kind is not None:
        wanted = wanted.where(model.ChangeEvent.kind == kind)
    told = [views.change(row) for row in desk.session.scalars(wanted)]
    return views.found(ChangeList=wire.ChangeList(Change=told) if told else None)
