"""docs/dependencies.md and the locks name exactly what pyproject.toml asks for."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
DOCUMENT = (ROOT / "docs" / "dependencies.md").read_text()
LOCKS = ("build", "product", "development", "bench")


def canonical(name: str) -> str:
    """A distribution's name as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def names(requirements: list[object]) -> set[str]:
    """The canonical names of requirements, without those of included groups."""
    found = (re.match(r"[\w.-]+", one) for one in requirements if isinstance(one, str))
    return {canonical(match.group()) for match in found if match}


ASKED = {
    "Product": names(PROJECT["project"]["dependencies"]),
    "Development": names(PROJECT["dependency-groups"]["dev"])
    | names(PROJECT["dependency-groups"]["build"]),
    "Bench": names(PROJECT["dependency-groups"]["bench"]),
}


@pytest.mark.parametrize("section", ASKED)
def test_every_direct_dependency_has_its_line_and_no_other(section: str) -> None:
    """A dependency that nobody can give a reason for should not be there."""
    text = DOCUMENT.partition(f"## {section}\n")[2].partition("\n## ")[0]
    listed = re.findall(r"^\| ([\w.-]+) \| .+ \|$", text, re.M)
    assert {canonical(name) for name in listed} - {"package"} == ASKED[section]


@pytest.mark.parametrize(
    ("lock", "section"),
    [("product", "Product"), ("development", "Development"), ("bench", "Bench")],
)
def test_lock_pins_every_direct_dependency(lock: str, section: str) -> None:
    """A lock that was not made anew after a change of pyproject.toml is found here."""
    text = (ROOT / "requirements" / f"{lock}.txt").read_text()
    pinned = {canonical(name) for name in re.findall(r"^([\w.-]+)==", text, re.M)}
    assert ASKED[section] <= pinned


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_has_hashes_and_no_address(lock: str) -> None:
    """A lock is the same wherever it was made, and says nothing of where that was."""
    text = (ROOT / "requirements" / f"{lock}.txt").read_text()
    pins = re.findall(r"^[\w.-]+==.*(?:\n    --hash=.*)*", text, re.M)
    assert pins
    assert [pin for pin in pins if "--hash=sha256:" not in pin] == []
    assert not re.search(r"https?:|file:|/home|/root|/work|index-url|find-links", text)


@pytest.mark.parametrize("lock", ["build", "product", "bench"])
def test_locks_agree_on_versions(lock: str) -> None:
    """What is delivered is what the tests ran with."""
    tested = dict(
        re.findall(r"^([\w.-]+)==(\S+)", (ROOT / "requirements/development.txt").read_text(), re.M)
    )
    pinned = re.findall(
        r"^([\w.-]+)==(\S+)", (ROOT / "requirements" / f"{lock}.txt").read_text(), re.M
    )
    assert [
        (name, version) for name, version in pinned if tested.get(name, version) != version
    ] == []
