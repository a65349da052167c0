"""An exchange that is answered with a document, from the hospital's bytes to the answer."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch
from xml.sax.saxutils import escape

import pytest

from gateway.delivery import Delivery
from gateway.document import Content
from gateway.policies.match import matcher
from gateway.rest.messages import Answer
from gateway.soap.errors import CallFailed
from gateway.translation.inbound import Filter, Inbound
from tests import letters, replies
from tests.letters import files, letter, pdf, png, result
from tests.replies import CARD, OTHER_CARD
from tests.unit.world import Script, Told, tell

SHORT, LONG = 1000, 300_000
CUT = CallFailed(Delivery.MAYBE_SENT, "truncated")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Temporary files are put where nobody else has any."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def ask(*script: Script) -> Told:
    """The letter, asked for."""
    path = f"/v1/letters/{letters.LETTER}"
    return tell("GET", path, *script, card=CARD, served=letters.snapshot())


def content(answer: Answer) -> bytes:
    """The document that is answered; it is closed."""
    assert answer.document is not None
    assert answer.body == b""
    try:
        return b"".join(answer.document.pieces())
    finally:
        answer.document.close()


@pytest.mark.parametrize("size", [SHORT, LONG])
def test_a_document_is_answered_as_it_is(size: int) -> None:
    """Whether it went through a file or not; nobody stores it, and nobody takes it for a page."""
    told = ask(letter(pdf(size)))
    assert told.answer.status == 200
    assert content(told.answer) == pdf(size)
    assert told.headers == {
        "Content-Type": "application/pdf",
        "Content-Disposition": "attachment; filename=\"____.pdf\"; filename*=UTF-8''"
        "%E5%87%BA%E9%99%A2%E5%B0%8F%E7%BB%93.pdf",
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "Request-Id": "request-1",
    }
    assert (told.event.outcome, told.event.problem) == ("succeeded", None)
    assert files() == 0


@pytest.mark.parametrize("size", [SHORT, LONG])
@pytest.mark.parametrize(
    "written",
    [
        escape,
        lambda text: escape(text, {'"': "&quot;"}),
        lambda text: f"<![CDATA[{text}]]>",
        lambda text: escape(text.replace("/", "\\/").replace("+", "\\u002B")),
    ],
    ids=["escaped", "with quotes", "as CDATA", "escaped in JSON too"],
)
def test_a_document_may_stand_in_a_message_inside_a_string(
    written: Callable[[str], str], size: int
) -> None:
    """However the string is written; the message is held against its schema as ever."""
    reply = letters.note(png(size), written)
    told = tell("GET", "/v1/notes/N1", reply, card=None, served=letters.snapshot())
    assert told.headers["Content-Type"] == "image/png"
    assert content(told.answer) == png(size)
    assert files() == 0


@pytest.mark.parametrize("name", [None, ""])
def test_a_document_without_a_name_has_none(name: str | None) -> None:
    """The header says nothing then."""
    told = ask(letter(pdf(SHORT), name=name))
    assert "Content-Disposition" not in told.headers
    content(told.answer)


BASE64_OF_OTHER = "PGh0bWw+" * (LONG // 8)
LONG_NAME = "JVBERi0x" * (LONG // 8)
"""A name that is Base64 of what begins as a PDF does."""
INVALID = "upstream-reply-invalid"
NO_LETTERS = {
    "of another patient": (letter(pdf(LONG), card=OTHER_CARD), "not-found", "wrong-subject"),
    "that is held back": (letter(pdf(LONG), code="2001"), "not-released", None),
    "that is not there": (letter(pdf(LONG), code="1"), "not-found", "hospital-has-none"),
    "that came with a failure": (
        letter(pdf(LONG), code="-99"), "upstream-failure", "upstream-said-so",
    ),
    "with an unknown code": (letter(pdf(LONG), code="7"), INVALID, "unknown-code"),
    "in a reply off the schema": (letter(pdf(LONG), card="1"), INVALID, "off-schema"),
    "in half a reply": (letter(pdf(LONG))[:-10], INVALID, "not-xml"),
    "of another kind": (letter(BASE64_OF_OTHER), INVALID, "untranslatable"),
    "of another kind, and short": (letter("PGh0bWw+"), INVALID, "untranslatable"),
    "whose name alone is a letter": (
        letter(BASE64_OF_OTHER, name=LONG_NAME), INVALID, "untranslatable",
    ),
    "that lost a character": (letter(BASE64_OF_OTHER + "A"), INVALID, "document"),
    "that is too large": (letter(pdf(12_000_001)), INVALID, "document"),
    "that is empty": (letter(""), INVALID, "untranslatable"),
    "that was left out": (result(), INVALID, "untranslatable"),
    "in place of which came a fault": (replies.fault(), "upstream-failure", "soap-fault"),
}  # fmt: skip


@pytest.mark.parametrize("which", NO_LETTERS)
def test_a_problem_is_told_of_a_letter(which: str) -> None:
    """As of any read; and no file stays behind."""
    reply, problem, reason = NO_LETTERS[which]
    told = ask(reply)
    assert (told.event.problem, told.event.reason) == (problem, reason)
    assert told.answer.document is None
    assert files() == 0


def test_a_document_that_is_kept_back_is_not_found() -> None:
    """As a response would be; and no file stays behind."""
    kept = Filter(only={("Pages",): frozenset({"999"})}, withhold={})
    inbound = Inbound((), ("Letter",), kept=kept)
    route = replace(letters.route(), inbound=inbound)
    served = replace(letters.snapshot(), routes=(route,), find=matcher((route,)))
    path = f"/v1/letters/{letters.LETTER}"
    told = tell("GET", path, letter(pdf(LONG)), card=CARD, served=served)
    assert (told.event.problem, told.event.reason) == ("not-found", "kept-back")
    assert told.answer.document is None
    assert files() == 0


def test_the_second_attempt_has_a_file_of_its_own() -> None:
    """What came of the first is gone with it."""
    reply = letter(pdf(LONG))
    told = ask((reply[:-5000], CUT), reply)
    assert content(told.answer) == pdf(LONG)
    assert files() == 0


def test_no_room_for_it_is_told_to_operations() -> None:
    """It is neither the caller's fault nor the hospital's."""
    with patch.object(Content, "write", side_effect=OSError(28, "no space")):
        told = ask(letter(pdf(LONG)))
    assert told.answer.status == 500
    assert [type(report).__name__ for report in told.reports] == ["SpoolFailed"]
    assert files() == 0


def test_a_call_that_is_broken_off_leaves_no_file() -> None:
    """As when a replica has to end."""
    with pytest.raises(asyncio.CancelledError):
        ask((letter(pdf(LONG))[:-5000], asyncio.CancelledError()))
    assert files() == 0
