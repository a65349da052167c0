"""The tables of lab and examination reports."""

from __future__ import annotations

import re
from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from sandbox.hospital.model import Base


class Report(Base):
    """A report, of a lab (`kind` 1) or of an examination (2).

    `category` says what it is about: 01 to 05 are ordinary, 08 infectious, 09 genetic. `state` is
    1 final, 2 amended, 3 kept back by its doctor. Nobody outside sees it before `release_at`;
    whether an auditor has signed it is a mark that whoever asks must heed.
    """

    __tablename__ = "report"

    report_no: Mapped[str] = mapped_column(String(32), primary_key=True)
    kind: Mapped[str] = mapped_column(String(1))
    category: Mapped[str] = mapped_column(String(2))
    title: Mapped[str] = mapped_column(String(100))
    card_no: Mapped[str] = mapped_column(ForeignKey("card.card_no"), index=True)
    dept_code: Mapped[str] = mapped_column(ForeignKey("department.code"))
    doctor_code: Mapped[str | None] = mapped_column(ForeignKey("doctor.code"))
    specimen: Mapped[str | None] = mapped_column(String(50))
    sampled_at: Mapped[datetime | None]
    reported_at: Mapped[datetime]
    audited: Mapped[bool]
    auditor: Mapped[str | None] = mapped_column(String(50))
    audited_at: Mapped[datetime | None]
    release_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(1))
    version: Mapped[int]
    findings: Mapped[str | None] = mapped_column(Text)
    impression: Mapped[str | None] = mapped_column(Text)
    note: Mapped[str | None] = mapped_column(String(200))


class ReportItem(Base):
    """One result of a lab report; `flag` is what `flag_of` says."""

    __tablename__ = "report_item"

    report_no: Mapped[str] = mapped_column(ForeignKey("report.report_no"), primary_key=True)
    line: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(100))
    value: Mapped[str] = mapped_column(String(50))
    unit: Mapped[str | None] = mapped_column(String(20))
    reference: Mapped[str | None] = mapped_column(String(50))
    flag: Mapped[str] = mapped_column(String(1))


def flag_of(value: str, reference: str | None) -> str:
    """Return H or L for a value outside of the range `low-high`, H for another than the usual one.

    What has no range, or lies in it, is N.
    """
    measured = re.fullmatch(r"([0-9.]+)-([0-9.]+)", reference or "")
    if measured is None:
        return "N" if reference is None or value.startswith(reference) else "H"
    low, high = (float(bound) for bound in measured.groups())
    return "H" if float(value) > high else "L" if float(value) < low else "N"
