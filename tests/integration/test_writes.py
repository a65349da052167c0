"""Writes against the sandbox's hospital: one effect, and never a falsehood about it."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.translation.sealing import serial
from tests.integration.conftest import Hospital
from tests.integration.replicas import Answer, Replica, new_key, wait_until

Pair = tuple[Replica, Replica]
SILENCE = 1.0
"""Seconds that a caller waits for a hospital that does not answer."""


@pytest.fixture
def sample(hospital: Hospital) -> dict[str, Any]:
    """A person, and a slot that can be held."""
    found: dict[str, Any] = hospital.ask("/sample?channel=DY01")
    return found


def hold(
    replica: Replica, sample: dict[str, Any], key: str, *, timeout: float | None = None
) -> Answer:
    return replica.call(
        "POST", f"/v1/slots/{sample['slot_code']}/holds",
        card=sample["patient"]["card_no"], key=key, timeout=timeout,
    )  # fmt: skip


def end_of(replica: Replica, sample: dict[str, Any], location: str) -> Answer:
    return replica.call("GET", location, card=sample["patient"]["card_no"])


def release(replica: Replica, sample: dict[str, Any], hold_id: str) -> None:
    card = sample["patient"]["card_no"]
    answer = replica.call("DELETE", f"/v1/holds/{hold_id}", card=card, key=new_key())
    assert answer.status == 200


def effects(hospital: Hospital, key: str) -> int:
    return len(hospital.effects(serial("booking", "hold-slot", key)))


def test_a_write_that_was_carried_out_in_silence_is_found_on_any_replica(
    pair: Pair, hospital: Hospital, sample: dict[str, Any]
) -> None:
    """202 with its Location; asked on both replicas it succeeded; repeated it is the same."""
    key = new_key()
    hospital.will(kind="silence", operation="LockSlot", commit=True, times=1)
    told = hold(pair[0], sample, key, timeout=SILENCE)
    assert (told.status, told.json["outcome"]) == (202, "unknown")
    location = told.headers["location"]
    wait_until(lambda: end_of(pair[0], sample, location).json["outcome"] != "unknown")
    ends = [end_of(replica, sample, location) for replica in pair]
    assert [end.json["outcome"] for end in ends] == ["succeeded", "succeeded"]
    assert ends[0].body == ends[1].body
    again = hold(pair[1], sample, key)
    assert again.status == 201
    assert again.json == ends[0].json["response"]
    assert effects(hospital, key) == 1
    release(pair[0], sample, again.json["id"])


def test_the_same_key_again_is_the_same_answer_and_one_effect(
    pair: Pair, hospital: Hospital, sample: dict[str, Any]
) -> None:
    """On the same replica and on another."""
    key = new_key()
    answers = [hold(replica, sample, key) for replica in (*pair, pair[0])]
    assert {answer.status for answer in answers} == {201}
    assert len({answer.body for answer in answers}) == 1
    assert effects(hospital, key) == 1
    release(pair[0], sample, answers[0].json["id"])


def test_the_same_key_for_another_slot_is_refused_and_the_first_stands(
    pair: Pair, hospital: Hospital, sample: dict[str, Any]
) -> None:
    """422 with the Location of what was done under the key."""
    key, card = new_key(), sample["patient"]["card_no"]
    first = hold(pair[0], sample, key)
    assert first.status == 201
    schedule = pair[0].call("GET", f"/v1/schedules/{sample['schedule_code']}/slots")
    other = next(slot["id"] for slot in schedule.json["items"] if slot["id"] != sample["slot_code"])
    reused = pair[1].call("POST", f"/v1/slots/{other}/holds", card=card, key=key)
    assert (reused.status, reused.json["type"]) == (422, "/problems/key-reused")
    stands = end_of(pair[1], sample, reused.headers["location"]).json
    assert (stands["outcome"], stands["response"]) == ("succeeded", first.json)
    assert effects(hospital, key) == 1
    release(pair[0], sample, first.json["id"])


def test_a_write_that_was_lost_on_its_way_stays_unknown_until_it_is_certain(
    pair: Pair, hospital: Hospital, sample: dict[str, Any]
) -> None:
    """The hospital knows no such serial, but may still be at it."""
    key = new_key()
    hospital.will(kind="silence", operation="LockSlot", times=1)
    told = hold(pair[0], sample, key, timeout=SILENCE)
    assert (told.status, told.json["outcome"]) == (202, "unknown")
    assert end_of(pair[1], sample, told.headers["location"]).json == {"outcome": "unknown"}
    assert effects(hospital, key) == 0


@pytest.mark.parametrize("kind", ["html", "truncated", "other-operation", "empty"])
def test_a_reply_off_contract_is_no_data_and_an_unknown_write(
    pair: Pair, hospital: Hospital, sample: dict[str, Any], kind: str
) -> None:
    """502 for a read; the write was carried out, is unknown, and then known."""
    hospital.will(kind="garbage", body=kind, operation="QueryDepartments")
    assert pair[0].call("GET", "/v1/departments").status == 502
    key = new_key()
    hospital.will(kind="garbage", body=kind, operation="LockSlot", commit=True)
    told = hold(pair[0], sample, key)
    assert (told.status, told.json["outcome"]) == (202, "unknown")
    end = end_of(pair[1], sample, told.headers["location"])
    assert end.json["outcome"] == "succeeded"
    assert effects(hospital, key) == 1
    release(pair[0], sample, end.json["response"]["id"])


@pytest.mark.parametrize("at", ["before-reading", "half-read", "after-reading", "inside-reply"])
def test_a_cut_connection_is_told_as_what_it_may_have_done(
    pair: Pair, hospital: Hospital, sample: dict[str, Any], at: str
) -> None:
    """Once the hospital has the first byte nobody knows; afterwards it is asked."""
    key = new_key()
    hospital.will(kind="cut", at=at, operation="LockSlot", times=1)
    told = hold(pair[0], sample, key)
    assert (told.status, told.json["outcome"]) == (202, "unknown")
    end = end_of(pair[1], sample, told.headers["location"]).json
    carried_out = at == "inside-reply"
    assert end["outcome"] == ("succeeded" if carried_out else "unknown")
    assert effects(hospital, key) == int(carried_out)
    if carried_out:
        release(pair[0], sample, end["response"]["id"])


def test_a_silent_hospital_answers_no_read(pair: Pair, hospital: Hospital) -> None:
    """504 when the caller's patience ends."""
    hospital.will(kind="silence", operation="QueryDepartments")
    assert pair[0].call("GET", "/v1/departments", timeout=SILENCE).status == 504


