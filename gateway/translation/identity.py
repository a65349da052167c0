"""Resident identity numbers (GB 11643-1999)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from gateway.translation.context import Context
from gateway.translation.faults import ValueFault
from gateway.translation.schemas import Schema

IDENTITY_CARD: Final = "identity-card"
"""The word for the document whose number it is."""

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_IDENTITY = re.compile(r"[1-9][0-9]{16}[0-9X]")


@dataclass(frozen=True, slots=True)
class IdentityNumber:
    """A document's number, held against the standard when the document is an identity card."""

    schema: Schema

    def outbound(self, value: Any, context: Context, of: Any = None) -> str:
        if of == IDENTITY_CARD:
            check_identity_number(value, context.today)
        return str(value)

    def inbound(self, text: str, context: Context) -> str:
        return text


def check_identity_number(number: str, today: date) -> None:
    """Hold a resident identity number against GB 11643-1999; raises `ValueFault`.

    Region codes are not looked up: retired ones (GB/T 2260) stay valid on the cards of the living.
    """
    fault = ValueFault("not a valid identity number (GB 11643)", "身份证号码不正确(GB 11643)")
    if not _IDENTITY.fullmatch(number):
        raise fault
    total = sum(int(digit) * weight for digit, weight in zip(number[:17], _WEIGHTS, strict=True))
    if _CHECKS[total % 11] != number[17]:
        raise fault
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        raise fault from None
    if not date(1850, 1, 1) <= born <= today:
        raise fault
