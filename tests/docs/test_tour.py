"""The tour walks every function, and what it prints is what the hospital's rows say."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pypdf import PdfReader

from tests.docs.blocks import ROOT, blocks
from tests.docs.conftest import Terminal
from tests.e2e.bills import kept, money
from tests.e2e.bills import told as told_of
from tests.e2e.hospital import Hospital, Row, appointments, card, moment

PAGE = "docs/tour/README.md"
TEXT = (ROOT / PAGE).read_text("utf-8")
SECTIONS = re.findall(r"^## (.+)$", TEXT, re.MULTILINE)
RUN = dict(zip(SECTIONS, (one for one in blocks() if one.document == PAGE), strict=True))
"""Each section has one block."""

Open = Callable[[str], Terminal]
Tour = Callable[[str], list[Any]]


@pytest.fixture(scope="module")
def tour(terminal: Open, hospital: Hospital) -> Tour:
    """Runs a section as it is written; what it prints, JSON as JSON and the rest as lines."""
    hospital.control("POST", "/clock", {"now": None})

    def run(section: str) -> list[Any]:
        done = terminal(PAGE).run(RUN[section].text)
        assert done.returncode == 0, done.stdout + done.stderr
        return [*_printed(done.stdout)]

    return run


def _printed(text: str) -> Iterator[Any]:
    """The JSON objects and lists that begin a line, and the other lines as they are."""
    decoder, at = json.JSONDecoder(), 0
    while at < len(text):
        if text[at] in "{[":
            value, at = decoder.raw_decode(text, at)
            at += 1
            yield value
            continue
        end = text.index("\n", at)
        yield text[at:end]
        at = end + 1


def test_every_function_of_the_table_has_its_section() -> None:
    """And every section stands in the table."""
    linked = re.findall(r"^\| .+ \| \[.+?\]\(#(.+?)\) \|$", TEXT, re.MULTILINE)
    anchors = [re.sub("[^a-z -]", "", title.lower()).replace(" ", "-") for title in SECTIONS]
    assert linked == anchors


def test_a_card_is_the_one_of_the_rows(tour: Tour, hospital: Hospital) -> None:
    """Made once, found by all that it says."""
    same, told = tour("A card")
    row = hospital.row("SELECT * FROM card WHERE doc_no = 'TOUR000001'")
    assert same == "the same card"
    del told["id"]
    assert told == card(row)


def test_what_can_be_booked_is_what_the_rows_say(tour: Tour, hospital: Hospital) -> None:
    """A department, a doctor of it, a slot of it and the rules."""
    department, doctor, slot, rules = tour("What can be booked")
    kept = hospital.row("SELECT * FROM department WHERE code = ?", department["id"])
    assert department["name"] == kept["name"]
    assert hospital.rows("SELECT 1 FROM doctor WHERE name = ? AND dept_code = '0101'", doctor)
    session = hospital.row(
        "SELECT s.* FROM schedule s JOIN slot t ON t.schedule_code = s.code WHERE t.code = ?",
        slot["id"],
    )
    assert (slot["scheduleId"], session["dept_code"]) == (session["code"], "0101")
    assert rules["holdMinutes"] == 10


def test_a_registration_is_paid_and_refunded(tour: Tour, hospital: Hospital) -> None:
    """Held, let go, held again, booked, paid and cancelled: one row, money in and out."""
    before = _orders(hospital)
    slot, booked, refunded, listed = tour("A registration")
    (order,) = [row for row in _orders(hospital) if row not in before]
    assert (booked, refunded) == ("booked", "refunded")
    assert (order["slot_code"], order["state"], order["channel"]) == (slot, "5", "DY01")
    assert [_without_ids(one) for one in listed["items"]] == [
        _without_ids(one) for one in appointments(hospital, "card_no", order["card_no"])
    ]


def test_a_booking_of_114_is_paid_and_its_number_taken(tour: Tour, hospital: Hospital) -> None:
    """Refused while its fee is due, then paid, then taken on its day."""
    problem, paid, taken = tour("A booking of another channel")
    assert (problem, paid) == ("/problems/payment-due", "booked")
    row = hospital.row(
        "SELECT * FROM registration WHERE pay_trans_no = ?", taken["paymentTransaction"]
    )
    assert (row["channel"], row["state"]) == ("P114", "3")
    (told,) = appointments(hospital, "order_no", row["order_no"])
    assert _without_ids(taken) == _without_ids(told)


def test_a_bill_is_paid_once_invoiced_and_paid_back_in_part(
    tour: Tour, hospital: Hospital, terminal: Open
) -> None:
    """One payment for two requests, a document that says so, and a reversal by the refund."""
    same, begin, payment, refund, invoice = tour("A bill, its invoice and a refund")
    assert (same, begin) == ("one payment", "%PDF-")
    (kept,) = hospital.rows("SELECT * FROM bill_payment WHERE trade_no = ?", payment["transaction"])
    items = hospital.rows("SELECT * FROM bill_item WHERE bill_no = ?", kept["bill_no"])
    assert payment["total"] == sum(item["amount_fen"] for item in items)
    back = hospital.row("SELECT * FROM bill_refund WHERE pay_no = ?", kept["pay_no"])
    assert refund["amount"] == back["amount_fen"]
    assert 0 < refund["amount"] < payment["amount"]
    row = hospital.row(
        "SELECT * FROM invoice WHERE number = ? AND code = ?",
        invoice["invoiceNumber"],
        invoice["invoiceCode"],
    )
    assert (row["reference"], row["total_fen"]) == (kept["bill_no"], invoice["totalAmount"])
    assert (invoice["state"], bool(row["reversed_by"])) == ("reversed", True)
    said = "\n".join(
        page.extract_text() for page in PdfReader(terminal(PAGE).folder / "var/invoice.pdf").pages
    )
    for part in (row["code"], row["number"], row["check_code"], row["payer"]):
        assert part in said


def test_an_insured_bill_is_refused_with_its_reason(tour: Tour, hospital: Hospital) -> None:
    """In a word of ours and in the hospital's own, and nothing is written."""
    before = hospital.rows("SELECT * FROM bill_payment")
    assert tour("An insured patient") == ["insured", "医保患者请到窗口缴费"]
    assert hospital.rows("SELECT * FROM bill_payment") == before


