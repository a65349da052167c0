"""Names that a hospital gives, as a header bears them."""

from __future__ import annotations

from email.message import Message

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.rest.disposition import attachment


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("report.pdf", 'attachment; filename="report.pdf"'),
        ("a b;c.pdf", 'attachment; filename="a b;c.pdf"'),
        (
            "检查.pdf",
            "attachment; filename=\"__.pdf\"; filename*=UTF-8''%E6%A3%80%E6%9F%A5.pdf",
        ),
        ("../../etc/passwd", 'attachment; filename="_.._etc_passwd"'),
        ("C:\\a.pdf", 'attachment; filename="C__a.pdf"'),
        ('a"\r\nSet-Cookie: b', 'attachment; filename="a___Set-Cookie_ b"'),
        ("exe.\u202efdp.pdf", 'attachment; filename="exe._fdp.pdf"'),
        (" . ", 'attachment; filename="document"'),
    ],
)
def test_a_name_is_told_as_it_can_be_borne(name: str, header: str) -> None:
    """No path, no control, nothing that turns the text around; Chinese as RFC 8187 writes it."""
    assert attachment(name) == header


@given(st.text(max_size=300))
def test_whatever_the_name_the_header_is_one_line_that_says_it(name: str) -> None:
    """A reader that knows RFC 8187 gets the name back, without what is unfit."""
    header = attachment(name)
    assert header.isascii()
    assert header.isprintable()
    message = Message()
    message["Content-Disposition"] = header
    told = message.get_filename()
    assert told
    assert not set(told) & set('/\\:*?"<>|')
