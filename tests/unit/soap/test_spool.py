"""A reply that comes in pieces, and the document that is taken out of it."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import random
from collections.abc import Callable, Iterable
from itertools import pairwise, repeat
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.document import Content
from gateway.soap.errors import CallFailed, ReplyInvalid, SpoolFailed
from gateway.soap.spool import LONG, REST, Spool
from gateway.strict_base64 import NotBase64

LIMIT = 1_000_000
CONTENT = random.Random(1).randbytes(LONG)
TEXT = base64.b64encode(CONTENT)
BEFORE, AFTER = b"<r:Letter><Name>a+b c/d=</Name><File>", b"</File><Id>0012</Id></r:Letter>"


def spooled(pieces: Iterable[bytes], limit: int = LIMIT) -> tuple[Spool, bytes]:
    """What a spool makes of a reply in these pieces: itself, and what is left."""
    spool = Spool(limit)
    write_all(spool, pieces)
    return spool, spool.end()


def write_all(spool: Spool, pieces: Iterable[bytes]) -> None:
    """One after the other."""
    for piece in pieces:
        spool.write(piece)


def marked(rest: bytes, before: bytes = BEFORE, after: bytes = AFTER) -> str:
    """The mark, which stands between what was before the document and what was after it."""
    assert rest.startswith(before)
    assert rest.endswith(after)
    return rest[len(before) : len(rest) - len(after)].decode()


def told(content: bytes) -> str:
    """A long content in one line: pytest would look for hours for the places where two differ."""
    return f"{len(content)} bytes, SHA-256 {hashlib.sha256(content).hexdigest()}"


def taken(spool: Spool, text: str) -> str:
    """The document there, as it is `told`."""
    content = spool.document(text)
    try:
        return told(b"".join(content.pieces()))
    finally:
        content.close()


def cut(reply: bytes, cuts: Iterable[int]) -> list[bytes]:
    """The reply in pieces."""
    edges = [0, *sorted(one % (len(reply) + 1) for one in cuts), len(reply)]
    return [reply[start:end] for start, end in pairwise(edges)]


def lines(text: bytes) -> bytes:
    """As MIME breaks it."""
    return base64.encodebytes(base64.b64decode(text))


WRITTEN: dict[str, Callable[[bytes], bytes]] = {
    "as it is": bytes,
    "in lines": lines,
    "in lines with carriage returns": lambda text: lines(text).replace(b"\n", b"&#13;\n"),
    "in lines, in XML in XML": lambda text: lines(text).replace(b"\n", b"&amp;#xD;\n"),
    "in JSON, slashes escaped": lambda text: text.replace(b"/", b"\\/"),
    "in JSON, in lines": lambda text: json.dumps(lines(text).decode())[1:-1].encode(),
    "in JSON, for HTML": lambda text: (
        text.replace(b"+", b"\\u002B").replace(b"/", b"\\u002f").replace(b"=", b"\\u003d")
    ),
}


@pytest.mark.parametrize("way", WRITTEN)
@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(min_value=0), max_size=12))
def test_a_document_is_taken_out_wherever_the_reply_is_cut(way: str, cuts: list[int]) -> None:
    """However it is written; what is left holds a mark in its place, and all the rest."""
    spool, rest = spooled(cut(BEFORE + WRITTEN[way](TEXT) + AFTER, cuts))
    assert taken(spool, marked(rest)) == told(CONTENT)


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_a_reply_may_come_byte_by_byte(size: int) -> None:
    """An escape too, over several pieces."""
    reply = BEFORE + WRITTEN["in JSON, for HTML"](TEXT) + AFTER
    spool, rest = spooled(reply[at : at + size] for at in range(0, len(reply), size))
    assert taken(spool, marked(rest)) == told(CONTENT)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from([b"<a>", b"AB", b" ", b"&", b"&#1", b"\\", b"\\u00", b"\\/", b"\xe4"])
    ),
    st.lists(st.integers(min_value=0), max_size=8),
)
def test_a_reply_without_one_stays_as_it_is(parts: list[bytes], cuts: list[int]) -> None:
    """Byte for byte, also where something begins like an escape and is none."""
    reply = b"".join(parts)
    spool, rest = spooled(cut(reply, cuts))
    assert rest == reply
    spool.close()


def test_a_text_at_the_bound_stays_and_a_longer_one_goes() -> None:
    """What stays is read from the reply."""
    short, long = TEXT[:LONG], TEXT[: LONG + 4]
    spool, rest = spooled([BEFORE, short, AFTER])
    assert rest == BEFORE + short + AFTER
    assert taken(spool, short.decode()) == told(base64.b64decode(short))
    spool, rest = spooled([BEFORE, long, AFTER])
    assert taken(spool, marked(rest)) == told(base64.b64decode(long))


def test_of_two_long_texts_the_first_is_taken_out() -> None:
    """The second stays in the reply, as far as there is room."""
    other = CONTENT[::-1]
    second = b"</File><File>" + base64.b64encode(other) + AFTER
    spool, rest = spooled([BEFORE, TEXT, second])
    assert taken(spool, base64.b64encode(other).decode()) == told(other)
    assert taken(spool, marked(rest, after=second)) == told(CONTENT)


def test_a_mark_is_base64_and_never_the_same() -> None:
    """So that it passes for the text by every schema, and that no reply can hold it by itself."""
    marks = set()
    for _ in range(20):
        spool, rest = spooled([BEFORE, TEXT, AFTER])
        marks.add(marked(rest))
        spool.close()
    assert len(marks) == 20
    assert all(len(base64.b64decode(mark, validate=True)) == 24 for mark in marks)


def test_the_document_is_given_out_once() -> None:
    """After that its mark is no document."""
    spool, rest = spooled([BEFORE, TEXT, AFTER])
    mark = marked(rest)
    assert taken(spool, mark) == told(CONTENT)
    with pytest.raises(NotBase64):
        spool.document(mark)


@pytest.mark.parametrize(
    "divided",
    [
        b"JVBERi0x<![CDATA[" + TEXT + b"]]>",
        b"JVBERi0&#120;" + TEXT,
        b"<![CDATA[" + TEXT + b"]]>" + TEXT[:400],
    ],
    ids=["before CDATA", "before a reference", "after CDATA"],
)
def test_a_document_that_its_writer_divided_is_refused(divided: bytes) -> None:
    """The mark is a part of the text then, and the text is Base64, of something else."""
    spool, rest = spooled([BEFORE, divided, AFTER])
    text = html.unescape(marked(rest).replace("<![CDATA[", "").replace("]]>", ""))
    assert base64.b64decode(text, validate=True)
    with pytest.raises(NotBase64):
        spool.document(text)
    spool.close()


@pytest.mark.parametrize("text", ["", "AAA", "no Base64!", "病历"])
def test_what_is_neither_mark_nor_base64_is_no_document(text: str) -> None:
    """Off contract, as whoever asks will say; but of nothing comes nothing."""
    spool, _ = spooled([BEFORE, TEXT, AFTER])
    if text:
        with pytest.raises(NotBase64):
            spool.document(text)
    else:
        assert taken(spool, text) == told(b"")
    spool.close()


@pytest.mark.parametrize(
    "text",
    [
        TEXT[:-3] + b"</File>",
        TEXT[:-4] + b"=" + TEXT[-4:],
        b"=" + TEXT,
        TEXT + b"AAAA",
        b" A" * (LONG + 1),
    ],
    ids=[
        "cut short",
        "padded within",
        "padded before",
        "padded and going on",
        "of the wrong length",
    ],
)
def test_a_long_text_that_is_no_base64_is_off_contract(text: bytes) -> None:
    """Told without a word of it."""
    with pytest.raises(ReplyInvalid, match=r"^document: a long text that is no Base64$"):
        spooled([BEFORE, text, AFTER])


def test_a_document_beyond_its_limit_is_off_contract() -> None:
    """It is refused as soon as it is, not when all of it has come."""
    spooled([BEFORE, TEXT, AFTER], limit=len(CONTENT))[0].close()
    spool = Spool(len(CONTENT) - 1)
    spool.write(BEFORE)
    with pytest.raises(ReplyInvalid, match=r"^document: larger than the policy allows$"):
        spool.write(TEXT)
    spool.close()


@pytest.mark.parametrize("size", [1000, 3 * LONG])
def test_what_is_left_is_bounded(size: int) -> None:
    """However it is cut, and whether there is a document in it or not."""
    for reply in (b"<a>" * (REST // 3 + 1), BEFORE + TEXT + b"<a>" * (REST // 3 + 1)):
        spool = Spool(LIMIT)
        with pytest.raises(CallFailed, match="reply-too-large"):
            write_all(spool, (reply[at : at + size] for at in range(0, len(reply), size)))
        spool.close()


def test_a_document_of_line_breaks_is_bounded_too() -> None:
    """White space says nothing, and would take for ever."""
    spool = Spool(1000)
    spool.write(BEFORE)
    with pytest.raises(CallFailed, match="reply-too-large"):
        write_all(spool, repeat(b"\n" * LONG, spool.most // LONG + 1))
    spool.close()


@pytest.mark.parametrize("method", ["__init__", "write"])
def test_no_room_for_it_is_a_fault_of_ours(method: str) -> None:
    """And neither the connection's nor the hospital's."""
    spool = Spool(LIMIT)
    full = patch.object(Content, method, side_effect=OSError(28, "no space"))
    with full, pytest.raises(SpoolFailed) as caught:
        spool.write(BEFORE + TEXT)
    assert isinstance(caught.value.__cause__, OSError)
    spool.close()
