"""The whole booking, through the edge and whichever replica it chooses, held against the rows.

The tests of this file tell one story and run in its order: each needs what the one before did.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from gateway.translation.sealing import serial
from sandbox.stack import Stack
from tests.e2e import hospital as truth
from tests.e2e.cloud import Cloud
from tests.e2e.hospital import Hospital, Row, by, moment


@dataclass
class Story:
    """What the tests before have made."""

    card: str = ""
    card_no: str = ""
    department: str = ""
    schedule: str = ""
    slot: str = ""
    hold: str = ""
    appointment: str = ""
    order_no: str = ""
    keys: dict[str, str] = field(default_factory=dict)


@pytest.fixture(scope="module")
def story() -> Story:
    """One patient's story."""
    return Story()


@pytest.fixture(scope="module")
def patient(chance: random.Random) -> Row:
    """A synthetic grown-up with a passport, so that no number belongs to anybody."""
    return {
        "name": "试" + chance.choice("甲乙丙丁戊己庚辛"),
        "documentType": "passport",
        "documentNumber": f"T{chance.randrange(10**8):08d}",
        "phone": f"138{chance.randrange(10**8):08d}",
        "sex": "female",
        "birthDate": "1988-02-29",
        "verificationMethod": "real-name",
        "verifiedAt": "2026-01-05T09:30:00+08:00",
        "relation": "self",
    }


def write(cloud: Cloud, story: Story, route: str, path: str, body: object, status: int) -> Row:
    """One write under a key of its own, which must end with `status`; each effect stands once."""
    method = "DELETE" if route == "release-hold" else "POST"
    key = story.keys[route] = f"{route}-{random.randrange(10**12):012d}"
    answer = cloud.call(method, path, body, card=story.card or None, key=key)
    assert answer.status == status, (route, answer.status, answer.body.decode())
    made: Row = answer.json
    return made


def effects(hospital: Hospital, story: Story, route: str) -> list[Row]:
    """What the ledger says of a write."""
    return hospital.effects(serial("booking", route, story.keys[route]))


def without(fields: Row, *names: str) -> Row:
    """The fields but for those named."""
    return {name: value for name, value in fields.items() if name not in names}


def test_departments_are_those_of_the_database(cloud: Cloud, hospital: Hospital) -> None:
    """Every department, field by field."""
    items = cloud.get("/v1/departments")["items"]
    assert len(items) >= 20
    assert list(by("id", items)) == list(by("id", truth.departments(hospital)))


def test_practitioners_are_those_of_the_database(
    cloud: Cloud, hospital: Hospital, chance: random.Random
) -> None:
    """A chosen department's doctors, and one of them alone."""
    department = chance.choice(truth.departments(hospital))["id"]
    items = cloud.get(f"/v1/departments/{department}/practitioners")["items"]
    expected = list(by("id", truth.practitioners(hospital, department)))
    assert list(by("id", items)) == expected
    one = chance.choice(expected)
    assert cloud.get(f"/v1/practitioners/{one['id']}") == one


def test_schedules_and_slots_are_those_of_the_database(
    cloud: Cloud, hospital: Hospital, story: Story, chance: random.Random
) -> None:
    """All sessions of the days that can be booked, and the slots of an open one."""
    now = hospital.now()
    today = date.fromisoformat(now[:10])
    start, end = today.isoformat(), (today + timedelta(days=7)).isoformat()
    story.department = chance.choice(
        [
            one["id"]
            for one in truth.departments(hospital)
            if one["kind"] in ("internal", "surgical")
        ]
    )
    items = cloud.get(f"/v1/schedules?departmentId={story.department}&from={start}&to={end}")[
        "items"
    ]
    now_sql = now.replace("T", " ")
    expected = truth.schedules(hospital, story.department, start, end, now_sql)
    assert list(by("id", items)) == list(by("id", expected))
    open_later = [one for one in items if one["state"] == "open" and one["date"] > start]
    chosen = chance.choice([one for one in open_later if one["numbered"]] or open_later)
    story.schedule = chosen["id"]
    slots = cloud.get(f"/v1/schedules/{story.schedule}/slots")["items"]
    assert list(by("id", slots)) == list(by("id", truth.slots(hospital, story.schedule, now_sql)))
    story.slot = chance.choice([one["id"] for one in slots if one["state"] == "open"])


