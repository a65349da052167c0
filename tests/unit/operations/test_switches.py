"""`/switches` of the admin listener and who asks it: the command, and the other replicas."""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from prometheus_client import CollectorRegistry

from gateway.closing.closings import Closings
from gateway.closing.peers import PATH, Peers
from gateway.closing.switch import LONGEST, Switch
from gateway.commands import switch as command
from gateway.operations.admin import AdminListener
from gateway.operations.health import Health
from gateway.operations.switches import SwitchResource
from sandbox.stack.ports import free_ports
from tests.unit.closing.switches import MINUTE, SECRET, Board, off, on
from tests.unit.translation.contexts import NOW
from tests.unit.world import route

ROUTES = tuple(route(name) for name in ("hold-slot", "pay-appointment", "get-status"))
DEAD = f"127.0.0.1:{free_ports(1)[0]}"
"""Where nobody listens."""


class Replica(Board):
    """A switchboard behind an admin listener."""

    def __init__(self, name: str, secret: str = SECRET) -> None:
        super().__init__()
        closings = Closings(lambda: ROUTES, lambda: self.switchboard.thrown, lambda: self.now)
        self.listener = AdminListener(
            "127.0.0.1",
            0,
            health=Health(),
            registry=CollectorRegistry(),
            snapshot=dict,
            more=SwitchResource(name, self.switchboard, closings, secret).routes(),
        )

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.listener.port}"


def with_replicas(test: Callable[..., Awaitable[None]], *replicas: Replica) -> tuple[Replica, ...]:
    """Run `test` with the replicas listening; they are given to it."""

    async def main() -> None:
        async with AsyncExitStack() as cleanup:
            for replica in replicas:
                await replica.listener.start()
                cleanup.push_async_callback(replica.listener.stop)
            await test(*replicas)

    asyncio.run(main())
    return replicas


async def post(replica: Replica, body: object) -> tuple[int, Any]:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"http://{replica.address}{PATH}", data=data) as response,
    ):
        return response.status, await response.json()


def test_a_signed_switch_is_taken_and_kept_and_what_it_closes_is_told() -> None:
    """And once more is no harm, since another replica may have handed it on meanwhile."""

    async def test(replica: Replica) -> None:
        closed = {
            "route": "hold-slot", "reopensAt": "2031-03-14T10:30:00+08:00", "by": "switch",
        }  # fmt: skip
        for _ in range(2):
            told = await post(replica, off("hold-*").written())
            assert told == (200, {"replica": "one", "kept": True, "closed": [closed]})
        assert [source for _, source, _ in replica.audited] == ["command"]
        assert replica.kept[-1] == (off("hold-*"),)

    with_replicas(test, Replica("one"))


@pytest.mark.parametrize(
    ("body", "status", "why"),
    [
        (b"", 400, "malformed"),
        (b"{", 400, "malformed"),
        (b"[" * 5000, 400, "malformed"),
        ([], 400, "malformed"),
        ({"route": "hold-slot"}, 400, "malformed"),
        (replace(off(), signature="").written(), 401, "signature"),
        (replace(off(), by="Li").written(), 401, "signature"),
        (off().signed("another secret").written(), 401, "signature"),
        (off(at=NOW - 2 * MINUTE).written(), 409, "older"),
        (off("pay-*", at=NOW - 9 * MINUTE, until=NOW - MINUTE).written(), 409, "older"),
    ],
)
def test_any_other_is_refused_and_changes_nothing(body: object, status: int, why: str) -> None:
    """Whoever can reach the listener."""

    async def test(replica: Replica) -> None:
        replica.switchboard.take([off()], "file")
        told = {"replica": "one", "refused": why, "closed": []}
        assert await post(replica, body) == (status, told)
        assert replica.switchboard.thrown == (off(),)
        assert replica.kept == []

    with_replicas(test, Replica("one"))


def test_a_route_that_is_not_there_is_refused_with_those_that_are() -> None:
    """So that the command can say which one was meant."""

    async def test(replica: Replica) -> None:
        routes = ["get-status", "hold-slot", "pay-appointment"]
        told = {"replica": "one", "refused": "unknown-route", "routes": routes, "closed": []}
        assert await post(replica, off("hold-slots").written()) == (422, told)
        assert replica.switchboard.thrown == ()

    with_replicas(test, Replica("one"))


def test_a_switch_that_is_not_kept_is_told_to_be_none_the_less_thrown() -> None:
    """Closed is the safe side; that it may be lost is said."""

    async def test(replica: Replica) -> None:
        replica.disk_full = True
        status, told = await post(replica, off().written())
        assert (status, told["kept"], len(told["closed"])) == (200, False, 1)

    with_replicas(test, Replica("one"))


# --- among replicas ---


@dataclass
class Asked:
    """What one replica learnt, and said of the others."""

    learnt: list[tuple[Switch, ...]]
    said: list[tuple[str, str | None]]

    async def take(self, switches: tuple[Switch, ...]) -> None:
        self.learnt.append(switches)


