"""Starts what is measured, each process on one core of its own choosing, and ends it again."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

_STARTS_WITHIN_S = 30.0
_ENDS_WITHIN_S = 10.0
_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


class BenchFailed(Exception):
    """The bench cannot measure, or must not: what it would tell would not be true."""


@dataclass(frozen=True, slots=True)
class Cores:
    """Which core the measured process has for itself, and which one stub and load share."""

    measured: int
    load: int

    @classmethod
    def choose(cls) -> Cores:
        """The first two cores that this process may use."""
        usable = sorted(os.sched_getaffinity(0))
        if len(usable) < 2:
            raise BenchFailed("two cores are needed: one to be measured, one for stub and load")
        return cls(usable[0], usable[1])


class Process:
    """A server of the bench on one core; a context manager that ends it.

    What it says goes to `log`: standard output and errors in one file.
    """

    def __init__(
        self, command: list[str], core: int, log: Path, environment: Mapping[str, str]
    ) -> None:
        self._log = log
        self._name = " ".join(command)
        inherited = os.sched_getaffinity(0)
        # A child inherits the core from its first instruction on, with every thread it starts.
        os.sched_setaffinity(0, {core})
        try:
            with log.open("ab") as output:
                self._child = subprocess.Popen(
                    command,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    env={**os.environ, **environment},
                )
        finally:
            os.sched_setaffinity(0, inherited)

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._child.pid

    def wait_for(self, port: int, path: str) -> None:
        """Return when a GET of `path` is answered by anything but "unavailable"."""
        until = time.monotonic() + _STARTS_WITHIN_S
        while time.monotonic() < until:
            if self._child.poll() is not None:
                raise BenchFailed(f"{self._name} ended at once: {self._last_words()}")
            try:
                if get(port, path)[0] != 503:
                    return
            except OSError:
                time.sleep(0.005)
        raise BenchFailed(f"{self._name} does not answer: {self._last_words()}")

    def _last_words(self) -> str:
        return self._log.read_text(errors="replace").strip()[-500:] or "it says nothing"

    def cpu_seconds(self) -> float:
        """CPU time used so far, by all threads, in user and kernel mode."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def resident_megabytes(self) -> float:
        """Resident memory (RSS) in megabytes of 10^6 bytes."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * _PAGE / 1e6

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._child.terminate()
        try:
            self._child.wait(_ENDS_WITHIN_S)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()


def free_port() -> int:
    """A port of loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def get(port: int, path: str, method: str = "GET") -> tuple[int, bytes]:
    """Status and body of one request without a body of its own."""
    return ask(port, method, path, {}, b"")


def ask(
    port: int, method: str, path: str, headers: Mapping[str, str], body: bytes
) -> tuple[int, bytes]:
    """Status and body of one request on a connection of its own; `OSError` without an answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_STARTS_WITHIN_S)
    try:
        connection.request(method, path, body=body or None, headers=dict(headers))
        response = connection.getresponse()
        return response.status, response.read()
    except http.client.HTTPException as error:
        raise ConnectionError(str(error)) from error
    finally:
        connection.close()
