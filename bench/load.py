"""Load from wrk: a fixed number of connections, each asking again as soon as it is answered."""

from __future__ import annotations

import json
import resource
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.processes import BenchFailed

CONNECTIONS: Final = 32
KEY: Final = "Idempotency-Key"

_SCRIPT: Final = """
wrk.method = {method}
wrk.body = {body}
{headers}
{request}
done = function(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '\\nresult {{"answered": %d, "seconds": %.6f, "refused": %d, "broken": %d, ' ..
    '"p50": %.6f, "p99": %.6f}}\\n',
    summary.requests, summary.duration / 1e6, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50) / 1e6, latency:percentile(99) / 1e6))
end
"""
# A write is told from the others by its key alone.
_FRESH_KEY: Final = """
local number = 0
request = function()
  number = number + 1
  wrk.headers["{key}"] = string.format("{prefix}-%010d", number)
  return wrk.format()
end
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as wrk sends it, to a port of loopback."""

    port: int
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    key_prefix: str | None = None


@dataclass(frozen=True, slots=True)
class Load:
    """What wrk saw: answers, and times in seconds."""

    answered: int
    seconds: float
    refused: int
    broken: int
    p50: float
    p99: float
    cpu_seconds: float

    @property
    def per_second(self) -> float:
        """Answers a second."""
        return self.answered / self.seconds


def find_wrk() -> str:
    """The path of wrk, or what to do about its absence."""
    found = shutil.which("wrk")
    if found is None:
        raise BenchFailed("the load generator wrk is missing: apt-get install wrk")
    return found


def run(asked: Asked, seconds: int, folder: Path) -> Load:
    """Ask for so long, on the core that this process runs on; anything but success is an error."""
    script = folder / "load.lua"
    script.write_text(_script(asked))
    before = _children_cpu()
    done = subprocess.run(
        [
            find_wrk(),
            "--threads=1",
            f"--connections={CONNECTIONS}",
            f"--duration={seconds}s",
            "--timeout=20s",
            "--latency",
            f"--script={script}",
            f"http://127.0.0.1:{asked.port}{asked.path}",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith("result ")]
    if done.returncode != 0 or not lines:
        raise BenchFailed(f"wrk failed: {done.stderr.strip() or done.stdout.strip()}")
    load = Load(
        **json.loads(lines[0].removeprefix("result ")), cpu_seconds=_children_cpu() - before
    )
    if load.refused or load.broken or not load.answered:
        raise BenchFailed(f"{load.refused} refused, {load.broken} broken of {load.answered}")
    return load


def _script(asked: Asked) -> str:
    fresh_key = (
        _FRESH_KEY.format(key=KEY, prefix=asked.key_prefix) if asked.key_prefix is not None else ""
    )
    return _SCRIPT.format(
        method=_quoted(asked.method),
        body=_quoted(asked.body.decode()) if asked.body else "nil",
        headers="\n".join(
            f"wrk.headers[{_quoted(name)}] = {_quoted(value)}"
            for name, value in asked.headers.items()
        ),
        request=fresh_key,
    )


def _quoted(text: str) -> str:
    """A Lua string: Lua reads JSON's quotes and the escapes that occur here alike."""
    return json.dumps(text, ensure_ascii=False)


def _children_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