def peers_of(*addresses: str) -> tuple[Peers, Asked]:
    asked = Asked([], [])
    peers = Peers(addresses, SECRET, asked.take, lambda *change: asked.said.append(change))
    return peers, asked


def test_a_replica_learns_what_the_others_know_and_waits_for_none_that_is_down() -> None:
    """Those that answer are enough; who does not is said once, and once that it does again."""

    async def test(one: Replica, other: Replica) -> None:
        one.switchboard.take([off()], "command")
        other.switchboard.take([on(), off("pay-*")], "command")
        peers, asked = peers_of(one.address, other.address, DEAD)
        await peers.learn()
        await peers.learn()
        assert sorted(asked.learnt[:2], key=len) == [(off(),), (on(), off("pay-*"))]
        assert asked.said == [(DEAD, "unreachable")]

    with_replicas(test, Replica("one"), Replica("other"))


def test_what_is_not_signed_is_not_believed_whoever_says_it() -> None:
    """Such as a replica with another secret; what is signed beside it is."""

    async def test(other: Replica) -> None:
        forged = off("pay-*").signed("another secret")
        other.switchboard.take([off(), forged], "command")
        peers, asked = peers_of(other.address)
        await peers.learn()
        assert asked.learnt == [(off(),)]
        assert asked.said == [(other.address, "signature")]
        other.switchboard.take([off("pay-*", at=NOW)], "command")
        await peers.learn()
        assert asked.said[1:] == [(other.address, None)]

    with_replicas(test, Replica("other"))


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n[", "malformed"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]", "malformed"),
        (b'HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n{"switches": 1}', "malformed"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2000000\r\n\r\n" + b"[" * 2_000_000, "malformed"),
        (b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "unreachable"),
        (b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n", "malformed"),
        (b"\x00\x01\x02\r\n\r\n", "unreachable"),
        (b"", "unreachable"),
    ],
)
def test_whatever_a_peer_answers_a_replica_goes_on(answer: bytes, why: str) -> None:
    """Something else may listen where a replica should."""

    async def test() -> None:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(answer)
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        async with server:
            peers, asked = peers_of(f"127.0.0.1:{server.sockets[0].getsockname()[1]}")
            await peers.learn()
        assert (asked.learnt, [said for _, said in asked.said]) == ([], [why])

    asyncio.run(test())


# --- the command ---


def board(folder: Path, addresses: Sequence[str], secret: str = SECRET) -> Path:
    (folder / "secret").write_text(secret)
    file = folder / "switchboard.yaml"
    file.write_text(f"admins: {json.dumps(list(addresses))}\nsecret: secret\n")
    return file


def call(file: Path, *arguments: str) -> int:
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    return command.run(parser.parse_args([*arguments, "--switchboard", str(file)]))


OFF = ("off", "hold-slot", "--by", "Wang", "--reason", "wrong fees", "--until")
ON = ("on", "hold-slot", "--by", "Li")


@pytest.fixture
def pair(monkeypatch: pytest.MonkeyPatch) -> tuple[Replica, Replica]:
    """Two replicas at the time at which the command is run."""

    class Clock(type(NOW)):  # type: ignore[misc]  # a class as good as any
        @classmethod
        def now(cls, tz: object = None) -> Any:
            return NOW

    monkeypatch.setattr(command, "datetime", Clock)
    return Replica("one"), Replica("other")


def test_off_closes_on_all_and_on_opens_though_the_clock_stood_still(
    pair: tuple[Replica, Replica], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each stamp is later than what stands, whatever the clock says."""

    async def test(one: Replica, other: Replica) -> None:
        file = board(tmp_path, [one.address, other.address])
        assert await asyncio.to_thread(call, file, *OFF, "10:30") == 0
        told = capsys.readouterr().out
        until = "    hold-slot  until 2031-03-14T10:30:00+08:00, by switch\n"
        assert told == f"{one.address}  one  closed\n{until}{other.address}  other  closed\n{until}"
        (switch,) = one.switchboard.thrown
        assert other.switchboard.thrown == (switch,)
        assert (switch.by, switch.reason, switch.until) == ("Wang", "wrong fees", NOW + 60 * MINUTE)
        assert await asyncio.to_thread(call, file, *ON) == 0
        (again,) = one.switchboard.thrown
        assert (again.closed, again.until - again.at) == (False, LONGEST)
        assert again.replaces(switch)
        assert capsys.readouterr().out.count("switched on") == 2

    with_replicas(test, *pair)


def test_who_opens_one_of_two_is_told_that_it_is_closed_still(
    pair: tuple[Replica, Replica], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A switch undoes that of its own name, and no other."""

    async def test(one: Replica, _other: Replica) -> None:
        one.switchboard.take([off("hold-*")], "command")
        assert await asyncio.to_thread(call, board(tmp_path, [one.address]), *ON) == 0
        assert "hold-slot  still closed, until 2031-03-14T10:30" in capsys.readouterr().out

    with_replicas(test, *pair)


def test_a_replica_that_cannot_be_told_is_named_and_the_others_are_told(
    pair: tuple[Replica, Replica], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Status 1: somebody has to look."""

    async def test(one: Replica, other: Replica) -> None:
        other.disk_full = True
        file = board(tmp_path, [one.address, DEAD, other.address])
        assert await asyncio.to_thread(call, file, *OFF, "2031-03-15T00:00") == 1
        told = capsys.readouterr()
        assert f"{one.address}  one  closed" in told.out
        assert f"{DEAD}  no answer" in told.out
        assert f"{other.address}  other  done, but could not be written down" in told.out
        assert told.err.startswith("2 of 3 replicas did not do it")

    with_replicas(test, *pair)


@pytest.mark.parametrize(
    ("arguments", "secret", "why"),
    [
        ((*OFF, "10:30"), SECRET[::-1], "does not believe it: its secret is another"),
        (
            ("off", "hold-slots", *OFF[2:], "10:30"),
            SECRET,
            'no replica has a route "hold-slots"; did you mean "hold-slot"?\n',
        ),
        (
            ("off", "quite-another", *OFF[2:], "10:30"),
            SECRET,
            'no replica has a route "quite-another"; the API document names each as operationId\n',
        ),
    ],
)
def test_why_a_replica_refuses_is_told(
    arguments: tuple[str, ...],
    secret: str,
    why: str,
    pair: tuple[Replica, Replica],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """In words that say what to do."""

    async def test(one: Replica, _other: Replica) -> None:
        file = board(tmp_path, [one.address], secret)
        assert await asyncio.to_thread(call, file, *arguments) == 1
        assert why in capsys.readouterr().out

    with_replicas(test, *pair)


def test_list_shows_what_was_switched_and_what_is_closed(
    pair: tuple[Replica, Replica], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And which replica does not know of it yet."""

    async def test(one: Replica, other: Replica) -> None:
        file = board(tmp_path, [one.address, other.address])
        assert await asyncio.to_thread(call, file, "list") == 0
        assert capsys.readouterr().out == "nothing is closed\n"
        one.switchboard.take([off("hold-*"), on("pay-*")], "command")
        assert await asyncio.to_thread(call, file, "list") == 0
        by = "by Wang, IT, 2031-03-14T09:29:00+08:00: 号源 are wrong"
        assert capsys.readouterr().out.splitlines() == [
            f"off  hold-*  until 2031-03-14T10:30:00+08:00  {by}",
            "on   pay-*  by Wang, IT, 2031-03-14T09:30:00+08:00",
            "closed  hold-slot  until 2031-03-14T10:30:00+08:00, by switch",
            f"{other.address}  other  has other switches: replicas agree within ten seconds",
        ]

    with_replicas(test, *pair)


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("off",), "switch off needs ROUTE, --until, --by, --reason"),
        (("on", "hold-slot"), "switch on needs --by"),
        ((*ON, "--until", "10:30"), "switch on takes neither --until nor --reason"),
        ((*OFF, "soon"), "--until soon is no time: write 18:00 or 2026-12-01T06:00"),
        ((*OFF, "25:00"), "--until 25:00 is no time: write 18:00 or 2026-12-01T06:00"),
        ((*OFF, "2031-03-14T09:30"), "--until 2031-03-14T09:30 has passed"),
        (
            (*OFF, "2031-05-01T00:00"),
            "--until 2031-05-01T00:00 is more than 31 days ahead: close it in its policy",
        ),
        (
            ("off", "Hold", *OFF[2:], "10:30"),
            "ROUTE is an id, --by has up to 64 characters and --reason up to 200",
        ),
    ],
)
def test_what_cannot_be_thrown_is_said_before_anybody_is_told(
    arguments: tuple[str, ...],
    why: str,
    pair: tuple[Replica, Replica],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Status 2."""
    assert call(board(tmp_path, [DEAD]), *arguments) == 2
    assert capsys.readouterr().err == f"{why}\n"


def test_a_time_that_has_passed_today_is_tomorrows(
    pair: tuple[Replica, Replica], tmp_path: Path
) -> None:
    """Who writes 06:00 in the evening means the morning."""

    async def test(one: Replica, _other: Replica) -> None:
        assert await asyncio.to_thread(call, board(tmp_path, [one.address]), *OFF, "06:00") == 0
        (switch,) = one.switchboard.thrown
        assert switch.until.isoformat() == "2031-03-15T06:00:00+08:00"

    with_replicas(test, *pair)


def test_without_a_switchboard_it_says_what_is_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As settings do."""
    assert call(tmp_path / "none.yaml", "list") == 2
    assert "none.yaml:1:1: cannot be read" in capsys.readouterr().err
