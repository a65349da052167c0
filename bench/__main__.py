"""`python -m bench`: measure, check that it was honest, and write the tables."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import orjson

from bench.load import find_wrk
from bench.measure import Rounds, memory, start_up, throughput
from bench.processes import BenchFailed, Cores
from bench.report import Results, document, markdown


def main() -> int:
    """0 when it could be measured, whatever the figures are; 2 when not."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="interleaved rounds (default 5)")
    parser.add_argument("--seconds", type=int, default=5, help="of load each (default 5)")
    parser.add_argument("--into", type=Path, default=Path(__file__).parent / "results")
    options = parser.parse_args()
    try:
        results = _measure(Rounds(options.rounds, options.seconds))
    except BenchFailed as failure:
        print(f"bench: {failure}", file=sys.stderr)
        return 2
    options.into.mkdir(parents=True, exist_ok=True)
    file = options.into / f"{results.at:%Y-%m-%d}.md"
    file.write_text(markdown(results))
    file.with_suffix(".json").write_bytes(
        orjson.dumps(document(results), option=orjson.OPT_INDENT_2) + b"\n"
    )
    print(f"\n{markdown(results)}\nwritten to {file}")
    return 0


def _measure(rounds: Rounds) -> Results:
    find_wrk()
    cores = Cores.choose()
    # This process and wrk, which it starts, stay off the core that is measured.
    os.sched_setaffinity(0, {cores.load})
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        return Results(
            at=datetime.now(UTC),
            rounds=rounds,
            start_up=start_up(cores, folder),
            throughput=throughput(cores, rounds, folder, _say),
            memory=memory(cores, folder, _say),
        )


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
