"""An invoice as a PDF whose text says what the invoice says."""

from __future__ import annotations

import io
from collections.abc import Sequence

from pypdf import PdfReader, PdfWriter
from reportlab.lib.pagesizes import A5, landscape
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from sandbox.hospital.capitals import capitals
from sandbox.hospital.invoices_model import Invoice, InvoiceItem
from sandbox.hospital.invoicing import RED

# One of the fonts that PDF readers bring along for Chinese, so that none need be embedded.
_FONT = "STSong-Light"
_TITLE_SIZE, _SIZE, _LEADING = 16, 10, 16
_MARGIN = 40

pdfmetrics.registerFont(UnicodeCIDFont(_FONT))


def document(
    invoice: Invoice, items: Sequence[InvoiceItem], *, at_least: int | None = None
) -> bytes:
    """Return the PDF; with `at_least`, padded by an attachment to so many bytes."""
    width, height = landscape(A5)
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=(width, height), invariant=True)
    canvas.setTitle(f"{invoice.code} {invoice.number}")
    canvas.setFont(_FONT, _TITLE_SIZE)
    heading = "医疗门诊收费票据（电子）"
    canvas.drawCentredString(width / 2, height - _MARGIN, heading)
    canvas.setFont(_FONT, _SIZE)
    for number, line in enumerate(_lines(invoice, items), start=2):
        canvas.drawString(_MARGIN, height - _MARGIN - number * _LEADING, line)
    canvas.save()
    made = file.getvalue()
    missing = (at_least or 0) - len(made)
    return _padded(made, missing) if missing > 0 else made


def yuan(fen: int) -> str:
    """Return an amount in yuan with two decimals."""
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100}.{abs(fen) % 100:02d}"


def _lines(invoice: Invoice, items: Sequence[InvoiceItem]) -> list[str]:
    self_fen = invoice.total_fen - invoice.fund_fen
    return [
        f"票据代码：{invoice.code}    票据号码：{invoice.number}    校验码：{invoice.check_code}",
        f"交款人：{invoice.payer}    开票日期：{invoice.issue_at:%Y-%m-%d}",
        *(["红字票据，冲销原票据"] if invoice.colour == RED else []),
        *(["本票据已被冲红"] if invoice.reversed_by else []),
        "项目名称    金额（元）",
        *(f"{item.name}    {yuan(item.amount_fen)}" for item in items),
        f"金额合计（大写）{capitals(invoice.total_fen)}    （小写）{yuan(invoice.total_fen)}",
        f"基金支付：{yuan(invoice.fund_fen)}    个人支付：{yuan(self_fen)}",
    ]


def _padded(made: bytes, missing: int) -> bytes:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(made)))
    writer.add_attachment("padding.bin", bytes(missing))
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()
