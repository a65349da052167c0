"""The glossary: which field an entry means, and how callers are told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gateway.examples import EXAMPLE_ENVIRONMENT
from gateway.packs import check_packs
from gateway.policies.compile import compile_snapshot
from gateway.policies.glossary import Glossary, glossary_of, path_of
from gateway.policies.load import parse
from gateway.policies.snapshot import Route, Snapshot
from tests.policies.packs import UNTOLD, Change, pack


def glossary(fields: str) -> Glossary:
    """A glossary of these lines."""
    source, findings = parse(f"fields:\n{fields}", "glossary.yaml")
    assert findings == ()
    return glossary_of(source)


def snapshot(folder: Path, *changes: Change, glossary: tuple[Change, ...] = ()) -> Snapshot:
    """The registration pack, changed and compiled."""
    checked = check_packs((pack(folder, *changes, glossary=glossary),))
    assert checked.findings == ()
    return compile_snapshot(checked.packs, EXAMPLE_ENVIRONMENT)


def route(folder: Path, name: str, *changes: Change) -> Route:
    """One route of it."""
    return next(one for one in snapshot(folder, *changes).routes if one.id == name)


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("hold/fee", "what it costs"),
        ("list-schedules/items/fee", "what one costs"),
        ("appointment/fee", "what it cost"),
        ("bill/items/fee", "what one costs"),
        ("bill/items/items/fee", "what one costs"),
        ("fees", None),
    ],
)
def test_the_longest_entry_that_a_path_ends_in_tells_of_the_field(
    path: str, told: str | None
) -> None:
    """A name is told once, and where it means something else by more of its path."""
    words = glossary(
        "  fee: what it costs\n  appointment/fee: what it cost\n  items/fee: what one costs\n"
    )
    assert words.field(tuple(path.split("/"))) == told


@pytest.mark.parametrize(
    ("at", "path"),
    [
        (("routes", 0, "request", "guardian", "fields", "name"), "create-card/guardian/name"),
        (("routes", 0, "response", "items", "fields", "id"), "create-card/items/id"),
        (("shapes", "hold", "fee"), "hold/fee"),
        (("shapes", "appointment", "actions", "fields", "from"), "appointment/actions/from"),
    ],
)
def test_a_field_is_known_by_where_the_policy_has_it(at: tuple[str | int, ...], path: str) -> None:
    """By its route's id or its shape's name, and the names that lead to it."""
    source, _ = parse("routes:\n  - id: create-card", "policy.yaml")
    assert path_of(source, at) == tuple(path.split("/"))


def test_a_field_is_told_with_what_is_so_of_its_kind(tmp_path: Path) -> None:
    """What hospital IT says first, then what the gateway knows."""
    properties = route(tmp_path, "hold-slot").schemas.response["properties"]
    assert properties["fee"]["description"] == (
        "What the registration will cost. In fen, of which 100 are 1 CNY."
    )
    assert properties["id"]["description"].startswith("The hold. Sealed: ")


def test_a_field_of_the_request_is_told_too(tmp_path: Path) -> None:
    """In path, query and body, with what stands in for it."""
    schemas = route(tmp_path, "list-schedules").schemas
    assert schemas.query is not None
    assert schemas.query["properties"]["to"]["description"] == (
        "The last day, which belongs to it. Within 30 days of today. By default 7 days after today."
    )


def test_words_are_listed_with_their_meaning(tmp_path: Path) -> None:
    """Below what the field is, wherever the table is used."""
    properties: Any = route(tmp_path, "get-appointment").schemas.response["properties"]
    assert properties["cancelledBy"]["description"].splitlines() == [
        "Who cancelled it; absent unless it was cancelled.",
        "",
        "* `patient`: Through this or another channel",
        "* `hospital`: By itself, for instance because the session was stopped",
        "* `timeout`: It was not paid in time",
    ]


def test_a_route_is_told_more_than_its_line(tmp_path: Path) -> None:
    """Where there is more to say."""
    assert route(tmp_path / "a", "list-departments").told == (
        "Where booking begins; it changes rarely."
    )
    assert route(tmp_path / "b", "get-card").told == ""


def test_a_pack_without_a_glossary_is_told_what_the_gateway_knows(tmp_path: Path) -> None:
    """No glossary is no fault."""
    properties = route(tmp_path, "hold-slot", UNTOLD).schemas.response["properties"]
    assert properties["fee"]["description"] == "In fen, of which 100 are 1 CNY."
    assert "description" not in properties["slotId"]


def test_another_text_is_another_snapshot(tmp_path: Path) -> None:
    """Replicas that tell different things show it by their digests."""
    change = ("onDuty: Whether the doctor", "onDuty: If the doctor")
    before, after = snapshot(tmp_path / "a"), snapshot(tmp_path / "b", glossary=(change,))
    assert before.digest != after.digest
