"""How a program of the distribution is had where it is missing: installed, or asked for."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"

_ENSURE = """
import sys
sys.path.insert(0, sys.argv[1])
import bootstrap
first = f": > {sys.argv[2]}"
bootstrap.ensure(["wanted"], "Wanted (2 or newer)", "wanted-package", first=first)
"""
_SUDO = 'shift\nexec env "$@"'


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """The folder of a PATH of its own, with the few tools that installing needs."""
    for name in ("sh", "env", "true", "chmod"):
        found = shutil.which(name)
        assert found is not None
        (tmp_path / name).symlink_to(found)
    _put(tmp_path / "sudo", _SUDO)
    return tmp_path


def _put(program: Path, script: str) -> None:
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)


def _ensure(machine: Path) -> tuple[int, str]:
    """Status, and what was said on standard error."""
    done = subprocess.run(
        [sys.executable, "-c", _ENSURE, str(SCRIPTS), str(machine / "prepared")],
        env={"PATH": str(machine)},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stderr


def test_what_runs_is_left_alone(machine: Path) -> None:
    """Nothing is installed, and nothing asked for."""
    _put(machine / "wanted", "exit 0")
    assert _ensure(machine) == (0, "")


def test_what_is_missing_is_installed(machine: Path) -> None:
    """By apt-get, once what has to be done before is done."""
    wanted = machine / "wanted"
    made = f"echo '#!/bin/sh' > {wanted}; chmod 755 {wanted}"
    install = f'[ "$1 $4" = "install wanted-package" ] && [ -e {machine}/prepared ] || exit 0'
    _put(machine / "apt-get", f"{install}\n{made}")
    assert _ensure(machine) == (0, "")
    assert wanted.exists()


@pytest.mark.parametrize("installer", [None, "exit 100"], ids=["no apt-get", "apt-get fails"])
def test_what_cannot_be_installed_is_one_line_and_status_2(
    machine: Path, installer: str | None
) -> None:
    """The line says what is missing and what to do about it."""
    if installer is not None:
        _put(machine / "apt-get", installer)
    status, said = _ensure(machine)
    assert status == 2
    assert said.startswith(
        "dmz-gateway: Wanted (2 or newer) is missing: apt-get install wanted-package"
    )
    assert len(said.splitlines()) == 1
