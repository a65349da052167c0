"""The language, its published schema, and how a file that leaves it is read all the same."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from gateway.policies.language import LANGUAGE, document
from gateway.policies.load import parse
from gateway.policies.structure import check_structure, readable
from tests.policies.packs import POLICY, ROOT, changed


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


def test_a_misspelt_field_is_read_as_it_was_meant() -> None:
    """So that one slip is one finding; the rest of the file is checked where it stands."""
    source, _ = parse(changed(POLICY, ("constants:\n", "constant:\n")), "policy.yaml")
    understood = readable(source)
    assert understood is not None
    meant, broken = understood
    assert meant.data["constants"]["PageSize"] == "200"
    before = POLICY[: POLICY.index("  PageSize:")]
    assert meant.mark(("constants", "PageSize")).line == before.count("\n") + 1
    assert broken == frozenset()
    assert "constants" not in source.data


def test_a_field_that_is_like_none_is_left_out() -> None:
    """What cannot be understood is found, and does not hinder the rest."""
    source, _ = parse(changed(POLICY, ("service: r", "zzz: {a: [1]}\nservice: r")), "policy.yaml")
    understood = readable(source)
    assert understood is not None
    assert "zzz" not in understood[0].data
    assert [finding.kind for finding in check_structure(source)] == ["unknown-field"]


def test_only_the_broken_route_is_left_out() -> None:
    """Its number is told; what is broken above the routes leaves nothing to check."""
    source, _ = parse(changed(POLICY, ("    rate: 30/m ", "    rate: often ")), "policy.yaml")
    understood = readable(source)
    assert understood is not None
    assert understood[1] == {1}
    source, _ = parse(changed(POLICY, ("in_flight: 30", "in_flight: many")), "policy.yaml")
    assert readable(source) is None


@pytest.mark.parametrize("text", ["null", "[]", "text", "3", "{}", "routes: 3", "routes: [3]"])
def test_a_file_of_another_shape_is_found(text: str) -> None:
    """Whatever the file is, there is a finding that says what it should be."""
    source, _ = parse(text, "policy.yaml")
    assert check_structure(source)
    assert readable(source) is None
