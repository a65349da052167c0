"""Whether a success is of what was asked: each argument against the place that repeats it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Final

from gateway.record import Record
from gateway.translation.inbound import Path, texts_at
from gateway.translation.values import HOSPITAL_ZONE

if TYPE_CHECKING:
    from gateway.soap.elements import Whitespace

MEANT_BY: Final[Mapping[str, str]] = {
    "fen": "integer",
    "fen-from-yuan": "decimal",
    "integer": "integer",
}
"""The type whose values a text holds, by the policy's `as`, where the contract's says just text."""

_DATE = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(Z|[+-][0-9]{2}:[0-9]{2})?")
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)")
_BLANK = "\t\n\r "
_SPACES = re.compile(f"[{_BLANK}]+")


@dataclass(frozen=True, slots=True)
class Same:
    """An argument, and the path at which a success repeats it.

    The two are compared as values of `base`, a primitive of XML Schema (Part 2, 3.2), for a
    hospital need not write them as they were sent: `12.5` is `12.50`, and of a number, not of a
    text, `007` is `7`. Space is read by `whitespace` (4.3.6), and at the ends of any text it is
    none: columns of fixed width add it, forms take it away. A day or moment without an offset
    is the hospital's own. `filled`: where nothing is sent, the hospital puts a value of its own.
    `empties` are texts that mean nothing, on either side. Lists are the same when they hold the
    same values, each as often, in whatever order.
    """

    argument: Path
    path: Path
    base: str = "string"
    whitespace: Whitespace = "preserve"
    filled: bool = False
    empties: frozenset[str] = frozenset()

    def differs(self, asked: Record, replied: Record) -> bool | None:
        """Whether the two differ; None when the reply does not say."""
        wanted = self._said(asked, self.argument)
        found = self._said(replied, self.path)
        if wanted == found:
            return False
        if not wanted:
            # Done with what was not asked for: under this key it was asked for before.
            return not self.filled
        if not found:
            return None
        return Counter(map(self._value, wanted)) != Counter(map(self._value, found))

    def _said(self, record: Record, path: Path) -> list[str]:
        texts = (text.strip(_BLANK) for text in texts_at(record, path))
        return [text for text in texts if text and text not in self.empties]

    def _value(self, text: str) -> Hashable:
        spaced = _spaced(text, self.whitespace)
        value = _VALUES.get(self.base, str)
        try:
            return value(spaced)
        except (ValueError, OverflowError, InvalidOperation):
            return spaced


@dataclass(frozen=True, slots=True)
class Comparison:
    """Which arguments a success repeats, and where."""

    same: tuple[Same, ...]

    def differs(self, asked: Record, replied: Record) -> bool | None:
        """Whether a success is of something else than was asked; None when it does not say."""
        told = [same.differs(asked, replied) for same in self.same]
        if True in told:
            return True
        return None if None in told else False


def _spaced(text: str, whitespace: Whitespace) -> str:
    if whitespace == "collapse":
        return _SPACES.sub(" ", text)
    return re.sub("[\t\n\r]", " ", text) if whitespace == "replace" else text


def _number(text: str) -> Decimal:
    if not _NUMBER.fullmatch(text):
        # What Decimal takes besides, such as NaN, is no number here.
        raise ValueError(text)
    return Decimal(text)


def _boolean(text: str) -> bool:
    return text in ("true", "1")


def _day(text: str) -> datetime:
    day = _DATE.fullmatch(text)
    if day is None:
        raise ValueError(text)
    return _moment(f"{day[1]}T00:00:00{day[2] or ''}")


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=HOSPITAL_ZONE)


_VALUES: Final[Mapping[str, Callable[[str], Hashable]]] = {
    "integer": _number,
    "decimal": _number,
    "boolean": _boolean,
    "date": _day,
    "dateTime": _moment,
}
