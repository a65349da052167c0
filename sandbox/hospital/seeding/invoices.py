"""Invoices of what had been paid, and taken back, before the hospital was founded."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from sandbox.hospital import invoicing
from sandbox.hospital.invoices_model import Invoice, InvoiceItem
from sandbox.hospital.invoicing import Line, Numbers, Paid
from sandbox.hospital.rules import Rules


@dataclass(frozen=True, slots=True)
class Settled:
    """A payment, and when it was refunded whole, if it was."""

    paid: Paid
    refunded_at: datetime | None = None


class Invoices:
    """Rows for the tables invoice and invoice_item."""

    def __init__(self, random: Random, rules: Rules) -> None:
        self.invoices: list[Invoice] = []
        self.items: list[InvoiceItem] = []
        self._random = random
        self._delay = timedelta(seconds=rules.invoice_seconds)

    def add(self, payments: Iterable[Settled]) -> None:
        """Issue an invoice for each payment, and a red one for each refund."""
        for one in payments:
            issued = one.paid.at + self._delay
            invoice, items = invoicing.blue(one.paid, self._numbers(issued), issued)
            self._keep(invoice, items)
            if one.refunded_at is not None:
                numbers = self._numbers(one.refunded_at)
                self._keep(*invoicing.red(invoice, items, numbers, one.refunded_at))

    def _keep(self, invoice: Invoice, items: list[InvoiceItem]) -> None:
        self.invoices.append(invoice)
        self.items.extend(items)

    def _numbers(self, at: datetime) -> Numbers:
        return Numbers(
            invoice_no=f"FP{at:%Y%m%d}{self._random.randrange(10**10):010d}",
            number=f"{self._random.randrange(10**10):010d}",
            check_code=f"{self._random.randrange(16**6):06x}",
        )


def of_registrations(
    orders: Iterable[dict[str, Any]], money: Iterable[dict[str, Any]], names: dict[str, str]
) -> list[Settled]:
    """Return the payments of registration fees; `names` are those of the cards' holders."""
    refunds = {row["order_no"]: row["record_time"] for row in money if row["direction"] == "2"}
    return [
        Settled(
            Paid(
                business=invoicing.REGISTRATION,
                reference=order["order_no"],
                card_no=order["card_no"],
                channel=order["channel"],
                payer=names[order["card_no"]],
                at=order["pay_time"],
                lines=(Line(invoicing.REGISTRATION_FEE, order["paid_fen"]),),
            ),
            refunds.get(order["order_no"]),
        )
        for order in orders
        if order["paid_fen"] is not None
    ]
