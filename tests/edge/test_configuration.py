"""The configuration file itself, and that its notes say what it does."""

from __future__ import annotations

import json
import re
import shutil
import subprocess

from gateway.problems import TYPES
from sandbox.stack.stack import EDGE_CONFIGURATION
from tests.edge.world import EdgeWorld

CONFIGURATION = EDGE_CONFIGURATION.read_text()
NOTES = EDGE_CONFIGURATION.with_name("README.md").read_text()


def test_haproxy_accepts_it_without_a_warning(world: EdgeWorld) -> None:
    """A warning today is a refusal to start in a later HAProxy."""
    haproxy = shutil.which("haproxy", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
    assert haproxy
    done = subprocess.run(
        [haproxy, "-dW", "-c", "-f", str(EDGE_CONFIGURATION)],
        env=world.edge_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr


def test_every_problem_of_the_edge_is_one_of_the_closed_list() -> None:
    """A caller meets the same types and titles from the edge as from a replica, and what to do."""
    templates = re.findall(r"lf-string '(\{.*?\})'", CONFIGURATION)
    assert len(templates) > 10
    for template in templates:
        problem = json.loads(re.sub(r"%\[var\(txn\.(unknown|not_sent)\)\]", "", template))
        kind = TYPES[problem["type"].removeprefix("/problems/")]
        assert problem["detail"]
        assert (problem["status"], problem["title"], problem["retryable"]) == (
            kind.status,
            kind.title,
            kind.retryable,
        )
        assert problem["instance"] == "%[var(txn.request_id)]"


def test_notes_give_the_timeouts_that_are_set() -> None:
    """The table of timeouts is what operations read before they change one."""
    for name, seconds in re.findall(
        r"^ +(timeout [a-z-]+|hard-stop-after) (\d+)s$", CONFIGURATION, re.M
    ):
        if name != "timeout check":
            assert re.search(rf"\| {seconds} s \| `{name}` \|", NOTES), name


def test_notes_give_the_bounds_that_are_set() -> None:
    """The numbers in the notes are those of the rules."""
    for number in ("4096", "8192", "2000"):
        assert re.search(rf"\b{number}\b", CONFIGURATION)
        assert f"{int(number):,}" in NOTES
    assert f"gt {64 * 1024} " in CONFIGURATION
    assert f"tune.bufsize {96 * 1024}\n" in CONFIGURATION
    assert "a body of 64 KiB" in NOTES
    assert "96 KiB (`tune.bufsize`)" in NOTES


def test_notes_name_every_header_that_is_removed_or_set() -> None:
    """A replica's reader finds there what the edge says."""
    removed = re.findall(r"del-header (\S+)(?: -m (beg))?$", CONFIGURATION, re.M)
    assert len(removed) > 7
    for name, prefix in removed:
        if name not in ("Upgrade", "HTTP2-Settings", "Connection"):
            assert f"`{name}{'*' if prefix else ''}`" in NOTES
    for name in re.findall(r"http-request set-header (\S+)", CONFIGURATION):
        assert f"| `{name}` |" in NOTES


def test_edge_publishes_its_own_figures(world: EdgeWorld) -> None:
    """Prometheus scrapes the edge as it does each replica."""
    world.call("GET", "/v1/departments")
    assert 'haproxy_server_http_responses_total{proxy="replicas",server="replica-1"' in (
        world.figures()
    )
