"""A replica before a hospital that does wrong: what is told, and what never is."""

from __future__ import annotations

import pytest

from gateway.translation.sealing import serial
from tests import replies
from tests.integration.replicas import Answer, Replica, new_key
from tests.integration.stub import (
    Deed,
    Stub,
    Unreachable,
    answering,
    dripping,
    hanging_up,
    late,
    resetting,
    silent,
    stopping_half_way,
)
from tests.replies import CARD, ORDER, OTHER_CARD, OTHER_SLOT, SLOT

IMPATIENT = 0.8
"""Seconds that a caller waits where the hospital never answers."""


def departments(replica: Replica, timeout: float | None = None) -> Answer:
    return replica.call("GET", "/v1/departments", timeout=timeout)


def hold(
    replica: Replica, *, key: str | None = None, timeout: float | None = None, slot: str = SLOT
) -> Answer:
    return replica.call(
        "POST", f"/v1/slots/{slot}/holds", card=CARD, key=key or new_key(), timeout=timeout
    )


def outcome(answer: Answer) -> tuple[int, str | None]:
    return answer.status, answer.json.get("outcome")


# --- down ---


@pytest.mark.parametrize("reachable", [True, False], ids=["refused", "no connection in time"])
def test_a_hospital_that_is_down_is_not_sent_to(
    replica: Replica, stub: Stub, reachable: bool
) -> None:
    """503 `not-sent` for reads and writes, within the deadline; the replica stays ready."""
    stub.stop()
    dropped = None if reachable else Unreachable(stub.port)
    try:
        read, write = departments(replica, timeout=3), hold(replica, timeout=3)
        assert replica.is_ready()
    finally:
        if dropped is not None:
            dropped.close()
        stub.clear()
        stub.start()
    for answer in (read, write):
        assert outcome(answer) == (503, "not-sent")
        assert answer.json["type"] == "/problems/not-sent"
        assert "retry-after" in answer.headers
        line = replica.logged(request_id=answer.headers["request-id"])
        assert line["delivery"] == "not-sent"
        assert line["reason"] in (
            ("connect-refused",) if reachable else ("connect-timeout", "deadline")
        )
    stub.will("QueryDepartments", answering(replies.departments()))
    assert departments(replica).status == 200
    assert len(stub.calls) == 1


@pytest.mark.parametrize("drips", [False, True], ids=["silent", "dripping"])
def test_a_hospital_that_does_not_finish_leaves_a_read_without_and_a_write_unknown(
    replica: Replica, stub: Stub, drips: bool
) -> None:
    """504, and 202 with its Location; the write was sent once."""
    stub.will("QueryDepartments", dripping(replies.departments("0101")) if drips else silent)
    stub.will("LockSlot", dripping(replies.held()) if drips else silent)
    assert departments(replica, timeout=IMPATIENT).status == 504
    key = new_key()
    answer = hold(replica, key=key, timeout=IMPATIENT)
    assert outcome(answer) == (202, "unknown")
    assert answer.headers["location"].startswith(f"/v1/operations/hold-slot/{key}?since=")
    assert [operation for operation, _ in stub.calls] == ["QueryDepartments", "LockSlot"]


def test_a_late_answer_is_in_time_for_a_patient_caller(replica: Replica, stub: Stub) -> None:
    """`Request-Timeout` caps the route's deadline and nothing else does."""
    stub.will("QueryDepartments", late(2 * IMPATIENT, answering(replies.departments("0101"))))
    assert departments(replica, timeout=IMPATIENT).status == 504
    assert departments(replica).status == 200


# --- off contract ---

