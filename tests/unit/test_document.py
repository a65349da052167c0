"""Bytes that wait in a file."""

from __future__ import annotations

import pytest

from gateway.document import PIECE, Content


def test_it_is_read_in_pieces_as_it_was_written() -> None:
    """From the beginning each time, however it was written."""
    content = Content()
    for part in (b"a" * 10, b"b" * PIECE, b"c"):
        content.write(part)
    pieces = list(content.pieces())
    assert [len(piece) for piece in pieces] == [PIECE, 11]
    assert b"".join(pieces) == b"a" * 10 + b"b" * PIECE + b"c"
    assert list(content.pieces()) == pieces
    assert len(content) == PIECE + 11
    content.close()


def test_a_short_one_needs_no_file() -> None:
    """It is there already."""
    content = Content(b"short")
    assert (len(content), list(content.pieces())) == (5, [b"short"])


def test_it_is_closed_once_and_may_be_again() -> None:
    """Whoever holds it closes it; nothing can be read then."""
    content = Content()
    content.close()
    content.close()
    with pytest.raises(ValueError, match="closed"):
        next(content.pieces())
