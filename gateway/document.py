"""A document on its way through: bytes that wait in a file, not in memory."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import IO, Final

PIECE: Final = 64 * 1024
"""Bytes of a document that are in memory at once."""


class Content:
    """The bytes of a document, in a file that has no name and ends with whoever holds it.

    `Content()` is empty and is written to; `Content(data)` is a short one that is there already,
    and stays in memory. The file is in the system's folder for temporary ones (TMPDIR).
    """

    __slots__ = ("_file", "_size")

    def __init__(self, data: bytes | None = None) -> None:
        # It is open as long as this is, which is longer than here.
        made = tempfile.TemporaryFile() if data is None else BytesIO(data)  # noqa: SIM115
        self._file: IO[bytes] = made
        self._size = 0 if data is None else len(data)

    def __len__(self) -> int:
        """In bytes."""
        return self._size

    def write(self, data: bytes) -> None:
        """Append; `OSError` when there is no room."""
        self._file.write(data)
        # What has no room is to be known here, and not while it is read.
        self._file.flush()
        self._size += len(data)

    def pieces(self) -> Iterator[bytes]:
        """All of it from the beginning, `PIECE` bytes at a time."""
        self._file.seek(0)
        while piece := self._file.read(PIECE):
            yield piece

    def close(self) -> None:
        """Give the file back; again is nothing."""
        self._file.close()


@dataclass(frozen=True, slots=True)
class Document:
    """What is answered in the place of JSON; `name` is what the hospital calls it."""

    media_type: str
    name: str | None
    content: Content
