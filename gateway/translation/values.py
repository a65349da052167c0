"""Single values: between JSON and the hospital's text.

A `Converter` goes both ways and knows its JSON Schema. A value that it cannot convert raises
`ValueFault` (with words for the caller, never the value itself).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Protocol
from zoneinfo import ZoneInfo

from gateway.translation.context import Context
from gateway.translation.faults import NoSuchThing, ValueFault
from gateway.translation.formats import Format, format_of
from gateway.translation.identity import IdentityNumber
from gateway.translation.schemas import (
    LARGEST_FEN,
    Schema,
    fen_schema,
    integer_schema,
    text_schema,
)
from gateway.translation.sealing import SealBroken

if TYPE_CHECKING:
    from gateway.soap.elements import SimpleType

HOSPITAL_ZONE = ZoneInfo("Asia/Shanghai")
TRUTH_VALUES: Final = frozenset({"true", "false"})
"""The words of a code table that is a JSON boolean."""
_SEALED = "^[A-Za-z0-9_-]{22,512}$"
_IDENTITY = "Of an identity card it is held against GB 11643."


class Converter(Protocol):
    """One field's way in both directions."""

    @property
    def schema(self) -> Schema:
        """The JSON Schema of the REST side."""

    def outbound(self, value: Any, context: Context, of: Any = None) -> str:
        """A REST value, valid against `schema`, as the hospital's text.

        `of` is the value of the field beside it that the policy says it is of, if it names one.
        """

    def inbound(self, text: str, context: Context) -> Any:
        """The hospital's text, valid against its contract, as a REST value."""


@dataclass(frozen=True, slots=True)
class Text:
    """Text as it is; leading zeros survive."""

    schema: Schema

    def outbound(self, value: Any, context: Context, of: Any = None) -> str:
        return str(value)

    def inbound(self, text: str, context: Context) -> str:
        return text


@dataclass(frozen=True, slots=True)
class Integer:
    """A whole number; from the hospital one of at most 18 digits, as JSON readers bear."""

    schema: Schema

    def outbound(self, value: Any, context: Context, of: Any = None) -> str:
        # What stands in a path is a text, and held to no schema.
        if isinstance(value, str) and not _PLAIN.fullmatch(value):
            raise NoSuchThing
        return str(value)

    def inbound(self, text: str, context: Context) -> int:
        return _whole(text)


@dataclass(frozen=True, slots=True)
class Boolean:
    """xs:boolean, which also writes `1` and `0`."""

    schema: Schema

    def outbound(self, value: Any, context: Context, of: Any = None) -> str:
        return "true" if value else "false"

    def inbound(self, text: str, context: Context) -> bool:
        return text in ("true", "1")


@dataclass(frozen=True, slots=True)
class Code:
    """A word for the hospital's code. A table of just `true` and `false` is a JSON boolean."""

    schema: Schema
    by_word: Mapping[Any, str]
    by_code: Mapping[str, Any]

    def outbound(self, value: Any, context: Context, of: Any = None) -> str:
        try:
            return self.by_word[value]
        except KeyError:
            # Body and query are held to the schema's words; what stands in a path is not.
            raise NoSuchThing from None

    def inbound(self, text: str, context: Context) -> Any:
        try:
            return self.by_code[text]
        except KeyError:
            raise ValueFault("a code without a word", "未登记的代码") from None


@dataclass(frozen=True, slots=True)
class OpenCode(Code):
    """A word for each code, one of them for all that the table does not name; in replies only.

    `field` is what the exchange notes when such a code came.
    """

    field: str
    unlisted: str

    def inbound(self, text: str, context: Context) -> Any:
        word = self.by_code.get(text)
        if word is None:
            context.unlisted(self.field)
            return self.unlisted
        return word


@dataclass(frozen=True, slots=True)
class FenFromYuan:
    """The hospital's yuan, as decimal text, for integer fen."""

    schema: Schema

    def outbound(self, value: Any, context: Context, of: Any = None) -> str:
        yuan, fen = divmod(abs(value), 100)
        return f"{'-' if value < 0 else ''}{yuan}.{fen:02d}"

    def inbound(self, text: str, context: Context) -> int:
        return _fen(text)


@dataclass(frozen=True, slots=True)
class Fen:
    """An amount that the hospital keeps in fen, too."""

    schema: Schema

    def outbound(self, value: Any, context: Context, of: Any = None) -> str:
        return str(value)

    def inbound(self, text: str, context: Context) -> int:
        return _whole(text)


