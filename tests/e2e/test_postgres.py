"""The whole chain on PostgreSQL: from the edge to the rows, which a driver of its own reads.

The tests of this file tell one story and run in its order: each needs what the one before did.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row
from psycopg.types.string import TextLoader

from sandbox.stack import Ports, Stack
from tests.e2e import bills as truth_of_bills
from tests.e2e import hospital as truth
from tests.e2e.cloud import Answer, Cloud
from tests.e2e.hospital import Hospital, Row, by, moment
from tests.postgres import Postgres

_CALLERS = 8


class Tables(Hospital):
    """The hospital's truth in PostgreSQL, with times as texts, as SQLite tells them."""

    def rows(self, sql: str, *arguments: object) -> list[Row]:
        """The rows of a query, by column name."""
        address = self.stack.database.replace("+psycopg", "")
        with psycopg.connect(address, row_factory=dict_row) as connection:
            for kind in ("date", "timestamp"):
                connection.adapters.register_loader(kind, TextLoader)
            return connection.execute(sql.replace("?", "%s").encode(), arguments).fetchall()


@pytest.fixture(scope="module")
def stack(
    postgres: Postgres, chance: random.Random, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stack]:
    """Everything that `make run` starts, its hospital on PostgreSQL."""
    with Stack(
        tmp_path_factory.mktemp("stack"),
        ports=Ports.free(),
        seed=chance.randrange(1, 10_000),
        database=postgres.database(),
    ) as running:
        yield running


@pytest.fixture(scope="module")
def cloud(stack: Stack) -> Cloud:
    """The booking platform."""
    return Cloud(stack)


@pytest.fixture(scope="module")
def hospital(stack: Stack) -> Tables:
    """The hospital's truth."""
    tables = Tables(stack)
    tables.control("POST", "/clock", {"now": f"{tables.now()[:10]}T10:00:00"})
    return tables


@dataclass
class Story:
    """One patient, and what the tests before have made."""

    card: str
    card_no: str
    appointments: list[Row] = field(default_factory=list)


@pytest.fixture(scope="module")
def story(cloud: Cloud, hospital: Tables, chance: random.Random) -> Story:
    """A synthetic patient with a card of their own."""
    person = {
        "name": "试" + chance.choice("甲乙丙丁戊己庚辛"),
        "documentType": "passport",
        "documentNumber": f"P{chance.randrange(10**8):08d}",
        "phone": "13800000000",
        "sex": "female",
        "birthDate": "1988-02-29",
        "verificationMethod": "real-name",
        "verifiedAt": "2026-01-05T09:30:00+08:00",
        "relation": "self",
    }
    made = cloud.call("POST", "/v1/patient-cards", person)
    assert made.status == 201, made.body
    row = hospital.row("SELECT * FROM card WHERE doc_no = ?", person["documentNumber"])
    assert _open(made.json) == truth.card(row)
    return Story(made.json["id"], row["card_no"])


def _open(fields: Row) -> Row:
    """An answer without sealed ids and without what may be done."""
    return {name: value for name, value in fields.items() if name not in ("id", "actions")}


def _kinds(hospital: Tables, column: str, of: str) -> list[str]:
    rows = hospital.rows(f"SELECT kind FROM ledger WHERE {column} = ? ORDER BY id", of)
    return [row["kind"] for row in rows]


def _at_once(cloud: Cloud, path: str, body: Any, card: str, keys: list[str]) -> list[Answer]:
    """The same write under each of the keys, all at the same time."""
    with ThreadPoolExecutor(len(keys)) as pool:
        return list(pool.map(lambda key: cloud.call("POST", path, body, card=card, key=key), keys))


def _new_key() -> str:
    return f"postgres-{random.randrange(10**16):016d}"


def test_what_is_offered_is_in_the_tables(cloud: Cloud, hospital: Tables) -> None:
    """Departments and doctors, field by field, in Chinese."""
    departments = truth.departments(hospital)
    assert list(by("id", cloud.get("/v1/departments")["items"])) == list(by("id", departments))
    path = f"/v1/departments/{departments[0]['id']}/practitioners"
    doctors = truth.practitioners(hospital, departments[0]["id"])
    assert list(by("id", cloud.get(path)["items"])) == list(by("id", doctors))


def test_one_key_sent_by_many_is_one_hold(cloud: Cloud, hospital: Tables, story: Story) -> None:
    """Through all replicas at once; then one of as many bookings of that hold is made."""
    slot = _open_slot(cloud, hospital)
    path = f"/v1/slots/{slot}/holds"
    held = _at_once(cloud, path, None, story.card, [_new_key()] * _CALLERS)
    assert {answer.status for answer in held} == {201}
    assert {answer.json["id"] for answer in held} == {held[0].json["id"]}
    row = hospital.row("SELECT code FROM hold WHERE card_no = ?", story.card_no)
    assert _open(held[0].json) == truth.hold(hospital, row["code"])
    body = {"holdId": held[0].json["id"]}
    keys = [_new_key() for _ in range(_CALLERS)]
    booked = _at_once(cloud, "/v1/appointments", body, story.card, keys)
    made = [answer for answer in booked if answer.status == 201]
    assert len(made) == 1
    assert all(answer.status in (404, 409) for answer in booked if answer not in made)
    assert _kinds(hospital, "slot_code", slot)[-2:] == ["slot-held", "booked"]
    (expected,) = truth.appointments(hospital, "card_no", story.card_no)
    assert _open(made[0].json) == expected
    story.appointments.append(made[0].json)


