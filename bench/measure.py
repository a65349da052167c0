"""The measurements: throughput in interleaved rounds, start-up time, memory over many exchanges."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench import load
from bench.contenders import (
    Contender,
    prepare,
    start_fastapi,
    start_gateway,
    start_passthrough,
)
from bench.honesty import Refusal, count, hold_counts, hold_equal_answers, refusals
from bench.messages import CASES, QUERY, WRITE, Case
from bench.processes import Cores, Process, free_port

STARTS: Final = 5
MEMORY_AT: Final = (1_000, 50_000, 100_000)
"""Exchanges after which a replica's memory is looked at."""

_WARM_UP_S: Final = 2
_FIRST_SLICE_S: Final = 1
_SLICE_S: Final = 5
_CONTRACTS: Final = Path(__file__).parent.parent / "contracts"
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Sample:
    """One contender under load in one round; shares are of one core."""

    round: int
    case: str
    contender: str
    per_second: float
    per_cpu_second: float
    cpu_share: float
    stub_share: float
    load_share: float
    p50: float
    p99: float


@dataclass(frozen=True, slots=True)
class Counted:
    """The gateway's and the stub's counts of one case over the whole run, which were equal."""

    case: str
    answered: int
    at_stub: int


@dataclass(frozen=True, slots=True)
class Throughput:
    """What the rounds gave."""

    samples: tuple[Sample, ...]
    counted: tuple[Counted, ...]
    refusals: tuple[Refusal, ...]


@dataclass(frozen=True, slots=True)
class StartUp:
    """Seconds from a replica's start until it was ready, on the clock and of its own CPU time."""

    seconds: float
    cpu_seconds: float


@dataclass(frozen=True, slots=True)
class Memory:
    """Resident memory of one replica, in megabytes, after so many exchanges."""

    exchanges: int
    megabytes: float


@dataclass(frozen=True, slots=True)
class Rounds:
    """How long it is measured."""

    number: int
    seconds: int


def throughput(cores: Cores, rounds: Rounds, folder: Path, say: Say) -> Throughput:
    """Everyone behind one stub, taking turns; `BenchFailed` when an honesty check does not hold."""
    with ExitStack() as stack:
        stub, stub_port, url = _start_stub(stack, cores, folder)
        fastapi = start_fastapi(stack, cores.measured, folder, url)
        passthrough = start_passthrough(stack, cores.measured, folder, url)
        product, gateway = start_gateway(stack, cores.measured, folder, url)
        contenders = (product, fastapi, passthrough)
        hold_equal_answers(contenders)
        for case in CASES:
            for one in contenders:
                load.run(one.ask(case), _WARM_UP_S, folder)
        _settle()
        samples: list[Sample] = []
        sums = {case.name: Counted(case.name, 0, 0) for case in CASES}
        for number in range(1, rounds.number + 1):
            for case in CASES:
                # Each begins a round in turn: who follows whom must not matter.
                turn = number % len(contenders)
                for one in (*contenders[turn:], *contenders[:turn]):
                    before = count(gateway, stub_port, case) if one is product else None
                    sample, answered = _sample(number, one, case, stub, rounds.seconds, folder)
                    samples.append(sample)
                    say(
                        f"round {number} {case.name:5} {one.name:20} "
                        f"{sample.per_second:7.0f}/s at {sample.cpu_share:.0%} of its core"
                    )
                    _settle()
                    if before is not None:
                        counted = count(gateway, stub_port, case).since(before)
                        hold_counts(case, counted, answered)
                        so_far = sums[case.name]
                        sums[case.name] = Counted(
                            case.name, so_far.answered + answered, so_far.at_stub + counted.at_stub
                        )
        seen = refusals(contenders, stub_port)
        hold_equal_answers(contenders)
    return Throughput(tuple(samples), tuple(sums.values()), seen)


def start_up(cores: Cores, folder: Path) -> tuple[StartUp, ...]:
    """A replica with the project's own packs, started several times."""
    taken: list[StartUp] = []
    for number in range(STARTS):
        home = folder / f"start-{number}"
        home.mkdir()
        gateway = prepare(home, _CONTRACTS, _environment(home, "http://127.0.0.1:9/"))
        started = time.monotonic()
        with gateway.start(cores.measured, home / "gateway.log") as process:
            process.wait_for(gateway.admin_port, "/readyz")
            taken.append(StartUp(time.monotonic() - started, process.cpu_seconds()))
    return tuple(taken)


def memory(cores: Cores, folder: Path, say: Say) -> tuple[Memory, ...]:
    """A fresh replica under queries and writes in turn."""
    seen: list[Memory] = []
    with ExitStack() as stack:
        _, _, url = _start_stub(stack, cores, folder)
        product, _ = start_gateway(stack, cores.measured, folder, url)
        exchanges = 0
        cases = (QUERY, WRITE)
        for at in MEMORY_AT:
            while exchanges < at:
                seconds = _SLICE_S if exchanges >= MEMORY_AT[0] else _FIRST_SLICE_S
                exchanges += load.run(product.ask(cases[0]), seconds, folder).answered
                cases = cases[::-1]
            seen.append(Memory(exchanges, product.process.resident_megabytes()))
            say(f"memory after {exchanges} exchanges: {seen[-1].megabytes:.1f} MB")
    return tuple(seen)


def _sample(
    number: int, one: Contender, case: Case, stub: Process, seconds: int, folder: Path
) -> tuple[Sample, int]:
    cpu, stub_cpu = one.process.cpu_seconds(), stub.cpu_seconds()
    seen = load.run(one.ask(case), seconds, folder)
    cpu, stub_cpu = one.process.cpu_seconds() - cpu, stub.cpu_seconds() - stub_cpu
    sample = Sample(
        round=number,
        case=case.name,
        contender=one.name,
        per_second=seen.per_second,
        per_cpu_second=seen.answered / cpu,
        cpu_share=cpu / seen.seconds,
        stub_share=stub_cpu / seen.seconds,
        load_share=seen.cpu_seconds / seen.seconds,
        p50=seen.p50,
        p99=seen.p99,
    )
    return sample, seen.answered


def _settle() -> None:
    """Let what wrk has broken off come to its end."""
    time.sleep(0.5)


def _start_stub(stack: ExitStack, cores: Cores, folder: Path) -> tuple[Process, int, str]:
    port = free_port()
    command = [sys.executable, "-m", "bench.stub", str(port)]
    stub = stack.enter_context(Process(command, cores.load, folder / "stub.log", {}))
    stub.wait_for(port, "/counts")
    return stub, port, f"http://127.0.0.1:{port}/schedules"


def _environment(home: Path, url: str) -> dict[str, str]:
    """The variables that the project's packs leave to the environment."""
    services = (policy.parent.name.upper() for policy in _CONTRACTS.glob("*/policy.yaml"))
    addresses = {f"{service}_URL": url for service in services}
    return addresses | {"INVOICES_KEY_FILE": str(home / "secrets" / "invoices-key")}
