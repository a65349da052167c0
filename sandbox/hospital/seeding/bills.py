"""Bills that doctors made: those of days past settled at the window or left open, later ones open.

A bill of a later day is there from its hour on, so that a hospital that runs on has new ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from sandbox.hospital import accounts, books, cashier, invoicing, price_list
from sandbox.hospital.invoicing import Line, Paid
from sandbox.hospital.rules import Rules
from sandbox.hospital.seeding.days import Staff
from sandbox.hospital.seeding.invoices import Settled

_A_DAY = 45
_FIRST, _LAST = time(8, 10), 550  # minutes after it
_OPEN_TO_ALL = ("1", "2", "5", "9")  # kinds of department that turn nobody away
_PAID_CHANCE = 0.6
_PERFORMED_CHANCE = 0.7
_REFUNDED_CHANCE = 0.15
_OTHER_CHANNEL = "HOSPAPP"


@dataclass(frozen=True, slots=True)
class Patient:
    """Whose bill it is."""

    card_no: str
    name: str


class Bills:
    """Rows for the tables of bills and of the books, and what there are invoices of."""

    def __init__(self, rules: Rules) -> None:
        self.bills: list[dict[str, Any]] = []
        self.items: list[dict[str, Any]] = []
        self.settlements: list[dict[str, Any]] = []
        self.payments: list[dict[str, Any]] = []
        self.refunds: list[dict[str, Any]] = []
        self.refund_items: list[dict[str, Any]] = []
        self.money: list[dict[str, Any]] = []
        self.settled: list[Settled] = []
        self._rules = rules

    def add_day(
        self,
        random: Random,
        day: date,
        patients: Sequence[Patient],
        staff: Iterable[Staff],
        *,
        past: bool,
    ) -> None:
        """Add the bills of one day; of a past day most have been paid, and some paid back."""
        departments = [one for one in staff if one.dept_kind in _OPEN_TO_ALL]
        for _ in range(_A_DAY):
            patient, department = random.choice(patients), random.choice(departments)
            doctor_code, _ = random.choice(department.doctors)
            made = datetime.combine(day, _FIRST) + timedelta(minutes=random.randrange(_LAST))
            bill: dict[str, Any] = {
                "bill_no": _number(random, "B", made),
                "card_no": patient.card_no,
                "dept_code": department.dept_code,
                "doctor_code": doctor_code,
                "category": accounts.category_of(patient.card_no),
                "revision": 1,
                "withdrawn": False,
                "create_time": made,
                "expire_time": self._rules.bill_lapses(made),
            }
            items = price_list.ordered(random, bill["bill_no"], bill["category"])
            self.bills.append(bill)
            self.items.extend(items)
            if past and random.random() < _PAID_CHANCE:
                self._pay(random, bill, items, patient)

    def _pay(
        self, random: Random, bill: dict[str, Any], items: list[dict[str, Any]], patient: Patient
    ) -> None:
        paid_at = bill["create_time"] + timedelta(minutes=random.randint(5, 120))
        online = bill["category"] != accounts.INSURED and random.random() < 0.5
        if bill["category"] == accounts.INSURED:
            for item in items:
                item["fund_fen"] = cashier.insurance_pays(item["amount_fen"])
        total = sum(item["amount_fen"] for item in items)
        fund = sum(item["fund_fen"] for item in items)
        settlement = {
            "settle_no": _number(random, "S", paid_at),
            "bill_no": bill["bill_no"],
            "card_no": bill["card_no"],
            "channel": _OTHER_CHANNEL if online else accounts.WINDOW,
            "revision": bill["revision"],
            "total_fen": total,
            "fund_fen": fund,
            "amount_fen": total - fund,
            "create_time": paid_at,
            "expire_time": paid_at,
        }
        payment = {
            "pay_no": _number(random, "P", paid_at),
            "bill_no": bill["bill_no"],
            "settle_no": settlement["settle_no"],
            "card_no": bill["card_no"],
            "channel": settlement["channel"],
            "pay_channel": "1" if online else None,
            "trade_no": f"{_OTHER_CHANNEL}{random.randrange(10**12):012d}" if online else None,
            "total_fen": total,
            "fund_fen": fund,
            "amount_fen": total - fund,
            "pay_time": paid_at,
            "create_time": paid_at,
        }
        self.settlements.append(settlement)
        self.payments.append(payment)
        self._move_money(random, payment, books.PAYMENT, paid_at)
        refunded_at = None
        if random.random() < _REFUNDED_CHANCE:
            refunded_at = paid_at + timedelta(minutes=random.randint(10, 60))
            self._refund(random, payment, items, refunded_at)
        else:
            for item in items:
                item["performed"] = random.random() < _PERFORMED_CHANCE
        self.settled.append(
            Settled(
                Paid(
                    business=invoicing.BILL,
                    reference=bill["bill_no"],
                    card_no=bill["card_no"],
                    channel=payment["channel"],
                    payer=patient.name,
                    at=paid_at,
                    lines=tuple(Line(item["name"], item["amount_fen"]) for item in items),
                    fund_fen=fund,
                ),
                refunded_at,
            )
        )

    def _refund(
        self,
        random: Random,
        payment: dict[str, Any],
        items: list[dict[str, Any]],
        at: datetime,
    ) -> None:
        refund_no = _number(random, "T", at)
        self.refunds.append(
            {
                "refund_no": refund_no,
                "pay_no": payment["pay_no"],
                "card_no": payment["card_no"],
                "initiator": accounts.BY_HOSPITAL,
                "amount_fen": payment["amount_fen"],
                "fund_fen": payment["fund_fen"],
                "reason": None,
                "failed": False,
                "create_time": at,
                "approve_time": at,
                "channel_time": at,
                "refund_time": at,
            }
        )
        for item in items:
            item["refund_no"] = refund_no
            self.refund_items.append(
                {
                    "refund_no": refund_no,
                    "item_no": item["item_no"],
                    "amount_fen": item["amount_fen"] - item["fund_fen"],
                }
            )
        self._move_money(random, payment, books.REFUND, at, refund_no)

    def _move_money(
        self,
        random: Random,
        payment: dict[str, Any],
        direction: str,
        at: datetime,
        refund_no: str | None = None,
    ) -> None:
        self.money.append(
            {
                "record_no": _number(random, "M", at),
                "direction": direction,
                "business": books.BILL,
                "channel": payment["channel"],
                "bill_no": payment["bill_no"],
                "pay_no": payment["pay_no"],
                "card_no": payment["card_no"],
                "pay_trans_no": payment["trade_no"],
                "refund_no": refund_no,
                "amount_fen": payment["amount_fen"],
                "record_date": at.date(),
                "record_time": at,
            }
        )


def _number(random: Random, letter: str, at: datetime) -> str:
    return f"{letter}{at:%Y%m%d}{random.randrange(10**10):010d}"
