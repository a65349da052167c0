"""`dmz-gateway serve`: one replica, in the foreground."""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import sys
from pathlib import Path

from gateway.app import Replica, load, remembered
from gateway.client_check import hold_clients
from gateway.operations.lines import Lines
from gateway.operations.logs import new_logger, quiet_libraries
from gateway.policies.findings import PolicyError
from gateway.settings import load_settings

_COLLECT_AFTER = 10_000
"""Containers not yet freed before cycles are looked for. A reply of thirty rows makes 400 while it
is read and leaves no cycle behind; by default they would be looked through with every second."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What `serve` takes."""
    parser.add_argument("--settings", type=Path, required=True, help="the replica's settings file")


def run(arguments: argparse.Namespace) -> int:
    """Serve until told to stop; with any finding nothing is started."""
    try:
        settings = load_settings(arguments.settings, os.environ)
        loaded = load(settings.packs)
        hold_clients(settings, loaded.snapshot)
        switches = remembered(settings)
    except PolicyError as error:
        for finding in error.findings:
            print(finding, file=sys.stderr)
        return 2
    gc.set_threshold(_COLLECT_AFTER)
    lines = Lines(sys.stdout.buffer)
    log = new_logger(lines)
    quiet_libraries(log)
    try:
        asyncio.run(Replica(settings, loaded, log, switches).run())
    except OSError as error:
        rest, admin = settings.rest, settings.admin
        print(
            f"cannot listen on {rest.host}:{rest.port} and {admin.host}:{admin.port} "
            f"({error.strerror}); end what holds the port, or state another in "
            f"{arguments.settings}",
            file=sys.stderr,
        )
        return 2
    finally:
        lines.drain()
    return 0
