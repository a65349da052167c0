"""The hospital's own truth: SQL on its database, and its control port.

Nothing here shares code with the sandbox or the gateway: what the tests compare answers with is
worked out a second time, from the rows.
"""

from __future__ import annotations

import json
import sqlite3
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from typing import Any

from sandbox.stack import Stack

Row = dict[str, Any]


class Hospital:
    """Reads the database and uses the control port of a running stack."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack

    def rows(self, sql: str, *arguments: object) -> list[Row]:
        """The rows of a query, by column name."""
        with closing(sqlite3.connect(f"file:{self.stack.database}?mode=ro", uri=True)) as database:
            database.row_factory = sqlite3.Row
            return [dict(row) for row in database.execute(sql, arguments)]

    def row(self, sql: str, *arguments: object) -> Row:
        """The one row of a query."""
        rows = self.rows(sql, *arguments)
        assert len(rows) == 1, (sql, arguments, len(rows))
        return rows[0]

    def control(self, method: str, path: str, body: object | None = None) -> Any:
        """One call of the control port."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            self.stack.control_url + path,
            data=data,
            method=method,
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as response:
            return json.load(response)

    def now(self) -> str:
        """The hospital's clock, local, ISO 8601 without offset."""
        return str(self.control("GET", "/healthz")["now"])

    def effects(self, serial: str | None = None) -> list[Row]:
        """The ledger: what really happened, in order."""
        path = "/ledger" if serial is None else f"/ledger?serial={serial}"
        return list(self.control("GET", path)["effects"])


def moment(stored: str | None) -> str | None:
    """A stored local time as the API gives it: RFC 3339 with the hospital's offset."""
    if stored is None:
        return None
    return stored.replace(" ", "T").split(".")[0] + "+08:00"


def without_absent(fields: Row) -> Row:
    """An absent optional is absent, never null."""
    return {name: value for name, value in fields.items() if value is not None}


SEX = {"0": "unknown", "1": "male", "2": "female", "9": "unspecified"}
DOCUMENT = {"01": "identity-card", "03": "passport"}
PERIOD = {"1": "morning", "2": "afternoon", "3": "evening"}
CLINIC = {"1": "general", "2": "specialist", "3": "special-needs"}
TITLE = {"1": "chief", "2": "associate-chief", "3": "attending", "4": "resident"}
KIND = {
    "1": "internal", "2": "surgical", "3": "gynaecology-obstetrics", "4": "paediatrics",
    "5": "chinese-medicine", "6": "emergency", "7": "medical-technology", "9": "other",
}  # fmt: skip
STATE = {
    "2": "pending-payment", "3": "number-taken", "4": "cancelled", "5": "refunded",
    "6": "booked", "7": "no-show",
}  # fmt: skip
CANCELLED_BY = {"1": "patient", "2": "hospital", "3": "timeout"}
VERIFICATION = {"1": "real-name", "2": "window", "3": "public-security"}
CHANGE = {
    "1": "schedule-stopped", "2": "schedule-moved", "3": "doctor-replaced",
    "4": "appointment-cancelled", "5": "refund", "6": "invoice-reversed", "7": "report-amended",
    "8": "bill-paid",
}  # fmt: skip
RELATION = {"0": "self", "1": "child", "2": "parent", "3": "spouse", "9": "other"}


def card(row: Row) -> Row:
    """A card without its sealed id."""
    guardian = None
    if row["guardian_name"] is not None:
        guardian = {
            "name": row["guardian_name"],
            "documentType": DOCUMENT[row["guardian_doc_type"]],
            "documentNumber": row["guardian_doc_no"],
        }
    return without_absent(
        {
            "cardNumber": row["card_no"],
            "name": row["name"],
            "documentType": DOCUMENT[row["doc_type"]],
            "documentNumber": row["doc_no"],
            "phone": row["phone"],
            "sex": SEX[row["sex"]],
            "birthDate": row["birth_date"],
            "verificationMethod": VERIFICATION[row["verify_method"]],
            "verifiedAt": moment(row["verify_time"]),
            "relation": RELATION[row["relation"]],
            "guardian": guardian,
            "createdAt": moment(row["create_time"]),
        }
    )


def departments(hospital: Hospital) -> list[Row]:
    """Every department."""
    rows = hospital.rows(
        "SELECT d.*, c.name AS campus_name FROM department d"
        " JOIN campus c ON c.code = d.campus_code"
    )
    return [
        without_absent(
            {
                "id": row["code"],
                "name": row["name"],
                "kind": KIND[row["kind"]],
                "campusId": row["campus_code"],
                "campusName": row["campus_name"],
                "location": row["location"],
                "introduction": row["intro"],
            }
        )
        for row in rows
    ]


