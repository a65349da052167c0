"""The closed list of problem types, and its pages."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import get_args

import pytest

from gateway.problems import REFUSALS, TYPES, ProblemType, Rejection
from gateway.resilience.errors import NotAdmitted, Reason
from gateway.settlement import settle
from tests.unit.world import route

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "docs" / "problems"
CHINESE = re.compile("[\u4e00-\u9fff]")


def test_every_problem_type_has_a_page_and_every_page_a_type() -> None:
    """A caller who follows `type` into the documentation finds it."""
    pages = {page.stem for page in PAGES.glob("*.md")} - {"README"}
    assert pages == set(TYPES)


@pytest.mark.parametrize("kind", TYPES.values(), ids=lambda kind: kind.slug)
def test_page_tells_title_status_and_whether_to_retry(kind: ProblemType) -> None:
    """The page repeats the type's facts, so that neither can change alone."""
    page = (PAGES / f"{kind.slug}.md").read_text(encoding="utf-8")
    assert page.startswith(f"# {kind.title} ({kind.title_zh})\n")
    retry = "yes" if kind.retryable else "no"
    assert f"`{kind.slug}`, status {kind.status}, retryable: {retry}" in page
    assert re.findall("^## (.+)$", page, re.MULTILINE) == [
        "What happened", "What was done", "What to do",
    ]  # fmt: skip
    assert page.endswith(f"\n\n{kind.detail_zh}\n")


@pytest.mark.parametrize("slug", sorted(slug for slug in TYPES if TYPES[slug].status == 409))
def test_page_of_a_refusal_says_that_a_later_try_needs_a_new_key(slug: str) -> None:
    """The hospital keeps a refusal under its serial; else an earlier sending is asked about."""
    page = (PAGES / f"{slug}.md").read_text(encoding="utf-8")
    assert "a new key" in page or "ask at that `Location` first" in page


@pytest.mark.parametrize("kind", TYPES.values(), ids=lambda kind: kind.slug)
def test_what_may_be_repeated_says_how_a_write_is(kind: ProblemType) -> None:
    """Unless nothing but reads ends so, or nobody was asked."""
    if kind.retryable and kind.slug not in {
        "body-timeout", "rate-limited", "upstream-failure", "upstream-timeout",
    }:  # fmt: skip
        assert "with the same Idempotency-Key" in kind.detail
        assert "相同的幂等键" in kind.detail_zh


def test_index_lists_every_type_once() -> None:
    """The index links each page with its status and title."""
    index = (PAGES / "README.md").read_text(encoding="utf-8")
    for kind in TYPES.values():
        row = f"| {kind.status} | [{kind.slug}]({kind.slug}.md) | {kind.title} | {kind.title_zh} |"
        assert index.count(row) == 1
    assert index.count("](") == len(TYPES)


@pytest.mark.parametrize("kind", TYPES.values(), ids=lambda kind: kind.slug)
def test_every_type_speaks_both_languages(kind: ProblemType) -> None:
    """Title and detail exist in English and in Chinese, and are not each other."""
    assert not CHINESE.search(kind.title + kind.detail)
    assert CHINESE.search(kind.title_zh)
    assert CHINESE.search(kind.detail_zh)


def test_refusals_are_the_conflicts_that_the_hospital_decides() -> None:
    """A policy may name any 409, and say that there is no such thing."""
    conflicts = {slug for slug, kind in TYPES.items() if kind.status == 409}
    assert conflicts | {"not-found"} == REFUSALS
    assert not any(TYPES[slug].retryable for slug in REFUSALS)


def test_every_problem_type_can_come() -> None:
    """Some step raises it, a policy may name it, or the edge answers it; none is only listed."""
    edge = (ROOT / "haproxy" / "haproxy.cfg").read_text(encoding="utf-8")
    at_the_edge = set(re.findall(r'"/problems/([a-z-]+)"', edge))
    assert raised() | REFUSALS | at_the_edge == set(TYPES)


def raised() -> set[str]:
    """The problems that the gateway's source names where it makes a `Rejection`."""
    calls = [
        node
        for path in (ROOT / "gateway").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "Rejection"
    ]
    named = {call.args[0].value for call in calls if isinstance(call.args[0], ast.Constant)}
    not_admitted = {
        settle(route("list-departments"), NotAdmitted(reason)).slug for reason in get_args(Reason)
    }
    return {str(slug) for slug in named} | not_admitted


def test_rejection_of_an_unknown_type_cannot_be_made() -> None:
    """The list is closed."""
    with pytest.raises(KeyError):
        Rejection("no-such-type")


def test_rejection_as_text_is_its_slug_alone() -> None:
    """Whatever logs the exception logs no more than the type."""
    assert str(Rejection("refused", message="for the patient", detail="more")) == "refused"
