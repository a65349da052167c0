"""The policy documents say what the language and the check do, no more and no less."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from gateway.policies.findings import KINDS
from gateway.policies.language import GLOSSARY, LANGUAGE
from gateway.policies.load import parse
from tests.policies.packs import ROOT
from tests.policies.test_findings import FAULTS, kind_of

DOCS = ROOT / "docs/policies"
Schema = dict[str, Any]


def fields(schema: Schema, path: str = "") -> Iterator[tuple[str, Schema]]:
    """Every field that can be written, by its path; those of maps and lists are of each entry."""
    for name, inner in schema.get("properties", {}).items():
        here = f"{path}.{name}" if path else name
        yield here, inner
        if "$ref" not in inner:
            yield from fields(inner, here)
    for keyword in ("items", "additionalProperties", "then", "else"):
        inner = schema.get(keyword)
        if isinstance(inner, dict) and "$ref" not in inner:
            yield from fields(inner, path)


def language_fields() -> dict[str, Schema]:
    """The fields of a policy and of its glossary, of a route, of request and response fields."""
    found = dict(fields(LANGUAGE)) | dict(fields(GLOSSARY, "glossary"))
    for name in ("route", "request", "response"):
        found |= fields(LANGUAGE["$defs"][name], name)
    return found


def rows() -> dict[str, list[str]]:
    """The reference's tables: cells by field."""
    found: dict[str, list[str]] = {}
    for line in (DOCS / "reference.md").read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if cells and re.fullmatch(r"`[a-z_.]+`", cells[0]):
            assert cells[0].strip("`") not in found
            found[cells[0].strip("`")] = cells[1:]
    return found


def test_every_field_has_its_entry_and_every_entry_its_field() -> None:
    """What can be written is explained, and what is explained can be written."""
    assert rows().keys() == language_fields().keys()


@pytest.mark.parametrize("field", sorted(language_fields()))
def test_a_field_is_told_whole(field: str) -> None:
    """Meaning, default, hazard and an example that fits."""
    meaning, default, hazard, example = rows()[field]
    schema = language_fields()[field]
    assert meaning
    assert default
    assert hazard
    assert schema.get("description"), "the language describes it too, for editors"
    source, findings = parse(example.strip("`").replace("\\|", "|"), "example")
    assert findings == ()
    ((name, value),) = source.data.items()
    assert name == field.rpartition(".")[2]
    whole = {**schema, "$defs": LANGUAGE["$defs"]}
    assert Draft202012Validator(whole).is_valid(value)


def entries() -> dict[str, str]:
    """The findings' entries: the text below each kind's heading."""
    text = (DOCS / "findings.md").read_text("utf-8")
    parts = re.split(r"^## `([a-z-]+)`$", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_every_kind_of_finding_has_its_entry() -> None:
    """In the order of the code, which goes from the file to the write."""
    assert list(entries()) == list(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_an_entry_has_an_example_and_a_remedy(kind: str) -> None:
    """The example is a finding as it is printed, one that the tests cause where they can."""
    entry = entries()[kind]
    example = re.search(r"```\n(.+)\n```", entry)
    assert example
    assert example[1].endswith(f"[{kind}]")
    assert "**Remedy.** " in entry
    caused = [fault["found"] for fault in FAULTS if kind_of(fault["found"]) == kind]
    assert not caused or example[1].removeprefix("contracts/registration/") in caused
