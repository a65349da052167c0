"""One hospital for all tests of the sandbox; each test takes patients and slots of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.postgres import Postgres
from tests.sandbox.world import World, open_world


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def new_database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[], str]:
    """Makes an empty database and tells its URL: what takes it is run on either kind."""
    if request.param == "sqlite":
        return lambda: f"sqlite:///{tmp_path_factory.mktemp('hospital')}/hospital.db"
    server: Postgres = request.getfixturevalue("postgres")
    return server.database


@pytest.fixture(scope="session")
def world(new_database: Callable[[], str]) -> Iterator[World]:
    """A running hospital."""
    with open_world(new_database()) as opened:
        yield opened


@pytest.fixture(scope="session")
def service(world: World) -> Any:
    """The SOAP operations, every message checked against the XSD both ways."""
    return world.service
