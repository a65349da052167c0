"""A replica's life: start, reload, drain, end."""

from __future__ import annotations

import json
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests import replies
from tests.integration.replicas import CHECKOUT, PATIENCE, Answer, Replica, new_key, wait_until
from tests.integration.stub import Stub, answering, silent, when_released
from tests.replies import CARD, SLOT

Start = Callable[..., Replica]


@pytest.fixture
def start(tmp_path: Path, state: Path, stub: Stub) -> Iterator[Start]:
    """Starts replicas of the test's own."""
    made: list[Replica] = []

    def start_one(**settings: object) -> Replica:
        one = Replica(tmp_path, state, stub.url, name=f"replica-{len(made)}", **settings)
        made.append(one)
        one.start()
        return one

    yield start_one
    for one in made:
        one.stop()


def digest(replica: Replica) -> str:
    shown: str = json.loads(replica.admin("/snapshot")[1])["digest"]
    return shown


def test_a_broken_policy_leaves_the_last_good_one_serving(start: Start, stub: Stub) -> None:
    """With its digest, its findings in the log and a figure; a good one then swaps."""
    stub.will("QueryDepartments", answering(replies.departments("0101")))
    replica = start()
    first = digest(replica)
    replica.edit("operation: QueryDepartments", "operation: QueryDepartment")
    replica.send(signal.SIGHUP)
    refused = replica.logged(event="snapshot-refused")
    assert (refused["snapshot"], refused["findings"]) == (first, 1)
    finding = replica.logged(event="finding")
    assert finding["source"].startswith(str(replica.packs / "registration" / "policy.yaml"))
    assert "QueryDepartment" in finding["finding"]
    assert replica.metric("gateway_snapshot_reloads_total", result="refused") == 1
    assert digest(replica) == first
    assert replica.is_ready()
    assert replica.call("GET", "/v1/departments").status == 200

    replica.edit("operation: QueryDepartment\n", "operation: QueryDepartments\n")
    replica.edit("GET /v1/departments\n", "GET /v1/wards\n")
    replica.send(signal.SIGHUP)
    second = replica.logged(event="snapshot", previous=first)["snapshot"]
    assert second == digest(replica) != first
    assert replica.call("GET", "/v1/wards").status == 200
    assert replica.call("GET", "/v1/departments").status == 404
    assert "/v1/wards" in replica.call("GET", "/openapi.json").json["paths"]


def test_an_exchange_ends_under_the_snapshot_that_it_began_with(start: Start, stub: Stub) -> None:
    """A reload takes nothing away from a call that is under way."""
    stub.will("QueryDepartments", when_released(answering(replies.departments("0101"))))
    replica = start()
    first = digest(replica)
    answers: list[Answer] = []
    caller = threading.Thread(target=lambda: answers.append(replica.call("GET", "/v1/departments")))
    caller.start()
    wait_until(lambda: bool(stub.calls))
    replica.edit("in_flight: 30", "in_flight: 8")
    replica.edit("GET /v1/departments\n", "GET /v1/wards\n")
    replica.send(signal.SIGHUP)
    replica.logged(event="snapshot", previous=first)
    figure = replica.metric("gateway_in_flight", upstream="core-his")
    limit = replica.metric("gateway_in_flight_limit", upstream="core-his")
    stub.release()
    caller.join()
    assert (figure, limit) == (1, 8)
    (answer,) = answers
    assert answer.status == 200
    assert replica.logged(request_id=answer.headers["request-id"])["snapshot"] == first


def test_exchanges_go_on_while_policies_are_loaded(start: Start, stub: Stub) -> None:
    """Loading is done beside them; none fails and every reply is read as ever."""
    stub.will("QueryDepartments", answering(replies.departments("0101", "0102")))
    replica = start()
    done = threading.Event()
    answers: list[Answer] = []

    def keep_calling() -> None:
        while not done.is_set():
            answers.append(replica.call("GET", "/v1/departments"))

    caller = threading.Thread(target=keep_calling)
    caller.start()
    for limit in (29, 28, 27):
        before = digest(replica)
        replica.edit(f"in_flight: {limit + 1}", f"in_flight: {limit}")
        replica.send(signal.SIGHUP)
        replica.logged(event="snapshot", previous=before)
    done.set()
    caller.join()
    assert {(answer.status, answer.body) for answer in answers} == {(200, answers[0].body)}
    assert len(answers[0].json["items"]) == 2


