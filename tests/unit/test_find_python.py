"""How an interpreter is found on a machine of which nothing is known."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "find-python.sh"


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A folder for a PATH of its own, with the few tools that the script needs."""
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("sh", "ls", "sed"):
        found = shutil.which(name)
        assert found
        (tools / name).symlink_to(found)
    return tmp_path


def put(path: Path, prints: str, status: int = 0) -> None:
    """An interpreter that answers every program with the same words."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho '{prints}'\nexit {status}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def find(machine: Path, *versions: str, path: str | None = None) -> tuple[int, str, str]:
    """Status, output and errors of the script."""
    done = subprocess.run(
        [str(machine / "bin" / "sh"), str(SCRIPT), *versions],
        env={"PATH": path or str(machine / "bin")},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout.strip(), done.stderr.strip()


def test_newest_supported_is_taken_when_it_runs(machine: Path) -> None:
    """Without a wish the newest version is preferred."""
    put(machine / "bin/python3.12", "3.12 ready")
    put(machine / "bin/python3.13", "3.13 ready")
    assert find(machine) == (0, str(machine / "bin/python3.13"), "")


def test_shim_that_does_not_run_is_passed_over(machine: Path) -> None:
    """A name on the path proves nothing."""
    put(machine / "bin/python3.13", "pyenv: python3.13: command not found", status=127)
    put(machine / "bin/python3", "3.11 ready")
    assert find(machine) == (0, str(machine / "bin/python3"), "")


def test_versions_beside_a_shim_folder_are_looked_into(machine: Path) -> None:
    """A version manager keeps interpreters that its shims do not run by default."""
    put(machine / "manager/shims/python3.12", "not chosen", status=127)
    put(machine / "manager/versions/3.9.1/bin/python3", "3.9 ready")
    put(machine / "manager/versions/3.12.1/bin/python3", "3.12 ready")
    path = os.pathsep.join([str(machine / "manager/shims"), str(machine / "bin")])
    expected = str(machine / "manager/versions/3.12.1/bin/python3")
    assert find(machine, path=path) == (0, expected, "")


def test_wished_version_alone_is_taken(machine: Path) -> None:
    """The run on each Python asks for one at a time."""
    put(machine / "bin/python3.13", "3.13 ready")
    put(machine / "bin/python3.11", "3.11 ready")
    assert find(machine, "3.11")[1] == str(machine / "bin/python3.11")


def test_none_is_one_line_and_status_2(machine: Path) -> None:
    """A Python that is too old counts as none."""
    put(machine / "bin/python3", "3.9 ready")
    status, output, error = find(machine)
    assert (status, output) == (2, "")
    assert error == (
        "dmz-gateway: no Python 3.13 or 3.12 or 3.11 runs here: install one, its venv package too "
        "(apt-get install python3 python3-venv)"
    )


def test_missing_venv_is_one_line_and_status_2(machine: Path) -> None:
    """Debian packs venv by itself; the line names the package."""
    put(machine / "bin/python3", "3.11 bare")
    assert find(machine) == (
        2,
        "",
        "dmz-gateway: Python 3.11 has no venv: apt-get install python3.11-venv",
    )
