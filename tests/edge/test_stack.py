"""The stack as a person or a test meets it when something is in the way."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from sandbox.__main__ import STATE, held, main, run
from sandbox.stack import ChildFailed, Ports, Stack
from tests.edge.world import EdgeWorld

PATIENCE = 60.0


class Stillborn(EdgeWorld):
    """Replicas that end before they are ready."""

    def replica_command(self) -> list[str]:
        return [sys.executable, "-c", "print('no settings here'); raise SystemExit(3)"]


def test_free_ports_differ_and_are_free() -> None:
    """Two listeners on one port would be a failure far from its cause."""
    ports = Ports.free()
    numbers = [port for _, port in ports.named()]
    assert len(set(numbers)) == len(numbers) == 10
    ports.require_free()


def test_fixed_ports_are_those_that_documents_name() -> None:
    """Tools and readers rely on these numbers."""
    assert dict(Ports.fixed().named()) == {
        "edge": 8443,
        "edge statistics": 8404,
        "replica-1": 8101,
        "replica-2": 8102,
        "replica-3": 8103,
        "replica-1 admin": 8111,
        "replica-2 admin": 8112,
        "replica-3 admin": 8113,
        "hospital": 8200,
        "hospital control": 8201,
    }


def test_the_database_of_the_command_line_is_the_hospitals(monkeypatch: pytest.MonkeyPatch) -> None:
    """A URL as it is said; without one a file beside the certificates."""
    started: list[Stack] = []

    def note(stack: Stack) -> int:
        started.append(stack)
        return 0

    monkeypatch.setattr("sandbox.__main__.run", note)
    url = "postgresql+psycopg://user@host/name"
    for arguments, expected in (
        (["--database", url], url),
        ([], str(STATE / "hospital.db")),
    ):
        monkeypatch.setattr(sys, "argv", ["sandbox", *arguments])
        assert main() == 0
        assert started[-1].database == expected


def test_taken_port_is_one_line_and_status_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The line names the port, what it is for, and what to do; nothing is left running."""
    ports = Ports.free()
    with socket.create_server(("127.0.0.1", ports.stats)):
        assert run(EdgeWorld(tmp_path, ports=ports)) == 2
    assert capsys.readouterr().err == (
        f"dmz-gateway: port {ports.stats} (edge statistics) is taken: end what listens there, "
        f"`ss -ltnp sport = :{ports.stats}` names it (another `make run`?)\n"
    )
    ports.require_free()


def test_second_sandbox_on_one_state_folder_is_one_line_and_status_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also on other ports: the two would write one database and one set of secrets."""
    with held(tmp_path):
        assert run(EdgeWorld(tmp_path, ports=Ports.free())) == 2
    assert capsys.readouterr().err == ("dmz-gateway: another `make run` is up here: end it first\n")
    assert list(tmp_path.iterdir()) == []
    with held(tmp_path):
        pass


def test_child_that_does_not_start_is_named_with_its_last_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A person should not have to look for the log."""
    ports = Ports.free()
    assert run(Stillborn(tmp_path, ports=ports)) == 1
    assert capsys.readouterr().err == (
        "dmz-gateway: replica-1 ended with status 3; its last words:\n  no settings here\n"
    )
    ports.require_free()


def test_child_that_dies_later_is_told(tmp_path: Path) -> None:
    """Whoever looks after the stack hears of it at the next look."""
    with EdgeWorld(tmp_path, ports=Ports.free(), replicas=1) as world:
        world.require_running()
        os.kill(world.child("replica-1").pid, signal.SIGKILL)
        world.child("replica-1").wait(PATIENCE)
        with pytest.raises(ChildFailed, match="replica-1 ended by SIGKILL"):
            world.require_running()


def test_port_of_a_replica_can_be_taken_again_at_once(tmp_path: Path) -> None:
    """Kills and restarts follow each other in the tests of the whole chain."""
    with EdgeWorld(tmp_path, ports=Ports.free(), replicas=1) as world:
        for _ in range(2):
            with urllib.request.urlopen(f"{world.rest_url(1)}/v1/x") as response:
                assert response.status == 200
            world.kill(1)
            world.restart(1)


FOREGROUND = """
import sys
from pathlib import Path
from sandbox.__main__ import run
from sandbox.stack import Ports
from tests.edge.world import EdgeWorld
ports = Ports.free()
print(*[port for _, port in ports.named()], flush=True)
sys.exit(run(EdgeWorld(Path(sys.argv[1]), ports=ports)))
"""


@pytest.mark.parametrize(
    ("number", "status"),
    [(signal.SIGINT, 0), (signal.SIGTERM, 0), (signal.SIGKILL, -signal.SIGKILL)],
)
def test_nothing_is_left_when_the_foreground_ends(
    tmp_path: Path, number: signal.Signals, status: int
) -> None:
    """Ctrl-C, a polite end and a kill: no child outlives the one that started it."""
    process = subprocess.Popen(
        [sys.executable, "-c", FOREGROUND, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    with process.stdout as output:
        ports = [int(port) for port in output.readline().split()]
        for line in output:
            if "Ctrl-C ends everything" in line:
                break
        process.send_signal(number)
        assert process.wait(PATIENCE) == status
    deadline = time.monotonic() + PATIENCE
    while any(listens(port) for port in ports):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def listens(port: int) -> bool:
    """Whether something accepts connections there."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