def test_a_changed_file_is_noticed_without_being_told(start: Start) -> None:
    """Every so often the packs are looked at; a broken state is told once."""
    replica = start(watch="100ms")
    first = digest(replica)
    replica.edit("deadline: 8s", "deadline: none")
    replica.logged(event="snapshot-refused")
    replica.edit("deadline: none", "deadline: 7s")
    replica.logged(event="snapshot", previous=first)
    lines = [line for line in replica.log() if line["event"] == "snapshot-refused"]
    assert len(lines) == 1


def test_a_replica_drains_before_it_ends(start: Start, stub: Stub) -> None:
    """Unready at once, still accepting, every answer closing; what is under way finishes."""
    stub.will("LockSlot", when_released(answering(replies.held())))
    stub.will("QueryDepartments", answering(replies.departments()))
    replica = start(drain={"notice": "3s", "finish": "20s"})
    answers: list[Answer] = []
    caller = threading.Thread(
        target=lambda: answers.append(
            replica.call("POST", f"/v1/slots/{SLOT}/holds", card=CARD, key=new_key())
        )
    )
    caller.start()
    wait_until(lambda: bool(stub.calls))
    replica.send(signal.SIGTERM)
    wait_until(lambda: not replica.is_ready())
    during = replica.call("GET", "/v1/departments")
    assert (during.status, during.headers["connection"]) == (200, "close")
    assert replica.admin("/healthz")[0] == 200
    stub.release()
    caller.join()
    assert answers[0].status == 201
    assert replica.child is not None
    assert replica.child.wait(PATIENCE)
    with pytest.raises(OSError, match="refused"):
        replica.call("GET", "/v1/departments")
    phases = [line["phase"] for line in replica.log() if line["event"] == "lifecycle"]
    assert phases == ["ready", "draining", "stopped"]
    assert not [line for line in replica.log() if line["event"] in ("library", "fault")]


def test_a_caller_that_leaves_does_not_break_off_a_write(start: Start, stub: Stub) -> None:
    """The hospital has heard it; its end is awaited and logged."""
    stub.will("LockSlot", when_released(answering(replies.held())))
    replica = start()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tests.integration.replicas.PATIENCE", 1.0)
        with pytest.raises(TimeoutError):
            replica.call(
                "POST", f"/v1/slots/{SLOT}/holds", card=CARD, key=new_key(),
                headers={"Request-Id": "left-early"},
            )  # fmt: skip
    stub.release()
    assert replica.logged(request_id="left-early")["outcome"] == "succeeded"
    assert len(stub.calls) == 1


def test_a_port_that_is_taken_is_told_in_one_line(start: Start, stub: Stub, tmp_path: Path) -> None:
    """Status 2, and what to do."""
    stub.will("QueryDepartments", silent)
    replica = start()
    ended = subprocess.run(
        replica.command, capture_output=True, text=True, timeout=PATIENCE, check=False,
        cwd=CHECKOUT, env={"PATH": "/usr/bin:/bin", **replica.environment},
    )  # fmt: skip
    assert ended.returncode == 2
    (line,) = ended.stderr.splitlines()
    assert str(replica.admin_port) in line
    assert "end what holds the port" in line


def test_a_replica_with_a_broken_policy_does_not_start(tmp_path: Path, state: Path) -> None:
    """Every finding, status 2, and nothing listens."""
    replica = Replica(tmp_path, state, "http://127.0.0.1:9/registration")
    replica.edit("operation: QueryDepartments", "operation: QueryDepartment")
    replica.edit("operation: QueryDoctors", "operation: QueryDoctorz")
    ended = subprocess.run(
        replica.command, capture_output=True, text=True, timeout=PATIENCE, check=False,
        cwd=CHECKOUT, env={"PATH": "/usr/bin:/bin", **replica.environment},
    )  # fmt: skip
    assert (ended.returncode, ended.stdout) == (2, "")
    assert len(ended.stderr.splitlines()) == 2
    assert not replica.is_ready()
