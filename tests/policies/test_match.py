"""The path matcher, against the plain reading of what it should do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.examples import EXAMPLE_ENVIRONMENT
from gateway.packs import check_packs
from gateway.policies.compile import compile_snapshot
from gateway.policies.match import match, matcher
from gateway.policies.snapshot import Route, Snapshot
from gateway.problems import Rejection
from tests.policies.packs import REGISTRATION


@cache
def registration() -> Snapshot:
    """The real pack's snapshot."""
    return compile_snapshot(check_packs((REGISTRATION,)).packs, EXAMPLE_ENVIRONMENT)


def route(template: str, method: str = "GET") -> Route:
    """A route of which only the path matters."""
    return replace(registration().routes[0], method=method, template=template, id=template)


SEGMENTS = st.sampled_from(["a", "b", "c", "{x}", "{y}"])
TEMPLATES = st.lists(SEGMENTS, min_size=1, max_size=4).map(lambda parts: "/v1/" + "/".join(parts))
PATHS = st.lists(st.sampled_from(["a", "b", "c", "d", "%41", "", "%", "ä", "%ff"]), max_size=5)


def naive(templates: list[str], path: str) -> str | None:
    """The template that answers: of those that match, the one with fixed segments first."""

    def matches(template: str) -> bool:
        pattern = re.sub(r"\{[^}]*\}", "(?:[a-d]|%[0-9A-Fa-f]{2})+", template)
        return bool(re.fullmatch(pattern, path)) and "%ff" not in variables(template)

    def variables(template: str) -> Iterator[str]:
        for mine, theirs in zip(template.split("/"), path.split("/"), strict=True):
            if mine.startswith("{"):
                yield theirs

    found = [template for template in templates if matches(template)]
    return min(
        found, key=lambda one: [part.startswith("{") for part in one.split("/")], default=None
    )


@settings(deadline=None)
@given(st.lists(TEMPLATES, max_size=6, unique_by=lambda one: re.sub(r"\{.\}", "{}", one)), PATHS)
def test_the_matcher_is_the_naive_one(templates: list[str], segments: list[str]) -> None:
    """Looking segments up one by one finds what trying every template would."""
    path = "/v1/" + "/".join(segments)
    found = matcher([route(template) for template in templates])(path)
    assert (found[0]["GET"].template if found else None) == naive(templates, path)


@settings(deadline=None)
@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=30))
def test_a_variable_is_decoded_once(text: str) -> None:
    """What a caller percent-encodes arrives as it was."""
    found = match(registration(), "GET", f"/v1/practitioners/{quote(text, safe='')}")
    assert found.route.id == "get-practitioner"
    assert found.path == {"id": text}


@pytest.mark.parametrize(
    "path",
    ["/", "/v1", "/v1/", "/v1/departments/", "//v1/departments", "/v1//departments",
     "/v1/practitioners/", "/v1/practitioners/%zz%", "/v1/practitioners/%ff", "/v2/departments",
     "/v1/practitioners/" + "9" * 513, "/V1/departments", "/v1/departments;x"],
)  # fmt: skip
def test_other_paths_are_not_found(path: str) -> None:
    """A path that no template spells answers 404."""
    with pytest.raises(Rejection) as rejected:
        match(registration(), "GET", path)
    assert rejected.value.slug == "not-found"


@pytest.mark.parametrize(
    "method", ["TRACE", "CONNECT", "PUT", "PATCH", "HEAD", "OPTIONS", "DELETE", "get", ""]
)
def test_another_method_is_told_which_there_are(method: str) -> None:
    """405 names the methods that the path does answer."""
    with pytest.raises(Rejection) as rejected:
        match(registration(), method, "/v1/appointments")
    assert rejected.value.slug == "method-not-allowed"
    assert rejected.value.headers == {"Allow": "GET, POST"}


def test_every_route_is_found_by_its_own_path() -> None:
    """No route hides behind another."""
    for one in registration().routes:
        path = re.sub(r"\{[^}]*\}", "x", one.template)
        assert match(registration(), one.method, path).route is one
