"""Two services of the tests that keep documents, letters and notes: their packs and replies."""

from __future__ import annotations

import base64
import json
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from unittest.mock import patch
from xml.sax.saxutils import escape

from gateway.packs import load_snapshot
from gateway.policies.snapshot import Route, Snapshot
from tests.replies import CARD, envelope

PACKS = Path(__file__).parent / "packs"
LETTER = "L0001"
NAME = "出院小结.pdf"


@cache
def snapshot() -> Snapshot:
    """The snapshot of the packs."""
    hospital = "http://hospital.example"
    with patch.dict("os.environ", {"LETTERS_URL": hospital, "NOTES_URL": hospital}):
        return load_snapshot(PACKS)


def route() -> Route:
    """The route of letters."""
    return next(route for route in snapshot().routes if route.id == "get-letter")


def pdf(size: int) -> bytes:
    """So many bytes that begin as a PDF does."""
    return (b"%PDF-1.7\n" + bytes(range(256)) * (size // 256 + 1))[:size]


def letter(
    content: bytes | str, *, card: str = CARD, name: str | None = NAME, code: str = "0"
) -> bytes:
    """The reply with a letter; a text as it is, bytes in Base64."""
    text = content if isinstance(content, str) else base64.b64encode(content).decode()
    named = "" if name is None else f"<FileName>{name}</FileName>"
    return result(
        f"<Letter><CardNo>{card}</CardNo>{named}<File>{text}</File><Pages>1</Pages></Letter>",
        code=code,
    )


def png(size: int) -> bytes:
    """So many bytes that begin as a PNG does."""
    return (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * (size // 256 + 1))[:size]


def note(content: bytes, written: Callable[[str], str] = escape) -> bytes:
    """The reply with a note: JSON in lines, inside a string, written there in some way."""
    told = {"code": "0", "note": {"pages": 1, "file": base64.encodebytes(content).decode()}}
    return envelope(
        '<CallResponse xmlns="urn:test:notes">'
        f"<Result>{written(json.dumps(told))}</Result></CallResponse>"
    )


def result(content: str = "", *, code: str = "0") -> bytes:
    """A reply with this result code."""
    return envelope(
        '<GetLetterResponse xmlns="urn:test:letters">'
        f"<ResultCode>{code}</ResultCode>{content}</GetLetterResponse>"
    )


def files() -> int:
    """How many documents this process has open in its folder for temporary files."""
    folder = tempfile.gettempdir()
    return sum(is_nameless(one, folder) for one in Path("/proc/self/fd").iterdir())


def is_nameless(opened: Path, folder: str = "/") -> bool:
    """Whether an entry of /proc/PID/fd is a file without a name, in this folder."""
    try:
        target = str(opened.readlink())
    except OSError:
        # It was open when the listing was made.
        return False
    return target.startswith(folder) and target.endswith(" (deleted)")
