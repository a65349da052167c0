"""How a hospital writes days and moments in text: `strftime`'s directives, alike on every machine.

A closed set of them, all in digits but `%p`, so that neither locale nor C library has a say:
`%Y %m %d %H %I %M %S %f %p %z %:z`, `%%`, and `%-m %-d %-H %-I` without a leading zero.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class _Directive:
    name: str
    reads: str
    write: Callable[[datetime], str]
    of_any_width: bool = False


def _offset(moment: datetime) -> str:
    return moment.isoformat()[-6:]


_DIRECTIVES: Mapping[str, _Directive] = {
    "%Y": _Directive("year", "[0-9]{4}", lambda at: f"{at.year:04}"),
    "%m": _Directive("month", "[0-9]{2}", lambda at: f"{at.month:02}"),
    "%-m": _Directive("month", "[1-9][0-9]?", lambda at: str(at.month), True),
    "%d": _Directive("day", "[0-9]{2}", lambda at: f"{at.day:02}"),
    "%-d": _Directive("day", "[1-9][0-9]?", lambda at: str(at.day), True),
    "%H": _Directive("hour", "[0-9]{2}", lambda at: f"{at.hour:02}"),
    "%-H": _Directive("hour", "0|[1-9][0-9]?", lambda at: str(at.hour), True),
    "%I": _Directive("half", "0[1-9]|1[0-2]", lambda at: f"{_half(at):02}"),
    "%-I": _Directive("half", "[1-9]|1[0-2]", lambda at: str(_half(at)), True),
    "%M": _Directive("minute", "[0-9]{2}", lambda at: f"{at.minute:02}"),
    "%S": _Directive("second", "[0-9]{2}", lambda at: f"{at.second:02}"),
    "%f": _Directive("fraction", "[0-9]{1,9}", lambda at: f"{at.microsecond:06}", True),
    "%p": _Directive("noon", "AM|PM", lambda at: "AM" if at.hour < 12 else "PM"),
    "%z": _Directive("offset", "[+-][0-9]{4}", lambda at: _offset(at).replace(":", "")),
    "%:z": _Directive("offset", "Z|[+-][0-9]{2}:[0-9]{2}", _offset),
}
_TOKEN = re.compile("%%|%[:-]?.|[^%]+|%")


@dataclass(frozen=True, slots=True, eq=False)
class Format:
    """One way to write days or moments; the directives that are not in it count as nothing."""

    parts: tuple[str | _Directive, ...]
    pattern: re.Pattern[str]

    def write(self, moment: date) -> str:
        """A day or a moment as text; an offset needs a moment that has one."""
        at = moment if isinstance(moment, datetime) else datetime.combine(moment, time())
        return "".join(one if isinstance(one, str) else one.write(at) for one in self.parts)

    def read(self, text: str) -> datetime:
        """The moment that a text says, with an offset where it does; `ValueError` for none."""
        match = self.pattern.fullmatch(text)
        if match is None:
            raise ValueError("not written so")
        said = match.groupdict()
        number = {name: int(part) for name, part in said.items() if part.isdecimal()}
        hour = number.get("hour", 0)
        if "half" in number:
            hour = number["half"] % 12 + (12 if said.get("noon") == "PM" else 0)
        fraction = f"{said.get('fraction', '0'):0<6}"[:6]
        return datetime(
            number.get("year", 1),
            number.get("month", 1),
            number.get("day", 1),
            hour,
            number.get("minute", 0),
            number.get("second", 0),
            int(fraction),
            _zone(said["offset"]) if "offset" in said else None,
        )


@lru_cache(maxsize=256)
def format_of(text: str) -> Format | None:
    """The format that a policy writes.

    None where a directive is unknown or stands twice, or where it could not be told at which
    digit one of no fixed width ends.
    """
    parts: list[str | _Directive] = []
    for part in _TOKEN.findall(text):
        if part == "%%" or not part.startswith("%"):
            parts.append(part.replace("%%", "%"))
        elif part in _DIRECTIVES:
            parts.append(_DIRECTIVES[part])
        else:
            return None
    names = [part.name for part in parts if isinstance(part, _Directive)]
    if not names or len(names) != len(set(names)) or _run_on(parts):
        return None
    pattern = "".join(
        re.escape(part) if isinstance(part, str) else f"(?P<{part.name}>{part.reads})"
        for part in parts
    )
    return Format(tuple(parts), re.compile(pattern))


def _run_on(parts: list[str | _Directive]) -> bool:
    return any(
        isinstance(one, _Directive)
        and one.of_any_width
        and (isinstance(after, _Directive) or after[:1].isdecimal())
        for one, after in pairwise(parts)
    )


def _half(moment: datetime) -> int:
    return moment.hour % 12 or 12


def _zone(text: str) -> tzinfo:
    if text == "Z":
        return UTC
    hours, minutes = int(text[1:3]), int(text[-2:])
    ahead = timedelta(hours=hours, minutes=minutes)
    return timezone(-ahead if text.startswith("-") else ahead)
