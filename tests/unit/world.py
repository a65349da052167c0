"""One exchange of the real registration pack, with a hospital that answers as it is told."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

from gateway.binding import Binder
from gateway.closing.closings import Closings
from gateway.closing.switch import Switch
from gateway.closing.switchboard import Switchboard
from gateway.exchange import Exchange
from gateway.operations.events import Event, ExchangeEnded
from gateway.packs import load_snapshot
from gateway.policies.snapshot import Route, Snapshot
from gateway.rest.admission import Admission, Client
from gateway.rest.messages import Answer
from gateway.soap.transport import Received, Sink
from gateway.translation.values import HOSPITAL_ZONE
from gateway.upstreams import Upstreams
from tests.environment import environment
from tests.replies import CARD
from tests.unit.rest.requests import FINGERPRINT, PROOF, incoming
from tests.unit.translation.contexts import NOW, SEALER

CONTRACTS = Path(__file__).parents[2] / "contracts"
KEY = "key-0123456789abcdef"
Script = bytes | Exception | tuple[bytes, BaseException] | Callable[[], Awaitable[bytes]]
"""What one call comes to: a reply, a failure, a part of a reply and then a failure, or whatever a
coroutine makes of it."""


@cache
def snapshot() -> Snapshot:
    """The snapshot of the packs that are served."""
    with patch.dict("os.environ", environment()):
        return load_snapshot(CONTRACTS)


def route(name: str) -> Route:
    """One of its routes."""
    return next(route for route in snapshot().routes if route.id == name)


def altered(**changes: Any) -> Snapshot:
    """The snapshot, its routes changed in these fields."""
    whole = snapshot()

    def find(path: str) -> tuple[Mapping[str, Route], list[str]] | None:
        found = whole.find(path)
        if found is None:
            return None
        routes, texts = found
        return {method: replace(route, **changes) for method, route in routes.items()}, texts

    return replace(whole, find=find)


def sealed(kind: str, plain: str, *, card: str = "", client: str = "booking") -> str:
    """A sealed id as the gateway gave it out."""
    return SEALER.seal(kind, client, card, plain)


@dataclass
class FakeTransport:
    """Implements the transport's port; answers by a script and keeps what was sent."""

    script: list[Script]
    urls: list[str] = field(default_factory=list)
    sent: list[bytes] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)

    async def post(
        self,
        url: str,
        headers: Mapping[str, str],
        body: bytes,
        *,
        accepts: str,
        deadline: float,
        sink: Sink | None = None,
    ) -> Received:
        """The next of the script."""
        self.urls.append(url)
        self.sent.append(body)
        self.headers.append(headers)
        step = self.script.pop(0)
        if isinstance(step, Exception):
            raise step
        if isinstance(step, tuple):
            part, failure = step
            if sink is not None:
                sink.write(part)
            raise failure
        reply = step if isinstance(step, bytes) else await step()
        if sink is not None:
            sink.write(reply)
            reply = sink.end()
        return Received(200, reply)


@dataclass
class World:
    """What an exchange was given, and what came of it."""

    transport: FakeTransport
    now: datetime = NOW
    served: Snapshot = field(default_factory=snapshot)
    events: list[Event] = field(default_factory=list)
    reports: list[BaseException] = field(default_factory=list)
    switches: tuple[Switch, ...] = ()

    def hospital_time(self) -> datetime:
        """What the hospital's clock says."""
        return self.now.astimezone(HOSPITAL_ZONE)

    def exchange(self) -> Exchange:
        """The whole way, with every step but the transport the real one."""
        upstreams = Upstreams(1, lambda *_: None)
        upstreams.adopt(self.served.upstreams)
        clients = (
            Client("booking", frozenset({FINGERPRINT}), frozenset({"*"})),
            Client("clinic-kiosk", frozenset({"cd" * 32}), frozenset({"list-departments"})),
        )
        switchboard = Switchboard(self.hospital_time, *(lambda *_: None,) * 3)
        switchboard.take(self.switches, "file")
        closings = Closings(
            lambda: self.served.routes, lambda: switchboard.thrown, self.hospital_time
        )
        return Exchange(
            snapshot=lambda: self.served,
            admission=Admission(clients, PROOF),
            closings=closings,
            binder=Binder(SEALER, self.hospital_time, closings.told),
            guards=upstreams.guard,
            transport=self.transport,
            emit=self.events.append,
            report=lambda error, _request: self.reports.append(error),
        )


@dataclass(frozen=True)
class Told:
    """How an exchange ended, to the caller, to the listeners and to the hospital."""

    answer: Answer
    event: ExchangeEnded
    urls: list[str]
    sent: list[bytes]
    sent_headers: list[Mapping[str, str]]
    reports: list[BaseException]

    @property
    def body(self) -> Any:
        """The answer's JSON."""
        return json.loads(self.answer.body)

    @property
    def headers(self) -> dict[str, str]:
        """The answer's headers."""
        return dict(self.answer.headers)


def tell(
    method: str,
    path: str,
    *script: Script,
    body: object = None,
    key: str | None = None,
    card: str | None = CARD,
    query: str = "",
    extra: tuple[tuple[str, str], ...] = (),
    now: datetime = NOW,
    waited: float = 0.0,
    raw: bytes | None = None,
    headers: dict[str, str] | None = None,
    served: Snapshot | None = None,
    switches: tuple[Switch, ...] = (),
) -> Told:
    """Send one request through the exchange; `waited` are seconds that it took to get here."""
    world = World(FakeTransport([*script]), now, served or snapshot(), switches=switches)
    fields: list[tuple[str, str]] = [*extra]
    content = raw or b""
    if body is not None:
        content = json.dumps(body).encode()
    if content:
        fields.append(("Content-Type", "application/json"))
    if key is not None:
        fields.append(("Idempotency-Key", key))
    if card is not None:
        fields.append(("Patient-Card", sealed("card", card)))

    async def send() -> Answer:
        received = asyncio.get_running_loop().time() - waited
        return await world.exchange()(
            incoming(
                *fields,
                method=method,
                path=path,
                query=query,
                headers=headers,
                body=content,
                received=received,
            )
        )

    answer = asyncio.run(send())
    assert not world.transport.script, "the hospital was asked less often than the test says"
    (event,) = world.events
    assert isinstance(event, ExchangeEnded)
    transport = world.transport
    return Told(answer, event, transport.urls, transport.sent, transport.headers, world.reports)
