"""The tables of e-invoices."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from sandbox.hospital.model import Base


class Invoice(Base):
    """A medical e-invoice: blue for a payment, red for taking a blue one back.

    `reference` is the registration or bill that was paid, as `business` (1 or 2) says. It is
    issued once `issue_at` has passed; a red one has negative amounts. A blue one that was taken
    back names its red one in `reversed_by`; what was not refunded is on a new blue one, whose
    `replaces` names the old.
    """

    __tablename__ = "invoice"
    __table_args__ = (
        UniqueConstraint("code", "number"),
        Index("invoice_by_reference", "business", "reference"),
    )

    invoice_no: Mapped[str] = mapped_column(String(32), primary_key=True)
    colour: Mapped[str] = mapped_column(String(4))
    business: Mapped[str] = mapped_column(String(1))
    reference: Mapped[str] = mapped_column(String(20))
    card_no: Mapped[str] = mapped_column(ForeignKey("card.card_no"), index=True)
    channel: Mapped[str] = mapped_column(String(8))
    payer: Mapped[str] = mapped_column(String(50))
    code: Mapped[str] = mapped_column(String(8))
    number: Mapped[str] = mapped_column(String(10))
    check_code: Mapped[str] = mapped_column(String(6))
    total_fen: Mapped[int]
    fund_fen: Mapped[int]
    paid_at: Mapped[datetime]
    issue_at: Mapped[datetime]
    reverses: Mapped[str | None] = mapped_column(String(32))
    reversed_by: Mapped[str | None] = mapped_column(String(32))
    replaces: Mapped[str | None] = mapped_column(String(32))


class InvoiceItem(Base):
    """One line of an invoice."""

    __tablename__ = "invoice_item"

    invoice_no: Mapped[str] = mapped_column(ForeignKey("invoice.invoice_no"), primary_key=True)
    line: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    amount_fen: Mapped[int]
