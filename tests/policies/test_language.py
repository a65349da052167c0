"""The language, its published schema, and how a file that leaves it is read all the same."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from gateway.policies.as_meant import Understood, understood
from gateway.policies.language import LANGUAGE, document
from gateway.policies.load import Keys, parse
from gateway.policies.structure import check_structure
from tests.policies.packs import POLICY, ROOT, Change, changed


def test_the_published_schema_is_the_language() -> None:
    """`python -m gateway.policies.language > contracts/policy.schema.json` after a change."""
    assert (ROOT / "contracts/policy.schema.json").read_text("utf-8") == document()


def test_the_published_schema_is_one() -> None:
    """Editors can use it: it is valid JSON Schema, and the real policy fits it."""
    schema = json.loads(document())
    Draft202012Validator.check_schema(schema)
    assert Draft202012Validator(schema).is_valid(parse(POLICY, "policy.yaml")[0].data)


def patterns(schema: Any) -> Iterator[dict[str, Any]]:
    """Every part of the schema that has a pattern."""
    if isinstance(schema, dict):
        if isinstance(schema.get("pattern"), str):
            yield schema
        for part in schema.values():
            yield from patterns(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from patterns(part)


def test_every_form_has_examples_that_have_it() -> None:
    """Whoever misses a form is shown how it is written."""
    for schema in patterns(LANGUAGE):
        assert schema["examples"]
        validator = Draft202012Validator(schema)
        assert all(validator.is_valid(example) for example in schema["examples"])


def meant(*changes: Change) -> Understood:
    """What is understood of the policy with these changes."""
    found = understood(parse(changed(POLICY, *changes), "policy.yaml")[0])
    assert found is not None
    return found


def test_a_misspelt_field_is_read_as_it_was_meant() -> None:
    """So that one slip is one finding; the rest of the file is checked where it stands."""
    found = meant(("constants:\n", "constant:\n"))
    assert found.source.data["constants"]["PageSize"] == "200"
    before = POLICY[: POLICY.index("  PageSize:")]
    assert found.source.mark(("constants", "PageSize")).line == before.count("\n") + 1
    assert (found.broken, found.doubtful) == (frozenset(), frozenset())


def test_a_name_in_capitals_is_the_one_in_small_letters() -> None:
    """Whoever names it otherwise will mend it so."""
    found = meant(
        ('{unknown: "0", male: ', '{unknown: "0", MALE: '), ("  yes-no: {", "  Yes_No: {")
    )
    assert found.source.data["codes"]["sex"]["male"] == "1"
    assert "yes-no" in found.source.data["codes"]
    assert found.doubtful == frozenset()


def test_a_field_that_is_like_none_is_left_out() -> None:
    """What cannot be understood is found, and does not hinder the rest."""
    source, _ = parse(changed(POLICY, ("service: r", "zzz: {a: [1]}\nservice: r")), "policy.yaml")
    found = understood(source)
    assert found is not None
    assert "zzz" not in found.source.data
    assert "zzz" in source.data
    assert [finding.kind for finding in check_structure(source)] == ["unknown-field"]


def test_only_the_broken_route_is_left_out() -> None:
    """Its number is told; all others can be checked."""
    assert meant(("    rate: 30/m ", "    rate: often ")).broken == {1}


@pytest.mark.parametrize(
    ("change", "place", "read"),
    [
        (("in_flight: 30", "in_flight: many"), ("upstream", "in_flight"), 10000),
        (("in_flight: 30", 'in_flight: "30"'), ("upstream", "in_flight"), 30),
        (("in_flight: 30", "in_flight: 0"), ("upstream", "in_flight"), 10000),
        (("  in_flight: 30\n", ""), ("upstream", "in_flight"), 10000),
        (('PageSize: "200"', "PageSize: 200"), ("constants", "PageSize"), "200"),
        (('{unknown: "0", male: "1", female: "2", unspecified: "9"}', "7"), ("codes", "sex"), {}),
    ],
)
def test_what_cannot_be_read_has_something_that_can_in_its_place(
    change: Change, place: Keys, read: object
) -> None:
    """What was meant where that can be known; what is found there is not told."""
    found = meant(change)
    stands = found.source.data
    for step in place:
        stands = stands[step]
    assert stands == read
    assert found.doubtful == frozenset({place})
    assert found.broken == frozenset()


@pytest.mark.parametrize("text", ["null", "[]", "text", "3", "{}", "routes: 3", "routes: [3]"])
def test_a_file_of_another_shape_is_found(text: str) -> None:
    """Whatever the file is, there is a finding that says what it should be."""
    source, _ = parse(text, "policy.yaml")
    assert check_structure(source)
    assert understood(source) is None