def test_a_refusal_is_told_as_one_and_asked_for_as_one(
    pair: Pair, hospital: Hospital, sample: dict[str, Any]
) -> None:
    """There is no such slot; the hospital's answer to the serial stays what it was."""
    key = new_key()
    taken = {**sample, "slot_code": sample["slot_code"][:-1] + "Z"}
    told = hold(pair[0], taken, key)
    assert (told.status, told.json["outcome"]) == (404, "refused")
    end = end_of(pair[1], sample, f"/v1/operations/hold-slot/{key}").json
    assert end["outcome"] == "refused"
    assert end["problem"]["type"] == told.json["type"]
    assert effects(hospital, key) == 0


def test_an_id_of_another_client_costs_the_hospital_no_call(
    pair: Pair, hospital: Hospital, sample: dict[str, Any]
) -> None:
    """By the hospital's own counter."""
    card = sample["patient"]["card_no"]
    before = hospital.calls()
    stolen = {"Patient-Card": pair[0].seal("card", card, client="clinic-kiosk")}
    assert pair[0].call("GET", "/v1/patient-card", headers=stolen).status == 404
    stranger = pair[0].seal("appointment", "20310314000001", card=card, client="clinic-kiosk")
    assert pair[1].call("GET", f"/v1/appointments/{stranger}", card=card).status == 404
    assert hospital.calls() == before
