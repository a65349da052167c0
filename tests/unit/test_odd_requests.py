"""Odd but legal REST: whatever a caller writes is refused as theirs, or arrives as it was written.

Through the routes of all four packs, from the raw path, query and body to the hospital's message.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote_from_bytes

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from gateway.binding import bind
from gateway.examples import EXAMPLE_ENVIRONMENT, ExampleSealer
from gateway.packs import check_packs, pack_folders
from gateway.policies.compile import compile_snapshot
from gateway.policies.match import match
from gateway.policies.snapshot import Route, Snapshot
from gateway.problems import Rejection
from gateway.rest.validation import validate
from gateway.settlement import FAILURES, settle
from gateway.translation.identity import IdentityNumber
from gateway.translation.outbound import Field, Items
from gateway.translation.values import Text
from tests.unit.world import CONTRACTS

ODD = (
    "", " ", "\t", "\n", "a\r\nb", " a ", "a  b", "\x00", "\x0b", "\x7f", "\x85", "\xa0",
    "\u2028", "\u200b", "\u202e", "\ufeff", "\ufffe", "\uffff", "\U0001fffe", "\ud800",
    "\udc00\ud800", "\xe9", "e\u0301", "\u212b", "\ufb01", "\u0130", "𠮷", "\u0660\u0661",
    "\uff10\uff11", "]]>", "<a/>", "&amp;", "&#0;", "%", "%00", "+", "a+b", "|", "^", "\\", "..",
    "../", "/", "?", "#", ";", "0101", "1e3", "-0", "1.0", "null", "x" * 65, "x" * 600,
    "9" * 18, "9" * 30, "2026-02-30", "2026-W10-1", "0000-01-01", "0001-01-01", "9999-12-31",
    "2026-12-31T23:59:60Z", "2026-03-02T24:00:00+08:00", "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-12:00", "1900-01-01T00:00:00Z", "2026-03-02T09:30:00.5Z",
)  # fmt: skip
LITERALS = (
    "1e3", "1E2", "-0", "1.0", "550.0", "-1", "1e-400", "1e400", "9223372036854775807",
    "9223372036854775808", "1" + "0" * 5000, "NaN", "-Infinity", "null", "true", "[]", "{}",
    "[[[]]]", '{"a": 1, "a": 1}', "[" * 40 + "]" * 40, '"\\ud800"', '"\\ud83d\\ude00"',
    '"\\u0000"', '""', "01", "+1", "1_000", "'a'", "0x10", "\u0663",
)  # fmt: skip
CALLERS_OWN = {"malformed", "invalid", "not-found", "unsupported-media-type"}


@cache
def snapshot() -> Snapshot:
    """The four packs, as examples are served."""
    return compile_snapshot(check_packs(pack_folders(CONTRACTS)).packs, EXAMPLE_ENVIRONMENT)


@dataclass(frozen=True)
class Place:
    """Where one value of an example's request stands."""

    case: Path
    location: str
    name: tuple[str | int, ...]

    @property
    def given(self) -> dict[str, Any]:
        """The example's request."""
        return json.loads(self.case.read_text("utf-8"))  # type: ignore[no-any-return]

    @property
    def route(self) -> Route:
        """What the example is of."""
        name = self.case.parents[1].name
        return next(route for route in snapshot().routes if route.id == name)


def places() -> Iterator[Place]:
    """Every value of every example, and the parameters that an example leaves out."""
    for case in sorted(CONTRACTS.glob("*/examples/*/*/request.json")):
        found = Place(case, "", ())
        for name in found.given.get("path", {}):
            yield Place(case, "path", (name,))
        for field in found.route.outbound.fields:
            if isinstance(field, Field) and field.location == "query":
                yield Place(case, "query", field.name)
        for at in _leaves(found.given.get("body", {})):
            yield Place(case, "body", at)


