"""What the hospital's answer says happened: HTTP 200 says nothing, the result code does."""

from __future__ import annotations

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
    """A service's result codes."""

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
        code = _text(record, (*prefix, *self.code))
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


def _text(record: Record, path: tuple[str, ...]) -> str | None:
    found = record
    for part in path[:-1]:
        inner = found.get(part)
        if not isinstance(inner, dict):
            return None
        found = inner
    text = found.get(path[-1])
    return text if isinstance(text, str) else None
