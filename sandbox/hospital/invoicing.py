"""When invoices are made: due by a payment, issued some time after it, taken back by a refund."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from sandbox.hospital import changes, model
from sandbox.hospital.invoices_model import Invoice, InvoiceItem
from sandbox.hospital.platform import Desk

REGISTRATION, BILL = "1", "2"
REGISTRATION_FEE = "挂号费"
BLUE, RED = "blue", "red"

ISSUER_CODE = "11060126"  # of medical outpatient e-invoices, as the issuing authority numbers them


@dataclass(frozen=True, slots=True)
class Line:
    """What was paid for, and how much in fen."""

    name: str
    amount_fen: int


@dataclass(frozen=True, slots=True)
class Paid:
    """Something that was paid; `fund_fen` is the part of its lines that a public fund pays."""

    business: str
    reference: str
    card_no: str
    channel: str
    payer: str
    at: datetime
    lines: tuple[Line, ...]
    fund_fen: int = 0


@dataclass(frozen=True, slots=True)
class Numbers:
    """What an invoice is known by."""

    invoice_no: str
    number: str
    check_code: str


def due(
    desk: Desk,
    *,
    business: str,
    reference: str,
    card_no: str,
    lines: Sequence[Line],
    fund_fen: int = 0,
) -> None:
    """Let an invoice be issued for a payment of this channel that was made just now."""
    paid = Paid(
        business=business,
        reference=reference,
        card_no=card_no,
        channel=desk.channel,
        payer=desk.session.get_one(model.Card, card_no).name,
        at=desk.now,
        lines=tuple(lines),
        fund_fen=fund_fen,
    )
    _add(desk, *blue(paid, _numbers(desk), _issued_later(desk)))


def refunded(
    desk: Desk, *, business: str, reference: str, left: Sequence[Line] = (), fund_fen: int = 0
) -> None:
    """Take back the invoice of a payment of which only the lines `left` stay paid.

    One that was not issued yet is made anew, or not at all; the channel that paid is told of
    every other.
    """
    old = desk.session.scalars(
        select(Invoice)
        .where(
            Invoice.business == business,
            Invoice.reference == reference,
            Invoice.colour == BLUE,
            Invoice.reversed_by.is_(None),
        )
        .with_for_update()
    ).one()
    stays = Paid(
        business=old.business,
        reference=old.reference,
        card_no=old.card_no,
        channel=old.channel,
        payer=old.payer,
        at=old.paid_at,
        lines=tuple(left),
        fund_fen=fund_fen,
    )
    replaced = old.replaces
    if old.issue_at > desk.now:
        desk.session.execute(delete(InvoiceItem).where(InvoiceItem.invoice_no == old.invoice_no))
        desk.session.delete(old)
    else:
        _reverse(desk, old)
        replaced = old.invoice_no
    desk.session.flush()
    if left:
        made, items = blue(stays, _numbers(desk), _issued_later(desk))
        made.replaces = replaced
        _add(desk, made, items)


def issue_now(desk: Desk) -> list[str]:
    """Issue all that is due without waiting; return the invoices."""
    pending = desk.session.scalars(
        select(Invoice)
        .where(Invoice.issue_at > desk.now)
        .order_by(Invoice.invoice_no)
        .with_for_update()
    ).all()
    for invoice in pending:
        invoice.issue_at = desk.now
    return [invoice.invoice_no for invoice in pending]


def blue(paid: Paid, numbers: Numbers, issue_at: datetime) -> tuple[Invoice, list[InvoiceItem]]:
    """Return the invoice of a payment, with its items."""
    invoice = Invoice(
        invoice_no=numbers.invoice_no,
        colour=BLUE,
        business=paid.business,
        reference=paid.reference,
        card_no=paid.card_no,
        channel=paid.channel,
        payer=paid.payer,
        code=ISSUER_CODE,
        number=numbers.number,
        check_code=numbers.check_code,
        total_fen=sum(line.amount_fen for line in paid.lines),
        fund_fen=paid.fund_fen,
        paid_at=paid.at,
        issue_at=issue_at,
    )
    return invoice, _items(invoice, paid.lines)


def red(
    invoice: Invoice, items: Sequence[InvoiceItem], numbers: Numbers, now: datetime
) -> tuple[Invoice, list[InvoiceItem]]:
    """Take a blue invoice back: return its red one, with its items."""
    invoice.reversed_by = numbers.invoice_no
    made = Invoice(
        invoice_no=numbers.invoice_no,
        colour=RED,
        business=invoice.business,
        reference=invoice.reference,
        card_no=invoice.card_no,
        channel=invoice.channel,
        payer=invoice.payer,
        code=invoice.code,
        number=numbers.number,
        check_code=numbers.check_code,
        total_fen=-invoice.total_fen,
        fund_fen=-invoice.fund_fen,
        paid_at=invoice.paid_at,
        issue_at=now,
        reverses=invoice.invoice_no,
    )
    return made, _items(made, [Line(item.name, -item.amount_fen) for item in items])


def items_of(desk: Desk, invoice_no: str) -> Sequence[InvoiceItem]:
    """Return the lines of an invoice, in their order."""
    return desk.session.scalars(
        select(InvoiceItem).where(InvoiceItem.invoice_no == invoice_no).order_by(InvoiceItem.line)
    ).all()


def _reverse(desk: Desk, invoice: Invoice) -> None:
    _add(desk, *red(invoice, items_of(desk, invoice.invoice_no), _numbers(desk), desk.now))
    changes.tell(
        desk,
        changes.INVOICE_REVERSED,
        channel=invoice.channel,
        invoice_no=invoice.invoice_no,
        card_no=invoice.card_no,
    )


def _issued_later(desk: Desk) -> datetime:
    return desk.now + timedelta(seconds=desk.rules.invoice_seconds)


def _numbers(desk: Desk) -> Numbers:
    return Numbers(
        invoice_no=f"FP{desk.now:%Y%m%d}{secrets.randbelow(10**10):010d}",
        number=f"{secrets.randbelow(10**10):010d}",
        check_code=secrets.token_hex(3),
    )


def _items(invoice: Invoice, lines: Sequence[Line]) -> list[InvoiceItem]:
    return [
        InvoiceItem(
            invoice_no=invoice.invoice_no, line=number, name=line.name, amount_fen=line.amount_fen
        )
        for number, line in enumerate(lines, start=1)
    ]


def _add(desk: Desk, invoice: Invoice, items: Sequence[InvoiceItem]) -> None:
    desk.session.add(invoice)
    desk.session.flush()  # its items refer to it
    desk.session.add_all(items)
