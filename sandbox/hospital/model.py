"""The tables. Money is integer fen, times are local to the hospital and without offset."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Date, DateTime, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

ANY_CHANNEL = "*"


class Base(DeclarativeBase):
    """The root of all tables."""

    type_annotation_map = {date: Date(), datetime: DateTime(timezone=False)}  # noqa: RUF012 # as SQLAlchemy names it


class Founding(Base):
    """From what seed and on which day this hospital was made, and how far its calendar reaches."""

    __tablename__ = "founding"

    seed: Mapped[int] = mapped_column(primary_key=True)
    founded_on: Mapped[date]
    calendar_until: Mapped[date]


class Campus(Base):
    """A site of the hospital."""

    __tablename__ = "campus"

    code: Mapped[str] = mapped_column(String(2), primary_key=True)
    name: Mapped[str] = mapped_column(String(100))


class Department(Base):
    """A department that sees outpatients."""

    __tablename__ = "department"

    code: Mapped[str] = mapped_column(String(8), primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    kind: Mapped[str] = mapped_column(String(1))
    campus_code: Mapped[str] = mapped_column(ForeignKey("campus.code"))
    location: Mapped[str | None] = mapped_column(String(100))
    intro: Mapped[str | None] = mapped_column(String(500))


class Doctor(Base):
    """A doctor of one department."""

    __tablename__ = "doctor"

    code: Mapped[str] = mapped_column(String(8), primary_key=True)
    name: Mapped[str] = mapped_column(String(50))
    dept_code: Mapped[str] = mapped_column(ForeignKey("department.code"), index=True)
    sex: Mapped[str] = mapped_column(String(1))
    title: Mapped[str] = mapped_column(String(1))
    speciality: Mapped[str | None] = mapped_column(String(500))
    on_duty: Mapped[bool]


class Schedule(Base):
    """One session; start and end are clock times, HH:MM."""

    __tablename__ = "schedule"
    __table_args__ = (Index("schedule_by_department", "dept_code", "clinic_date"),)

    code: Mapped[str] = mapped_column(String(20), primary_key=True)
    dept_code: Mapped[str] = mapped_column(ForeignKey("department.code"))
    doctor_code: Mapped[str | None] = mapped_column(ForeignKey("doctor.code"), index=True)
    clinic_date: Mapped[date] = mapped_column(index=True)
    period: Mapped[str] = mapped_column(String(1))
    clinic_type: Mapped[str] = mapped_column(String(1))
    start_time: Mapped[str] = mapped_column(String(5))
    end_time: Mapped[str] = mapped_column(String(5))
    fee_fen: Mapped[int]
    numbered: Mapped[bool]
    stopped: Mapped[bool]
    release_time: Mapped[datetime]
    total: Mapped[int]


class Quota(Base):
    """How many places of a session a channel may hold; `*` is each channel not named."""

    __tablename__ = "quota"

    schedule_code: Mapped[str] = mapped_column(ForeignKey("schedule.code"), primary_key=True)
    channel: Mapped[str] = mapped_column(String(8), primary_key=True)
    places: Mapped[int]


class Slot(Base):
    """A stretch of a session; its places are numbered in the session from `first_number`."""

    __tablename__ = "slot"

    code: Mapped[str] = mapped_column(String(24), primary_key=True)
    schedule_code: Mapped[str] = mapped_column(ForeignKey("schedule.code"), index=True)
    start_time: Mapped[str] = mapped_column(String(5))
    end_time: Mapped[str] = mapped_column(String(5))
    capacity: Mapped[int]
    first_number: Mapped[int]


class Card(Base):
    """An electronic patient card."""

    __tablename__ = "card"
    __table_args__ = (UniqueConstraint("doc_type", "doc_no"),)

    card_no: Mapped[str] = mapped_column(String(12), primary_key=True)
    name: Mapped[str] = mapped_column(String(50))
    doc_type: Mapped[str] = mapped_column(String(2))
    doc_no: Mapped[str] = mapped_column(String(30))
    phone: Mapped[str] = mapped_column(String(20))
    sex: Mapped[str] = mapped_column(String(1))
    birth_date: Mapped[date]
    verify_method: Mapped[str] = mapped_column(String(1))
    verify_time: Mapped[datetime]
    relation: Mapped[str] = mapped_column(String(1))
    guardian_name: Mapped[str | None] = mapped_column(String(50))
    guardian_doc_type: Mapped[str | None] = mapped_column(String(2))
    guardian_doc_no: Mapped[str | None] = mapped_column(String(30))
    create_time: Mapped[datetime]


class Place(Base):
    """One occupied place of a slot; the primary key is why a place has one holder.

    A row whose `expires_at` has passed occupies nothing.
    """

    __tablename__ = "place"

    slot_code: Mapped[str] = mapped_column(ForeignKey("slot.code"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    schedule_code: Mapped[str] = mapped_column(ForeignKey("schedule.code"), index=True)
    channel: Mapped[str] = mapped_column(String(8))
    card_no: Mapped[str] = mapped_column(ForeignKey("card.card_no"), index=True)
    hold_code: Mapped[str | None] = mapped_column(String(20), index=True)
    order_no: Mapped[str | None] = mapped_column(String(20), index=True)
    expires_at: Mapped[datetime | None]


class Hold(Base):
    """A place kept for a card; `state` is held, released or booked, and expiry is by the clock."""

    __tablename__ = "hold"

    code: Mapped[str] = mapped_column(String(20), primary_key=True)
    slot_code: Mapped[str] = mapped_column(ForeignKey("slot.code"))
    schedule_code: Mapped[str] = mapped_column(ForeignKey("schedule.code"))
    card_no: Mapped[str] = mapped_column(ForeignKey("card.card_no"))
    channel: Mapped[str] = mapped_column(String(8))
    position: Mapped[int]
    queue_no: Mapped[str | None] = mapped_column(String(4))
    fee_fen: Mapped[int]
    state: Mapped[str] = mapped_column(String(8))
    create_time: Mapped[datetime]
    expire_time: Mapped[datetime]


class Order(Base):
    """A registration. `state` is what was last written; what time did since is in `orders`."""

    __tablename__ = "registration"

    order_no: Mapped[str] = mapped_column(String(20), primary_key=True)
    card_no: Mapped[str] = mapped_column(ForeignKey("card.card_no"), index=True)
    channel: Mapped[str] = mapped_column(String(8))
    state: Mapped[str] = mapped_column(String(1))
    cancelled_by: Mapped[str | None] = mapped_column(String(1))
    cancel_reason: Mapped[str | None] = mapped_column(String(100))
    replaced_by: Mapped[str | None] = mapped_column(String(20))
    slot_code: Mapped[str] = mapped_column(ForeignKey("slot.code"))
    schedule_code: Mapped[str] = mapped_column(ForeignKey("schedule.code"), index=True)
    position: Mapped[int]
    queue_no: Mapped[str | None] = mapped_column(String(4))
    fee_fen: Mapped[int]
    paid_fen: Mapped[int | None]
    pay_channel: Mapped[str | None] = mapped_column(String(1))
    pay_trans_no: Mapped[str | None] = mapped_column(String(64))
    pay_time: Mapped[datetime | None]
    refund_fen: Mapped[int | None]
    refund_no: Mapped[str | None] = mapped_column(String(32))
    hold_code: Mapped[str | None] = mapped_column(String(20))
    create_time: Mapped[datetime]
    expire_time: Mapped[datetime | None]


class MoneyRecord(Base):
    """One movement of money; `direction` is 1 for a payment, 2 for a refund.

    `business` is 1 for a registration's fee, which has an `order_no`, and 2 for a bill, which has
    a `bill_no` and the `pay_no` of its payment. What is to be paid back has a `record_time` ahead.
    """

    __tablename__ = "money_record"
    __table_args__ = (Index("money_record_by_day", "channel", "record_date"),)

    record_no: Mapped[str] = mapped_column(String(32), primary_key=True)
    direction: Mapped[str] = mapped_column(String(1))
    business: Mapped[str] = mapped_column(String(1))
    channel: Mapped[str] = mapped_column(String(8))
    serial: Mapped[str | None] = mapped_column(String(32))
    order_no: Mapped[str | None] = mapped_column(ForeignKey("registration.order_no"))
    bill_no: Mapped[str | None] = mapped_column(String(20), index=True)
    pay_no: Mapped[str | None] = mapped_column(String(20), index=True)
    card_no: Mapped[str] = mapped_column(String(12))
    pay_trans_no: Mapped[str | None] = mapped_column(String(64))
    refund_no: Mapped[str | None] = mapped_column(String(32))
    amount_fen: Mapped[int]
    record_date: Mapped[date]
    record_time: Mapped[datetime]


class Trade(Base):
    """A write and its answer, by the platform's serial; the key is why a serial acts once."""

    __tablename__ = "trade"

    serial: Mapped[str] = mapped_column(String(32), primary_key=True)
    channel: Mapped[str] = mapped_column(String(8))
    trade_type: Mapped[str] = mapped_column(String(20))
    result_code: Mapped[str] = mapped_column(String(5))
    result_msg: Mapped[str] = mapped_column(String(200))
    reply: Mapped[str] = mapped_column(Text)
    trade_time: Mapped[datetime]


