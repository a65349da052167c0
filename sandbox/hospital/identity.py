"""Citizen identity numbers by GB 11643: region, birth date, sequence, check character."""

from __future__ import annotations

import re
from datetime import date, datetime

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_SHAPE = re.compile(r"[1-9][0-9]{16}[0-9X]")


def check_character(first_seventeen: str) -> str:
    """Return the check character (ISO 7064 MOD 11-2) of the first seventeen digits."""
    total = sum(
        weight * int(digit) for weight, digit in zip(_WEIGHTS, first_seventeen, strict=True)
    )
    return _CHECKS[total % 11]


def compose(region: str, birth_date: date, sequence: int) -> str:
    """Return a whole number; an odd sequence is a man's."""
    body = f"{region}{birth_date:%Y%m%d}{sequence:03d}"
    return body + check_character(body)


def is_valid(number: str) -> bool:
    """Tell whether the number has the right shape, a real birth date and its check character."""
    if not _SHAPE.fullmatch(number) or check_character(number[:17]) != number[17]:
        return False
    try:
        birth_date(number)
    except ValueError:
        return False
    return True


def birth_date(number: str) -> date:
    """Return the birth date; ValueError when it is no date."""
    return datetime.strptime(number[6:14], "%Y%m%d").date()  # noqa: DTZ007 # a date has no zone


def sex_code(number: str) -> str:
    """Return the sex by GB/T 2261.1: 1 male, 2 female."""
    return "1" if int(number[16]) % 2 else "2"


def age_on(born: date, day: date) -> int:
    """Return the age in whole years."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))
