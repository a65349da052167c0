"""Replicas drained under load: nobody notices."""

from __future__ import annotations

from collections.abc import Iterator
from time import sleep

import pytest

from sandbox.stack import Ports, Stack
from tests.e2e.edge import await_all_up
from tests.e2e.hospital import Hospital
from tests.e2e.load import Load, Mix, Wish, cards_made, serial_of, settings_with_room

DRAINS = 10
RATE = 80
AT_LEAST = 6_000
HOSPITAL_SECONDS = 0.05
SLOW_EVERY = 101
SLOW_SECONDS = 5.0
"""Longer than a replica listens after SIGTERM: such calls end when it no longer does."""


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack of this file's own, with a hospital that takes its time, now and then a long one."""
    state = tmp_path_factory.mktemp("drain")
    with Stack(state, ports=Ports.free(), settings=settings_with_room(state)) as running:
        faults = [
            {"kind": "latency", "seconds": HOSPITAL_SECONDS},
            {"kind": "latency", "seconds": SLOW_SECONDS, "operation": "QueryDepartments"},
        ]
        Hospital(running).control("POST", "/faults", faults)
        await_all_up(running)
        yield running


@pytest.mark.timeout(600)
def test_drains_lose_nothing(stack: Stack) -> None:
    """Ten replicas ended by SIGTERM: no call fails, and the ledger is what was answered."""
    hospital = Hospital(stack)
    mix = Mix(hospital)

    def choose(number: int) -> Wish:
        return mix(number) if number % SLOW_EVERY else Wish("GET", "/v1/departments")

    with Load(stack, choose, rate=RATE, at_most=300 * RATE) as load:
        for number in range(DRAINS):
            sleep(1)
            replica = number % 3 + 1
            drained = stack.terminate(replica)
            assert '"phase":"stopped"' in drained.last_lines(1)[0]
            stack.restart(replica)
            await_all_up(stack)
        sleep(max(0.0, (AT_LEAST - len(load.calls)) / RATE + 1))
    print(f"{len(load.calls)} calls, {sum(call.is_write for call in load.calls)} writes")
    assert len(load.calls) >= AT_LEAST
    assert [str(call) for call in load.calls if not call.succeeded] == []
    writes = [call for call in load.calls if call.is_write]
    told = {serial_of(write): [write.json["cardNumber"]] for write in writes}
    assert cards_made(hospital) == told