def test_reports_say_what_their_rows_say(tour: Tour, hospital: Hospital) -> None:
    """A lab's: each result with value, unit, range and flag; an examination's: what was found."""
    lab, examination = tour("Reports")
    items = hospital.rows(
        "SELECT * FROM report_item WHERE report_no = ? ORDER BY line", lab["reportNumber"]
    )
    flags = {"H": "high", "L": "low", "N": "normal"}
    assert items
    assert [
        (one["code"], one["value"], one.get("unit"), one.get("range"), one["flag"])
        for one in lab["results"]
    ] == [
        (one["code"], one["value"], one["unit"], one["reference"], flags[one["flag"]])
        for one in items
    ]
    row = hospital.row("SELECT * FROM report WHERE report_no = ?", examination["reportNumber"])
    assert (examination["kind"], examination["results"]) == ("examination", [])
    assert (examination["findings"], examination["impression"]) == (
        row["findings"],
        row["impression"],
    )


def test_an_answer_that_never_came_is_found(tour: Tour, hospital: Hospital) -> None:
    """The hold that the hospital made in silence."""
    told, slot = tour("An answer that never came")
    assert (told["outcome"], told["response"]["slotId"]) == ("succeeded", slot)
    rows = hospital.rows(
        "SELECT * FROM hold WHERE slot_code = ? ORDER BY rowid", told["response"]["slotId"]
    )
    assert moment(rows[-1]["expire_time"]) == told["response"]["expiresAt"]


def test_a_stopped_session_is_learnt_through_changes(tour: Tour, hospital: Hospital) -> None:
    """One event, of the session that was stopped."""
    (told,) = tour("A stopped session")
    stopped = {row["code"] for row in hospital.rows("SELECT code FROM schedule WHERE stopped")}
    assert told["items"]
    assert {event["scheduleId"] for event in told["items"]} <= stopped


def test_the_statement_agrees_with_the_books_to_the_fen(tour: Tour, hospital: Hospital) -> None:
    """Sums and records, of registrations and of bills."""
    (told,) = tour("The day's statement")
    assert {"registration", "bill"} <= {item["business"] for item in told["items"]}
    books = [kept(row) for row in money(hospital, told["date"])]
    assert sorted(told_of(item) for item in told["items"]) == sorted(books)
    for direction, amount in (("payment", told["paymentAmount"]), ("refund", told["refundAmount"])):
        assert amount == sum(row[3] for row in books if row[2] == direction)


def test_a_closed_function_is_told_and_opened_again(tour: Tour) -> None:
    """By every replica."""
    printed = tour("A closed function")
    closed = [one for one in printed if isinstance(one, list)]
    assert [[route["route"] for route in one] for one in closed] == [["hold-slot"], []]
    assert len([one for one in printed if str(one).endswith("  closed")]) == 3


def _orders(hospital: Hospital) -> list[Row]:
    return hospital.rows("SELECT * FROM registration ORDER BY rowid")


def _without_ids(fields: Row) -> Row:
    return {name: value for name, value in fields.items() if name not in ("id", "actions")}
