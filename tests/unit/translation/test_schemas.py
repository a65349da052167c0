"""XSD text facets as JSON Schema: the two say the same of a text."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from gateway.rest.validation import JsonSchema
from gateway.soap.elements import SimpleType, Whitespace
from gateway.translation.schemas import json_pattern, text_schema

XSD = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="e">
<xs:simpleType><xs:restriction base="xs:string"><xs:pattern value="{}"/></xs:restriction>
</xs:simpleType></xs:element></xs:schema>"""

PATTERNS = (
    r"\d{4}-\d{2}", r"\d{4}\-\d{2}", r"[0-9A-Z]{4,8}", r"[\dA-F]+", r"[^\d]+", r"[$^]+", r"[\^$]+",
    r"^a$", r"a^b$c", r"\^a\$", r"(ab|a^)+", r"a|b", r"\.\*\?\+\(\)\{\}\[\]\|", r"[\]\[]+",
    r"[a\-z]+", r"[0-9A-Za-z()/-]{4,30}", r"[ab]\\[cd]", r"([01][0-9]|2[0-3]):[0-5][0-9]", r"a.c",
    r"-?[0-9]{1,4}", r"",
)  # fmt: skip
ALPHABET = "abcz019AF^$.-[]()/\\*?+{}| \n:é年"


def holds_in_xsd(pattern: str, text: str) -> bool:
    escaped = pattern.replace("&", "&amp;").replace('"', "&quot;")
    schema = etree.XMLSchema(etree.fromstring(XSD.format(escaped)))
    element = etree.Element("e")
    element.text = text
    return bool(schema.validate(element))


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_pattern_holds_the_same_texts_in_both(pattern: str) -> None:
    """libxml2 and the JSON Schema engine agree on every text that is tried."""
    schema = JsonSchema(text_schema(SimpleType("T", "string", "preserve", patterns=(pattern,))))
    strategy = st.text(ALPHABET, max_size=8)
    if pattern:
        strategy |= st.from_regex(f"^(?:{json_pattern(pattern)})$", alphabet=ALPHABET)

    @settings(max_examples=40, deadline=None)
    @given(strategy)
    def agree(text: str) -> None:
        assert schema.holds(text) == holds_in_xsd(pattern, text)

    agree()


def test_digits_are_ascii_only() -> None:
    """XSD's every digit of Unicode is narrowed, in and out of a class."""
    for pattern in (r"\d+", r"[\d]+"):
        schema = JsonSchema(text_schema(SimpleType("T", "string", "preserve", patterns=(pattern,))))
        assert schema.holds("123")
        assert not schema.holds("١٢٣")


def test_a_pattern_is_of_the_whole_text() -> None:
    """A newline at the end is part of it."""
    schema = JsonSchema(text_schema(SimpleType("T", "string", "preserve", patterns=("a|b",))))
    assert schema.holds("b")
    assert not any(schema.holds(text) for text in ("ab", "a\n", "xa", "b "))


def test_patterns_of_several_derivations_must_all_hold() -> None:
    """Each step of a derivation narrows the one before."""
    schema = text_schema(SimpleType("T", "string", "preserve", patterns=("[0-9]+", ".{2}")))
    assert schema == {
        "type": "string",
        "allOf": [{"pattern": "^(?:[0-9]+)$"}, {"pattern": "^(?:.{2})$"}],
    }


@pytest.mark.parametrize(
    ("whitespace", "stays"),
    [
        ("preserve", {"", "a b", "a  b", " a", "a ", "a\tb", "a\n"}),
        ("replace", {"", "a b", "a  b", " a", "a "}),
        ("collapse", {"", "a b"}),
    ],
)
def test_a_text_that_its_type_would_read_as_another_is_none(
    whitespace: Whitespace, stays: set[str]
) -> None:
    """The hospital would take the space away, and have another text than the caller sent."""
    schema = JsonSchema(text_schema(SimpleType("T", "string", whitespace)))
    tried = {"", "a b", "a  b", " a", "a ", "a\tb", "a\n"}
    assert {text for text in tried if schema.holds(text)} == stays


@pytest.mark.parametrize(
    ("simple", "schema"),
    [
        (SimpleType("T", "string", "preserve", length=4), {"minLength": 4, "maxLength": 4}),
        (
            SimpleType("T", "string", "preserve", min_length=1, max_length=9),
            {"minLength": 1, "maxLength": 9},
        ),
        (SimpleType("T", "string", "preserve", min_length=0), {}),
        (SimpleType("T", "string", "preserve", enumeration=("01", "02")), {"enum": ["01", "02"]}),
    ],
)
def test_lengths_and_enumerations_are_carried_over(
    simple: SimpleType, schema: dict[str, object]
) -> None:
    """Both count characters, not bytes."""
    assert text_schema(simple) == {"type": "string", **schema}
