"""The tables, from what was measured: targets beside results, medians with their spread."""

from __future__ import annotations

import platform
import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from bench.load import CONNECTIONS
from bench.measure import Memory, Rounds, Sample, StartUp, Throughput
from bench.messages import CASES, QUERY, WRITE

PRODUCT: Final = "dmz-gateway"
FASTAPI: Final = "FastAPI + zeep"
PASSTHROUGH: Final = "aiohttp pass-through"
CONTENDERS: Final = (FASTAPI, PASSTHROUGH, PRODUCT)

RATIO_TARGETS: Final = (
    (QUERY, FASTAPI, 6.0),
    (WRITE, FASTAPI, 4.0),
    (QUERY, PASSTHROUGH, 0.25),
    (WRITE, PASSTHROUGH, 0.5),
)
READY_WITHIN_S: Final = 2.0
MEMORY_MB: Final = 120.0
FLAT_MB: Final = 2.0
"""Growth of memory over the second half of the exchanges that still counts as none."""

_OWN_CORE: Final = 0.8
"""The share of its core that a process under this load takes when it is let."""

_PACKAGES: Final = (
    "aiohttp", "lxml", "orjson", "jsonschema-rs", "zeep",
    "fastapi", "pydantic", "requests", "uvicorn", "uvloop", "httptools",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Results:
    """Everything that one run measured."""

    at: datetime
    rounds: Rounds
    throughput: Throughput
    start_up: tuple[StartUp, ...]
    memory: tuple[Memory, ...]


@dataclass(frozen=True, slots=True)
class Spread:
    """Median, least and greatest."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """The spread of at least one value."""
        return cls(statistics.median(values), min(values), max(values))

    def __format__(self, spec: str) -> str:
        return f"{self.median:{spec}} ({self.least:{spec}} to {self.most:{spec}})"


Measure = Callable[[Sample], float]


def per_second(sample: Sample) -> float:
    """Answers a second of the wall clock."""
    return sample.per_second


def per_cpu_second(sample: Sample) -> float:
    """Answers a second of the measured process's own CPU time: what others took is left out."""
    return sample.per_cpu_second


def ratio(results: Results, case: str, other: str, measure: Measure) -> Spread:
    """The product's rate over the peer's, round by round."""
    rates = {
        (sample.round, sample.contender): measure(sample)
        for sample in results.throughput.samples
        if sample.case == case
    }
    numbers = range(1, results.rounds.number + 1)
    return Spread.of([rates[number, PRODUCT] / rates[number, other] for number in numbers])


def markdown(results: Results) -> str:
    """The report for people."""
    return "\n".join(_lines(results)) + "\n"


def document(results: Results) -> dict[str, Any]:
    """The report for programs: every sample, nothing rounded."""
    return {**asdict(results), "machine": machine(), "versions": versions()}


def machine() -> dict[str, str]:
    """What it ran on."""
    models = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    ]
    return {
        "processor": f"{models[0] if models else platform.machine()}, {len(models)} cores",
        "kernel": platform.release(),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
    }


def versions() -> dict[str, str]:
    """The packages that matter, gateway and peers in one environment."""
    return {name: version(name) for name in _PACKAGES}


def _lines(results: Results) -> Iterator[str]:
    number, seconds = results.rounds.number, results.rounds.seconds
    yield f"# Bench of {results.at:%Y-%m-%d}"
    yield ""
    yield (
        f"{number} interleaved rounds of {seconds} s each, {CONNECTIONS} connections, one core for "
        "who is measured, the other for stub and load. Figures are medians (least to most). What "
        "each of them does, and why: [performance](../../docs/performance.md)."
    )
    yield ""
    if _busy(results):
        yield (
            "**Something else ran on this machine**: the measured processes were kept from their "
            "core. The rates by CPU time are the ones to go by, and they are low too, for a "
            "process that is put aside finds the caches cold. Run it again when it is quiet."
        )
        yield ""
    yield from _targets(results)
    for case in CASES:
        yield from _rates(results, case.name, case.about, len(case.reply))
    yield from _honesty(results)
    yield from _environment()


