"""Bookings of others: by the city's 114 platform and by doctors in clinic.

Only the first half of the patients has any, so that the others are free of limits and history.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from sandbox.hospital import identity, visits
from sandbox.hospital.seeding.days import Day

_CHANNELS = ("P114", "P114", "CLINIC")
_UNPAID_CHANCE = 0.35
_TODAY_CHANCE = 0.35
_FULL_SESSIONS = 4
_ON_A_NEW_DAY = 30
_NO_SHOWS = 3
_PAST_STATES = (visits.TAKEN,) * 6 + (visits.NO_SHOW, visits.REFUNDED, visits.CANCELLED)
_WOMENS, _CHILDRENS = "3", "4"


class Bookings:
    """Rows for the tables registration, place and money_record."""

    def __init__(
        self,
        random: Random,
        today: date,
        patients: list[dict[str, Any]],
        dept_kinds: dict[str, str],
    ) -> None:
        self.orders: list[dict[str, Any]] = []
        self.places: list[dict[str, Any]] = []
        self.money: list[dict[str, Any]] = []
        self._random = random
        self._today = today
        self._patients = patients[: len(patients) // 2]
        self._dept_kinds = dept_kinds
        self._taken: dict[str, int] = {}

    def book_ahead(self, days: dict[int, Day]) -> None:
        """Give most of the patients one or two bookings, today or on a later day."""
        for patient in self._patients:
            for _ in range(self._random.choice((0, 1, 1, 2))):
                today = self._random.random() < _TODAY_CHANCE
                day = days[0 if today else self._random.choice([n for n in days if n > 0])]
                self._book(patient, day)

    def book_new(self, day: Day) -> None:
        """Give some patients a booking on a day that can be booked since yesterday."""
        for patient in self._random.sample(self._patients, _ON_A_NEW_DAY):
            self._book(patient, day)

    def fill_sessions(self, days: Iterable[Day]) -> None:
        """Book a few small sessions out."""
        sessions = [
            (session, day)
            for day in days
            for session in day.schedules
            if session["doctor_code"]
            and not session["stopped"]
            and self._dept_kinds[session["dept_code"]] not in (_WOMENS, _CHILDRENS)
        ]
        sessions.sort(key=lambda pair: (pair[0]["total"], pair[0]["code"]))
        for session, day in sessions[:_FULL_SESSIONS]:
            for slot in day.slots:
                if slot["schedule_code"] != session["code"]:
                    continue
                while self._taken.get(slot["code"], 0) < slot["capacity"]:
                    patient = self._random.choice(self._patients)
                    self._add(patient, session, slot, "CLINIC", visits.PAID)

    def look_back(self, days: Iterable[Day]) -> None:
        """Give a history to some patients, and to one as many no-shows as block booking."""
        past = list(days)
        notorious = self._patients[1]
        for day in past[:_NO_SHOWS]:
            session, slot = self._any_slot(day, notorious)
            self._add(notorious, session, slot, "P114", visits.NO_SHOW)
        for patient in self._patients[2::3]:
            session, slot = self._any_slot(self._random.choice(past), patient)
            state = self._random.choice(_PAST_STATES)
            self._add(patient, session, slot, self._random.choice(_CHANNELS), state)

    def _book(self, patient: dict[str, Any], day: Day) -> None:
        session, slot = self._any_slot(day, patient)
        channel = self._random.choice(_CHANNELS)
        due = channel == "P114" and self._random.random() < _UNPAID_CHANCE
        self._add(patient, session, slot, channel, visits.UNPAID if due else visits.PAID)

    def _any_slot(self, day: Day, patient: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return a session that admits the patient and a slot of it that has room."""
        sessions = {session["code"]: session for session in day.schedules}
        while True:
            slot = self._random.choice(day.slots)
            session = sessions[slot["schedule_code"]]
            room = self._taken.get(slot["code"], 0) < slot["capacity"] - 1
            if room and not session["stopped"] and self._admits(session, patient):
                return session, slot

    def _admits(self, session: dict[str, Any], patient: dict[str, Any]) -> bool:
        kind = self._dept_kinds[session["dept_code"]]
        child = identity.age_on(patient["birth_date"], self._today) < 14
        if kind == _WOMENS:
            return patient["sex"] == "2" and not child
        return child if kind == _CHILDRENS else True

    def _add(
        self,
        patient: dict[str, Any],
        session: dict[str, Any],
        slot: dict[str, Any],
        channel: str,
        state: str,
    ) -> None:
        position = self._taken[slot["code"]] = self._taken.get(slot["code"], 0) + 1
        day = min(session["clinic_date"], self._today) - timedelta(days=1)
        created = datetime.combine(day, time(10, self._random.randrange(60)))
        order_no = f"{created:%Y%m%d}{self._random.randrange(10**10):010d}"
        paid = state not in (visits.UNPAID, visits.CANCELLED)
        refunded = state == visits.REFUNDED
        order = {
            "order_no": order_no,
            "card_no": patient["card_no"],
            "channel": channel,
            "state": state,
            "cancelled_by": (
                visits.BY_PATIENT if state in (visits.CANCELLED, visits.REFUNDED) else None
            ),
            "slot_code": slot["code"],
            "schedule_code": session["code"],
            "position": position,
            "queue_no": (
                f"{slot['first_number'] + position - 1:03d}" if session["numbered"] else None
            ),
            "fee_fen": session["fee_fen"],
            "paid_fen": session["fee_fen"] if paid else None,
            "pay_channel": "1" if paid else None,
            "pay_trans_no": f"{channel}{self._random.randrange(10**12):012d}" if paid else None,
            "pay_time": created if paid else None,
            "refund_fen": session["fee_fen"] if refunded else None,
            "refund_no": f"R{order_no}" if refunded else None,
            "create_time": created,
        }
        self.orders.append(order)
        if state not in (visits.CANCELLED, visits.REFUNDED):
            self.places.append(
                {
                    "slot_code": slot["code"],
                    "position": position,
                    "schedule_code": session["code"],
                    "channel": channel,
                    "card_no": patient["card_no"],
                    "order_no": order_no,
                }
            )
        if paid:
            self._move_money(order, "1", created)
        if refunded:
            self._move_money(order, "2", created + timedelta(hours=2))

    def _move_money(self, order: dict[str, Any], direction: str, when: datetime) -> None:
        self.money.append(
            {
                "record_no": f"M{direction}{order['order_no']}",
                "direction": direction,
                "business": "1",
                "channel": order["channel"],
                "order_no": order["order_no"],
                "card_no": order["card_no"],
                "pay_trans_no": order["pay_trans_no"],
                "refund_no": order["refund_no"] if direction == "2" else None,
                "amount_fen": order["fee_fen"],
                "record_date": when.date(),
                "record_time": when,
            }
        )