@dataclass(frozen=True, slots=True)
class Date:
    """A calendar date, RFC 3339 on the REST side, on the hospital's too if no `format` is given."""

    schema: Schema
    format: Format | None
    within: int | None

    def outbound(self, value: Any, context: Context, of: Any = None) -> str:
        # Body and query are held to the schema's format; what stands in a path is not.
        if not _ISO_DATE.fullmatch(value):
            raise ValueFault("must be a date, YYYY-MM-DD", "必须为日期 YYYY-MM-DD")
        day = _day(value)
        if self.within is not None and abs((day - context.today).days) > self.within:
            raise ValueFault(
                f"must lie within {self.within} days of today", f"须在今天前后 {self.within} 天内"
            )
        return str(value) if self.format is None else self.format.write(day)

    def inbound(self, text: str, context: Context) -> str:
        if self.format is None:
            return _iso_day(text)
        return _read(text, self.format).date().isoformat()


@dataclass(frozen=True, slots=True)
class LocalTime:
    """A moment: RFC 3339 with the hospital's offset here, its wall clock there.

    There it is written as in ISO 8601 if no `format` is given. Fractions of a second are cut, both
    ways.
    """

    schema: Schema
    format: Format | None

    def outbound(self, value: Any, context: Context, of: Any = None) -> str:
        try:
            moment = datetime.fromisoformat(value.upper())  # RFC 3339 also writes t and z
            local = moment.astimezone(HOSPITAL_ZONE).replace(microsecond=0)
        except (ValueError, OverflowError):
            raise ValueFault("no such moment", "时间不存在") from None
        if local.year < _FIRST_YEAR:
            raise ValueFault("must lie after the year 1900", "须晚于 1900 年")
        if self.format is None:
            return local.replace(tzinfo=None).isoformat()
        return self.format.write(local)

    def inbound(self, text: str, context: Context) -> str:
        return _hospital_time(text, self.format)


@dataclass(frozen=True, slots=True)
class Sealed:
    """The hospital's id on its side, a token bound to client and subject on the other."""

    schema: Schema
    kind: str
    of_card: bool

    def outbound(self, value: Any, context: Context, of: Any = None) -> str:
        try:
            return context.sealer.open(self.kind, context.client, self._card(context), value)
        except SealBroken:
            raise NoSuchThing from None

    def inbound(self, text: str, context: Context) -> str:
        return context.sealer.seal(self.kind, context.client, self._card(context), text)

    def _card(self, context: Context) -> str:
        return (context.card or "") if self.of_card else ""


_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")
_PLAIN = re.compile(r"0|-?[1-9][0-9]{0,17}")
_YUAN = re.compile(r"([+-]?)(?=\.?[0-9])0*([0-9]{0,12})(?:\.([0-9]{0,2})0*)?")
_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_ISO_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?"
    r"(?:Z|[+-][0-9]{2}:[0-9]{2})?"
)
_HOSPITAL_OFFSET = "+08:00"
# Clocks in China went by the sun before, 5 minutes and 43 seconds further, which no offset says.
_FIRST_YEAR = 1901


# A hospital's replies repeat few counts, prices, days and hours of duty over and over; each is
# worked out once in a while instead of in every row. What cannot be converted is not remembered.
_remembered = lru_cache(maxsize=1024)


@_remembered
def _whole(text: str) -> int:
    if not _WHOLE.fullmatch(text):
        raise ValueFault("not a whole number", "不是整数")
    return int(text)


@_remembered
def _fen(text: str) -> int:
    # By its digits: a float or a rounding Decimal would turn some other amount into this one.
    digits = _YUAN.fullmatch(text)
    if digits is not None:
        sign, yuan, fen = digits.groups(default="")
        amount = int(f"{sign}{yuan}{fen:0<2}")
        if abs(amount) <= LARGEST_FEN:
            return amount
    raise ValueFault("not a whole number of fen", "金额不是整分")


@_remembered
def _iso_day(text: str) -> str:
    # xs:date may carry a zone; a day of another zone would not be the hospital's.
    return _day(text.removesuffix(_HOSPITAL_OFFSET)).isoformat()


