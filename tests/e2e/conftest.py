"""One whole stack for all end-to-end tests, on free ports, with a seed and a date of its own."""

from __future__ import annotations

import datetime
import os
import random
from collections.abc import Iterator
from zoneinfo import ZoneInfo

import pytest

from sandbox.stack import Ports, Stack
from tests.e2e.cloud import Cloud
from tests.e2e.hospital import Hospital


@pytest.fixture(scope="session")
def chance() -> random.Random:
    """The run's own choices; printed, and repeatable by E2E_SEED."""
    seed = int(os.environ.get("E2E_SEED") or random.SystemRandom().randrange(10_000))
    print(f"\nE2E_SEED={seed}")
    return random.Random(seed)


@pytest.fixture(scope="session")
def stack(chance: random.Random, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Everything that `make run` starts, its hospital at ten in the morning of a chosen day."""
    state = tmp_path_factory.mktemp("stack")
    with Stack(state, ports=Ports.free(), seed=chance.randrange(1, 10_000)) as running:
        day = datetime.datetime.now(ZoneInfo("Asia/Shanghai")).date()
        day += datetime.timedelta(days=chance.randrange(10))
        Hospital(running).control("POST", "/clock", {"now": f"{day}T10:00:00"})
        yield running


@pytest.fixture(scope="session")
def cloud(stack: Stack) -> Cloud:
    """The booking platform."""
    return Cloud(stack)


@pytest.fixture(scope="session")
def hospital(stack: Stack) -> Hospital:
    """The hospital's truth."""
    return Hospital(stack)