def test_a_doctors_own_page_shows_their_sessions(
    cloud: Cloud, hospital: Hospital, story: Story
) -> None:
    """The same sessions, asked for by doctor."""
    doctor = hospital.row("SELECT doctor_code FROM schedule WHERE code = ?", story.schedule)[
        "doctor_code"
    ]
    if doctor is None:
        doctor = hospital.rows("SELECT doctor_code FROM schedule WHERE doctor_code NOT NULL")[0][
            "doctor_code"
        ]
    start = hospital.now()[:10]
    end = (date.fromisoformat(start) + timedelta(days=7)).isoformat()
    items = cloud.get(f"/v1/schedules?practitionerId={doctor}&from={start}&to={end}")["items"]
    rows = hospital.rows(
        "SELECT code FROM schedule WHERE doctor_code = ? AND clinic_date BETWEEN ? AND ?",
        doctor, start, end,
    )  # fmt: skip
    assert sorted(item["id"] for item in items) == sorted(row["code"] for row in rows)


def test_a_card_is_made_once_and_found_again(
    cloud: Cloud, hospital: Hospital, story: Story, patient: Row
) -> None:
    """Made, repeated under its key, shown, and found by all three facts but not by two."""
    made = write(cloud, story, "create-card", "/v1/patient-cards", patient, 201)
    again = cloud.call("POST", "/v1/patient-cards", patient, key=story.keys["create-card"])
    assert (again.status, again.json) == (201, made)
    story.card, story.card_no = made["id"], made["cardNumber"]
    row = hospital.row("SELECT * FROM card WHERE card_no = ?", story.card_no)
    assert without(made, "id") == truth.card(row)
    assert [one["kind"] for one in effects(hospital, story, "create-card")] == ["card-created"]
    assert cloud.get("/v1/patient-card", card=story.card) == made
    asked = {name: patient[name] for name in ("name", "documentType", "documentNumber", "phone")}
    found = cloud.call("POST", "/v1/patient-cards/search", asked)
    assert (found.status, found.json) == (200, made)
    missed = cloud.call("POST", "/v1/patient-cards/search", {**asked, "phone": "13900000000"})
    assert missed.status == 404


def test_a_hold_is_made_and_let_go(cloud: Cloud, hospital: Hospital, story: Story) -> None:
    """A held slot, then a released one, each in the rows and once in the ledger."""
    made = write(cloud, story, "hold-slot", f"/v1/slots/{story.slot}/holds", None, 201)
    code = effects(hospital, story, "hold-slot")
    assert len(code) == 1
    row = hospital.row("SELECT code FROM hold WHERE card_no = ?", story.card_no)
    assert without(made, "id") == truth.hold(hospital, row["code"])
    assert row["code"] not in made["id"]
    gone = write(cloud, story, "release-hold", f"/v1/holds/{made['id']}", None, 200)
    assert gone["id"] == made["id"]
    assert hospital.row("SELECT state FROM hold WHERE code = ?", row["code"])["state"] == "released"
    assert len(effects(hospital, story, "release-hold")) == 1


def test_an_appointment_is_made_from_a_hold(cloud: Cloud, hospital: Hospital, story: Story) -> None:
    """Held anew, registered, shown alone and among all."""
    story.hold = write(cloud, story, "hold-slot", f"/v1/slots/{story.slot}/holds", None, 201)["id"]
    body = {"holdId": story.hold}
    made = write(cloud, story, "create-appointment", "/v1/appointments", body, 201)
    story.appointment = made["id"]
    row = hospital.row("SELECT order_no FROM registration WHERE card_no = ?", story.card_no)
    story.order_no = row["order_no"]
    expected = truth.appointments(hospital, "order_no", story.order_no)[0]
    assert without(made, "id", "actions") == expected
    assert expected["state"] == "pending-payment"
    allowed = {one["action"]: one["allowed"] for one in made["actions"]}
    assert allowed["pay"] is True
    assert allowed["take-number"] is False
    assert len(effects(hospital, story, "create-appointment")) == 1
    assert cloud.get(f"/v1/appointments/{story.appointment}", card=story.card) == made
    assert cloud.get("/v1/appointments", card=story.card)["items"] == [made]


def test_a_number_is_not_given_before_the_fee_is_paid(cloud: Cloud, story: Story) -> None:
    """The hospital's refusal is a problem with its own type, and nothing else of the hospital's."""
    answer = cloud.call(
        "POST", f"/v1/appointments/{story.appointment}/take-number", card=story.card
    )
    assert answer.status == 409
    assert answer.json["type"] in (
        "/problems/payment-due",
        "/problems/past-cutoff",
        "/problems/refused",
    )
    assert answer.json["outcome"] == "refused"


