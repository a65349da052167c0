"""The hospital's books: every movement of money, whatever it was for."""

from __future__ import annotations

import secrets
from datetime import datetime

from sandbox.hospital import model
from sandbox.hospital.platform import Desk

PAYMENT, REFUND = "1", "2"
REGISTRATION_FEE, BILL = "1", "2"


def enter(
    desk: Desk,
    direction: str,
    business: str,
    *,
    channel: str,
    card_no: str,
    amount_fen: int,
    order_no: str | None = None,
    bill_no: str | None = None,
    pay_no: str | None = None,
    pay_trans_no: str | None = None,
    refund_no: str | None = None,
    at: datetime | None = None,
) -> None:
    """Enter one movement, now or at a time ahead; `channel` is whose statement shows it."""
    moved_at = at or desk.now
    # What the record refers to has to be there first.
    desk.session.flush()
    desk.session.add(
        model.MoneyRecord(
            record_no=f"M{desk.now:%Y%m%d}{secrets.randbelow(10**10):010d}",
            direction=direction,
            business=business,
            channel=channel,
            serial=desk.serial,
            order_no=order_no,
            bill_no=bill_no,
            pay_no=pay_no,
            card_no=card_no,
            pay_trans_no=pay_trans_no,
            refund_no=refund_no,
            amount_fen=amount_fen,
            record_date=moved_at.date(),
            record_time=moved_at,
        )
    )
