"""`python -m sandbox`: everything on the fixed ports, in the foreground, until Ctrl-C."""

from __future__ import annotations

import argparse
import fcntl
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from sandbox.stack import CHECKOUT, ChildFailed, HaproxyMissing, PortTaken, Stack

STATE = CHECKOUT / "var"
LOOK_EVERY = 0.5


class StateTaken(Exception):
    """Another sandbox runs on the same state folder."""

    def __init__(self) -> None:
        super().__init__("another `make run` is up here: end it first")


Handler = Callable[[int, FrameType | None], object] | signal.Handlers


def describe(stack: Stack) -> str:
    """What a person needs to start using the stack."""
    certificate, key = stack.client_certificate()
    replicas = "\n".join(
        f"  replica-{number}          {stack.rest_url(number)}   admin {stack.admin_url(number)}"
        for number in range(1, len(stack.ports.rest) + 1)
    )
    return f"""
  edge (mutual TLS)  {stack.edge_url}
{replicas}
  edge statistics    {stack.stats_url}   figures {stack.stats_url}/metrics
  hospital (SOAP)    {stack.hospital_url}/registration?wsdl   control {stack.control_url}
  logs               {_short(stack.logs)}/

Call it:
  .venv/bin/dmz-gateway call GET /v1/departments
  curl --cacert {_short(stack.ca)} --cert {_short(certificate)} --key {_short(key)} \\
       {stack.edge_url}/v1/departments

Ctrl-C ends everything.
"""


def run(stack: Stack) -> int:
    """Start the stack and keep it until it is interrupted or a child dies; return the status."""
    try:
        with held(stack.state):
            return _keep(stack)
    except StateTaken as taken:
        print(f"dmz-gateway: {taken}", file=sys.stderr)
        return 2


@contextmanager
def held(state: Path) -> Iterator[None]:
    """Be the only sandbox on a state folder, within the block; raise `StateTaken` if it is not."""
    state.mkdir(parents=True, exist_ok=True)
    folder = os.open(state, os.O_RDONLY)
    try:
        # The kernel lets go of it when this process ends, however it ends: no stale lock.
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise StateTaken from None
    finally:
        os.close(folder)


def _keep(stack: Stack) -> int:
    try:
        with signals_set_to(signal.default_int_handler):
            stack.start()
            print(describe(stack), flush=True)
            while True:
                time.sleep(LOOK_EVERY)
                stack.require_running()
    except KeyboardInterrupt:
        return 0
    except (PortTaken, HaproxyMissing) as missing:
        print(f"dmz-gateway: {missing}", file=sys.stderr)
        return 2
    except ChildFailed as failed:
        print(f"dmz-gateway: {failed}", file=sys.stderr)
        return 1
    finally:
        # A second Ctrl-C must not leave half of the children behind.
        with signals_set_to(signal.SIG_IGN):
            stack.stop()


@contextmanager
def signals_set_to(handler: Handler) -> Iterator[None]:
    """Handle Ctrl-C and a polite request to end in this way, within the block only."""
    before = {number: signal.signal(number, handler) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, earlier in before.items():
            signal.signal(number, earlier)


def _short(path: Path) -> str:
    return str(path.relative_to(CHECKOUT)) if path.is_relative_to(CHECKOUT) else str(path)


def main() -> int:
    """Read the options and run; return the status."""
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    parser.add_argument(
        "--database",
        help="where the hospital keeps its tables: a path or a SQLAlchemy URL (var/hospital.db)",
    )
    return run(Stack(STATE, database=parser.parse_args().database))


if __name__ == "__main__":
    sys.exit(main())
