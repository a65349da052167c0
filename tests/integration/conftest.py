"""A replica before a scripted hospital, and two before the sandbox's own."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gateway.pki import make_pki
from sandbox.stack import Stack
from sandbox.stack.ports import Ports, free_ports
from tests.integration.replicas import PATIENCE, Replica
from tests.integration.stub import Stub


@pytest.fixture(scope="session")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Certificates and secrets that all replicas of these tests share."""
    folder: Path = tmp_path_factory.mktemp("state")
    make_pki(folder)
    return folder


@pytest.fixture(scope="module")
def running_stub() -> Iterator[Stub]:
    """A scripted hospital."""
    stub = Stub(free_ports(1)[0])
    stub.start()
    yield stub
    stub.stop()


@pytest.fixture
def stub(running_stub: Stub) -> Stub:
    """The scripted hospital, with nothing left of the test before."""
    running_stub.clear()
    return running_stub


@pytest.fixture(scope="module")
def replica(
    tmp_path_factory: pytest.TempPathFactory, state: Path, running_stub: Stub
) -> Iterator[Replica]:
    """A replica before the scripted hospital."""
    made = Replica(tmp_path_factory.mktemp("replica"), state, running_stub.url)
    made.start()
    yield made
    made.stop()


@dataclass(frozen=True, slots=True)
class Hospital:
    """The sandbox's hospital, by its control port."""

    url: str
    control: str

    def ask(self, path: str, body: object = None, *, method: str | None = None) -> Any:
        """One request to the control port."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.control + path, data, method=method)
        with urllib.request.urlopen(request, timeout=PATIENCE) as response:
            return json.loads(response.read())

    def will(self, **fault: object) -> None:
        """Suffer this fault from now on, and no other."""
        self.ask("/faults", [fault])

    def calls(self) -> int:
        """How many calls were read in full."""
        return sum(self.ask("/counters")["calls"].values())

    def effects(self, serial: str) -> list[dict[str, Any]]:
        """What the ledger holds of a serial."""
        found: list[dict[str, Any]] = self.ask(f"/ledger?serial={serial}")["effects"]
        return found


@pytest.fixture(scope="session")
def running_hospital(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hospital]:
    """The sandbox's hospital with a database of its own."""
    stack = Stack(tmp_path_factory.mktemp("hospital"), ports=Ports.free())
    stack.start_hospital()
    yield Hospital(f"{stack.hospital_url}/registration", stack.control_url)
    stack.stop_hospital()


@pytest.fixture
def hospital(running_hospital: Hospital) -> Iterator[Hospital]:
    """The sandbox's hospital, without the faults of the test before."""
    yield running_hospital
    running_hospital.ask("/faults", method="DELETE")


@pytest.fixture(scope="session")
def pair(
    tmp_path_factory: pytest.TempPathFactory, state: Path, running_hospital: Hospital
) -> Iterator[tuple[Replica, Replica]]:
    """Two replicas before the sandbox's hospital."""
    folder = tmp_path_factory.mktemp("pair")
    made = tuple(
        Replica(folder, state, running_hospital.url, name=name) for name in ("one", "other")
    )
    for replica in made:
        replica.start()
    yield made[0], made[1]
    for replica in made:
        replica.stop()