def practitioners(hospital: Hospital, department: str) -> list[Row]:
    """The doctors of a department."""
    rows = hospital.rows(
        "SELECT p.*, d.name AS dept_name FROM doctor p JOIN department d ON d.code = p.dept_code"
        " WHERE p.dept_code = ?",
        department,
    )
    return [
        without_absent(
            {
                "id": row["code"],
                "name": row["name"],
                "departmentId": row["dept_code"],
                "departmentName": row["dept_name"],
                "sex": SEX[row["sex"]],
                "title": TITLE[row["title"]],
                "speciality": row["speciality"],
                "onDuty": bool(row["on_duty"]),
            }
        )
        for row in rows
    ]


_LEFT = """
    MAX(0, MIN({capacity} - (SELECT COUNT(*) FROM place p WHERE {of}
                             AND (p.expires_at IS NULL OR p.expires_at > :now)),
               (SELECT q.places FROM quota q WHERE q.schedule_code = s.code
                 AND q.channel IN ('DY01', '*') ORDER BY q.channel = '*' LIMIT 1)
               - (SELECT COUNT(*) FROM place p WHERE p.schedule_code = s.code
                   AND p.channel = 'DY01' AND (p.expires_at IS NULL OR p.expires_at > :now))))
"""
_STATE = """
    CASE WHEN s.stopped THEN 'stopped'
         WHEN :now < s.release_time THEN 'not-released'
         WHEN s.clinic_date || ' ' || {end} || ':00' <= :now THEN 'ended'
         WHEN {left} > 0 THEN 'open' ELSE 'full' END
"""
_SESSION_LEFT = _LEFT.format(capacity="s.total", of="p.schedule_code = s.code")
_SLOT_LEFT = _LEFT.format(capacity="t.capacity", of="p.slot_code = t.code")


def schedules(hospital: Hospital, department: str, start: str, end: str, now: str) -> list[Row]:
    """The sessions of a department as this channel sees them."""
    sql = f"""
        SELECT s.*, d.name AS dept_name, d.campus_code, c.name AS campus_name,
               p.name AS doctor_name, p.sex AS doctor_sex, {_SESSION_LEFT} AS remaining,
               {_STATE.format(end="s.end_time", left=_SESSION_LEFT)} AS state
          FROM schedule s JOIN department d ON d.code = s.dept_code
          JOIN campus c ON c.code = d.campus_code LEFT JOIN doctor p ON p.code = s.doctor_code
         WHERE s.dept_code = :department AND s.clinic_date BETWEEN :start AND :end
    """
    rows = _named(hospital, sql, department=department, start=start, end=end, now=now)
    return [
        without_absent(
            {
                "id": row["code"],
                "departmentId": row["dept_code"],
                "departmentName": row["dept_name"],
                "practitionerId": row["doctor_code"],
                "practitionerName": row["doctor_name"],
                "practitionerSex": SEX.get(row["doctor_sex"]),
                "campusId": row["campus_code"],
                "campusName": row["campus_name"],
                "date": row["clinic_date"],
                "period": PERIOD[row["period"]],
                "kind": CLINIC[row["clinic_type"]],
                "fee": row["fee_fen"],
                "currency": "CNY",
                "numbered": bool(row["numbered"]),
                "state": row["state"],
                "releasesAt": moment(row["release_time"]),
                "capacity": row["total"],
                "remaining": row["remaining"],
            }
        )
        for row in rows
    ]


def slots(hospital: Hospital, schedule: str, now: str) -> list[Row]:
    """The slots of a session as this channel sees them."""
    sql = f"""
        SELECT t.*, s.period, s.release_time, {_SLOT_LEFT} AS remaining,
               {_STATE.format(end="t.end_time", left=_SLOT_LEFT)} AS state
          FROM slot t JOIN schedule s ON s.code = t.schedule_code
         WHERE t.schedule_code = :schedule
    """
    rows = _named(hospital, sql, schedule=schedule, now=now)
    return [
        without_absent(
            {
                "id": row["code"],
                "scheduleId": row["schedule_code"],
                "period": PERIOD[row["period"]],
                "start": row["start_time"],
                "end": row["end_time"],
                "capacity": row["capacity"],
                "remaining": row["remaining"],
                "state": row["state"],
                "releasesAt": moment(row["release_time"]) if row["release_time"] > now else None,
            }
        )
        for row in rows
    ]


