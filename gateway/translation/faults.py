"""Why a value cannot become the other side's."""

from __future__ import annotations


class ValueFault(ValueError):
    """A value cannot become the other side's. `detail` and `detail_zh` are for people."""

    def __init__(self, detail: str, detail_zh: str) -> None:
        super().__init__(detail)
        self.detail = detail
        self.detail_zh = detail_zh


class NoSuchThing(Exception):
    """An id was not sealed for this client and subject, or a word is none: it does not exist."""
