"""The tour walks every function, and what it prints is what the hospital's rows say."""

from __future__ import annotations

import datetime
import itertools
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pypdf import PdfReader

from tests.docs.blocks import ROOT, blocks, prints
from tests.docs.conftest import Terminal
from tests.e2e.bills import bills, kept, unsealed
from tests.e2e.bills import told as told_of
from tests.e2e.hospital import (
    CHANGE,
    Hospital,
    Row,
    appointments,
    by,
    card,
    change,
    changes,
    departments,
    moment,
    practitioners,
    schedules,
)
from tests.e2e.hospital import slots as slots_of

PAGE = "docs/tour/README.md"
TEXT = (ROOT / PAGE).read_text("utf-8")
SECTIONS = re.findall(r"^## (.+)$", TEXT, re.MULTILINE)
RUN = dict(zip(SECTIONS, (one for one in blocks() if one.document == PAGE), strict=True))
"""Each section has one block."""

Open = Callable[[str], Terminal]
Tour = Callable[[str], list[Any]]


@pytest.fixture(scope="module")
def tour(terminal: Open, hospital: Hospital) -> Tour:
    """Runs a section, which prints what it shows: JSON as JSON and the rest as lines."""
    hospital.control("POST", "/clock", {"now": None})

    def run(section: str) -> list[Any]:
        done = terminal(PAGE).run(RUN[section].text)
        assert done.returncode == 0, done.stdout + done.stderr
        shown = RUN[section].output
        assert shown is None or prints(shown, done.stdout), done.stdout
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


@pytest.mark.parametrize("section", SECTIONS)
def test_every_block_is_one_command(section: str) -> None:
    """So that a person's own terminal stays open when the block ends early."""
    assert RUN[section].text.startswith("(\n. docs/tour/functions.sh\n")
    assert RUN[section].text.endswith("\n)\n")


def test_a_block_ends_at_the_first_thing_that_fails(terminal: Open) -> None:
    """In a terminal that would go on by itself; it says what was not there."""
    lines = "(\n. docs/tour/functions.sh\nCARD=$(card_of nobody)\necho on\n)\n"
    done = terminal(PAGE).run(f"set +eu +o pipefail\n{lines}")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "the hospital has no nobody to try things with just now\n"


def test_a_card_is_the_one_of_the_rows(tour: Tour, hospital: Hospital) -> None:
    """Made once, found by all that it says."""
    same, nobody, *cards = tour("A card")
    child = _sample(hospital, "child")["card_no"]
    rows = [
        hospital.row("SELECT * FROM card WHERE doc_no = 'TOUR000001'"),
        hospital.row("SELECT * FROM card WHERE card_no = ?", child),
    ]
    assert (same, nobody) == ("the same card", "/problems/not-found")
    assert [_without_ids(one) for one in cards] == [card(row) for row in rows]
    assert cards[1]["guardian"]


def test_what_can_be_booked_is_what_the_rows_say(tour: Tour, hospital: Hospital) -> None:
    """A department, a doctor of it with all sessions ahead, the slots of a session, the rules."""
    department, doctor, sessions, slots, rules = tour("What can be booked")
    now = hospital.now().replace("T", " ")
    assert department in departments(hospital)
    assert doctor in practitioners(hospital, "0101")
    until = datetime.date.fromisoformat(now[:10]) + datetime.timedelta(days=7)
    of_department = schedules(hospital, "0101", now[:10], until.isoformat(), now)
    assert sorted(sessions["items"], key=repr) == sorted(
        (one for one in of_department if one.get("practitionerId") == doctor["id"]), key=repr
    )
    assert len({one["date"] for one in sessions["items"]}) > 1
    session = slots["items"][0]["scheduleId"]
    assert session in {one["id"] for one in of_department}
    assert list(by("id", slots["items"])) == list(by("id", slots_of(hospital, session, now)))
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
    """Beside one of the clinic: refused while its fee is due, then paid, then taken on its day."""
    clinic, problem, paid, taken = tour("A booking of another channel")
    card_no = _sample(hospital, "clinic_booking")["card_no"]
    assert "clinic" in {one["origin"] for one in clinic["items"]}
    assert sorted((_without_ids(one) for one in clinic["items"]), key=repr) == sorted(
        appointments(hospital, "card_no", card_no), key=repr
    )
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
    same, pending, begin, *rest = tour("A bill, its invoice and a refund")
    assert (same, pending, begin) == ("one payment", "pending", "%PDF-")
    *states, refund, payment, invoice, left = rest
    assert states == ["requested", "approved", "channel-pending", "refunded"]
    assert (refund["state"], payment["state"]) == ("refunded", "partly-refunded")
    (kept,) = hospital.rows("SELECT * FROM bill_payment WHERE trade_no = ?", payment["transaction"])
    items = hospital.rows("SELECT * FROM bill_item WHERE bill_no = ?", kept["bill_no"])
    assert payment["total"] == sum(item["amount_fen"] for item in items)
    back = hospital.row("SELECT * FROM bill_refund WHERE pay_no = ?", kept["pay_no"])
    assert refund["amount"] == payment["refundedAmount"] == back["amount_fen"]
    assert 0 < refund["amount"] < payment["amount"]
    row = hospital.row(
        "SELECT * FROM invoice WHERE number = ? AND code = ?",
        invoice["invoiceNumber"],
        invoice["invoiceCode"],
    )
    assert (row["reference"], row["total_fen"]) == (kept["bill_no"], invoice["totalAmount"])
    assert (invoice["state"], bool(row["reversed_by"])) == ("reversed", True)
    anew = hospital.row("SELECT * FROM invoice WHERE replaces = ?", row["invoice_no"])
    assert int(left) == anew["total_fen"] == row["total_fen"] - back["amount_fen"]
    said = "\n".join(
        page.extract_text() for page in PdfReader(terminal(PAGE).folder / "var/invoice.pdf").pages
    )
    for part in (row["code"], row["number"], row["check_code"], row["payer"]):
        assert part in said


