"""What is true of every file that is committed: links lead somewhere, nothing leaks in."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.blocks import ROOT

# One letter of each in brackets: these lines are committed too.
FORBIDDEN = {
    "a note to self": r"\b(?:TO[D]O|FIX[M]E|X[X]X)\b",
    "a registry's address": r"pypi[.]org|python[h]osted|npm[j]s|(?<!emit-)index-url[ =]",
    "a machine's path": r"/(?:root|home|work|Users)/\w",
}
LINK = re.compile(r"(?<!!)\[[^\]\n]*\]\((?P<target>[^)\s]+)\)")
OUTSIDE = re.compile(r"[a-z]+:")


def tracked() -> list[Path]:
    """Every file of the repository that is there."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False, text=True
    )
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


TRACKED = tracked()
PAGES = [path for path in TRACKED if path.suffix == ".md"]


def shown(path: Path) -> str:
    """The name of a file from the root."""
    return str(path.relative_to(ROOT))


def slugs(text: str) -> set[str]:
    """The anchors of a page's headings, as code hosts make them."""
    headings = re.findall(r"^#+ (.+)$", re.sub(r"(?ms)^```.*?^```", "", text), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def broken(page: Path) -> Iterator[str]:
    """The links of a page that lead nowhere."""
    text = page.read_text("utf-8")
    for match in LINK.finditer(re.sub(r"(?ms)^```.*?^```", "", text)):
        target, _, anchor = match["target"].partition("#")
        if OUTSIDE.match(target):
            continue
        to = page if not target else page.parent / target
        if not to.exists() or (anchor and anchor not in slugs(to.read_text("utf-8"))):
            yield match["target"]


@pytest.mark.parametrize("page", PAGES, ids=shown)
def test_links_lead_to_what_is_there(page: Path) -> None:
    """Files, folders and headings; addresses elsewhere are not asked."""
    assert list(broken(page)) == []


@pytest.mark.parametrize("page", PAGES, ids=shown)
def test_make_targets_are_those_of_the_makefile(page: Path) -> None:
    """Where a page says `make something`, that can be made."""
    offered = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    named = re.findall(r"`make ([a-z-]+)`", page.read_text("utf-8"))
    assert set(named) <= set(offered)


@pytest.mark.parametrize("what", FORBIDDEN)
def test_nothing_is_committed_that_belongs_elsewhere(what: str) -> None:
    """The repository says nothing of where it was made, and hides no unfinished work."""
    pattern = re.compile(FORBIDDEN[what])
    found = [
        f"{shown(path)}:{number}: {line.strip()[:80]}"
        for path in TRACKED
        for number, line in enumerate(_lines(path), start=1)
        if pattern.search(line)
    ]
    assert found == []


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text("utf-8").splitlines()
    except UnicodeDecodeError:
        return []
