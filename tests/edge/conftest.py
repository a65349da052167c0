"""One edge for each file of tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.stack import Ports
from tests.edge.world import EdgeWorld


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EdgeWorld]:
    """The running edge with three stand-in replicas."""
    state: Path = tmp_path_factory.mktemp("edge")
    with EdgeWorld(state, ports=Ports.free()) as running:
        yield running