GOOD_READ, GOOD_WRITE = replies.departments("0101"), replies.held()
FAULTS: dict[str, tuple[Deed, Deed, int]] = {
    # what comes instead of a good reply, to the read and to the write; the read's status
    "hangs up": (hanging_up, hanging_up, 504),
    "resets": (resetting, resetting, 504),
    "stops half way": (stopping_half_way(GOOD_READ), stopping_half_way(GOOD_WRITE), 502),
    "another operation's reply": (
        answering(replies.reply("QueryRules", code="1")),
        answering(replies.reply("UnlockSlot", replies.hold())), 502,
    ),
    "an empty response element": (
        answering(replies.empty_response("QueryDepartments")),
        answering(replies.empty_response("LockSlot")), 502,
    ),
    "a nil result": (
        answering(replies.nil_result("QueryDepartments")),
        answering(replies.nil_result("LockSlot")), 502,
    ),
    "an empty code": (
        answering(replies.reply("QueryDepartments", code="")),
        answering(replies.reply("LockSlot", replies.hold(), code="")), 502,
    ),
    "a code nobody knows": (
        answering(replies.reply("QueryDepartments", code="4711")),
        answering(replies.reply("LockSlot", replies.hold(), code="4711")), 502,
    ),
    "a number with a comment in it": (
        answering(GOOD_READ.replace(b"0101", b"01<!-- -->01")),
        answering(GOOD_WRITE.replace(b"12.50", b"12<!-- -->.50")), 502,
    ),
    "a value off the schema": (
        answering(GOOD_READ.replace(b"0101", b"01-1")),
        answering(GOOD_WRITE.replace(b"12.50", b"twelve")), 502,
    ),
    "a document type": (
        answering(GOOD_READ.replace(b"?>", b"?><!DOCTYPE a>", 1)),
        answering(GOOD_WRITE.replace(b"?>", b"?><!DOCTYPE a>", 1)), 502,
    ),
    "no XML": (answering(b"OK"), answering(b"OK"), 502),
    "nothing": (answering(b""), answering(b""), 502),
    "a page": (
        answering(b"<html/>", content_type="text/html"),
        answering(b"<html/>", content_type="text/html"), 502,
    ),
    "a page with status 500": (
        answering(b"<html/>", content_type="text/html", status=500),
        answering(b"<html/>", content_type="text/html", status=500), 502,
    ),
    "a redirect": (
        answering(b"", status=307, headers=("Location: /elsewhere",)),
        answering(b"", status=307, headers=("Location: /elsewhere",)), 502,
    ),
    "a compressed reply": (
        answering(GOOD_READ, headers=("Content-Encoding: gzip",)),
        answering(GOOD_WRITE, headers=("Content-Encoding: gzip",)), 502,
    ),
    "a fault": (
        answering(replies.fault(), status=500), answering(replies.fault(), status=500), 502,
    ),
    "its own failure": (
        answering(replies.reply("QueryDepartments", code="-99")),
        answering(replies.reply("LockSlot", code="-99")), 502,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", FAULTS)
def test_a_reply_off_contract_is_no_data_and_no_outcome(
    replica: Replica, stub: Stub, case: str
) -> None:
    """The read fails as what it is, the write stays unknown and is never sent twice."""
    on_read, on_write, status = FAULTS[case]
    stub.will("QueryDepartments", on_read)
    stub.will("LockSlot", on_write)
    read, write = departments(replica), hold(replica)
    assert read.status == status
    assert outcome(write) == (202, "unknown")
    assert [operation for operation, _ in stub.calls].count("LockSlot") == 1
    for answer in (read, write):
        assert replies.MESSAGE not in answer.body.decode()


def test_the_good_replies_are_good(replica: Replica, stub: Stub) -> None:
    """What the faults above are made from is answered."""
    stub.will("QueryDepartments", answering(GOOD_READ))
    stub.will("LockSlot", answering(GOOD_WRITE))
    assert departments(replica).json["items"][0]["id"] == "0101"
    assert hold(replica).status == 201


def test_another_subjects_reply_is_not_found_or_unknown(replica: Replica, stub: Stub) -> None:
    """Never one patient's data for another."""
    stub.will("QueryOrder", answering(replies.reply("QueryOrder", replies.order(card=OTHER_CARD))))
    stub.will("LockSlot", answering(replies.held(card=OTHER_CARD)))
    token = replica.seal("appointment", ORDER, card=CARD)
    read = replica.call("GET", f"/v1/appointments/{token}", card=CARD)
    assert read.status == 404
    write = hold(replica)
    assert outcome(write) == (202, "unknown")
    line = replica.logged(request_id=write.headers["request-id"])
    assert (line["level"], line["reason"]) == ("warning", "wrong-subject")


def test_a_key_used_again_for_something_else_is_told_with_what_stands(
    replica: Replica, stub: Stub
) -> None:
    """The hospital answers as it did the first time."""
    stub.will("LockSlot", answering(replies.held()))
    key = new_key()
    assert hold(replica, key=key).status == 201
    again = hold(replica, key=key, slot=OTHER_SLOT)
    assert (again.status, again.json["type"]) == (422, "/problems/key-reused")
    stub.will(
        "QueryBySerial",
        answering(replies.trade(serial("booking", "hold-slot", key), replies.hold())),
    )
    first = replica.call("GET", again.headers["location"], card=CARD).json
    assert (first["outcome"], first["response"]["slotId"]) == ("succeeded", SLOT)


def test_a_failed_validation_is_counted_by_its_stage(replica: Replica, stub: Stub) -> None:
    """Operations see which contract is broken, and how often."""

    def count(result: str) -> float:
        return replica.metric(
            "gateway_validations_total", route="list-departments", stage="reply-xsd", result=result
        )

    stub.will("QueryDepartments", answering(replies.empty_response("QueryDepartments")))
    before = count("refused")
    departments(replica)
    assert count("refused") == before + 1
