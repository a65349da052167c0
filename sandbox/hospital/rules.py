"""The hospital's booking rules. They are the hospital's alone; whoever asks is told them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta


@dataclass(frozen=True, slots=True)
class Rules:
    """Booking rules; minutes of cancelling and taking a number count back from the slot's start.

    `take_number_closes_minutes` counts from the slot's start onwards, never past the slot's end;
    `invoice_seconds` from a payment to its invoice. A bill lapses with the last of its days; a
    refund is approved, handed to the payment channel, and returned, so many seconds after the
    request.
    """

    release_time: time = time(7, 0)
    days_ahead: int = 7
    cancel_before_minutes: int = 60
    take_number_opens_minutes: int = 240
    take_number_closes_minutes: int = 30
    hold_minutes: int = 10
    pay_minutes: int = 30
    bill_days: int = 3
    settle_minutes: int = 15
    refund_approve_seconds: int = 20
    refund_channel_seconds: int = 40
    refund_return_seconds: int = 60
    max_orders_per_day: int = 4
    max_orders_per_period: int = 2
    no_show_limit: int = 3
    no_show_block_days: int = 90
    guardian_below_age: int = 14
    paediatrics_below_age: int = 18
    invoice_seconds: int = 30

    def released_at(self, clinic_date: date) -> datetime:
        """Return when a session of that date opens for booking."""
        return datetime.combine(clinic_date - timedelta(days=self.days_ahead), self.release_time)

    def bill_lapses(self, made: datetime) -> datetime:
        """Return when a bill made at that time lapses: with the end of its last day."""
        return datetime.combine(made.date() + timedelta(days=self.bill_days), time())
