"""What the hospital's answer says happened: HTTP 200 says nothing, the result code does."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from gateway.record import Record


@dataclass(frozen=True, slots=True)
class Succeeded:
    """Done, and the reply says what."""


@dataclass(frozen=True, slots=True)
class Empty:
    """Done, and there is nothing to show."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The hospital decided against it. `message` only where the policy marks it for the patient."""

    type: str
    message: str | None = None


_RANGE = re.compile("([<>]=?)(0|-?[1-9][0-9]{0,14})")
_WHOLE = re.compile("[+-]?[0-9]{1,15}")

Outcome: TypeAlias = Succeeded | Empty | Refused


class UpstreamFailure(Exception):
    """The hospital said that it failed. Nothing is known of a write's effect."""


class UnknownCode(Exception):
    """A result code that the policy does not list, or none: not an answer that can be believed."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """How one result code refuses."""

    type: str
    show_message: bool = False


@dataclass(frozen=True, slots=True)
class Outcomes:
    """A service's result codes.

    Each is a code as it is sent, or a range of whole numbers, `<0`, `<=0`, `>0` or `>=0`, for the
    codes that are not listed themselves.
    """

    code: tuple[str, ...]
    message: tuple[str, ...] | None
    success: frozenset[str]
    empty: frozenset[str]
    refused: Mapping[str, Refusal]
    upstream_failure: frozenset[str]
    empties: frozenset[str] = frozenset()
    """Texts that are no message."""

    def read(self, record: Record, prefix: tuple[str, ...] = ()) -> Outcome:
        """The outcome of a reply; raises `UpstreamFailure` or `UnknownCode`."""
        code = self._listed(_text(record, (*prefix, *self.code)))
        if code in self.success:
            return Succeeded()
        if code in self.empty:
            return Empty()
        refusal = self.refused.get(code) if code else None
        if refusal is not None:
            shown = refusal.show_message and self.message is not None
            text = _text(record, (*prefix, *self.message)) if shown and self.message else None
            return Refused(refusal.type, None if text in self.empties else text or None)
        if code in self.upstream_failure:
            raise UpstreamFailure
        raise UnknownCode

    def _listed(self, code: str | None) -> str | None:
        """What a code is listed as: itself, or a range."""
        if code is None or span(code) is not None:
            return None
        listed = (*self.success, *self.empty, *self.refused, *self.upstream_failure)
        if code in listed or not _WHOLE.fullmatch(code):
            return code
        return next((one for one in listed if (within := span(one)) and int(code) in within), None)


@dataclass(frozen=True, slots=True)
class Span:
    """Whole numbers from `least` to `most`, both included."""

    least: float
    most: float

    def __contains__(self, number: int) -> bool:
        return self.least <= number <= self.most

    def meets(self, other: Span) -> bool:
        """Whether some number lies in both."""
        return self.least <= other.most and other.least <= self.most


def span(code: str) -> Span | None:
    """The numbers of a range, as a policy writes it; None for a code."""
    match = _RANGE.fullmatch(code)
    if match is None:
        return None
    sign, bound = match[1], int(match[2])
    if sign.startswith("<"):
        return Span(-math.inf, bound if sign == "<=" else bound - 1)
    return Span(bound if sign == ">=" else bound + 1, math.inf)


def _text(record: Record, path: tuple[str, ...]) -> str | None:
    found = record
    for part in path[:-1]:
        inner = found.get(part)
        if not isinstance(inner, dict):
            return None
        found = inner
    text = found.get(path[-1])
    return text if isinstance(text, str) else None
