"""Where a reply keeps a document, and what makes it one of its kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from gateway.record import Record
from gateway.translation.inbound import Path, Untranslatable, texts_at

BEGINS: Final[Mapping[str, bytes]] = {
    "application/pdf": b"%PDF-",
    "image/jpeg": b"\xff\xd8\xff",
    "image/png": b"\x89PNG\r\n\x1a\n",
}
"""The media types that are passed on, and what each begins with. None of them is run by a browser
as a page of ours would be."""


@dataclass(frozen=True, slots=True)
class DocumentRule:
    """What a policy says of a document; paths start in the reply's record, `limit` is in bytes.

    `empties` are texts that mean nothing.
    """

    at: Path
    media_type: str
    name: Path | None
    limit: int
    empties: frozenset[str] = frozenset()

    def text(self, record: Record) -> str:
        """The text that is the document; `Untranslatable` when there is none."""
        text = self._at(record, self.at)
        if text is None:
            raise Untranslatable(self.at, "is missing or empty")
        return text

    def name_in(self, record: Record) -> str | None:
        """What the hospital calls the document, where it does."""
        return None if self.name is None else self._at(record, self.name)

    def _at(self, record: Record, path: Path) -> str | None:
        text = next(texts_at(record, path), "")
        return None if not text or text in self.empties else text

    def holds(self, begin: bytes) -> bool:
        """Whether what begins so can be of the media type."""
        return begin.startswith(BEGINS[self.media_type])