def hold(hospital: Hospital, code: str) -> Row:
    """A hold without its sealed id."""
    row = hospital.row("SELECT * FROM hold WHERE code = ?", code)
    return without_absent(
        {
            "slotId": row["slot_code"],
            "scheduleId": row["schedule_code"],
            "queueNumber": row["queue_no"],
            "expiresAt": moment(row["expire_time"]),
            "fee": row["fee_fen"],
            "currency": "CNY",
        }
    )


_APPOINTMENT = """
    SELECT r.*, s.clinic_date, s.period, s.dept_code, d.name AS dept_name, c.name AS campus_name,
           s.doctor_code, p.name AS doctor_name, t.start_time, t.end_time
      FROM registration r JOIN schedule s ON s.code = r.schedule_code
      JOIN slot t ON t.code = r.slot_code JOIN department d ON d.code = s.dept_code
      JOIN campus c ON c.code = d.campus_code LEFT JOIN doctor p ON p.code = s.doctor_code
     WHERE r.{column} = ?
"""


def appointments(hospital: Hospital, column: str, value: str) -> list[Row]:
    """Registrations without sealed ids and actions, with `order_no` to tell them apart."""
    now = hospital.now().replace("T", " ")
    rows = hospital.rows(_APPOINTMENT.format(column=column), value)
    return [_appointment(_by_the_clock(row, now)) for row in rows]


def _by_the_clock(row: Row, now: str) -> Row:
    """What time has made of an order whose row nobody has touched since."""
    ends = f"{row['clinic_date']} {row['end_time']}:00"
    if row["state"] == "2" and min(row["expire_time"] or ends, ends) <= now:
        return {**row, "state": "4", "cancelled_by": "3"}
    return {**row, "state": "7"} if row["state"] == "6" and ends <= now else row


def _appointment(row: Row) -> Row:
    same_day = row["clinic_date"] == row["create_time"][:10]
    origins = {"DY01": "platform", "P114": "114", "CLINIC": "clinic"}
    origin = origins.get(row["channel"], "hospital")
    return without_absent(
        {
            "kind": "same-day" if same_day else "advance",
            "origin": origin,
            "state": STATE[row["state"]],
            "cancelledBy": CANCELLED_BY.get(row["cancelled_by"]),
            "slotId": row["slot_code"],
            "scheduleId": row["schedule_code"],
            "departmentId": row["dept_code"],
            "departmentName": row["dept_name"],
            "practitionerId": row["doctor_code"],
            "practitionerName": row["doctor_name"],
            "campusName": row["campus_name"],
            "date": row["clinic_date"],
            "period": PERIOD[row["period"]],
            "start": row["start_time"],
            "end": row["end_time"],
            "queueNumber": row["queue_no"],
            "fee": row["fee_fen"],
            "paidAmount": row["paid_fen"],
            "refundAmount": row["refund_fen"],
            "currency": "CNY",
            "paymentTransaction": row["pay_trans_no"],
            "createdAt": moment(row["create_time"]),
            "expiresAt": moment(row["expire_time"]) if row["state"] == "2" else None,
        }
    )


def changes(hospital: Hospital) -> list[Row]:
    """The rows of what this channel is told, in their order."""
    return hospital.rows(
        "SELECT * FROM change_event WHERE channel = 'DY01' OR channel IS NULL"
        " ORDER BY event_time, event_id"
    )


def change(row: Row) -> Row:
    """A change without its sealed ids."""
    return without_absent(
        {
            "id": row["event_id"],
            "kind": CHANGE[row["kind"]],
            "at": moment(row["event_time"]),
            "scheduleId": row["schedule_code"],
            "newDate": row["new_clinic_date"],
            "newPeriod": PERIOD.get(row["new_period"]),
            "newPractitionerId": row["new_doctor_code"],
            "refundAmount": row["refund_fen"],
            "reason": row["reason"],
        }
    )


def _named(hospital: Hospital, sql: str, **arguments: object) -> list[Row]:
    with closing(sqlite3.connect(f"file:{hospital.stack.database}?mode=ro", uri=True)) as database:
        database.row_factory = sqlite3.Row
        return [dict(row) for row in database.execute(sql, arguments)]


def by(name: str, rows: list[Row]) -> Iterator[Row]:
    """Rows in the order of one field."""
    return iter(sorted(rows, key=lambda row: row[name]))
