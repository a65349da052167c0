"""Sessions that move and doctors who are replaced, as the platform learns of them by asking."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest

from tests.e2e.cloud import Cloud
from tests.e2e.hospital import Hospital, Row, change, changes
from tests.e2e.patients import card_id


def _told(cloud: Cloud, start: str, end: str, kind: str | None = None) -> list[Row]:
    """The events of a window of the hospital's time."""
    since, until = (quote(f"{at}+08:00") for at in (start, end))
    path = f"/v1/changes?from={since}&to={until}" + (f"&kind={kind}" if kind else "")
    items: list[Row] = cloud.get(path)["items"]
    return items


def _later(now: str, **by: int) -> str:
    return (datetime.fromisoformat(now) + timedelta(**by)).isoformat()


@pytest.fixture
def booked(cloud: Cloud, hospital: Hospital) -> dict[str, Any]:
    """A registration that this platform has made, and whose it is."""
    sample = hospital.control("GET", "/sample?channel=DY01")
    card = card_id(cloud, hospital, sample["patient"]["card_no"])
    held = cloud.call("POST", f"/v1/slots/{sample['slot_code']}/holds", card=card).json
    made = cloud.call("POST", "/v1/appointments", {"holdId": held["id"]}, card=card)
    assert made.status == 201, made.body
    return {"card": card, **made.json}


def test_a_moved_session_moves_its_bookings(
    cloud: Cloud, hospital: Hospital, booked: dict[str, Any]
) -> None:
    """Told once for the session and once for the booking, by the id that it was given."""
    now, known = hospital.now(), {row["event_id"] for row in changes(hospital)}
    day = (date.fromisoformat(booked["date"]) + timedelta(days=1)).isoformat()
    wish = {"date": day, "period": "1", "reason": "设备检修"}
    hospital.control("POST", f"/schedules/{booked['scheduleId']}/move", wish)
    rows = [row for row in changes(hospital) if row["event_id"] not in known]
    told = [one for one in _told(cloud, now, _later(now, minutes=5)) if one["id"] not in known]
    bare = [{name: one[name] for name in one if name != "appointmentId"} for one in told]
    assert bare == [change(row) for row in rows]
    assert {one.get("appointmentId") for one in told} >= {None, booked["id"]}
    moved = cloud.get(f"/v1/appointments/{booked['id']}", card=booked["card"])
    assert (moved["date"], moved["period"]) == (day, "morning")
    assert {(one["newDate"], one["newPeriod"]) for one in told} == {(day, "morning")}


def test_a_replaced_doctor_is_the_one_of_its_bookings(
    cloud: Cloud, hospital: Hospital, booked: dict[str, Any]
) -> None:
    """And the booking says so itself."""
    now, known = hospital.now(), {row["event_id"] for row in changes(hospital)}
    doctor = hospital.rows(
        "SELECT code FROM doctor WHERE dept_code = ? AND code IS NOT ? ORDER BY code",
        booked["departmentId"], booked.get("practitionerId"),
    )[0]["code"]  # fmt: skip
    wish = {"doctor": doctor, "reason": "替诊"}
    hospital.control("POST", f"/schedules/{booked['scheduleId']}/replace-doctor", wish)
    rows = [row for row in changes(hospital) if row["event_id"] not in known]
    window = now, _later(now, minutes=5)
    told = [one for one in _told(cloud, *window, "doctor-replaced") if one["id"] not in known]
    bare = [{name: one[name] for name in one if name != "appointmentId"} for one in told]
    assert bare == [change(row) for row in rows]
    assert {one.get("appointmentId") for one in told} >= {None, booked["id"]}
    replaced = cloud.get(f"/v1/appointments/{booked['id']}", card=booked["card"])
    assert replaced["practitionerId"] == doctor


def test_windows_may_overlap_and_events_keep_their_ids(
    cloud: Cloud, hospital: Hospital, booked: dict[str, Any]
) -> None:
    """What stands in two windows is the same event in both."""
    before = hospital.now()
    hospital.control("POST", f"/schedules/{booked['scheduleId']}/stop", {"reason": "停诊"})
    windows = (
        (_later(before, hours=-1), _later(before, minutes=5)),
        (before, _later(before, hours=1)),
    )
    first, second = (_told(cloud, *window) for window in windows)
    assert second
    assert [one for one in first if one in second] == second
    assert {one["id"] for one in second} <= {row["event_id"] for row in changes(hospital)}
