"""Ids that are good to try things with."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from sandbox.hospital import accounts, model, visits
from sandbox.hospital.availability import OPEN, left_in_slots, state
from sandbox.hospital.billing_model import Bill
from sandbox.hospital.identity import age_on
from sandbox.hospital.platform import Desk
from sandbox.hospital.reports_model import Report

_ADULT = 18
_OPEN_TO_ALL = ("1", "2")  # kinds of department that turn nobody away
_FINAL = "1"
_REPORTS = {"report": ("1", "01"), "examination": ("2", "05")}  # kind and category


def sample(desk: Desk) -> dict[str, Any]:
    """Return patients, an open slot, a fee due, open bills and reports, each with whose it is."""
    people = {"patient": _patient(desk), "child": _child(desk)}
    return people | _slot(desk) | _bookings(desk) | _bills(desk) | _reports(desk)


def _bookings(desk: Desk) -> dict[str, Any]:
    """Return the next bookings of other channels: of 114 with its fee due, and of the clinic."""
    wanted = {"fee_due": ("P114", visits.UNPAID), "clinic_booking": ("CLINIC", visits.PAID)}
    found = {}
    for name, (channel, stands) in wanted.items():
        booked = visits.load(
            desk.session,
            model.Order.channel == channel,
            model.Order.state == stands,
            model.Schedule.clinic_date > desk.today,
        )
        if booked:
            order = booked[-1].order
            found[name] = {"order_no": order.order_no, **_whose(desk, order.card_no)}
    return found


def _bills(desk: Desk) -> dict[str, Any]:
    """Return the newest open bill of each category."""
    names = {
        accounts.SELF_PAYING: "bill",
        accounts.PUBLICLY_FUNDED: "funded_bill",
        accounts.INSURED: "insured_bill",
    }
    found: dict[str, Any] = {}
    for account in accounts.load(desk, Bill.expire_time > desk.now):
        if account.state(desk.now) == accounts.BILL_OPEN:
            told = {"bill_no": account.bill.bill_no, **_whose(desk, account.bill.card_no)}
            found.setdefault(names[account.bill.category], told)
    return found


def _reports(desk: Desk) -> dict[str, Any]:
    """Return the newest report of a lab, and of an examination, that its patient may read."""
    found = {}
    for name, (kind, category) in _REPORTS.items():
        report = desk.session.scalars(
            select(Report)
            .where(
                Report.kind == kind,
                Report.category == category,
                Report.state == _FINAL,
                Report.audited,
                Report.release_at <= desk.now,
            )
            .order_by(Report.release_at.desc(), Report.report_no)
        ).first()
        if report is not None:
            found[name] = {"report_no": report.report_no, **_whose(desk, report.card_no)}
    return found


def _whose(desk: Desk, card_no: str) -> dict[str, Any]:
    """Return the card of a thing and what its patient would say at the window."""
    card = desk.session.get_one(model.Card, card_no)
    return {"card_no": card_no, "patient": _identity(card)}


def _patient(desk: Desk) -> dict[str, str]:
    booked = select(model.Order.card_no)
    cards = desk.session.scalars(
        select(model.Card)
        .where(model.Card.card_no.not_in(booked), model.Card.doc_type == "01")
        .order_by(model.Card.card_no)
    )
    card = next(card for card in cards if age_on(card.birth_date, desk.today) >= _ADULT)
    return _identity(card)


def _child(desk: Desk) -> dict[str, str]:
    """Return somebody whose card a guardian has made."""
    cards = desk.session.scalars(
        select(model.Card)
        .where(model.Card.guardian_name.is_not(None))
        .order_by(model.Card.birth_date.desc(), model.Card.card_no)
    )
    return _identity(next(cards))


def _identity(card: model.Card) -> dict[str, str]:
    return {
        "card_no": card.card_no,
        "name": card.name,
        "doc_type": card.doc_type,
        "doc_no": card.doc_no,
        "phone": card.phone,
    }


def _slot(desk: Desk) -> dict[str, str]:
    schedules = desk.session.scalars(
        select(model.Schedule)
        .join(model.Department, model.Department.code == model.Schedule.dept_code)
        .where(
            model.Schedule.numbered,
            model.Schedule.clinic_date > desk.today,
            model.Schedule.release_time <= desk.now,
            model.Department.kind.in_(_OPEN_TO_ALL),
        )
        .order_by(model.Schedule.code)
    ).all()
    for schedule in schedules:
        remaining = left_in_slots(desk.session, schedule, desk.channel, desk.now)
        if state(schedule, schedule.end_time, max(remaining.values()), desk.now) == OPEN:
            slot = next(code for code, places in sorted(remaining.items()) if places)
            return {"slot_code": slot, "schedule_code": schedule.code}
    return {}
