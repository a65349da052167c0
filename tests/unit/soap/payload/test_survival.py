"""Whatever a value holds, it goes out and comes back equal, or is refused before it is sent."""

from __future__ import annotations

import contextlib
from functools import cache
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.record import Record
from gateway.soap.codec import Codec
from gateway.soap.errors import ReplyInvalid, RequestInvalid
from gateway.soap.payload.charset import CHARSETS
from gateway.soap.payload.trades import with_payload
from gateway.strict_json import fits_xml
from tests.unit.soap.payload.billing import PACK, answer, wsdl
from tests.unit.soap.payload.far_end import (
    SCHEMAS,
    WRITINGS,
    Message,
    answered,
    declared,
    received,
    service,
)

PLAIN = [
    "", "王小明", "]]>", "<![CDATA[", "&", "&lt;", "&amp;", '"', "'", "\\", "\\u003e", "<?xml?>",
    "<!--", " ", "\u3000", "null", "0",
]  # fmt: skip
"""Every style and charset carries these."""
HARD = [*PLAIN, "|", "^", ";", "\n", "\r\n", "\t"]
"""GBK carries these, and not every style."""
HARDEST = [*HARD, "𠮷", "😀", "\ufeff", "\u2028", "é", "\x00", "\ufffe"]


def texts(*parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Texts put together of a few parts."""
    return st.lists(st.one_of(*parts), max_size=4).map("".join)


def messages(text: st.SearchStrategy[str]) -> st.SearchStrategy[Message]:
    """Messages whose values are such texts."""
    item = st.fixed_dictionaries({"NO": text, "TEXT": text})
    return st.fixed_dictionaries(
        {"CARDNO": text, "NAME": text},
        optional={"ITEMS": st.lists(item, min_size=1, max_size=3)},
    )


MESSAGES = st.one_of(
    messages(texts(st.sampled_from(PLAIN))),
    messages(texts(st.sampled_from(HARD))),
    messages(texts(st.sampled_from(HARDEST), st.text(max_size=3))),
)
REASONS = {
    "has a character that XML cannot carry",
    "has a character that GBK cannot carry",
    "holds a separator or a line break",
}


@cache
def codec(style: str, request: str, reply: str, charset: str) -> Codec:
    """The codec of a service that is written so."""
    found = service(style, request, reply, charset)
    return with_payload(wsdl(), found, PACK).codec("Echo")


@pytest.mark.parametrize("charset", CHARSETS)
@pytest.mark.parametrize(("style", "request_", "reply"), WRITINGS)
@settings(max_examples=60, deadline=None)
@given(message=MESSAGES)
def test_a_message_survives_or_is_refused(
    style: str, request_: str, reply: str, charset: str, message: Message
) -> None:
    """The far end reads what was given, and what it answers with is read alike."""
    found = codec(style, request_, reply, charset)
    try:
        envelope = found.encode(cast("Record", message))
    except RequestInvalid as refusal:
        faults = refusal.faults
    else:
        assert received(envelope, style, request_, charset) == message
        assert found.decode(answered(message, style, reply, charset)) == message
        return
    assert {fault.reason for fault in faults} <= REASONS
    assert all(fault.path for fault in faults)


RECORDS: st.SearchStrategy[Record] = st.dictionaries(
    st.sampled_from(["CARDNO", "NAME", "ITEMS", "NO", "TEXT", "Operator", "x y"]),
    st.recursive(
        st.one_of(st.none(), st.sampled_from(HARDEST)),
        lambda inner: st.one_of(
            st.lists(inner, max_size=2),
            st.dictionaries(st.sampled_from(["NO", "TEXT", "ITEMS"]), inner, max_size=3),
        ),
        max_leaves=5,
    ),
)


@pytest.mark.parametrize("style", SCHEMAS)
@settings(max_examples=150, deadline=None)
@given(record=RECORDS)
def test_any_record_is_written_or_refused(style: str, record: Record) -> None:
    """Nothing else is raised, whatever stands where."""
    with contextlib.suppress(RequestInvalid):
        codec(style, "escaped", "escaped", "GBK").encode(record)


@pytest.mark.parametrize("style", SCHEMAS)
@settings(max_examples=150, deadline=None)
@given(
    message=messages(texts(st.sampled_from(HARD))),
    at=st.integers(0, 200),
    put=texts(st.sampled_from([*HARDEST, "<", "{", "]", "1"])),
)
def test_any_text_is_read_or_refused(style: str, message: Message, at: int, put: str) -> None:
    """A message that was cut, and one with something in it that does not belong there."""
    text = declared(message, style, "GBK")
    found = codec(style, "escaped", "escaped", "GBK")
    for broken in (text[:at] + put + text[at:], text[:at], put):
        if fits_xml(broken):
            with contextlib.suppress(ReplyInvalid):
                found.decode(answer(broken))
