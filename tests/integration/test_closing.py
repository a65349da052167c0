"""Functions closed in a real replica: by its policy at a reload, and what goes on then."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from gateway.translation.values import HOSPITAL_ZONE
from tests import replies
from tests.integration.replicas import Answer, Replica, new_key, wait_until
from tests.integration.stub import Stub, answering, when_released
from tests.replies import CARD, SLOT

SERVICE = "service: registration\n"


def closed_for_an_hour(pattern: str) -> str:
    """A closing of the hospital's clock that holds now."""
    now = datetime.now(HOSPITAL_ZONE)
    start, end = (f"{now + timedelta(hours=hours):%Y-%m-%dT%H:%M}" for hours in (-1, 1))
    words = "{en: Accounts are being closed., zh: 日终结算中。}"
    return f'closed: [{{routes: ["{pattern}"], from: {start}, until: {end}, message: {words}}}]\n'


@pytest.fixture
def replica(tmp_path: Path, state: Path, stub: Stub) -> Iterator[Replica]:
    """A replica of the test's own, without a switchboard."""
    made = Replica(tmp_path, state, stub.url)
    made.start()
    yield made
    made.stop()


def hold(replica: Replica) -> Answer:
    return replica.call("POST", f"/v1/slots/{SLOT}/holds", card=CARD, key=new_key())


def test_a_policy_closes_and_a_call_under_way_goes_on(replica: Replica, stub: Stub) -> None:
    """From the reload on nothing is sent; the metric, the log and the status show it."""
    stub.will("LockSlot", when_released(answering(replies.held())))
    answers: list[Answer] = []
    caller = threading.Thread(target=lambda: answers.append(hold(replica)))
    caller.start()
    wait_until(lambda: bool(stub.calls))
    replica.edit(SERVICE, SERVICE + closed_for_an_hour("*"))
    replica.send(signal.SIGHUP)
    wait_until(lambda: replica.metric("gateway_function_closed", route="hold-slot") == 1)
    closed = hold(replica)
    told = closed.json
    assert (closed.status, told["type"], told["outcome"], told["detail"]) == (
        503, "/problems/function-closed", "not-sent", "Accounts are being closed.",
    )  # fmt: skip
    assert 0 < int(closed.headers["retry-after"]) <= 3600
    stub.release()
    caller.join()
    assert [answer.status for answer in answers] == [201]
    assert len(stub.calls) == 1

    line = replica.logged(event="function", route="hold-slot")
    assert (line["state"], line["until"]) == ("closed", told["reopensAt"])
    line = replica.logged(event="exchange", problem="function-closed")
    assert (line["outcome"], line["reason"], line["attempts"]) == (
        "not-sent", "closed-by-policy", 0,
    )  # fmt: skip

    now = "<HospitalTime>2031-03-14T09:30:00</HospitalTime>"
    stub.will("QueryStatus", answering(replies.reply("QueryStatus", now)))
    listed = {one["route"]: one for one in replica.call("GET", "/v1/status").json["closed"]}
    assert listed["hold-slot"]["reopensAt"] == told["reopensAt"]
    assert listed["hold-slot"]["message"]["zh"] == "日终结算中。"
    assert "get-status" not in listed
    assert "operations-hold-slot" not in listed


def test_without_a_switchboard_nobody_can_switch(replica: Replica) -> None:
    """There is nothing to ask and nothing to tell."""
    assert replica.admin("/switches")[0] == 404
