"""Replicas killed under load: only what the victim worked on is lost, and no write is told wrong.

What was in flight on the victim is worked out afterwards, from records that know nothing of each
other: the caller's clock says which calls were open while the replica died, the logs of the other
replicas which of these were theirs. A figure asked of the edge just before the kill would be of
another moment; this is of the kill itself, and names each call. The edge's log is held against it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from time import monotonic, sleep

import pytest

from sandbox.stack import Ports, Stack
from tests.e2e.cloud import Answer, Cloud
from tests.e2e.edge import await_all_up, lost, taken
from tests.e2e.hospital import Hospital
from tests.e2e.load import Call, Load, Mix, cards_made, serial_of, settings_with_room

KILLS = 10
RATE = 100
SECONDS_BETWEEN = 6.0
READ_SECONDS, WRITE_SECONDS = 0.05, 0.2
"""What a call takes in the hospital: with an instant one next to nothing would be in flight."""


@dataclass(frozen=True, slots=True)
class Kill:
    """A replica's end: from just before the signal until the kernel had closed its sockets."""

    replica: str
    begin: float
    end: float


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack of this file's own, with a hospital that takes its time."""
    state = tmp_path_factory.mktemp("kill")
    with Stack(state, ports=Ports.free(), settings=settings_with_room(state)) as running:
        slow = {"QueryDoctor": READ_SECONDS, "CreateCard": WRITE_SECONDS}
        faults = [
            {"kind": "latency", "operation": name, "seconds": seconds}
            for name, seconds in slow.items()
        ]
        Hospital(running).control("POST", "/faults", faults)
        await_all_up(running)
        yield running


@pytest.mark.timeout(600)
def test_kills_lose_only_what_was_in_flight_and_no_write_is_told_wrong(stack: Stack) -> None:
    """Ten kills in a minute, under a hundred calls a second, a fifth of them writes."""
    hospital = Hospital(stack)
    with Load(stack, Mix(hospital), rate=RATE, at_most=300 * RATE) as load:
        sleep(1)
        kills = [kill(stack, number % 3 + 1) for number in range(KILLS)]
    assert len(load.calls) >= KILLS * SECONDS_BETWEEN * RATE

    by, lost_by = taken(stack), lost(stack)
    excused = set()
    for one in kills:
        held = in_flight(load.calls, by, one)
        failed = [call for call in held if not call.succeeded]
        print(f"{one.replica} killed: {len(held)} in flight, {len(failed)} of them lost")
        assert {lost_by.get(call.request_id, one.replica) for call in failed} <= {one.replica}
        excused |= {call.request_id for call in failed}
    # Or the kills would have shown nothing.
    assert excused
    failed = [call for call in load.calls if not call.succeeded]
    assert [str(call) for call in failed if call.request_id not in excused] == []

    answered = [call for call in load.calls if call.is_write and call.succeeded]
    check_answered(hospital, answered)
    check_lost(stack, hospital, [call for call in failed if call.is_write])


def kill(stack: Stack, number: int) -> Kill:
    """Kill a replica, start it again, and wait until the next kill is due."""
    begin = monotonic()
    stack.kill(number)
    killed = Kill(f"replica-{number}", begin, monotonic())
    stack.restart(number)
    await_all_up(stack)
    sleep(max(0.0, begin + SECONDS_BETWEEN - monotonic()))
    return killed


def in_flight(calls: Sequence[Call], by: dict[str, str], killed: Kill) -> list[Call]:
    """The calls that were open when a replica was killed, but for those that another one took."""
    return [
        call
        for call in calls
        if call.was_open(killed.begin, killed.end)
        and by.get(call.request_id, killed.replica) == killed.replica
    ]


def check_answered(hospital: Hospital, writes: Sequence[Call]) -> None:
    """Each is in the ledger once, as it was told."""
    made = cards_made(hospital)
    told = {serial_of(write): [write.json["cardNumber"]] for write in writes}
    assert {serial: made.get(serial) for serial in told} == told


def check_lost(stack: Stack, hospital: Hospital, writes: Sequence[Call]) -> None:
    """Whoever got no answer learns by asking, or by repeating, what the ledger says."""
    cloud = Cloud(stack)
    before = cards_made(hospital)
    print(
        f"{len(writes)} writes lost, {sum(serial_of(write) in before for write in writes)} of them"
        " done by the hospital"
    )
    for write in writes:
        # The edge said nothing, or that the answer is lost; never that nothing was done.
        if write.status is not None:
            assert (write.status, write.json["outcome"]) == (502, "unknown")
        done = before.get(serial_of(write), [])
        asked = cloud.get(f"/v1/operations/create-card/{write.wish.key}")
        if done:
            assert (asked["outcome"], [asked["response"]["cardNumber"]]) == ("succeeded", done)
        else:
            assert asked == {"outcome": "unknown"}
        again = repeat(cloud, write)
        assert again.status == 201, again.body
        number = again.json["cardNumber"]
        assert cards_made(hospital)[serial_of(write)] == [number]
        assert done in ([], [number])


def repeat(cloud: Cloud, write: Call) -> Answer:
    """The same write under the same key."""
    wish = write.wish
    return cloud.call(wish.method, wish.path, wish.body, key=wish.key)
