"""What a policy says of a document, held against records and bytes."""

from __future__ import annotations

import pytest

from gateway.record import Record
from gateway.translation.documents import BEGINS, DocumentRule
from gateway.translation.inbound import Untranslatable

RULE = DocumentRule(
    ("Letter", "File"), "application/pdf", ("Letter", "Name"), 1, frozenset({"null"})
)


@pytest.mark.parametrize("letter", [{}, {"File": ""}, {"File": None}, {"File": "null"}])
def test_a_success_without_a_document_is_none(letter: Record) -> None:
    """Absent, empty, nil, or what the policy says means nothing: which is Base64, too."""
    with pytest.raises(Untranslatable, match=r"^Letter/File: is missing or empty$"):
        RULE.text({"Letter": letter})
    assert RULE.text({"Letter": {"File": "AAAA"}}) == "AAAA"


@pytest.mark.parametrize(
    ("letter", "name"),
    [({"Name": "a.pdf"}, "a.pdf"), ({}, None), ({"Name": ""}, None), ({"Name": "null"}, None)],
)
def test_a_name_may_be_missing(letter: Record, name: str | None) -> None:
    """A document without one is a document."""
    assert RULE.name_in({"Letter": letter}) == name


@pytest.mark.parametrize("media_type", BEGINS)
def test_a_document_begins_as_its_kind_does(media_type: str) -> None:
    """And one that begins as another kind is none."""
    rule = DocumentRule(("File",), media_type, None, 1)
    assert [kind for kind, begin in BEGINS.items() if rule.holds(begin + b"more")] == [media_type]
    assert not rule.holds(BEGINS[media_type][:-1])
    assert not rule.holds(b"")
    assert rule.name_in({"Name": "a"}) is None
