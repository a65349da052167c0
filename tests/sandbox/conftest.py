"""One hospital for all tests of the sandbox; each test takes patients and slots of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest

from tests.sandbox.world import World, open_world


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A running hospital, on SQLite or on the empty database that HOSPITAL_DATABASE_URL names."""
    here = tmp_path_factory.mktemp("hospital") / "hospital.db"
    with open_world(os.environ.get("HOSPITAL_DATABASE_URL", f"sqlite:///{here}")) as opened:
        yield opened


@pytest.fixture(scope="session")
def service(world: World) -> Any:
    """The SOAP operations, every message checked against the XSD both ways."""
    return world.service
