"""The hospital as a process: it says when it is ready, and why when it cannot be."""

from __future__ import annotations

import re
import signal
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import psycopg

from tests.postgres import Postgres

_ROOT = Path(__file__).parents[2]
_PAGE = (_ROOT / "sandbox" / "hospital" / "README.md").read_text("utf-8")


def _serve(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "sandbox.hospital", "serve", *arguments],
        cwd=_ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_it_says_ready_and_ends_when_told(tmp_path: Path) -> None:
    """One line on standard output; SIGTERM ends it with status 0 and nothing on standard error."""
    process = _serve(
        *("--soap", "127.0.0.1:0", "--control", "127.0.0.1:0", "--today", "2026-03-10"),
        *("--database", str(tmp_path / "new" / "hospital.db"), "--rule", "hold_minutes=5"),
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("hospital ready: SOAP http://127.0.0.1:")
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=60)
    finally:
        process.kill()
    assert (process.returncode, errors) == (0, "")


def test_it_runs_on_postgresql_as_its_page_says(postgres: Postgres) -> None:
    """The page's own command, with a real database in the place of its example's."""
    (example,) = re.findall(r"serve --database (postgresql\S+)$", _PAGE, re.M)
    url = postgres.database()
    assert url.partition("://")[0] == example.partition("://")[0]
    process = _serve("--database", url, "--soap", "127.0.0.1:0", "--control", "127.0.0.1:0")
    try:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("hospital ready: ")
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=60)
    finally:
        process.kill()
    assert (process.returncode, errors) == (0, "")
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        founded = connection.execute("SELECT seed FROM founding").fetchall()
    assert founded == [(7,)]


def test_a_database_that_does_not_answer_is_told_in_one_line(tmp_path: Path) -> None:
    """Exit status 2 and why."""
    process = _serve("--database", f"postgresql+psycopg://nobody@/none?host={tmp_path}")
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 2
    assert errors.startswith("hospital: the database does not open: ")
    assert len(errors.splitlines()) == 1


def test_a_database_of_another_kind_is_refused() -> None:
    """What the hospital knows no transactions of."""
    process = _serve("--database", "mysql://user@host/name")
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "neither a path nor a URL of sqlite or postgresql+psycopg" in errors


def test_a_taken_port_is_told_in_one_line(tmp_path: Path) -> None:
    """Exit status 2 and what to do."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process = _serve(
            *("--soap", f"127.0.0.1:{port}", "--control", "127.0.0.1:0"),
            *("--database", str(tmp_path / "hospital.db")),
        )
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 2
    assert errors == (
        f"hospital: 127.0.0.1:{port} is taken; end what listens there or choose another port\n"
    )


def test_a_hospital_of_another_version_is_told_in_one_line(tmp_path: Path) -> None:
    """Rather than fail at the first bill: what to do about it, and exit status 2."""
    path = tmp_path / "hospital.db"
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE bill_refund (refund_no TEXT PRIMARY KEY)")
    process = _serve(
        *("--soap", "127.0.0.1:0", "--control", "127.0.0.1:0", "--database", str(path))
    )
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 2
    assert errors == (
        "hospital: the database does not open: its table bill_refund is of another version of the"
        " hospital; remove it\n"
    )


def test_the_control_port_is_for_this_machine_alone(tmp_path: Path) -> None:
    """An address that others can reach is refused."""
    process = _serve("--control", "0.0.0.0:0", "--database", str(tmp_path / "hospital.db"))
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "0.0.0.0 is not a loopback address" in errors
