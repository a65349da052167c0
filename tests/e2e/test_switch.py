"""A function closed by hand and by the clock: three real replicas, and what outlives them."""

from __future__ import annotations

import hashlib
import http.client
import json
import signal
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from gateway.translation.values import HOSPITAL_ZONE
from sandbox.stack import CHECKOUT, Ports, Stack
from tests.e2e.cloud import Cloud
from tests.e2e.edge import await_all_up
from tests.e2e.packs import replaced, settings_of_a_copy

PATIENCE = 60.0
REPLICAS = (1, 2, 3)
UNTIL = (datetime.now(HOSPITAL_ZONE) + timedelta(hours=6)).isoformat(timespec="seconds")
OFF = ("--until", UNTIL, "--by", "Wang", "--reason", "wrong rules")


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack of this file's own: other tests call what is closed here."""
    state = tmp_path_factory.mktemp("switch")
    with Stack(state, ports=Ports.free(), settings=settings_of_a_copy(state)) as running:
        await_all_up(running)
        yield running


def switch(stack: Stack, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command, as somebody types it; no replica's settings are known to it."""
    return subprocess.run(
        [
            *(sys.executable, "-m", "gateway", "switch", *arguments),
            *("--switchboard", str(stack.switchboard)),
        ],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def ask(stack: Stack, replica: int, path: str = "/v1/booking-rules") -> tuple[int, Any]:
    """One replica alone, as the edge would ask it."""
    certificate = stack.client_certificate()[0].read_text()
    headers = {
        "Edge-Proof": (stack.state / "secrets" / "edge-proof").read_text().strip(),
        "Client-Certificate-Fingerprint": hashlib.sha256(
            ssl.PEM_cert_to_DER_cert(certificate)
        ).hexdigest(),
    }
    address = urlsplit(stack.rest_url(replica)).netloc
    connection = http.client.HTTPConnection(address, timeout=PATIENCE)
    try:
        connection.request("GET", path, headers=headers)
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    finally:
        connection.close()


def statuses(stack: Stack) -> list[int]:
    return [ask(stack, replica)[0] for replica in REPLICAS]


def metric(stack: Stack, replica: int, route: str) -> float:
    with urllib.request.urlopen(f"{stack.admin_url(replica)}/metrics", timeout=PATIENCE) as told:
        lines = told.read().decode().splitlines()
    wanted = f'gateway_function_closed{{route="{route}"}} '
    return next(float(line.removeprefix(wanted)) for line in lines if line.startswith(wanted))


def lines(stack: Stack, replica: int, event: str) -> list[dict[str, Any]]:
    log = (stack.logs / f"replica-{replica}.log").read_text().splitlines()
    return [line for line in map(json.loads, log) if line["event"] == event]


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.05)


def test_a_function_is_closed_on_all_replicas_at_once_and_opened_again(stack: Stack) -> None:
    """When the command has ended no replica answers it any more, and all say when they will."""
    assert statuses(stack) == [200, 200, 200]
    done = switch(stack, "off", "get-booking-*", *OFF)
    assert (done.returncode, done.stdout.count("closed\n")) == (0, 3), done
    for replica in REPLICAS:
        status, told = ask(stack, replica)
        assert (status, told["type"], told["reopensAt"]) == (
            503, "/problems/function-closed", UNTIL,
        )  # fmt: skip
        (line,) = lines(stack, replica, "switch")
        assert (line["route"], line["state"], line["by"], line["why"], line["source"]) == (
            "get-booking-*", "off", "Wang", "wrong rules", "command",
        )  # fmt: skip
        assert metric(stack, replica, "get-booking-rules") == 1
        assert metric(stack, replica, "list-departments") == 0
    cloud = Cloud(stack)
    assert cloud.call("GET", "/v1/booking-rules").status == 503
    assert cloud.call("GET", "/v1/departments").status == 200
    (closed,) = cloud.get("/v1/status")["closed"]
    assert closed == {"route": "get-booking-rules", "reopensAt": UNTIL}
    # What is closed for less than a turn of the replica's watch is no line of its own.
    wait_until(lambda: [one["state"] for one in lines(stack, 1, "function")] == ["closed"])
    done = switch(stack, "on", "get-booking-*", "--by", "Li")
    assert done.returncode == 0, done
    assert statuses(stack) == [200, 200, 200]
    assert cloud.get("/v1/status")["closed"] == []
    wait_until(lambda: [one["state"] for one in lines(stack, 1, "function")] == ["closed", "open"])


def test_a_switch_outlives_replicas_and_reaches_those_that_were_down(stack: Stack) -> None:
    """Before they answer their first request; so does what undoes it."""
    stack.kill(2)
    done = switch(stack, "off", "get-booking-rules", *OFF)
    assert (done.returncode, done.stdout.count("closed\n")) == (1, 2), done
    stack.kill(3)
    stack.restart(2)
    stack.restart(3)
    assert statuses(stack) == [503, 503, 503]
    assert [line["source"] for line in lines(stack, 2, "switch")][-1] == "peer"
    assert [line["source"] for line in lines(stack, 3, "switch")][-1] == "file"
    for replica in REPLICAS:
        stack.kill(replica)
    for replica in REPLICAS:
        stack.restart(replica)
    assert statuses(stack) == [503, 503, 503]
    stack.kill(1)
    assert switch(stack, "on", "get-booking-rules", "--by", "Wang").returncode == 1
    stack.restart(1)
    assert statuses(stack) == [200, 200, 200]


def test_replicas_that_the_command_did_not_reach_have_it_from_the_others(
    stack: Stack, tmp_path: Path
) -> None:
    """As long as one of them was told."""
    board = stack.switchboard.read_text()
    others = ", ".join(urlsplit(stack.admin_url(replica)).netloc for replica in (2, 3))
    first = urlsplit(stack.admin_url(1)).netloc
    stack.switchboard.write_text(board.replace(f", {others}", ""))
    try:
        assert first in stack.switchboard.read_text()
        assert switch(stack, "off", "get-booking-rules", *OFF).returncode == 0
    finally:
        stack.switchboard.write_text(board)
    wait_until(lambda: statuses(stack) == [503, 503, 503])
    assert switch(stack, "on", "get-booking-rules", "--by", "Wang").returncode == 0
    assert statuses(stack) == [200, 200, 200]


def test_a_replica_that_hangs_keeps_nobody_waiting(stack: Stack) -> None:
    """Neither the command nor a replica that starts; and it has the switch when it goes on."""
    stack.child("replica-1").send(signal.SIGSTOP)
    try:
        done = switch(stack, "off", "get-booking-rules", *OFF)
        assert (done.returncode, done.stdout.count("closed\n")) == (1, 2), done
        stack.kill(2)
        stack.restart(2)
        assert [ask(stack, replica)[0] for replica in (2, 3)] == [503, 503]
    finally:
        stack.child("replica-1").send(signal.SIGCONT)
    wait_until(lambda: statuses(stack) == [503, 503, 503])
    assert switch(stack, "on", "get-booking-rules", "--by", "Wang").returncode == 0


def test_a_window_of_a_policy_closes_on_all_replicas_and_opens_again(stack: Stack) -> None:
    """From the reload on, with the time of reopening; a switch beside it does not open it."""
    policy = stack.state / "contracts" / "registration" / "policy.yaml"
    now = datetime.now(HOSPITAL_ZONE)
    start, end = (f"{now + timedelta(hours=hours):%Y-%m-%dT%H:%M}" for hours in (-1, 1))
    window = f"closed: [{{routes: [get-booking-rules], from: {start}, until: {end}}}]\n"
    replaced(policy, "service: registration\n", f"service: registration\n{window}")
    wait_until(lambda: statuses(stack) == [503, 503, 503])
    assert {ask(stack, replica)[1]["reopensAt"] for replica in REPLICAS} == {f"{end}:00+08:00"}
    (closed,) = Cloud(stack).get("/v1/status")["closed"]
    assert closed == {"route": "get-booking-rules", "reopensAt": f"{end}:00+08:00"}
    assert switch(stack, "on", "get-booking-rules", "--by", "Wang").returncode == 0
    assert statuses(stack) == [503, 503, 503]
    replaced(policy, window, "")
    wait_until(lambda: statuses(stack) == [200, 200, 200])


def test_a_replica_whose_switches_cannot_be_read_does_not_start(stack: Stack) -> None:
    """It would open what somebody has closed."""
    stack.kill(1)
    kept = stack.state / "switches" / "replica-1.json"
    before = kept.read_text()
    kept.write_text("{")
    try:
        with pytest.raises(Exception, match="holds no switches that can be read"):
            stack.restart(1)
    finally:
        kept.write_text(before)
    stack.restart(1)