def test_a_fee_is_paid_and_paid_back_once(cloud: Cloud, hospital: Tables, story: Story) -> None:
    """By everyone at once under one key each way; rows and answers agree."""
    appointment = story.appointments[0]
    path = f"/v1/appointments/{appointment['id']}"
    payment = {
        "channel": "wechat",
        "transaction": "4200001234202611230009",
        "paidAt": moment(hospital.now()),
        "amount": appointment["fee"],
    }
    paid = _at_once(cloud, f"{path}/payments", payment, story.card, [_new_key()] * _CALLERS)
    assert {answer.status for answer in paid} == {201}
    (row,) = truth.appointments(hospital, "card_no", story.card_no)
    assert all(_open(answer.json) == row for answer in paid)
    gone = _at_once(cloud, f"{path}/cancellation", {}, story.card, [_new_key()] * _CALLERS)
    assert {answer.status for answer in gone} == {200}
    (row,) = truth.appointments(hospital, "card_no", story.card_no)
    assert (row["state"], row["refundAmount"]) == ("refunded", appointment["fee"])
    assert _open(cloud.get(path, card=story.card)) == row
    order = hospital.row("SELECT order_no FROM registration WHERE card_no = ?", story.card_no)
    assert _kinds(hospital, "order_no", order["order_no"]) == [
        "booked",
        "paid",
        "cancelled",
        "refunded",
    ]


def test_a_bill_is_paid_once_and_paid_back_in_part(
    cloud: Cloud, hospital: Tables, story: Story
) -> None:
    """A write without a serial: of many payments of one bill the hospital has taken one."""
    bill_no = hospital.control("POST", f"/cards/{story.card_no}/bills", {"category": "2"})["bill"]
    (bill,) = cloud.get("/v1/bills", card=story.card)["items"]
    assert truth_of_bills.unsealed(bill) == truth_of_bills.bills(hospital, story.card_no)[0]
    quote = cloud.call("POST", "/v1/settlements", {"billId": bill["id"]}, card=story.card).json
    assert truth_of_bills.unsealed(quote) == truth_of_bills.quote(hospital, story.card_no)
    payment = {
        "settlementId": quote["id"],
        "channel": "wechat",
        "transaction": "WX20261123000009",
        "paidAt": moment(hospital.now()),
        "amount": quote["patientPays"],
    }
    keys = [_new_key() for _ in range(_CALLERS)]
    paid = _at_once(cloud, "/v1/payments", payment, story.card, keys)
    assert {answer.status for answer in paid} == {201}
    told = truth_of_bills.payment(hospital, payment["transaction"])
    assert all(truth_of_bills.unsealed(answer.json) == told for answer in paid)
    assert truth_of_bills.effects(hospital, bill_no) == [("bill-paid", quote["patientPays"])]
    item = bill["items"][0]
    asked = {"items": [item["number"]], "amount": item["patientPays"]}
    path = f"/v1/payments/{paid[0].json['id']}/refunds"
    refund = cloud.call("POST", path, asked, card=story.card)
    assert refund.status == 201, refund.body
    expected = truth_of_bills.refund(hospital, payment["transaction"])
    assert {name: refund.json[name] for name in expected} == expected
    effects = truth_of_bills.effects(hospital, bill_no)
    assert effects[1:] == [("bill-refunded", item["patientPays"])]


def test_the_statement_agrees_with_the_books(cloud: Cloud, hospital: Tables) -> None:
    """Every movement of the day and the totals, to the fen."""
    today = hospital.now()[:10]
    statement = cloud.get(f"/v1/statements/{today}?page=1")
    rows = truth_of_bills.money(hospital, today)
    assert sorted(map(truth_of_bills.told, statement["items"])) == sorted(
        map(truth_of_bills.kept, rows)
    )
    assert {one["business"] for one in statement["items"]} == {"registration", "bill"}
    for direction, amount in (("1", "paymentAmount"), ("2", "refundAmount")):
        moved = [row["amount_fen"] for row in rows if row["direction"] == direction]
        assert statement[amount] == sum(moved)


def _open_slot(cloud: Cloud, hospital: Tables) -> str:
    """A slot of a later numbered session with room in it, of a department that sees everyone."""
    today = hospital.now()[:10]
    department = hospital.rows("SELECT code FROM department WHERE kind = '1' ORDER BY code")[0]
    for session in cloud.get(f"/v1/schedules?departmentId={department['code']}")["items"]:
        if session["state"] == "open" and session["numbered"] and session["date"] > today:
            slots = cloud.get(f"/v1/schedules/{session['id']}/slots")["items"]
            return str(next(slot["id"] for slot in slots if slot["state"] == "open"))
    raise AssertionError("no session is open")
