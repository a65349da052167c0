"""Replicas that die, hang, drain or are gone: nothing is sent twice, and nothing lost by design."""

from __future__ import annotations

import http.client
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from time import monotonic, sleep
from typing import Any

import pytest

from tests.edge.world import EdgeWorld, read_answer, request

REPLICAS = (1, 2, 3)
BODY = b'{"slotId":"x"}'


def states(world: EdgeWorld) -> dict[str, float]:
    """What the edge's own figures say of each replica: 1 is up."""
    found = {}
    for line in world.figures().splitlines():
        if line.startswith("haproxy_server_status{") and 'state="UP"' in line:
            found[line.partition('server="')[2].partition('"')[0]] = float(line.split()[-1])
    return found


def await_up(world: EdgeWorld, count: int) -> None:
    """Wait until the edge holds as many replicas for up."""
    deadline = monotonic() + 30
    while sum(states(world).values()) != count:
        assert monotonic() < deadline, states(world)
        sleep(0.05)


@pytest.fixture(autouse=True)
def whole(world: EdgeWorld) -> None:
    """Every test begins with three replicas up."""
    deadline = monotonic() + 60
    while True:
        # Looked at each time: the sockets of one that dies are closed a moment before it is gone.
        dead = [number for number in REPLICAS if not world.is_running(number)]
        for number in dead:
            world.restart(number)
        if not dead and sum(states(world).values()) == len(REPLICAS):
            return
        assert monotonic() < deadline, states(world)
        sleep(0.05)


def numbers(problem: dict[str, Any]) -> dict[str, Any]:
    """A problem without its texts, which may be improved."""
    return {key: value for key, value in problem.items() if key not in ("title", "detail")}


@pytest.mark.parametrize(("method", "outcome"), [("GET", None), ("POST", "unknown")])
def test_request_whose_replica_dies_is_never_sent_again(
    world: EdgeWorld, method: str, outcome: str | None
) -> None:
    """The caller gets a 502 that does not pretend to know; one replica saw it, once."""
    before = len(world.seen())
    headers = {"Request-Id": "lost"}
    answer = world.call(method, "/die", headers, b"" if method == "GET" else BODY)
    expected = {"type": "/problems/replica-lost", "status": 502, "instance": "lost"}
    expected |= {"retryable": True} | ({"outcome": outcome} if outcome else {})
    assert numbers(answer.problem) == expected
    reached = [(seen["method"], seen["target"]) for seen in world.seen()[before:]]
    assert reached == [(method, "/die")]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_request_on_a_kept_connection_whose_replica_dies_is_never_sent_again(
    world: EdgeWorld, method: str
) -> None:
    """HAProxy ends a caller's kept connection instead of a 502; the request stays sent once."""
    before = len(world.seen())
    with world.connection() as connection:
        connection.sendall(request("GET", "/v1/first"))
        assert read_answer(connection).status == 200
        connection.sendall(request(method, "/die", body=b"" if method == "GET" else BODY))
        with pytest.raises(http.client.RemoteDisconnected):
            read_answer(connection, method)
    reached = [(seen["method"], seen["target"]) for seen in world.seen()[before:]]
    assert reached == [("GET", "/v1/first"), (method, "/die")]


def test_dead_replicas_share_goes_to_the_others_at_once(world: EdgeWorld) -> None:
    """A refused connection was never a request: it is made again elsewhere, before any check."""
    before = len(world.seen())
    world.kill(2)
    statuses = [world.call("POST", f"/v1/{n}", body=BODY).status for n in range(30)]
    assert statuses == [200] * 30
    reached = world.seen()[before:]
    assert sorted(seen["target"] for seen in reached) == sorted(f"/v1/{n}" for n in range(30))
    assert "replica-2" not in {seen["replica"] for seen in reached}


def test_no_replica_up_is_503_and_says_that_nothing_was_sent(world: EdgeWorld) -> None:
    """A caller may repeat such a write without a thought."""
    for number in REPLICAS:
        world.kill(number)
    before = len(world.seen())
    for wait in (0, len(REPLICAS)):
        # First found out by the refused connection itself, then known from the checks.
        if wait:
            await_up(world, 0)
        answer = world.call("POST", "/v1/x", {"Request-Id": "away"}, BODY)
        assert numbers(answer.problem) == {
            "type": "/problems/unavailable",
            "status": 503,
            "instance": "away",
            "outcome": "not-sent",
            "retryable": True,
        }
        assert answer.headers["retry-after"] == "1"
    assert "outcome" not in world.call("GET", "/v1/x").problem
    assert len(world.seen()) == before


def test_unready_replica_gets_no_request_and_returns_when_ready(world: EdgeWorld) -> None:
    """The edge follows readiness, not the mere open port."""
    world.child("replica-1").send(signal.SIGSTOP)
    try:
        await_up(world, 2)
        before = len(world.seen())
        assert [world.call("GET", "/v1/x").status for _ in range(9)] == [200] * 9
        assert "replica-1" not in {seen["replica"] for seen in world.seen()[before:]}
    finally:
        world.child("replica-1").send(signal.SIGCONT)
    await_up(world, 3)
    before = len(world.seen())
    assert [world.call("GET", "/v1/x").status for _ in range(9)] == [200] * 9
    assert "replica-1" in {seen["replica"] for seen in world.seen()[before:]}


def test_drain_loses_nothing(world: EdgeWorld) -> None:
    """Writes on kept connections, a replica ended in their midst: all answered, once each."""
    before = len(world.seen())
    gone = threading.Event()

    def caller(name: int) -> list[tuple[str, int]]:
        answered = []
        with world.connection() as connection:
            count = 0
            while not gone.is_set() or count < 100:
                target = f"/v1/{name}/{count}"
                connection.sendall(request("POST", target, body=BODY))
                answered.append((target, read_answer(connection, "POST").status))
                count += 1
                sleep(0.01)
        return answered

    with ThreadPoolExecutor() as pool:
        callers = [pool.submit(caller, name) for name in range(4)]
        sleep(0.5)
        world.terminate(1)
        await_up(world, 2)
        gone.set()
        answered = [one for running in callers for one in running.result()]
    assert {status for _, status in answered} == {200}
    reached = [seen["target"] for seen in world.seen()[before:]]
    assert sorted(reached) == sorted(target for target, _ in answered)