def _targets(results: Results) -> Iterator[str]:
    yield "## Targets"
    yield ""
    yield "| | target | result | by CPU time | |"
    yield "|---|---|---|---|---|"
    for case, peer, target in RATIO_TARGETS:
        found = ratio(results, case.name, peer, per_second)
        by_cpu = ratio(results, case.name, peer, per_cpu_second)
        yield _row(
            f"{case.name}, times {peer}",
            f"at least {target:g}",
            f"{found:.2f}",
            f"{by_cpu:.2f}",
            # On a busy machine either may flatter: a peer that is kept from its core looks slow.
            _verdict(min(found.median, by_cpu.median) >= target),
        )
    ready = Spread.of([one.seconds for one in results.start_up])
    ready_cpu = Spread.of([one.cpu_seconds for one in results.start_up])
    yield _row(
        "ready after its start",
        f"within {READY_WITHIN_S:g} s",
        f"{ready:.2f} s",
        f"{ready_cpu:.2f} s",
        _verdict(ready.median <= READY_WITHIN_S),
    )
    last, half = results.memory[-1], results.memory[-2]
    yield _row(
        f"memory after {last.exchanges:,} exchanges",
        f"below {MEMORY_MB:g} MB",
        f"{last.megabytes:.1f} MB",
        "",
        _verdict(last.megabytes < MEMORY_MB),
    )
    growth = last.megabytes - half.megabytes
    yield _row(
        f"its growth since {half.exchanges:,}",
        f"flat: at most {FLAT_MB:g} MB",
        f"{growth:+.1f} MB",
        "",
        _verdict(growth <= FLAT_MB),
    )
    yield ""
    course = ", ".join(f"{one.megabytes:.1f} MB after {one.exchanges:,}" for one in results.memory)
    yield f"Memory on the way: {course}."
    yield ""


def _rates(results: Results, case: str, about: str, size: int) -> Iterator[str]:
    yield f"## {case.capitalize()}: {about}, {size:,} bytes of SOAP"
    yield ""
    yield "| | answers/s | per CPU second | p50 | p99 | its core | stub | load |"
    yield "|---|---|---|---|---|---|---|---|"
    for name in CONTENDERS:
        samples = [
            sample
            for sample in results.throughput.samples
            if (sample.case, sample.contender) == (case, name)
        ]
        yield _row(
            name,
            f"{_spread(samples, per_second):,.0f}",
            f"{_spread(samples, per_cpu_second):,.0f}",
            f"{_spread(samples, lambda one: one.p50 * 1e3).median:.1f} ms",
            f"{_spread(samples, lambda one: one.p99 * 1e3).median:.1f} ms",
            f"{_spread(samples, lambda one: one.cpu_share).median:.0%}",
            f"{_spread(samples, lambda one: one.stub_share).median:.0%}",
            f"{_spread(samples, lambda one: one.load_share).median:.0%}",
        )
    yield ""


def _busy(results: Results) -> bool:
    """Whether half of the samples found their process without most of its core."""
    shares = [sample.cpu_share for sample in results.throughput.samples]
    return statistics.median(shares) < _OWN_CORE


def _honesty(results: Results) -> Iterator[str]:
    yield "## Honesty"
    yield ""
    yield (
        "Before the first round and after the last the answers were equal. Of the gateway's "
        "requests in the rounds, each was validated at all four stages and answered with success "
        "as often as the stub was called:"
    )
    yield ""
    yield "| | answers that wrk saw | calls at the stub = validations of each stage = successes |"
    yield "|---|---|---|"
    for counted in results.throughput.counted:
        yield _row(counted.case, f"{counted.answered:,}", f"{counted.at_stub:,}")
    yield ""
    yield "A reply with an amount of three decimals, which its type does not allow, was answered:"
    yield ""
    yield _row("", *(case.name for case in CASES))
    yield "|---|---|---|"
    status = {(seen.contender, seen.case): seen.status for seen in results.throughput.refusals}
    for name in CONTENDERS:
        yield _row(name, *(str(status[name, case.name]) for case in CASES))
    yield ""


def _environment() -> Iterator[str]:
    yield "## Where"
    yield ""
    yield _row("what", "version")
    yield "|---|---|"
    for name, value in {**machine(), **versions()}.items():
        yield _row(name, value)


def _spread(samples: Sequence[Sample], measure: Measure) -> Spread:
    return Spread.of([measure(sample) for sample in samples])


def _verdict(reached: bool) -> str:
    return "reached" if reached else "**missed**"


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
