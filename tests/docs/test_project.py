"""The frame of the project holds together: folders of tests, targets, scripts."""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MAKEFILE = (ROOT / "Makefile").read_text()
TARGETS = re.findall(r"^([a-z-]+):", MAKEFILE, re.M)


def test_every_folder_of_tests_is_run() -> None:
    """A folder that is missing from testpaths would never fail."""
    configuration = tomllib.loads((ROOT / "pyproject.toml").read_text())
    listed = configuration["tool"]["pytest"]["ini_options"]["testpaths"]
    holding = {path.relative_to(ROOT).parts[1] for path in (ROOT / "tests").rglob("test_*.py")}
    assert holding <= {Path(name).name for name in listed}


@pytest.mark.parametrize("target", TARGETS)
def test_every_target_says_what_it_does(target: str) -> None:
    """`make help` shows the words after ##, and no target is taken for a file."""
    assert re.search(rf"^{target}:.*## \S", MAKEFILE, re.M)
    assert re.search(rf"^\.PHONY:.*\b{target}\b", MAKEFILE, re.M)


@pytest.mark.parametrize(
    "script", [".ci/run", "scripts/bootstrap.sh", "scripts/find-python.sh", "scripts/lock.sh"]
)
def test_script_can_be_run(script: str) -> None:
    """A checkout keeps the executable bit, and the Makefile relies on it."""
    assert os.access(ROOT / script, os.X_OK)
