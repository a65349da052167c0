"""A booking platform under load: calls at a fixed rate, whatever becomes of those before.

Bounded in count, from loopback to loopback. As a real platform's do, its calls use connections
from a pool, and some of them a new one.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import aiohttp

from gateway.translation.sealing import serial
from sandbox.stack import Stack
from tests.e2e.cloud import request
from tests.e2e.hospital import Hospital
from tests.e2e.packs import replaced, settings_of_a_copy

WRITE_EVERY = 5
"""Every so many calls make a patient card: the one write that never runs out."""
PATIENCE = 40.0
"""Seconds for one call, as haproxy/README.md asks of a platform: above all that it waits for."""
NEW_CONNECTION_EVERY = 4
"""Every so many calls make a connection of their own, which ends with them."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What to call; a write has its Idempotency-Key."""

    method: str
    path: str
    body: dict[str, Any] | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """One call and how it ended, at times of `time.monotonic`.

    `status` is None when no answer came; `error` then names what came instead.
    """

    request_id: str
    wish: Wish
    began: float
    ended: float
    status: int | None
    body: bytes
    error: str | None = None

    @property
    def succeeded(self) -> bool:
        """Whether it was answered with what was asked for."""
        return self.status in (200, 201)

    @property
    def is_write(self) -> bool:
        """Whether it asked for an effect."""
        return self.wish.key is not None

    @property
    def json(self) -> Any:
        """The answer's body."""
        return json.loads(self.body)

    def was_open(self, begin: float, end: float) -> bool:
        """Whether it was under way at some moment from `begin` to `end`."""
        return self.began <= end and self.ended >= begin

    def __str__(self) -> str:
        how = self.error or f"{self.status} {self.body[:200]!r}"
        return f"{self.wish.method} {self.wish.path} {self.request_id}: {how}"


class Mix:
    """Reads of one doctor and then another, and a card for somebody new every few calls."""

    def __init__(self, hospital: Hospital) -> None:
        self._doctors = [row["code"] for row in hospital.rows("SELECT code FROM doctor")]
        # Cards that the hospital knows already, by another test or from its first day, are refused.
        self._run = uuid.uuid4().hex[:8].upper()

    def __call__(self, number: int) -> Wish:
        """What call `number` asks for."""
        if number % WRITE_EVERY:
            return Wish("GET", f"/v1/practitioners/{self._doctors[number % len(self._doctors)]}")
        return Wish("POST", "/v1/patient-cards", self._person(number), f"card-{uuid.uuid4().hex}")

    def _person(self, number: int) -> dict[str, Any]:
        return {
            "name": "试载",
            "documentType": "passport",
            "documentNumber": f"T{self._run}{number:06d}",
            "phone": f"138{number:08d}",
            "sex": "female",
            "birthDate": "1988-02-29",
            "verificationMethod": "real-name",
            "verifiedAt": "2026-01-05T09:30:00+08:00",
            "relation": "self",
        }


def cards_made(hospital: Hospital) -> dict[str, list[str]]:
    """The card numbers in the ledger by the serial of the write that made them."""
    made: dict[str, list[str]] = {}
    for row in hospital.rows("SELECT serial, card_no FROM ledger WHERE kind = 'card-created'"):
        made.setdefault(row["serial"], []).append(row["card_no"])
    return made


def serial_of(write: Call) -> str:
    """The serial under which the hospital knows a write."""
    return serial("booking", "create-card", write.wish.key or "")


def settings_with_room(folder: Path) -> Path:
    """The sandbox's settings, written to `folder`, for a hospital that bears more calls at once.

    On a slow machine calls pile up, and what is too much for the hospital is refused: rightly, but
    that would be counted here as lost.
    """
    settings = settings_of_a_copy(folder)
    # Packs of one group state the same limits.
    for service in ("registration", "billing"):
        policy = folder / "contracts" / service / "policy.yaml"
        replaced(policy, "in_flight: 30", "in_flight: 120")
    return settings


class Load:
    """Calls what `choose` says for 0, 1, 2 and so on, `rate` a second, from a thread of its own.

    Used by `with`: the calls begin on entering and end on leaving, or after `at_most`; then
    `calls` has every one of them. A thread, because the stack is for the one that made it.
    """

    def __init__(
        self, stack: Stack, choose: Callable[[int], Wish], *, rate: float, at_most: int
    ) -> None:
        self.calls: list[Call] = []
        self._edge = stack.edge_url
        self._context = ssl.create_default_context(cafile=stack.ca)
        self._context.load_cert_chain(*stack.client_certificate())
        self._choose = choose
        self._rate = rate
        self._at_most = at_most
        self._enough = threading.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="load")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._enough.set()
        self._thread.join()
        if error is None and self._failure is not None:
            raise self._failure

    def _run(self) -> None:
        try:
            asyncio.run(self._offer())
        except BaseException as failure:  # noqa: BLE001 - told by the thread that waits for this
            self._failure = failure

    async def _offer(self) -> None:
        async with (
            self._session(force_close=False) as pool,
            self._session(force_close=True) as single,
            asyncio.TaskGroup() as under_way,
        ):
            start = time.monotonic()
            for number in range(self._at_most):
                # By the clock and not by the answers: who is slow must not be spared.
                await asyncio.sleep(start + number / self._rate - time.monotonic())
                if self._enough.is_set():
                    break
                session = pool if number % NEW_CONNECTION_EVERY else single
                under_way.create_task(self._call(session, self._choose(number)))

    def _session(self, *, force_close: bool) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            self._edge,
            connector=aiohttp.TCPConnector(ssl=self._context, limit=0, force_close=force_close),
            timeout=aiohttp.ClientTimeout(total=PATIENCE),
            middlewares=[_once],
        )

    async def _call(self, session: aiohttp.ClientSession, wish: Wish) -> None:
        request_id = uuid.uuid4().hex
        method, path, data, headers = request(
            wish.method, wish.path, wish.body, key=wish.key, headers={"Request-Id": request_id}
        )
        status, body, error = None, b"", None
        began = time.monotonic()
        try:
            async with session.request(method, path, data=data, headers=headers) as response:
                body = await response.read()
                status = response.status
        except (aiohttp.ClientError, TimeoutError) as failure:
            error = repr(failure)
        ended = time.monotonic()
        self.calls.append(Call(request_id, wish, began, ended, status, body, error))


class _Lost(aiohttp.ClientError):
    """A call ended without an answer."""


async def _once(
    request: aiohttp.ClientRequest, send: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    # aiohttp sends a GET again by itself when a kept connection ends: a loss would go uncounted.
    try:
        return await send(request)
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise _Lost(repr(error)) from error
