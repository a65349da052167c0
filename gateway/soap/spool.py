"""Takes a long Base64 text out of a reply while the reply comes in.

What is left of the reply is small and takes the usual way, schema and all. In the place of the
text it holds a mark that nobody could have foreseen: where the codec finds it, the document was.
"""

from __future__ import annotations

import base64
import re
import secrets
from typing import Final

from gateway.delivery import Delivery
from gateway.document import Content
from gateway.soap.errors import CallFailed, ReplyInvalid, SpoolFailed
from gateway.strict_base64 import Decoder, NotBase64, decode

LONG: Final = 64 * 1024
"""Characters; a text that is no longer stays in the reply, and in memory."""
REST: Final = 1024 * 1024
"""The most bytes that a reply may have without its document."""
MARK_BYTES: Final = 24
"""Random bytes of a mark; of a multiple of three, so that it is Base64 without padding."""

# Base64 as it may stand in a reply: in the text of an element, or in a string of JSON in one. A
# writer of XML may write a carriage return as a reference, one of JSON has ways of its own.
_ESCAPED: Final = rb"\\[/rnt]|\\u00(?:2[BbFf]|3[Dd])|&(?:amp;)?#(?:9|10|13|x[9aAdD]);"
_ESCAPE = re.compile(_ESCAPED)
_LONGEST_ESCAPE: Final = len(b"&amp;#13;")
_RUN = re.compile(rb"(?:[A-Za-z0-9+/= \t\r\n]++|" + _ESCAPED + rb")*+")
_STANDS_FOR: Final = {b"\\/": b"/", b"\\u002b": b"+", b"\\u002f": b"/", b"\\u003d": b"="}


class Spool:
    """A `Sink` that keeps what is left of a reply in memory, and its one document in a file.

    `limit` is the most bytes that the document may have. Whoever made it closes it.
    """

    __slots__ = (
        "_ahead", "_decoder", "_document", "_limit", "_mark", "_read", "_rest", "_run", "most",
    )  # fmt: skip

    def __init__(self, limit: int) -> None:
        # Base64 takes a third more than what it says, its line breaks and escapes about as much.
        self.most = REST + 2 * limit
        self._limit = limit
        self._mark = base64.b64encode(secrets.token_bytes(MARK_BYTES))
        self._read = 0
        self._rest = bytearray()
        self._run = 0
        self._ahead = b""
        self._decoder: Decoder | None = None
        self._document: Content | None = None

    def write(self, chunk: bytes) -> None:
        """The reply's next bytes, cut wherever it may be.

        `CallFailed` when the reply is too large; `ReplyInvalid` when the document is, or when a
        long text that looks like Base64 is none; `SpoolFailed` when there is no room for it.
        """
        self._read += len(chunk)
        data = self._ahead + chunk
        self._ahead = b""
        at = 0
        while at < len(data):
            end = _RUN.match(data, at).end()  # type: ignore[union-attr]  # it matches nothing, too
            self._take(data[at:end])
            if end == len(data):
                break
            if data[end] in b"\\&" and len(data) - end < _LONGEST_ESCAPE:
                # It may be an escape whose end is still to come.
                self._ahead = data[end:]
                break
            self._end_run()
            at = end + 1
            self._rest += data[end:at]
            self._run = len(self._rest)
        # A text that may yet be the document is none of the rest.
        rest = self._run if self._document is None else len(self._rest)
        if self._read > self.most or rest > REST:
            raise CallFailed(Delivery.ANSWERED, "reply-too-large")

    def end(self) -> bytes:
        """The reply is whole: what is left of it, for the codec."""
        self._end_run()
        return bytes(self._rest + self._ahead)

    def document(self, text: str) -> Content:
        """The document that stood where the codec read `text`, which is Base64 or the mark.

        `NotBase64` when it is neither, also where the mark is but a part of a text whose writer
        has divided it in a way unknown here. What is taken from here is closed by whoever took it.
        """
        if text.encode() == self._mark and self._document is not None:
            taken, self._document = self._document, None
            return taken
        if self._mark in text.encode():
            raise NotBase64
        return Content(decode(text))

    def close(self) -> None:
        """Give back the file that nobody took."""
        if self._document is not None:
            self._document.close()
            self._document = None

    def _take(self, run: bytes) -> None:
        """A part of a text that may be Base64."""
        if self._decoder is not None:
            self._divert(self._decoder, run)
            return
        self._rest += run
        if self._document is None and len(self._rest) - self._run > LONG:
            so_far = bytes(self._rest[self._run :])
            del self._rest[self._run :]
            self._rest += self._mark
            self._decoder = Decoder()
            self._document = _new_content()
            self._divert(self._decoder, so_far)

    def _divert(self, decoder: Decoder, run: bytes) -> None:
        assert self._document is not None  # noqa: S101 - made with the decoder
        if b"\\" in run or b"&" in run:
            run = _ESCAPE.sub(_plain, run)
        try:
            self._document.write(decoder.feed(run))
        except NotBase64:
            raise ReplyInvalid("document", "a long text that is no Base64") from None
        except OSError as error:
            raise SpoolFailed from error
        if len(self._document) > self._limit:
            raise ReplyInvalid("document", "larger than the policy allows")

    def _end_run(self) -> None:
        if self._decoder is None:
            return
        try:
            self._decoder.end()
        except NotBase64:
            raise ReplyInvalid("document", "a long text that is no Base64") from None
        self._decoder = None


def _plain(escape: re.Match[bytes]) -> bytes:
    """What an escape stands for; white space, of whatever kind, is passed over."""
    return _STANDS_FOR.get(escape[0].lower(), b"")


def _new_content() -> Content:
    try:
        return Content()
    except OSError as error:
        raise SpoolFailed from error
