"""One child process of the stack: its log, its readiness, its end."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

_LIBC = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1

POLL = 0.02
"""Seconds between two looks at something that is awaited."""


class ChildFailed(Exception):
    """A child ended, or was not ready in time, without being asked to."""

    def __init__(self, name: str, what: str, last_lines: Sequence[str]) -> None:
        said = "".join(f"\n  {line}" for line in last_lines) or "\n  (nothing)"
        super().__init__(f"{name} {what}; its last words:{said}")
        self.name = name


class Child:
    """A process in a group of its own, with its output in a log file.

    A group of its own, because Ctrl-C at the terminal is for the parent, which ends the children
    in order. It is killed by the kernel when the thread that started it is gone (Linux). With
    `user`, which is root's to say, it runs as that account and its group of the same name.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        log: Path,
        cwd: Path,
        environment: Mapping[str, str],
        user: str | None = None,
    ) -> None:
        self.name = name
        self._log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        # What an earlier life of this child wrote stays; only what comes now is looked at.
        self._log_start = log.stat().st_size if log.exists() else 0
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=cwd,
                env={**os.environ, "PYTHONUNBUFFERED": "1", **environment},
                process_group=0,
                user=user,
                group=user,
                extra_groups=None if user is None else [],
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - it makes one system call
            )

    @property
    def pid(self) -> int:
        """The process id, which is the id of its group too."""
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether the process has not ended."""
        return self._process.poll() is None

    def wait_until(self, is_ready: Callable[[], bool], seconds: float) -> None:
        """Wait until `is_ready()`; raise `ChildFailed` when the child ends or time runs out."""
        deadline = time.monotonic() + seconds
        while not is_ready():
            self.require_running()
            if time.monotonic() > deadline:
                raise ChildFailed(
                    self.name, f"was not ready within {seconds:g} s", self.last_lines()
                )
            time.sleep(POLL)

    def require_running(self) -> None:
        """Raise `ChildFailed` when the process has ended."""
        status = self._process.poll()
        if status is not None:
            how = f"by {signal.Signals(-status).name}" if status < 0 else f"with status {status}"
            raise ChildFailed(self.name, f"ended {how}", self.last_lines())

    def output(self) -> str:
        """What this process has written so far."""
        with self._log.open("rb") as file:
            file.seek(self._log_start)
            return file.read().decode(errors="replace")

    def last_lines(self, count: int = 10) -> list[str]:
        """The last lines of what this process has written."""
        return self.output().splitlines()[-count:]

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the process and what it started."""
        if self.is_running:
            os.killpg(self.pid, number)

    def wait(self, seconds: float) -> bool:
        """Wait for the end; return whether it came in time."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def end(self, seconds: float) -> None:
        """Ask the process to end, and kill it when it has not within `seconds`."""
        # A stopped process (SIGSTOP) would never see the request.
        self.send(signal.SIGCONT)
        self.send(signal.SIGTERM)
        if not self.wait(seconds):
            self.send(signal.SIGKILL)
            self._process.wait()


def _die_with_parent() -> None:
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