def test_a_payment_is_taken_once(cloud: Cloud, hospital: Hospital, story: Story) -> None:
    """Paid, repeated under its key, once in the ledger; another amount under the key is refused."""
    fee = truth.appointments(hospital, "order_no", story.order_no)[0]["fee"]
    payment = {
        "channel": "wechat",
        "transaction": "4200001234202611230001",
        "paidAt": moment(hospital.now()),
        "amount": fee,
    }
    path = f"/v1/appointments/{story.appointment}/payments"
    wrong = cloud.call("POST", path, {**payment, "amount": fee + 1}, card=story.card)
    assert (wrong.status, wrong.json["refundRequired"]) == (409, True)
    paid = write(cloud, story, "pay-appointment", path, payment, 201)
    expected = truth.appointments(hospital, "order_no", story.order_no)[0]
    assert without(paid, "id", "actions") == expected
    assert (paid["state"], paid["paidAmount"]) == ("booked", fee)
    key = story.keys["pay-appointment"]
    assert cloud.call("POST", path, payment, card=story.card, key=key).json == paid
    other = cloud.call("POST", path, {**payment, "amount": fee + 100}, card=story.card, key=key)
    assert (other.status, other.json["type"]) == (422, "/problems/key-reused")
    (effect,) = effects(hospital, story, "pay-appointment")
    assert (effect["order_no"], effect["amount_fen"]) == (story.order_no, fee)


def test_how_each_write_ended_is_told_again(cloud: Cloud, story: Story) -> None:
    """The operations resource gives each first answer, whichever replica is asked."""
    for route, key in story.keys.items():
        for _ in range(3):
            body = cloud.get(f"/v1/operations/{route}/{key}", card=story.card)
            assert body["outcome"] == "succeeded", route
    paid = cloud.get(
        f"/v1/operations/pay-appointment/{story.keys['pay-appointment']}", card=story.card
    )
    assert paid["response"]["id"] == story.appointment
    unknown = cloud.get("/v1/operations/pay-appointment/never-used-0000000", card=story.card)
    assert unknown == {"outcome": "unknown"}


def test_a_number_is_taken_on_the_day(cloud: Cloud, hospital: Hospital, story: Story) -> None:
    """On the clinic's morning the booking becomes a visit, once."""
    booked = truth.appointments(hospital, "order_no", story.order_no)[0]
    before = hospital.now()
    hospital.control("POST", "/clock", {"now": f"{booked['date']}T{booked['start']}:00"})
    try:
        path = f"/v1/appointments/{story.appointment}/take-number"
        taken = write(cloud, story, "take-number", path, None, 200)
        expected = truth.appointments(hospital, "order_no", story.order_no)[0]
        assert without(taken, "id", "actions") == expected
        assert taken["state"] == "number-taken"
        assert taken["queueNumber"]
        assert len(effects(hospital, story, "take-number")) == 1
    finally:
        hospital.control("POST", "/clock", {"now": before})


def test_a_paid_appointment_is_cancelled_with_refund(
    cloud: Cloud, hospital: Hospital, story: Story, chance: random.Random
) -> None:
    """A second booking, paid and cancelled: the money goes back once; cancelling again is fine."""
    slot = _another_slot(cloud, hospital, story, chance)
    held = write(cloud, story, "hold-slot", f"/v1/slots/{slot}/holds", None, 201)
    made = write(
        cloud, story, "create-appointment", "/v1/appointments", {"holdId": held["id"]}, 201
    )
    payment = {
        "channel": "alipay",
        "transaction": "2026112322001400000002",
        "paidAt": moment(hospital.now()),
        "amount": made["fee"],
    }
    path = f"/v1/appointments/{made['id']}"
    write(cloud, story, "pay-appointment", f"{path}/payments", payment, 201)
    gone = write(
        cloud, story, "cancel-appointment", f"{path}/cancellation", {"reason": "有事"}, 200
    )
    assert (gone["state"], gone["refundAmount"]) == ("refunded", made["fee"])
    again = cloud.call("POST", f"{path}/cancellation", {}, card=story.card)
    assert (again.status, again.json["state"]) == (200, "refunded")
    refunds = hospital.rows(
        "SELECT l.* FROM ledger l JOIN registration r ON r.order_no = l.order_no"
        " WHERE r.card_no = ? AND l.serial = ?",
        story.card_no, serial("booking", "cancel-appointment", story.keys["cancel-appointment"]),
    )  # fmt: skip
    assert sorted(one["kind"] for one in refunds) == ["cancelled", "refunded"]
    rows = truth.appointments(hospital, "card_no", story.card_no)
    shown = cloud.get("/v1/appointments", card=story.card)["items"]
    assert sorted((without(one, "id", "actions") for one in shown), key=repr) == sorted(
        rows, key=repr
    )


