"""The answer to "was this done?" where no serial names a write, but what it is about does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from gateway.record import Record, Value
from gateway.translation.comparison import Comparison
from gateway.translation.context import Context
from gateway.translation.endings import UNKNOWN, Ended, ReadsEnd, is_over, unless_on_its_way
from gateway.translation.inbound import Inbound, Path, texts_at

KEY_REUSED: Final = "key-reused"
"""The problem of a write whose key, or money, was used for something else that stands."""


@dataclass(frozen=True, slots=True)
class Matching(ReadsEnd):
    """Reads the records at `at`, of which one may be of the write that `Context.asked` is of.

    `match` says which are of the same thing, `done` what a record says when it was done, `void`
    when it counts as none, and `same` whether it was done as it was asked. Done otherwise, it was
    another's doing, and the write is refused as `otherwise`; or, where `whose` says so, it was the
    caller's own doing of something else, which stands. Either is told once the own sending is
    over, for what was done may be undone, and the sending on its way be done after all.
    """

    inbound: Inbound
    at: Path
    match: Comparison
    whose: Comparison | None
    done: Mapping[Path, frozenset[str]]
    void: Mapping[Path, frozenset[str]]
    same: Comparison
    otherwise: str
    certain_after: timedelta
    after_payment: bool = False

    def ended(self, record: Record, context: Context) -> Ended:
        """By the records that are about the same thing, as the write would have answered."""
        if not self._is_named(context):
            return UNKNOWN
        asked = context.asked or {}
        others = own = under_way = False
        for row in records_at(record, self.at):
            about = self.match.differs(asked, row)
            if about or (self.void and says(row, self.void)):
                continue
            if about is None or not says(row, self.done):
                under_way = True
                continue
            differs = self.same.differs(asked, row)
            if differs is False:
                return Ended("succeeded", response=self.inbound(row, context))
            others = others or bool(differs)
            own = own or (bool(differs) and self._is_own(asked, row))
            under_way = under_way or differs is None
        if under_way or (others and not is_over(context, self.certain_after)):
            return UNKNOWN
        if own:
            return Ended("refused", problem=KEY_REUSED)
        if others:
            return Ended("refused", problem=self.otherwise, refund_required=self.after_payment)
        return unless_on_its_way(context, self.certain_after)

    def absent(self, record: Record, context: Context) -> Ended:
        """The hospital has no such record; beside one that says contradicts itself."""
        if any(True for _ in records_at(record, self.at)) or not self._is_named(context):
            return UNKNOWN
        return unless_on_its_way(context, self.certain_after)

    def _is_own(self, asked: Record, row: Record) -> bool:
        """Whether a record that was not done as asked is the caller's doing all the same."""
        return self.whose is not None and self.whose.differs(asked, row) is False

    def _is_named(self, context: Context) -> bool:
        """Whether it is known what was asked for; not by what an earlier policy carried."""
        asked = context.asked or {}
        return all(any(texts_at(asked, one.argument)) for one in self.match.same)


def records_at(value: Value, path: Path) -> Iterator[Record]:
    """Every record that `path` leads to, through lists."""
    if isinstance(value, list):
        for entry in value:
            yield from records_at(entry, path)
    elif isinstance(value, dict):
        if not path:
            yield value
        elif path[0] in value:
            yield from records_at(value[path[0]], path[1:])


def says(row: Record, states: Mapping[Path, frozenset[str]]) -> bool:
    """Whether a record is in these states, all of them."""
    return all(next(texts_at(row, path), None) in texts for path, texts in states.items())
