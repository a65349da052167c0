"""Base64 (RFC 4648, section 4) as XML Schema writes it (part 2, 3.2.16), and nothing like it."""

from __future__ import annotations

import binascii
from typing import Final

SAMPLE: Final = "JVBERi0xLjcKJeLjz9MKJUVPRgoAAAAB"
"""A text of 24 bytes, for those who ask whether a type takes Base64."""

_SPACE: Final = b" \t\r\n"


class NotBase64(ValueError):
    """A text that is no Base64. Never holds the text."""


class Decoder:
    """Decodes a text that comes in pieces, cut wherever it may be.

    White space is passed over. The alphabet is the standard one, padding stands at the end and
    nowhere else, and the bits that it leaves over are zero: one text for each content.
    """

    __slots__ = ("_left", "_padded")

    def __init__(self) -> None:
        self._left = b""
        self._padded = False

    def feed(self, text: bytes) -> bytes:
        """What the text gives so far; `NotBase64`."""
        text = self._left + text.translate(None, _SPACE)
        whole = len(text) & ~3
        text, self._left = text[:whole], text[whole:]
        if not text:
            return b""
        if self._padded:
            raise NotBase64
        try:
            content = binascii.a2b_base64(text, strict_mode=True)
        except binascii.Error:
            raise NotBase64 from None
        if text.endswith(b"="):
            self._padded = True
            last = content[-((len(content) - 1) % 3 + 1) :]
            if binascii.b2a_base64(last, newline=False) != text[-4:]:
                raise NotBase64
        return content

    def end(self) -> None:
        """The text is over; `NotBase64` when it stops half way."""
        if self._left:
            raise NotBase64


def decode(text: str) -> bytes:
    """A whole text; `NotBase64`."""
    decoder = Decoder()
    try:
        content = decoder.feed(text.encode("ascii"))
    except UnicodeEncodeError:
        raise NotBase64 from None
    decoder.end()
    return content
