"""Base64 in pieces: what is one, and what only looks like one."""

from __future__ import annotations

import base64
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.strict_base64 import SAMPLE, Decoder, NotBase64, decode


def in_pieces(text: bytes, cuts: list[int]) -> bytes:
    """The text decoded, cut at these places."""
    decoder = Decoder()
    edges = [0, *sorted(cut % (len(text) + 1) for cut in cuts), len(text)]
    content = b"".join(decoder.feed(text[start:end]) for start, end in pairwise(edges))
    decoder.end()
    return content


@given(st.binary(max_size=400), st.lists(st.integers(min_value=0), max_size=6), st.booleans())
def test_what_was_written_is_read_wherever_it_is_cut(
    content: bytes, cuts: list[int], lines: bool
) -> None:
    """With line breaks, as MIME writes it, and without."""
    text = base64.encodebytes(content) if lines else base64.b64encode(content)
    assert in_pieces(text, cuts) == content


@given(st.text("ABab01+/= \n", max_size=24), st.lists(st.integers(min_value=0), max_size=4))
def test_a_text_is_read_only_as_it_would_be_written(text: str, cuts: list[int]) -> None:
    """Whatever is read gives the same text again, white space apart; in pieces no more is read."""
    try:
        content = in_pieces(text.encode(), cuts)
    except NotBase64:
        content = None
    bare = "".join(text.split())
    readable = len(bare) % 4 == 0 and _written_back(bare) == bare
    assert (content is not None) == readable
    if content is not None:
        assert base64.b64encode(content).decode() == bare


def _written_back(text: str) -> str | None:
    try:
        return base64.b64encode(base64.b64decode(text, validate=True)).decode()
    except ValueError:
        return None


@pytest.mark.parametrize(
    "text",
    ["AAA", "A===", "=AAA", "AA=A", "AB==", "AAB=", "AA==AAAA", "AA-_", "AA\u00e4A", "AA\0A"],
)
def test_what_only_looks_like_it_is_none(text: str) -> None:
    """Cut short, padded within, with bits left over, of another alphabet."""
    with pytest.raises(NotBase64) as caught:
        decode(text)
    assert str(caught.value) == ""


def test_padding_is_the_end_in_the_next_piece_too() -> None:
    """A piece may end where the text seemed to."""
    decoder = Decoder()
    assert decoder.feed(b"AA==") == b"\0"
    with pytest.raises(NotBase64):
        decoder.feed(b"AAAA")


def test_the_sample_is_one() -> None:
    """Checks of policies hold types against it."""
    assert len(decode(SAMPLE)) == 24