def test_bookings_of_every_channel_are_listed(cloud: Cloud, hospital: Hospital) -> None:
    """A patient who booked through 114 finds it here, with its fee and its origin."""
    rows = hospital.rows(
        "SELECT c.*, r.order_no FROM registration r JOIN card c ON c.card_no = r.card_no"
        " WHERE r.channel = 'P114' AND r.state IN ('2', '6') LIMIT 1"
    )
    asked = {
        "name": rows[0]["name"],
        "documentType": truth.DOCUMENT[rows[0]["doc_type"]],
        "documentNumber": rows[0]["doc_no"],
        "phone": rows[0]["phone"],
    }
    card = cloud.call("POST", "/v1/patient-cards/search", asked).json
    assert without(card, "id") == truth.card(rows[0])
    items = cloud.get("/v1/appointments", card=card["id"])["items"]
    expected = truth.appointments(hospital, "card_no", rows[0]["card_no"])
    assert "114" in {item["origin"] for item in items}
    assert sorted(map(_identifying, items)) == sorted(map(_identifying, expected))


def test_a_stopped_session_is_learnt_through_changes(
    cloud: Cloud, hospital: Hospital, story: Story, chance: random.Random
) -> None:
    """Stopped by the hospital: the session, the booking in it and its event all say so."""
    slot = _another_slot(cloud, hospital, story, chance)
    held = write(cloud, story, "hold-slot", f"/v1/slots/{slot}/holds", None, 201)
    made = write(
        cloud, story, "create-appointment", "/v1/appointments", {"holdId": held["id"]}, 201
    )
    before = hospital.now()
    hospital.control("POST", f"/schedules/{made['scheduleId']}/stop", {"reason": "医生外出"})
    start, end = (_shifted(before, seconds) for seconds in (-60, 600))
    items = cloud.get(f"/v1/changes?from={_quoted(start)}&to={_quoted(end)}")["items"]
    rows = hospital.rows(
        "SELECT * FROM change_event"
        " WHERE event_time >= ? AND (channel = 'DY01' OR channel IS NULL)",
        before.replace("T", " "),
    )
    mine = [one for one in items if one["at"] >= str(moment(before))]
    assert sorted(one["id"] for one in mine) == sorted(row["event_id"] for row in rows)
    assert "schedule-stopped" in {one["kind"] for one in mine}
    assert made["id"] in {one.get("appointmentId") for one in mine}
    assert story.card_no not in str(items)
    after = cloud.get(f"/v1/appointments/{made['id']}", card=story.card)
    assert (after["state"], after["cancelledBy"]) == ("cancelled", "hospital")


def test_rules_and_status_are_the_hospitals(cloud: Cloud, hospital: Hospital) -> None:
    """Its rules as it states them, its clock and its open functions."""
    rules = cloud.get("/v1/booking-rules")
    assert rules == {
        "releaseTime": "07:00", "daysAhead": 7, "cancelBeforeMinutes": 60,
        "takeNumberOpensMinutes": 240, "takeNumberClosesMinutes": 30, "holdMinutes": 10,
        "payMinutes": 30, "maxAppointmentsPerDay": 4, "maxAppointmentsPerPeriod": 2,
        "noShowLimit": 3, "noShowBlockDays": 90,
    }  # fmt: skip
    status = cloud.get("/v1/status")
    assert status["hospitalTime"][:13] == hospital.now()[:13]
    assert {one["function"]: one["open"] for one in status["functions"]} == dict.fromkeys(
        ("patient-cards", "schedules", "appointments", "payments", "take-number"), True
    )


