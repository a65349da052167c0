"""The tables of outpatient bills. Money is integer fen, times are the hospital's, as in `model`.

A bill is paid once, and an item of it is paid back once: `bill_payment.bill_no` is unique, and an
item has at most one `refund_no`. That is all that keeps a payment from being made twice.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from sandbox.hospital.model import Base


class Bill(Base):
    """What a doctor ordered and the patient has to pay for.

    `category` is 1 self-paying, 2 publicly funded, 3 insured. `revision` counts its changes: a
    quote is of one revision. It is there from `create_time` on and lapses at `expire_time`.
    """

    __tablename__ = "bill"

    bill_no: Mapped[str] = mapped_column(String(20), primary_key=True)
    card_no: Mapped[str] = mapped_column(ForeignKey("card.card_no"), index=True)
    dept_code: Mapped[str] = mapped_column(ForeignKey("department.code"))
    doctor_code: Mapped[str] = mapped_column(ForeignKey("doctor.code"))
    category: Mapped[str] = mapped_column(String(1))
    revision: Mapped[int]
    withdrawn: Mapped[bool]
    create_time: Mapped[datetime]
    expire_time: Mapped[datetime]


class BillItem(Base):
    """One line of a bill; the fund pays `fund_fen` of `amount_fen`, the patient the rest.

    `kind` is 1 drug, 2 examination, 3 laboratory, 4 treatment; `performed` is what cannot be
    undone: dispensed, examined, done.
    """

    __tablename__ = "bill_item"

    bill_no: Mapped[str] = mapped_column(ForeignKey("bill.bill_no"), primary_key=True)
    item_no: Mapped[str] = mapped_column(String(3), primary_key=True)
    name: Mapped[str] = mapped_column(String(50))
    kind: Mapped[str] = mapped_column(String(1))
    spec: Mapped[str | None] = mapped_column(String(50))
    unit: Mapped[str] = mapped_column(String(10))
    quantity: Mapped[int]
    price_fen: Mapped[int]
    amount_fen: Mapped[int]
    fund_fen: Mapped[int]
    performed: Mapped[bool]
    refund_no: Mapped[str | None] = mapped_column(String(20))


class Settlement(Base):
    """A quote: what the patient would pay for one revision of a bill, until it expires."""

    __tablename__ = "settlement"

    settle_no: Mapped[str] = mapped_column(String(20), primary_key=True)
    bill_no: Mapped[str] = mapped_column(ForeignKey("bill.bill_no"), index=True)
    card_no: Mapped[str] = mapped_column(String(12))
    channel: Mapped[str] = mapped_column(String(8))
    revision: Mapped[int]
    total_fen: Mapped[int]
    fund_fen: Mapped[int]
    amount_fen: Mapped[int]
    create_time: Mapped[datetime]
    expire_time: Mapped[datetime]


class BillPayment(Base):
    """The payment of a bill: what the patient paid, and what the fund bears.

    At the window there was no transaction of a payment channel.
    """

    __tablename__ = "bill_payment"

    pay_no: Mapped[str] = mapped_column(String(20), primary_key=True)
    bill_no: Mapped[str] = mapped_column(ForeignKey("bill.bill_no"), unique=True)
    settle_no: Mapped[str] = mapped_column(ForeignKey("settlement.settle_no"), unique=True)
    card_no: Mapped[str] = mapped_column(ForeignKey("card.card_no"), index=True)
    channel: Mapped[str] = mapped_column(String(8))
    pay_channel: Mapped[str | None] = mapped_column(String(1))
    trade_no: Mapped[str | None] = mapped_column(String(64))
    total_fen: Mapped[int]
    fund_fen: Mapped[int]
    amount_fen: Mapped[int]
    pay_time: Mapped[datetime]
    create_time: Mapped[datetime]


class BillRefund(Base):
    """Money on its way back: approved, given to the payment channel and returned, each at its time.

    `initiator` is 1 the patient, 2 the hospital. One that `failed` gives its items free again.
    """

    __tablename__ = "bill_refund"

    refund_no: Mapped[str] = mapped_column(String(20), primary_key=True)
    pay_no: Mapped[str] = mapped_column(ForeignKey("bill_payment.pay_no"), index=True)
    card_no: Mapped[str] = mapped_column(String(12), index=True)
    initiator: Mapped[str] = mapped_column(String(1))
    amount_fen: Mapped[int]
    fund_fen: Mapped[int]
    reason: Mapped[str | None] = mapped_column(String(100))
    failed: Mapped[bool]
    create_time: Mapped[datetime]
    approve_time: Mapped[datetime]
    channel_time: Mapped[datetime]
    refund_time: Mapped[datetime]


class BillRefundItem(Base):
    """An item that a refund is of, and what of it goes back to the patient."""

    __tablename__ = "bill_refund_item"

    refund_no: Mapped[str] = mapped_column(ForeignKey("bill_refund.refund_no"), primary_key=True)
    item_no: Mapped[str] = mapped_column(String(3), primary_key=True)
    amount_fen: Mapped[int]
