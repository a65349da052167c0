"""Who did what: which replicas the edge holds for up, which one took a call, which one lost it."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Iterator
from typing import Any

from sandbox.stack import Stack
from sandbox.stack.ports import REPLICAS

_PATIENCE = 60.0
_UP = 'haproxy_server_status{proxy="replicas",server="replica-%d",state="UP"} 1'


def await_all_up(stack: Stack) -> None:
    """Wait until the edge sends calls to every replica."""
    wanted = [_UP % number for number in range(1, REPLICAS + 1)]
    deadline = time.monotonic() + _PATIENCE
    while True:
        with urllib.request.urlopen(f"{stack.stats_url}/metrics", timeout=_PATIENCE) as response:
            figures = response.read().decode().splitlines()
        if all(line in figures for line in wanted):
            return
        assert time.monotonic() < deadline, [line for line in figures if "server_status" in line]
        time.sleep(0.1)


def taken(stack: Stack) -> dict[str, str]:
    """The replica that answered each call, by request id, as the replicas' own logs have it.

    A replica logs every call to its end, also one whose caller has left.
    """
    return {
        line["request_id"]: f"replica-{number}"
        for number in range(1, REPLICAS + 1)
        for line in _logged(stack, f"replica-{number}", "exchange")
    }


def lost(stack: Stack) -> dict[str, str]:
    """The replica that was called and did not answer, by request id, as the edge's log has it.

    Not all of them: on a connection that its caller has used before the edge says nothing.
    """
    return {
        line["request_id"]: line["replica"]
        for line in _logged(stack, "edge", "edge")
        if line["status"] == 502
    }


def _logged(stack: Stack, name: str, event: str) -> Iterator[dict[str, Any]]:
    for text in (stack.logs / f"{name}.log").read_text("utf-8").splitlines():
        # A line that a kill cut in two, or one that is not of the log, is nobody's.
        if text.startswith("{") and text.endswith("}"):
            line = json.loads(text)
            if line["event"] == event:
                yield line