@_remembered
def _hospital_time(text: str, written: Format | None) -> str:
    moment = _moment(text) if written is None else _read(text, written)
    try:
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=HOSPITAL_ZONE)
        moment = moment.astimezone(HOSPITAL_ZONE)
    except OverflowError:
        raise ValueFault("no such moment", "时间不存在") from None
    return moment.replace(microsecond=0).isoformat()


def _day(text: str) -> date:
    # `fromisoformat` alone would also take week dates and dates without hyphens.
    try:
        if _ISO_DATE.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise ValueFault("no such day", "日期不存在")


def _moment(text: str) -> datetime:
    try:
        if _ISO_TIME.fullmatch(text):
            return datetime.fromisoformat(text)
    except ValueError:
        pass
    raise ValueFault("no such moment", "时间不存在")


def _read(text: str, written: Format) -> datetime:
    try:
        return written.read(text)
    except ValueError:
        raise ValueFault("not a date as the policy says", "日期格式与策略不符") from None


def relative_day(default: str, today: date) -> str:
    """`today` or `today+7d` as an ISO date."""
    days = int(default[6:-1]) if default != "today" else 0
    return (today + timedelta(days=days)).isoformat()


# --- making a converter from what the policy and the contract say ----------------------------

XSD_TO_KIND: Mapping[str, str] = {
    "string": "text",
    "integer": "integer",
    "boolean": "boolean",
    "date": "date",
    "dateTime": "time",
}
"""What a field is when the policy says nothing. Any other type has to be told `as`."""

KINDS: Mapping[str, frozenset[str]] = {
    "text": frozenset({"string"}),
    "integer": frozenset({"integer", "string"}),
    "boolean": frozenset({"boolean"}),
    "date": frozenset({"date", "string"}),
    "time": frozenset({"dateTime", "string"}),
    "fen": frozenset({"integer", "string"}),
    "fen-from-yuan": frozenset({"decimal", "string"}),
    "identity-number": frozenset({"string"}),
}
"""Each `as` of the policy language, and the XSD types that it can stand on without loss."""


def converter(
    kind: str, simple: SimpleType, *, pattern: str | None = None, within: int | None = None
) -> Converter:
    """The converter of one `as`, on one XSD type."""
    written = format_of(pattern) if pattern else None
    make: Mapping[str, Callable[[], Converter]] = {
        "text": lambda: Text(text_schema(simple)),
        "identity-number": lambda: IdentityNumber(
            {**text_schema(simple), "description": _IDENTITY}
        ),
        "integer": lambda: Integer(integer_schema(simple)),
        "boolean": lambda: Boolean({"type": "boolean"}),
        "fen": lambda: Fen(fen_schema(simple, decimals=0)),
        "fen-from-yuan": lambda: FenFromYuan(fen_schema(simple, decimals=2)),
        "date": lambda: Date(_date_schema(within), written, within),
        "time": lambda: LocalTime({"type": "string", "format": "date-time"}, written),
    }
    return make[kind]()


def _date_schema(within: int | None) -> Schema:
    schema: Schema = {"type": "string", "format": "date"}
    if within is not None:
        schema["description"] = f"Within {within} days of today."
    return schema


def code_converter(table: Mapping[str, str]) -> Code:
    """The converter of a code table, REST word to hospital code."""
    boolean = table.keys() == TRUTH_VALUES
    words: dict[Any, str] = {
        (word == "true" if boolean else word): code for word, code in table.items()
    }
    schema: Schema = {"type": "boolean"} if boolean else {"type": "string", "enum": list(words)}
    return Code(schema, words, {code: word for word, code in words.items()})


def open_code_converter(table: Mapping[str, str], field: str, unlisted: str) -> OpenCode:
    """The converter of a code table in the response's `field`, where other codes may come."""
    code = code_converter(table)
    told = f"What is new at the hospital, and has no word yet, is `{unlisted}`."
    words = list(dict.fromkeys([*table, unlisted]))
    schema: Schema = {"type": "string", "enum": words, "description": told}
    return OpenCode(schema, code.by_word, code.by_code, field, unlisted)


def sealed_converter(kind: str, *, of_card: bool) -> Converter:
    """The converter of a sealed id."""
    bound = "client and patient card" if of_card else "client"
    told = f"Sealed: opaque, the same each time, of use for this {bound} alone."
    return Sealed({"type": "string", "pattern": _SEALED, "description": told}, kind, of_card)