def _leaves(value: Any, above: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    members = value.items() if isinstance(value, dict) else enumerate(value)
    for name, member in members:
        if isinstance(member, dict | list):
            yield from _leaves(member, (*above, name))
        else:
            yield (*above, name)


PLACES = tuple(places())


def in_url(text: str, *, whole: bool) -> str:
    """A text percent-encoded: all of it, or no more than has to be."""
    content = text.encode("utf-8", "surrogatepass")
    return "".join(f"%{byte:02x}" for byte in content) if whole else quote_from_bytes(content, "")


def sent(place: Place, written: str, *, twice: bool = False) -> bytes | Rejection:
    """The message that goes out with this written in the place, or how the caller is refused."""
    given, route = place.given, place.route
    path = {name: in_url(text, whole=False) for name, text in given.get("path", {}).items()}
    query, body = given.get("query", ""), b""
    if place.location == "path":
        path[str(place.name[0])] = written
    if place.location == "query":
        name = place.name[0]
        others = [part for part in query.split("&") if part and not part.startswith(f"{name}=")]
        query = "&".join([*others, *[f"{name}={written}"] * (1 + twice)])
    if "body" in given:
        body = _written(given["body"], place.name, written, twice).encode("utf-8", "surrogatepass")
    target = route.template
    for name, text in path.items():
        target = target.replace(f"{{{name}}}", text)
    try:
        matched = match(snapshot(), route.method, target)
        media_type = "application/json" if body else None
        values = validate(matched.route.shape, matched.path, query, media_type, body)
        context = bind(
            matched.route,
            values,
            client=given["client"],
            sealer=ExampleSealer(),
            now=datetime.fromisoformat(given["now"]),
            card=given.get("card"),
            key=given.get("key"),
            first_sent=datetime.fromisoformat(given["now"]),
            asked_for=given.get("asked"),
        )
        return matched.route.codec.encode(matched.route.outbound(values, context))
    except Rejection as refused:
        return refused
    except FAILURES as failure:
        return settle(route, failure)


def _written(value: Any, at: tuple[str | int, ...], literal: str, twice: bool) -> str:
    """JSON with a literal in one place; `twice` with its member again."""
    if not at:
        return literal
    first, rest = at[0], at[1:]
    if isinstance(value, list):
        items = [
            _written(item, rest, literal, twice) if index == first else json.dumps(item)
            for index, item in enumerate(value)
        ]
        return f"[{', '.join(items)}]"
    members = []
    for name, member in value.items():
        text = _written(member, rest, literal, twice) if name == first else json.dumps(member)
        members += [f"{json.dumps(name)}: {text}"] * (1 + (twice and name == first))
    return f"{{{', '.join(members)}}}"


def texts(message: bytes) -> set[str]:
    """Every text that a reader finds in the message, and in the message inside its string."""
    found = {node.text or "" for node in etree.fromstring(message).iter()}
    for text in tuple(found):
        if text.startswith("<?xml"):
            inner = etree.fromstring(text.partition("?>")[2])
            found |= {node.text or "" for node in inner.iter()}
        elif text.startswith("{"):
            found |= {str(value) for value in json.loads(text).values()}
    return found


def field_of(place: Place) -> Field | None:
    """The field that the place is of, if it is the caller's to fill."""
    fields: tuple[Field | Items, ...] = place.route.outbound.fields
    name = tuple(part for part in place.name if isinstance(part, str))
    return next((one for one in fields if isinstance(one, Field) and one.name == name), None)


def hold(place: Place, intended: str | None, outcome: bytes | Rejection) -> None:
    """Refused as the caller's own doing, or arrived as it was meant."""
    if isinstance(outcome, Rejection):
        assert outcome.slug in CALLERS_OWN, (place, outcome.reason)
        return
    field = field_of(place)
    if intended and field is not None and isinstance(field.converter, Text | IdentityNumber):
        assert intended in texts(outcome), place


@pytest.mark.parametrize("odd", ODD, ids=ascii)
def test_an_odd_text_is_refused_or_arrives_as_it_is(odd: str) -> None:
    """In the path, in the query and in the body, however it is encoded."""
    for place in PLACES:
        if place.location == "body":
            ways = (json.dumps(odd), json.dumps(odd, ensure_ascii=False))
        else:
            ways = (in_url(odd, whole=False), in_url(odd, whole=True))
        for written in ways:
            hold(place, odd, sent(place, written))


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(PLACES), st.text(max_size=40))
def test_any_text_is_refused_or_arrives_as_it_is(place: Place, text: str) -> None:
    """Nothing is normalised, trimmed or cut on the way."""
    written = json.dumps(text) if place.location == "body" else in_url(text, whole=False)
    hold(place, text, sent(place, written))


@pytest.mark.parametrize("literal", LITERALS, ids=lambda literal: literal[:20])
def test_an_odd_literal_never_passes_for_another(literal: str) -> None:
    """A number that is not written as one stands for no amount, and a text for no number."""
    for place in PLACES:
        if place.location == "body":
            outcome = sent(place, literal)
            hold(place, None, outcome)
            if not isinstance(outcome, Rejection):
                assert literal == '"\\ud83d\\ude00"', place
                assert "😀" in texts(outcome)


def test_what_is_given_twice_is_refused() -> None:
    """Two readers could take two values for it: the same ones, too."""
    for place in PLACES:
        if place.location != "path":
            written = '"x"' if place.location == "body" else "x"
            outcome = sent(place, written, twice=True)
            assert isinstance(outcome, Rejection), place
            assert outcome.slug in ("malformed", "invalid")
