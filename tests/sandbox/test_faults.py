"""Faults on call: what the socket and the documents do when they are told to."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from tests.sandbox import flow
from tests.sandbox.world import CHANNEL, World, serial

# What sockets do is the same whatever the hospital keeps its tables in.
pytestmark = pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)

_STATUS = (
    b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
    b'<QueryStatus xmlns="urn:internet-hospital:registration"><ChannelCode>VIDEO</ChannelCode>'
    b"</QueryStatus></s:Body></s:Envelope>"
)


def _lock(slot: str, card: str, mine: str) -> bytes:
    return (
        '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
        '<LockSlot xmlns="urn:internet-hospital:registration">'
        f"<PlatformSerial>{mine}</PlatformSerial><ChannelCode>{CHANNEL}</ChannelCode>"
        f"<SlotCode>{slot}</SlotCode><CardNo>{card}</CardNo></LockSlot></s:Body></s:Envelope>"
    ).encode()


def _raw(body: bytes, operation: str) -> bytes:
    head = (
        "POST /registration HTTP/1.1\r\nHost: hospital\r\nContent-Type: text/xml; charset=utf-8\r\n"
        f'SOAPAction: "urn:internet-hospital:registration/{operation}"\r\n'
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


@pytest.fixture
def caller(world: World) -> Iterator[socket.socket]:
    """A plain connection to the front."""
    with socket.create_connection((world.at.soap.host, world.at.soap.port), timeout=10) as made:
        yield made


def _all(caller: socket.socket) -> bytes:
    received = b""
    while chunk := caller.recv(65536):
        received += chunk
    return received


def test_an_error_of_the_system_is_answered_and_nothing_done(world: World) -> None:
    """-99, valid by the schema, once."""
    mine, body_of = serial(), (world.slot(), world.patient())
    with world.faults({"kind": "error", "operation": "LockSlot", "times": 1}):
        status, body = world.post(_lock(*body_of, mine))
        assert (status, b"<ResultCode>-99</ResultCode>" in body) == (200, True)
        assert world.effects(mine) == []
        world.post(_lock(*body_of, mine))
    assert world.effects(mine) == ["slot-held"]


def test_a_fault_may_come_after_the_work_was_done(world: World) -> None:
    """With `commit` the caller is told of a failure that was none."""
    mine = serial()
    with world.faults({"kind": "fault", "operation": "LockSlot", "commit": True}):
        status, body = world.post(_lock(world.slot(), world.patient(), mine))
    assert (status, b":Fault>" in body) == (500, True)
    assert world.effects(mine) == ["slot-held"]


@pytest.mark.parametrize(
    ("garbage", "start"),
    [
        ("html", b"<!DOCTYPE html>"),
        ("empty", b""),
        ("other-operation", b"<?xml"),
        ("truncated", b"<?xml"),
        ("谢谢", "谢谢".encode()),
    ],
)
def test_garbage_comes_with_status_200(world: World, garbage: str, start: bytes) -> None:
    """Whatever it is, HTTP says that all is well."""
    with world.faults({"kind": "garbage", "operation": "QueryStatus", "body": garbage}):
        status, body = world.post(_STATUS)
    assert status == 200
    assert body.startswith(start)
    assert b"QueryStatusResponse>" not in body.removesuffix(b"</soap:Envelope>")


def test_silence_after_the_commit(world: World, caller: socket.socket) -> None:
    """The work is done, the connection stays open, and no answer comes; no thread waits."""
    mine = serial()
    with world.faults({"kind": "silence", "operation": "LockSlot", "commit": True, "times": 1}):
        caller.sendall(_raw(_lock(world.slot(), world.patient(), mine), "LockSlot"))
        caller.settimeout(1)
        with pytest.raises(TimeoutError):
            caller.recv(1)
    assert world.effects(mine) == ["slot-held"]


def test_many_silent_calls_leave_the_hospital_answering(world: World, service: Any) -> None:
    """More of them than the server has threads, and reads are answered still."""
    address = (world.at.soap.host, world.at.soap.port)
    silent = [socket.create_connection(address, timeout=10) for _ in range(60)]
    try:
        with world.faults({"kind": "silence", "operation": "QueryRules"}):
            for one in silent:
                one.sendall(_raw(_STATUS.replace(b"QueryStatus", b"QueryRules"), "QueryRules"))
            assert service.QueryStatus(ChannelCode=CHANNEL).ResultCode == "0"
            assert world.control("GET", "/counters")["most_in_flight"] >= 1
    finally:
        for one in silent:
            one.close()


@pytest.mark.parametrize(
    ("at", "effects"),
    [
        ("before-reading", []),
        ("half-read", []),
        ("after-reading", []),
        ("before-reply", ["slot-held"]),
        ("inside-reply", ["slot-held"]),
    ],
)
@pytest.mark.parametrize("reset", [False, True])
def test_a_cut_does_what_was_done_by_then(
    world: World, caller: socket.socket, at: str, effects: list[str], reset: bool
) -> None:
    """Cut before the work, nothing happened; cut in or before the reply, it did."""
    mine = serial()
    rule = {"kind": "cut", "operation": "LockSlot", "at": at, "reset": reset, "times": 1}
    with world.faults(rule):
        caller.sendall(_raw(_lock(world.slot(), world.patient(), mine), "LockSlot"))
        try:
            received = _all(caller)
        except ConnectionResetError:
            received = b""
    assert not received.endswith(b"Envelope>")
    assert bool(received) is (at == "inside-reply") or reset
    assert world.effects(mine) == effects


def test_a_cut_at_connect_says_nothing(world: World) -> None:
    """The connection ends before a byte was read."""
    with world.faults({"kind": "cut", "at": "connect", "times": 1}):
        address = (world.at.soap.host, world.at.soap.port)
        with socket.create_connection(address, timeout=10) as caller:
            assert _all(caller) == b""


def test_a_drip_comes_byte_by_byte(world: World, caller: socket.socket) -> None:
    """The whole reply arrives, if one waits for it."""
    with world.faults({"kind": "drip", "operation": "QueryStatus", "seconds": 0.0001}):
        caller.sendall(_raw(_STATUS, "QueryStatus"))
        received = _all(caller)
    assert received.startswith(b"HTTP/1.1 200 OK")
    assert received.endswith(b"Envelope>")


def test_faults_that_say_nothing_sensible_are_refused(world: World) -> None:
    """A typing error must not become a fault that never happens."""
    for rule in ({"kind": "cut", "at": "lunch"}, {"kind": "noise"}, {"kind": "cut", "att": "x"}):
        assert world.control("POST", "/faults", [rule])["status"] == 400
    assert world.control("GET", "/faults")["faults"] == []


def test_past_its_limit_the_hospital_collapses(world: World) -> None:
    """More calls at once than it bears: some are slow, the last are errors."""
    world.control("POST", "/limit", {"concurrency": 1})
    statuses: list[int] = []
    try:
        with world.faults({"kind": "latency", "operation": "QueryStatus", "seconds": 0.3}):
            threads = [
                threading.Thread(target=lambda: statuses.append(world.post(_STATUS)[0]))
                for _ in range(6)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(60)
    finally:
        world.control("POST", "/limit", {"concurrency": None})
    assert sorted(set(statuses)) == [200, 500]


def test_the_ledger_and_the_counters_can_be_asked(world: World, service: Any) -> None:
    """The control port tells effects by serial, and calls by operation."""
    before = world.control("GET", "/counters")["calls"].get("LockSlot", 0)
    held = flow.hold(service, world.slot(), world.patient())
    row = world.row("SELECT serial FROM trade WHERE reply LIKE :h", h=f"%{held.HoldCode}%")
    (effect,) = world.control("GET", f"/ledger?serial={row['serial']}")["effects"]
    assert (effect["kind"], effect["slot_code"]) == ("slot-held", held.SlotCode)
    assert world.control("GET", "/counters")["calls"]["LockSlot"] == before + 1
    assert world.control("DELETE", "/counters")["calls"] == {}
    assert world.control("GET", "/healthz")["status"] == "up"
    assert set(world.control("GET", "/sample")) == {
        "patient",
        "child",
        "slot_code",
        "schedule_code",
        "fee_due",
        "clinic_booking",
        "bill",
        "funded_bill",
        "insured_bill",
        "report",
        "examination",
    }
