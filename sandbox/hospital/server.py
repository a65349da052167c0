"""Everything in one process: the WSGI server behind, the front and the control port before it."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import waitress
from aiohttp import web

from sandbox.hospital.control import Control
from sandbox.hospital.front import Front
from sandbox.hospital.platform import Hospital
from sandbox.hospital.seeding.founding import carry_on
from sandbox.hospital.services import SERVICES
from sandbox.hospital.soap import wsgi

_THREADS = 32
_MIDNIGHT_CHECK_SECONDS = 20
_STOP_SECONDS = 5

_Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


@dataclass(frozen=True, slots=True)
class Address:
    """Host and port of a listener."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> Address:
        """Return what HOST:PORT says; ValueError when it does not."""
        host, _, port = text.rpartition(":")
        return cls(host, int(port))

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


class AddressTaken(Exception):  # names what was found
    """Somebody else listens at this address."""

    def __init__(self, address: Address) -> None:
        super().__init__(str(address))
        self.address = address


@dataclass(frozen=True, slots=True)
class Running:
    """Where a running hospital listens."""

    soap: Address
    control: Address


def hush() -> None:
    """Keep documents out of the logs: spyne logs those that fail, and they are patient data."""
    logging.getLogger("spyne").setLevel(logging.CRITICAL + 1)
    logging.getLogger("waitress").setLevel(logging.ERROR)


@asynccontextmanager
async def running(hospital: Hospital, soap: Address, control: Address) -> AsyncIterator[Running]:
    """Listen at both addresses (port 0: any free one) until the context ends."""
    hush()
    behind = waitress.create_server(
        _services(hospital), host="127.0.0.1", port=0, threads=_THREADS, ident=None
    )
    thread = threading.Thread(target=behind.run, name="soap", daemon=True)
    thread.start()
    front = Front(("127.0.0.1", behind.effective_port))
    calendar = asyncio.create_task(_keep_calendar(hospital))
    try:
        async with _listening(front, soap) as soap_at, _controlled(hospital, front, control) as at:
            yield Running(soap_at, at)
    finally:
        calendar.cancel()
        front.close()
        behind.trigger.pull_trigger(behind.close)
        await asyncio.to_thread(thread.join, _STOP_SECONDS)
        behind.task_dispatcher.shutdown()


@asynccontextmanager
async def _listening(front: Front, address: Address) -> AsyncIterator[Address]:
    try:
        server = await asyncio.start_server(front.serve, address.host, address.port)
    except OSError as error:
        raise AddressTaken(address) from error
    try:
        yield Address(address.host, server.sockets[0].getsockname()[1])
    finally:
        server.close()


@asynccontextmanager
async def _controlled(hospital: Hospital, front: Front, address: Address) -> AsyncIterator[Address]:
    runner = web.AppRunner(
        Control(hospital, front).application(), access_log=None, shutdown_timeout=1
    )
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, address.host, address.port).start()
        except OSError as error:
            raise AddressTaken(address) from error
        yield Address(address.host, runner.addresses[0][1])
    finally:
        await runner.cleanup()


async def _keep_calendar(hospital: Hospital) -> None:
    """Add the new last day soon after midnight."""
    while True:
        await asyncio.to_thread(carry_on, hospital.database, hospital.clock.today(), hospital.rules)
        await asyncio.sleep(_MIDNIGHT_CHECK_SECONDS)


def _services(hospital: Hospital) -> _Wsgi:
    """Return the application that serves each service under its path."""
    services = {path: wsgi(service.application(hospital)) for path, service in SERVICES.items()}

    def dispatch(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        service = services.get(environ["PATH_INFO"])
        if service is None:
            body = b"no such service\n"
            start_response(
                "404 Not Found",
                [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))],
            )
            return [body]
        answered: Iterable[bytes] = service(environ, start_response)
        return answered

    return dispatch
