"""Run the tests that need no stack on each supported Python: test_pythons.py [VERSION...]

Each version gets an environment of its own (.venv-3.12 and so on). Ends by naming each version
with how it went; a version that is not on this machine is skipped, not failed. Status 1 when one
failed or when none could be run.
"""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SCRIPTS = ROOT / "scripts"
SUPPORTED = ("3.11", "3.12", "3.13")
# These start the whole stack; what they show does not depend on the Python.
LEFT_OUT = ("tests/e2e",)


def test_folders() -> list[str]:
    """The folders of tests that are run on every version."""
    configuration = tomllib.loads((ROOT / "pyproject.toml").read_text())
    folders = configuration["tool"]["pytest"]["ini_options"]["testpaths"]
    return [name for name in folders if name not in LEFT_OUT and (ROOT / name).is_dir()]


def run(version: str) -> tuple[bool, str]:
    """Run the tests on one version; return whether they passed, and what to say of it."""
    found = subprocess.run(
        [str(SCRIPTS / "find-python.sh"), version], capture_output=True, text=True, check=False
    )
    if found.returncode != 0:
        return True, "skipped: " + found.stderr.strip().removeprefix("dmz-gateway: ")
    environment = f".venv-{version}"
    made = subprocess.run(
        [found.stdout.strip(), str(SCRIPTS / "bootstrap.py"), "--venv", environment], check=False
    )
    if made.returncode != 0:
        return False, "failed: no environment"
    python = str(ROOT / environment / "bin" / "python")
    # A cache of its own: two Pythons would otherwise overwrite each other's last failures.
    command = [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", *test_folders()]
    tested = subprocess.run(command, cwd=ROOT, check=False)
    return tested.returncode == 0, "run: " + ("passed" if tested.returncode == 0 else "failed")


def main() -> int:
    """Run every version asked for, then say how each went."""
    results = {}
    for version in sys.argv[1:] or SUPPORTED:
        print(f"== Python {version}", flush=True)
        results[version] = run(version)
    for version, (_, said) in results.items():
        print(f"Python {version}: {said}")
    passed = all(good for good, _ in results.values())
    return 0 if passed and any(said.startswith("run") for _, said in results.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
