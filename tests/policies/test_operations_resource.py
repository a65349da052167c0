"""The operations resource: a caller is led to where its question is understood."""

from __future__ import annotations

from urllib.parse import parse_qsl

import pytest

from gateway.policies.match import match
from gateway.policies.operations_resource import Asked, asked, is_reserved, location
from tests.unit.world import KEY, snapshot


def test_a_location_leads_to_the_question_that_it_was_made_for() -> None:
    """The route that answers asks about that write, that call and that moment."""
    path, _, query = location("hold-slot", KEY, "s" * 40).partition("?")
    matched = match(snapshot(), "GET", path)
    assert matched.route.inquiry_of == "hold-slot"
    assert asked({**matched.path, **dict(parse_qsl(query))}) == Asked(KEY, "s" * 40)


def test_only_the_question_asks_and_both_share_serial_and_scope() -> None:
    """A write is asked about by whoever may call it; other reads know no serial."""
    routes = {route.id: route for route in snapshot().routes}
    write, inquiry, read = (
        routes[name] for name in ("hold-slot", "operations-hold-slot", "list-slots")
    )
    assert [one.inquiry_of for one in (write, inquiry, read)] == [None, "hold-slot", None]
    assert [one.serial_of for one in (write, inquiry, read)] == ["hold-slot", "hold-slot", None]
    assert [one.scope for one in (write, inquiry, read)] == ["hold-slot", "hold-slot", "list-slots"]


@pytest.mark.parametrize(
    ("path", "reserved"),
    [
        ("/v1/operations", True),
        ("/v1/operations/{id}", True),
        ("/v1/operations-done", False),
        ("/v1/holds", False),
    ],
)
def test_what_is_below_the_resource_is_reserved(path: str, reserved: bool) -> None:
    """A policy's own path there would stand in its way."""
    assert is_reserved(path) is reserved