class Effect(Base):
    """The ledger: one row for each thing that really happened, written where it happened."""

    __tablename__ = "ledger"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    serial: Mapped[str | None] = mapped_column(String(32), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    card_no: Mapped[str | None] = mapped_column(String(12))
    slot_code: Mapped[str | None] = mapped_column(String(24))
    order_no: Mapped[str | None] = mapped_column(String(20))
    bill_no: Mapped[str | None] = mapped_column(String(20))
    amount_fen: Mapped[int | None]
    at: Mapped[datetime]


class ChangeEvent(Base):
    """Something that the hospital changed by itself.

    `channel` is empty when all may see it, or all that may book in its session when it has one.
    """

    __tablename__ = "change_event"

    event_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    kind: Mapped[str] = mapped_column(String(1))
    event_time: Mapped[datetime] = mapped_column(index=True)
    channel: Mapped[str | None] = mapped_column(String(8))
    schedule_code: Mapped[str | None] = mapped_column(String(20))
    order_no: Mapped[str | None] = mapped_column(String(20))
    bill_no: Mapped[str | None] = mapped_column(String(20))
    pay_no: Mapped[str | None] = mapped_column(String(20))
    refund_no: Mapped[str | None] = mapped_column(String(32))
    invoice_no: Mapped[str | None] = mapped_column(String(32))
    report_no: Mapped[str | None] = mapped_column(String(32))
    card_no: Mapped[str | None] = mapped_column(String(12))
    new_clinic_date: Mapped[date | None]
    new_period: Mapped[str | None] = mapped_column(String(1))
    new_doctor_code: Mapped[str | None] = mapped_column(String(8))
    refund_fen: Mapped[int | None]
    reason: Mapped[str | None] = mapped_column(String(100))