def test_what_the_hospital_closed_is_told_and_refused_in_its_words(
    cloud: Cloud, hospital: Hospital, story: Story, chance: random.Random
) -> None:
    """Until when is in the status; nothing is held meanwhile, and a new key works afterwards."""
    path = f"/v1/slots/{_another_slot(cloud, hospital, story, chance)}/holds"
    reopen = _shifted(hospital.now(), 3600)
    before = hospital.rows("SELECT * FROM hold")
    wish = {"open": False, "reopen": reopen.removesuffix("+08:00")}
    hospital.control("POST", "/functions/REGISTER", wish)
    try:
        told = {one["function"]: one for one in cloud.get("/v1/status")["functions"]}
        refused = cloud.call("POST", path, card=story.card)
    finally:
        hospital.control("POST", "/functions/REGISTER", {"open": True})
    assert told["appointments"] == {
        "function": "appointments", "open": False, "reopensAt": reopen,
    }  # fmt: skip
    assert (refused.status, refused.json["type"]) == (409, "/problems/refused")
    assert refused.json["message"] == "该功能暂停服务，请稍后再试"
    assert hospital.rows("SELECT * FROM hold") == before
    held = write(cloud, story, "hold-slot", path, None, 201)
    write(cloud, story, "release-hold", f"/v1/holds/{held['id']}", None, 200)


def test_the_statement_agrees_with_the_money(cloud: Cloud, hospital: Hospital) -> None:
    """Totals and every record of the day, to the fen."""
    now = f"{hospital.now().replace('T', ' ')}.999999"
    today = now[:10]
    rows = hospital.rows(
        "SELECT * FROM money_record WHERE channel = 'DY01' AND record_date = ?"
        " AND record_time <= ?",
        today, now,
    )  # fmt: skip
    statement = cloud.get(f"/v1/statements/{today}")
    paid = [row["amount_fen"] for row in rows if row["direction"] == "1"]
    back = [row["amount_fen"] for row in rows if row["direction"] == "2"]
    assert paid
    assert back
    assert (statement["paymentCount"], statement["paymentAmount"]) == (len(paid), sum(paid))
    assert (statement["refundCount"], statement["refundAmount"]) == (len(back), sum(back))
    assert statement["final"] is False
    told = [(one["id"], one["amount"], one.get("serial"), one["at"]) for one in statement["items"]]
    assert sorted(told) == sorted(
        (row["record_no"], row["amount_fen"], row["serial"], moment(row["record_time"]))
        for row in rows
    )


def test_another_clients_ids_are_worth_nothing(cloud: Cloud, stack: Stack, story: Story) -> None:
    """A made-up card, another card's order, another client: 404 or 403, and no hospital call."""
    before = Hospital(stack).control("GET", "/counters")["calls"]
    assert cloud.call("GET", "/v1/patient-card", card="A" * 44).status == 404
    assert cloud.call("GET", f"/v1/appointments/{'B' * 44}", card=story.card).status == 404
    assert cloud.call("GET", f"/v1/appointments/{story.card}", card=story.card).status == 404
    kiosk = Cloud(stack, "clinic-kiosk")
    assert kiosk.call("GET", "/v1/patient-card", card=story.card).status == 403
    assert Hospital(stack).control("GET", "/counters")["calls"] == before


def _another_slot(cloud: Cloud, hospital: Hospital, story: Story, chance: random.Random) -> str:
    """An open slot of a later day on which the patient has nothing yet."""
    now = hospital.now()
    today = date.fromisoformat(now[:10])
    taken = {row["date"] for row in truth.appointments(hospital, "card_no", story.card_no)}
    for row in hospital.rows(
        "SELECT s.code FROM schedule s JOIN department d ON d.code = s.dept_code WHERE d.kind IN"
        " ('1', '2') AND s.clinic_date > ? AND s.clinic_date <= ? AND NOT s.stopped"
        f" AND s.clinic_date NOT IN ({','.join('?' * len(taken))})"
        " ORDER BY s.clinic_date DESC, s.code",
        today.isoformat(), (today + timedelta(days=6)).isoformat(), *sorted(taken),
    ):  # fmt: skip
        slots = cloud.get(f"/v1/schedules/{row['code']}/slots")["items"]
        usable = [one["id"] for one in slots if one["state"] == "open"]
        if usable:
            return str(chance.choice(usable))
    raise AssertionError("the hospital has no open slot left")


def _identifying(item: Row) -> tuple[Any, ...]:
    return (item["slotId"], item["origin"], item["state"], item["fee"], item["createdAt"])


def _shifted(now: str, seconds: int) -> str:
    at = datetime.fromisoformat(now.split(".", maxsplit=1)[0]) + timedelta(seconds=seconds)
    return at.isoformat() + "+08:00"


def _quoted(text: str) -> str:
    return text.replace("+", "%2B")
