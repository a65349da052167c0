"""Bookings of other channels: one of the city's platform 114 whose number is taken here.

The tests of this file tell one story and run in its order: each needs what the one before did.
"""

from __future__ import annotations

import re
import urllib.request
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from xml.sax.saxutils import escape

import pytest

from tests.e2e import hospital as truth
from tests.e2e.cloud import Answer, Cloud
from tests.e2e.hospital import Hospital, Row, moment
from tests.e2e.patients import card_id

NAMESPACE = "urn:internet-hospital:registration"


@dataclass(frozen=True)
class Booking:
    """What 114 has booked, and the card as this platform knows it."""

    card: str
    order_no: str


@pytest.fixture(scope="module")
def booking(cloud: Cloud, hospital: Hospital) -> Iterator[Booking]:
    """Tomorrow morning, a booking for later that morning, not paid yet."""
    before = hospital.now()
    tomorrow = date.fromisoformat(before[:10]) + timedelta(days=1)
    hospital.control("POST", "/clock", {"now": f"{tomorrow}T08:30:00"})
    try:
        card_no = hospital.rows(
            "SELECT card_no FROM card WHERE doc_type = '01' AND birth_date < '1995-01-01'"
            " AND card_no NOT IN (SELECT card_no FROM registration) ORDER BY card_no DESC"
        )[0]["card_no"]
        yield Booking(card_id(cloud, hospital, card_no), _booked(hospital, card_no, tomorrow))
    finally:
        hospital.control("POST", "/clock", {"now": before})


def _booked(hospital: Hospital, card_no: str, day: date, channel: str = "P114") -> str:
    """Hold and book as another channel does; the order's number."""
    slots = hospital.rows(
        "SELECT t.code FROM slot t JOIN schedule s ON s.code = t.schedule_code"
        " JOIN department d ON d.code = s.dept_code WHERE s.clinic_date = ? AND NOT s.stopped"
        " AND d.kind IN ('1', '2') AND t.start_time BETWEEN '10:00' AND '11:30'",
        day.isoformat(),
    )
    for slot in slots:
        held = _call(hospital, channel, "LockSlot", SlotCode=slot["code"], CardNo=card_no)
        if "<ResultCode>0<" in _plain(held):
            hold = _told(held, "HoldCode")
            booked = _call(hospital, channel, "Book", HoldCode=hold, CardNo=card_no)
            return _told(booked, "OrderNo")
    raise AssertionError(f"{channel} has no place left in any of these slots")


def _call(hospital: Hospital, channel: str, operation: str, **arguments: str) -> str:
    """One call of the hospital's registration by a channel; the reply's text."""
    told = {"PlatformSerial": uuid.uuid4().hex, "ChannelCode": channel, **arguments}
    elements = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in told.items())
    envelope = (
        '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
        f'<{operation} xmlns="{NAMESPACE}">{elements}</{operation}></s:Body></s:Envelope>'
    )
    request = urllib.request.Request(
        f"{hospital.stack.hospital_url}/registration",
        data=envelope.encode(),
        headers={
            "Content-Type": "text/xml; charset=utf-8",
            "SOAPAction": f'"{NAMESPACE}/{operation}"',
        },
    )
    with urllib.request.urlopen(request, timeout=30) as response:
        return str(response.read().decode())


def _plain(reply: str) -> str:
    """The reply without its prefixes."""
    return re.sub(r"<(/?)[\w.-]+:", r"<\1", reply)


def _told(reply: str, element: str) -> str:
    found = re.search(f"<{element}>([^<]+)<", _plain(reply))
    assert found is not None, reply
    return found[1]


def _take(cloud: Cloud, booking: Booking, appointment: str) -> Answer:
    return cloud.call("POST", f"/v1/appointments/{appointment}/take-number", card=booking.card)


def _seen(cloud: Cloud, booking: Booking) -> Row:
    """The registration that 114 made, as this platform sees it."""
    items = cloud.get("/v1/appointments", card=booking.card)["items"]
    (appointment,) = [item for item in items if item["origin"] == "114"]
    seen: Row = appointment
    return seen


def test_it_appears_here_with_its_origin_and_a_fee_due(
    cloud: Cloud, hospital: Hospital, booking: Booking
) -> None:
    """As the row says, though this platform did not make it."""
    seen = _seen(cloud, booking)
    (expected,) = truth.appointments(hospital, "order_no", booking.order_no)
    assert {name: seen[name] for name in expected} == expected
    assert (seen["origin"], seen["state"]) == ("114", "pending-payment")
    allowed = {one["action"]: one["allowed"] for one in seen["actions"]}
    assert allowed["pay"] is True
    assert allowed["cancel"] is False


def test_bookings_of_all_channels_appear_with_their_origin(
    cloud: Cloud, hospital: Hospital, booking: Booking
) -> None:
    """Of the clinic's and of the hospital's own booking, all that the rows say."""
    day = date.fromisoformat(hospital.now()[:10])
    card_no = hospital.row("SELECT card_no FROM registration WHERE order_no = ?", booking.order_no)[
        "card_no"
    ]
    for days, channel in ((2, "CLINIC"), (3, "HOSPAPP")):
        _booked(hospital, card_no, day + timedelta(days=days), channel)
    seen = cloud.get("/v1/appointments", card=booking.card)["items"]
    expected = truth.appointments(hospital, "card_no", card_no)
    assert {item["origin"] for item in seen} == {"114", "clinic", "hospital"}
    bare = [
        {name: value for name, value in item.items() if name not in ("id", "actions")}
        for item in seen
    ]
    assert sorted(bare, key=repr) == sorted(expected, key=repr)


def test_its_number_is_not_given_before_the_fee_is_paid(cloud: Cloud, booking: Booking) -> None:
    """Refused with what is missing, and nothing has happened."""
    refused = _take(cloud, booking, _seen(cloud, booking)["id"])
    assert refused.status == 409
    assert refused.json["type"].endswith("/payment-due")
    assert _seen(cloud, booking)["state"] == "pending-payment"


def test_the_fee_is_paid_here_and_the_number_taken(
    cloud: Cloud, hospital: Hospital, booking: Booking
) -> None:
    """The payment is in this channel's statement, and the booking is a visit."""
    due = _seen(cloud, booking)
    body = {
        "channel": "alipay",
        "transaction": f"FEE{uuid.uuid4().hex}",
        "paidAt": moment(hospital.now()),
        "amount": due["fee"],
    }
    paid = cloud.call("POST", f"/v1/appointments/{due['id']}/payments", body, card=booking.card)
    assert (paid.status, paid.json["state"]) == (201, "booked"), paid.body
    taken = _take(cloud, booking, due["id"])
    assert (taken.status, taken.json["state"]) == (200, "number-taken"), taken.body
    assert taken.json["queueNumber"]
    (expected,) = truth.appointments(hospital, "order_no", booking.order_no)
    assert {name: taken.json[name] for name in expected} == expected
    items = cloud.get(f"/v1/statements/{hospital.now()[:10]}")["items"]
    (record,) = [one for one in items if one.get("transaction") == body["transaction"]]
    assert (record["appointmentId"], record["amount"]) == (due["id"], due["fee"])
    kinds = [one["kind"] for one in hospital.effects() if one["order_no"] == booking.order_no]
    assert kinds == ["booked", "paid", "number-taken"]