def test_a_funded_bill_is_quoted_and_an_insured_one_refused(tour: Tour, hospital: Hospital) -> None:
    """With what the fund pays; in a word of ours and in the hospital's own; nothing is written."""
    before = hospital.rows("SELECT * FROM bill_payment")
    bill, quoted, *insured = tour("Publicly funded, insured")
    funded = _sample(hospital, "funded_bill")["card_no"]
    assert unsealed(bill) in bills(hospital, funded)
    assert insured == ["insured", "医保患者请到窗口缴费"]
    assert hospital.rows("SELECT * FROM bill_payment") == before
    row = hospital.rows("SELECT * FROM settlement ORDER BY rowid DESC LIMIT 1")[0]
    assert (quoted["total"], quoted["fundPays"], quoted["patientPays"]) == (
        *(row["total_fen"], row["fund_fen"]),
        row["amount_fen"],
    )
    assert 0 < quoted["fundPays"] < quoted["total"]


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


def test_every_kind_of_change_is_told_as_the_rows_have_it(tour: Tour, hospital: Hospital) -> None:
    """One of each at least, with all that its row says and no number of the hospital's.

    The bill that it pays is one of its own: it may be run as often as one likes.
    """
    open_bill = _sample(hospital, "funded_bill")
    before = {row["event_id"] for row in changes(hospital)}
    booked, instead, cancelled, patient_pays, told, same = tour("What changed")
    assert (booked, instead, cancelled) == ("booked", "pending-payment", "cancelled")
    assert same == "the same bill"
    assert _sample(hospital, "funded_bill") == open_bill
    assert int(patient_pays) > 0
    rows = [row for row in changes(hospital) if row["event_id"] not in before]
    events = [event for event in told["items"] if event["id"] not in before]
    sealed = {"appointmentId", "billId", "paymentId", "refundId", "invoiceId", "reportId"}
    assert [
        {name: value for name, value in event.items() if name not in sealed} for event in events
    ] == [change(row) for row in rows]
    numbers = ("order_no", "bill_no", "pay_no", "refund_no", "invoice_no", "report_no")
    for event, row in zip(events, rows, strict=True):
        held = {name for name in numbers if row[name] is not None}
        assert len(sealed & event.keys()) == len(held)
        assert not {row[name] for name in held} & {*event.values()}
    assert {event["kind"] for event in events} == set(CHANGE.values())


def test_the_statement_agrees_with_the_books_to_the_fen(tour: Tour, hospital: Hospital) -> None:
    """Sums and records, of registrations and of bills; yesterday's is final, today's is not."""
    told, final = tour("The day's statement")
    assert (told["final"], final) == (False, "true")
    moved = {(item["business"], item["direction"]) for item in told["items"]}
    assert moved == set(itertools.product(("registration", "bill"), ("payment", "refund")))
    of_day = "SELECT * FROM money_record WHERE channel = 'DY01' AND record_date = ?"
    books = [kept(row) for row in hospital.rows(of_day, told["date"])]
    assert sorted(told_of(item) for item in told["items"]) == sorted(books)
    for direction, amount in (("payment", told["paymentAmount"]), ("refund", told["refundAmount"])):
        assert amount == sum(row[3] for row in books if row[2] == direction)


def test_a_closed_function_is_told_and_opened_again(tour: Tour, hospital: Hospital) -> None:
    """By the hospital, by every replica, and by a policy's window."""
    status, *printed = tour("A closed function")
    functions = {one["function"]: one for one in status["functions"]}
    assert [name for name, one in functions.items() if not one["open"]] == ["payments"]
    assert functions["payments"]["reopensAt"].endswith("T06:00:00+08:00")
    assert status["hospitalTime"][:10] == hospital.now()[:10]
    closed = [one for one in printed if isinstance(one, list)]
    assert [[route["route"] for route in one] for one in closed] == [["hold-slot"], []]
    assert len([one for one in printed if str(one).endswith("  closed")]) == 3
    assert "closed     daily 23:30-00:30" in printed


def _sample(hospital: Hospital, name: str) -> Row:
    """What the sandbox has to try things with, as the tour asks for it."""
    found: Row = hospital.control("GET", "/sample")[name]
    return found


def _orders(hospital: Hospital) -> list[Row]:
    return hospital.rows("SELECT * FROM registration ORDER BY rowid")


def _without_ids(fields: Row) -> Row:
    return {name: value for name, value in fields.items() if name not in ("id", "actions")}
