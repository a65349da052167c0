"""The parser refuses whatever could make an element's text mean something else."""

from __future__ import annotations

import pytest

from gateway.soap.errors import ReplyInvalid
from gateway.soap.parser import parse

DECLARATION = b"<?xml version='1.0' encoding='%s'?>"


@pytest.mark.parametrize(
    "body",
    [
        b"<a>12</a>",
        b"\xef\xbb\xbf<a>12</a>",
        b"\r\n <a>12</a>\n",
        b'<?xml version="1.0"?>\n<a>12</a>',
        b"<?xml version='1.0' encoding='UTF-8' standalone='yes' ?><a>12</a>",
        b'\xef\xbb\xbf<?xml version="1.0" encoding="utf-8"?><a>12</a>',
        b"<a><![CDATA[12]]></a>",
        b"<a>1<![CDATA[2]]></a>",
        b"<a>&#49;2</a>",
    ],
)
def test_plain_utf_8_is_read(body: bytes) -> None:
    """Declarations, byte order mark, CDATA and character references change nothing."""
    assert parse(body).text == "12"


def test_markup_inside_cdata_is_text() -> None:
    """What looks like a comment, an instruction or a document type in CDATA is only text."""
    inner = '<?xml version="1.0" encoding="GBK"?><!DOCTYPE x><!-- 中 --><x/>'
    assert parse(f"<a><![CDATA[{inner}]]></a>".encode()).text == inner


@pytest.mark.parametrize(
    ("halves", "character"),
    [
        ("&#xD842;&#xDFB7;", "\U00020bb7"),
        ("&#xd83d;&#xde00;", "\U0001f600"),
        ("&#xD800;&#xDC00;", "\U00010000"),
        ("&#xDBFF;&#xDFFF;", "\U0010ffff"),
    ],
)
def test_a_character_in_two_halves_is_read_as_one(halves: str, character: str) -> None:
    """As Axis 1 writes one; in a CDATA section the same is a text."""
    body = f"<a b='{halves}'>\u5f20{halves}<![CDATA[{halves}]]></a>".encode()
    read = parse(body)
    assert (read.get("b"), read.text) == (character, f"\u5f20{character}{halves}")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "not-xml"),
        (b"   ", "not-xml"),
        (b"Service Unavailable", "not-xml"),
        (b"<!ELEMENT a ANY><a/>", "not-xml"),
        (b"<html><body><p>Error<br></body></html>", "not-xml"),
        (b"<a><price>1200", "not-xml"),
        (b"<a>1200</a", "not-xml"),
        (b"<a>12</a><b/>", "not-xml"),
        (b"<a>12</a>junk", "not-xml"),
        (b"<a>&nbsp;</a>", "not-xml"),
        (b"<a>1&x;2</a>", "not-xml"),
        (b"<a>\x0b</a>", "not-xml"),
        (b"<a>&#11;</a>", "not-xml"),
        (b"<a>&#xD842;</a>", "not-xml"),
        (b"<a>&#xDFB7;&#xD842;</a>", "not-xml"),
        (b"<a>&#xD842;&#xD842;&#xDFB7;</a>", "not-xml"),
        (b"<a>&#xD842; &#xDFB7;</a>", "not-xml"),
        (b"<a>12\0</a>", "not-xml"),
        (b"<a x='1' x='2'/>", "not-xml"),
        (b"<p:a/>", "not-xml"),
        (b' <?xml version="1.0"?><a>12</a>', "comment-or-pi"),
        (b'<?xml version="1.1"?><a>12</a>', "not-xml"),
        (b"<?xml encoding='utf-8'?><a>12</a>", "not-xml"),
        (b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', "doctype"),
        (b'<!DOCTYPE a [<!ENTITY x "yy"><!ENTITY y "&x;&x;">]><a>&y;</a>', "doctype"),
        (b'<?xml version="1.0"?>\n<!DOCTYPE a><a>12</a>', "doctype"),
        (b"<!DOCTYPE html><html></html>", "doctype"),
        (b"<a>1<!-- -->2</a>", "comment-or-pi"),
        (b"<a>1<?x?>0</a>", "comment-or-pi"),
        (b"<!-- first --><a>12</a>", "comment-or-pi"),
        (b"<a>12</a><!-- last -->", "comment-or-pi"),
        (b"<a>12</a><?last?>", "comment-or-pi"),
        (b"<?xml-stylesheet href='x'?><a>12</a>", "not-xml"),
        (DECLARATION % b"UTF-7" + b"<a>+ADw-b/+AD4-</a>", "encoding"),
        (DECLARATION % b"UTF-16" + b"<a>12</a>", "encoding"),
        (DECLARATION % b"GBK" + "<a>中</a>".encode("gbk"), "encoding"),
        (DECLARATION % b"ISO-8859-1" + b"<a>\xe9</a>", "encoding"),
        (DECLARATION % b"" + b"<a>12</a>", "encoding"),
        ("<a>12</a>".encode("utf-16"), "encoding"),
        ("<a>12</a>".encode("utf-16-le"), "encoding"),
        ("<a>12</a>".encode("utf-16-be"), "encoding"),
        ("<!DOCTYPE a><a>12</a>".encode("utf-16"), "encoding"),
        ("<a>12</a>".encode("utf-32"), "encoding"),
        ("<a>中</a>".encode("gbk"), "encoding"),
        (b"<a>\xc0\xaf</a>", "encoding"),
        (b"<a>\xed\xa0\x80</a>", "encoding"),
        (b"<a>\xff</a>", "encoding"),
        (b"<a>" * 300 + b"</a>" * 300, "too-large"),
        (b"<a>" + b"x" * 12_000_000 + b"</a>", "too-large"),
        (b"<a>" + b"<b/>" * 400_000 + b"</a>", "too-large"),
        (b"<a" + b"".join(b" x%d=''" % n for n in range(310_000)) + b"/>", "too-large"),
        (b"<a" + b"".join(b" xmlns:x%d='u'" % n for n in range(200)) + b"/>", "too-large"),
        (b"<a xmlns='u' xmlns:x='u'>" * 100 + b"</a>" * 100, "too-large"),
        (b"<a>&#xD83D;&#xDE00;" + b"<![CDATA[" * 250_000, "not-xml"),
    ],
)
def test_everything_else_is_refused_by_its_reason(body: bytes, reason: str) -> None:
    """Each refusal has its reason, and says nothing that the body said."""
    with pytest.raises(ReplyInvalid) as raised:
        parse(body)
    assert raised.value.reason == reason
    assert "12" not in raised.value.detail.replace("line 12", "")


def test_namespaces_may_be_declared_again_and_again() -> None:
    """As Axis 1 does at each element: no more than a few hold at any one place."""
    body = b"<a>" + b"".join(b"<n%d:b xmlns:n%d='u'/>" % (n, n) for n in range(1000)) + b"</a>"
    assert len(parse(body)) == 1000


def test_a_refusal_quotes_nothing_of_the_body() -> None:
    """The name in a closing tag that does not match stays out of the error."""
    with pytest.raises(ReplyInvalid) as raised:
        parse("<a><b>1</张三></a>".encode())
    assert "张三" not in str(raised.value)


def test_no_entity_file_or_host_is_touched_by_a_system_identifier() -> None:
    """A parser after a refused document is as good as before."""
    with pytest.raises(ReplyInvalid):
        parse(b'<!DOCTYPE a SYSTEM "http://127.0.0.1:9/x.dtd"><a/>')
    assert parse(b"<a>12</a>").text == "12"
