"""The command line: `serve` runs the hospital, `wsdl` prints a service's contract."""

from __future__ import annotations

import argparse
import asyncio
import gc
import ipaddress
import signal
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, time
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import OperationalError

from sandbox.hospital.clock import Clock
from sandbox.hospital.database import Database
from sandbox.hospital.platform import Hospital
from sandbox.hospital.rules import Rules
from sandbox.hospital.seeding.founding import OtherVersion, open_hospital
from sandbox.hospital.server import Address, AddressTaken, running
from sandbox.hospital.services import SERVICES
from sandbox.hospital.soap import wsdl

PLACEHOLDER = "http://hospital.invalid"

_DRIVERS = ("sqlite", "postgresql+psycopg")

# The event loop shares the interpreter with the SOAP threads: it must not wait long for its turn.
_SWITCH_SECONDS = 0.0005


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    options = _parser().parse_args(arguments)
    if options.command == "wsdl":
        service = SERVICES[f"/{options.service}"]
        sys.stdout.buffer.write(wsdl(service.application(None), f"{PLACEHOLDER}{service.path}"))
        return 0
    sys.setswitchinterval(_SWITCH_SECONDS)
    try:
        asyncio.run(_serve(options))
    except AddressTaken as taken:
        print(
            f"hospital: {taken.address} is taken; end what listens there or choose another port",
            file=sys.stderr,
        )
        return 2
    except (OperationalError, OtherVersion) as error:
        reason = str(error.orig if isinstance(error, OperationalError) else error).splitlines()[0]
        print(f"hospital: the database does not open: {reason}", file=sys.stderr)
        return 2
    return 0


async def _serve(options: argparse.Namespace) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    clock = Clock()
    if options.today is not None:
        clock.set_date(options.today)
    database = Database(options.database)
    key = options.invoices_key.read_text().strip() if options.invoices_key else None
    hospital = Hospital(database, clock, options.rules, invoices_key=key)
    open_hospital(database, options.seed, clock.today(), hospital.rules)
    gc.freeze()  # spyne collects garbage every second: spare it what will never be any
    async with running(hospital, options.soap, options.control) as at:
        print(f"hospital ready: SOAP http://{at.soap}, control http://{at.control}", flush=True)
        await stop.wait()
    database.close()


def _database_url(text: str) -> URL:
    """Return a SQLAlchemy URL; a plain path is a SQLite file."""
    if "://" not in text:
        path = Path(text).resolve()
        path.parent.mkdir(parents=True, exist_ok=True)
        return URL.create("sqlite", database=str(path))
    if text.partition("://")[0] not in _DRIVERS:
        raise argparse.ArgumentTypeError(f"neither a path nor a URL of {' or '.join(_DRIVERS)}")
    return make_url(text)


def _loopback(text: str) -> Address:
    """Return the control port's address: whoever reaches it rules the hospital."""
    address = Address.parse(text)
    if not ipaddress.ip_address(address.host).is_loopback:
        raise argparse.ArgumentTypeError(f"{address.host} is not a loopback address")
    return address


class _SetRule(argparse.Action):
    """Collects NAME=VALUE into the rules."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: object,
        option_string: str | None = None,
    ) -> None:
        name, _, value = str(values).partition("=")
        try:
            typed = time.fromisoformat(value) if name == "release_time" else int(value)
            namespace.rules = replace(namespace.rules, **{name: typed})
        except (TypeError, ValueError):
            parser.error(f"no such rule or no such value: {values}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sandbox.hospital", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    contract = commands.add_parser("wsdl", help="print the contract of a service")
    contract.add_argument("service", choices=[service.name for service in SERVICES.values()])
    serve = commands.add_parser("serve", help="run the hospital in the foreground")
    serve.add_argument("--soap", type=Address.parse, default=Address("127.0.0.1", 8200))
    serve.add_argument("--control", type=_loopback, default=Address("127.0.0.1", 8201))
    serve.add_argument(
        "--database",
        type=_database_url,
        default="var/hospital.db",
        metavar="PATH|URL",
        help="a SQLite file, or a SQLAlchemy URL of sqlite or postgresql+psycopg",
    )
    serve.add_argument("--seed", type=int, default=7, help="what the hospital is made from")
    serve.add_argument(
        "--invoices-key",
        type=Path,
        metavar="FILE",
        help="the key that signs calls of invoices, which answers none without it",
    )
    serve.add_argument("--today", type=date.fromisoformat, help="run as if on this date")
    serve.add_argument(
        "--rule",
        dest="rules",
        action=_SetRule,
        metavar="NAME=VALUE",
        default=Rules(),
        help="change a booking rule, for example hold_minutes=5 or release_time=06:30",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
