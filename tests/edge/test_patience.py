"""Callers and replicas that keep the edge waiting: what they hold up, and what is said of it."""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from sandbox.stack import Ports
from tests.edge.world import EdgeWorld, read_answer, request

PLACES = 256
"""Requests that the edge has under way at one replica."""
BODY = 65_536


class ImpatientWorld(EdgeWorld):
    """An edge that waits for an answer a second instead of 35, before one replica."""

    def edge_configuration(self) -> Path:
        text = super().edge_configuration().read_text()
        assert "timeout server 35s" in text
        changed = self.state / "haproxy.cfg"
        changed.write_text(text.replace("timeout server 35s", "timeout server 1s"))
        return changed


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EdgeWorld]:
    """The impatient edge."""
    state: Path = tmp_path_factory.mktemp("impatient")
    with ImpatientWorld(state, ports=Ports.free(), replicas=1) as running:
        yield running


def at_the_replica(world: EdgeWorld) -> tuple[int, int]:
    """What the edge's figures say of the replica: requests under way, and ever begun."""
    labels = r'\{proxy="replicas",server="replica-1"\} (\d+)'
    text = world.figures()
    now = re.search(rf"^haproxy_server_current_sessions{labels}", text, re.M)
    ever = re.search(rf"^haproxy_server_sessions_total{labels}", text, re.M)
    assert now
    assert ever
    return int(now[1]), int(ever[1])


def test_stalled_bodies_take_no_replicas_place(world: EdgeWorld) -> None:
    """More callers than a replica has places hold back a byte of the largest request there is."""
    context = ssl.create_default_context(cafile=str(world.ca))
    context.load_cert_chain(*world.client_certificate())
    target = "/v1/" + "x" * 4092
    whole = request("POST", target, {"A": "a" * 8000}, b" " * BODY)
    _, begun = at_the_replica(world)
    with ExitStack() as open_connections:
        stalled = [
            open_connections.enter_context(world.connection(context=context))
            for _ in range(PLACES + 44)
        ]
        for connection in stalled:
            connection.sendall(whole[:-1])
        assert [world.call("GET", "/v1/x").status for _ in range(5)] == [200] * 5
        assert at_the_replica(world) == (0, begun + 5)
        stalled[-1].sendall(whole[-1:])
        assert read_answer(stalled[-1], "POST").status == 200
    assert (world.seen()[-1]["target"], world.seen()[-1]["length"]) == (target, BODY)


@pytest.mark.parametrize(("method", "outcome"), [("GET", None), ("POST", "unknown")])
def test_late_answer_is_504_that_does_not_pretend_to_know(
    world: EdgeWorld, method: str, outcome: str | None
) -> None:
    """The replica has the request, once; how a write ends nobody here can say."""
    before = len(world.seen())
    answer = world.call(method, "/hang", {"Request-Id": "late"}, b"" if method == "GET" else b"{}")
    assert (answer.status, answer.problem["type"]) == (504, "/problems/replica-late")
    assert answer.problem.get("outcome") == outcome
    assert (answer.problem["instance"], answer.problem["retryable"]) == ("late", True)
    assert [seen["method"] for seen in world.seen()[before:]] == [method]
