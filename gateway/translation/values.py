"""Single values: between JSON and the hospital's text.

A `Converter` goes both ways and knows its JSON Schema. A value that it cannot convert raises
`ValueFault` (with words for the caller, never the value itself).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Protocol
from zoneinfo import ZoneInfo

from gateway.translation.context import Context
from gateway.translation.sealing import SealBroken

if TYPE_CHECKING:
    from gateway.soap.contract import SimpleType

HOSPITAL_ZONE = ZoneInfo("Asia/Shanghai")
LARGEST_FEN = 10**13
_DATE = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_TIME = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(Z|[+-][0-9]{2}:[0-9]{2})$"
_SEALED = "^[A-Za-z0-9_-]{22,512}$"

Schema = dict[str, Any]


class ValueFault(ValueError):
    """A value cannot become the other side's. `detail` and `detail_zh` are for people."""

    def __init__(self, detail: str, detail_zh: str) -> None:
        super().__init__(detail)
        self.detail = detail
        self.detail_zh = detail_zh


class NoSuchThing(Exception):
    """A sealed id was not made for this client and subject: to the caller it does not exist."""


class Converter(Protocol):
    """One field's way in both directions."""

    @property
    def schema(self) -> Schema:
        """The JSON Schema of the REST side."""

    def outbound(self, value: Any, context: Context) -> str:
        """A REST value, valid against `schema`, as the hospital's text."""

    def inbound(self, text: str, context: Context) -> Any:
        """The hospital's text, valid against its contract, as a REST value."""


@dataclass(frozen=True, slots=True)
class Text:
    """Text as it is; leading zeros survive."""

    schema: Schema

    def outbound(self, value: Any, context: Context) -> str:
        return str(value)

    def inbound(self, text: str, context: Context) -> str:
        return text


@dataclass(frozen=True, slots=True)
class Integer:
    """A whole number."""

    schema: Schema

    def outbound(self, value: Any, context: Context) -> str:
        return str(value)

    def inbound(self, text: str, context: Context) -> int:
        return int(text)


@dataclass(frozen=True, slots=True)
class Boolean:
    """xs:boolean, which also writes `1` and `0`."""

    schema: Schema

    def outbound(self, value: Any, context: Context) -> str:
        return "true" if value else "false"

    def inbound(self, text: str, context: Context) -> bool:
        return text in ("true", "1")


@dataclass(frozen=True, slots=True)
class Code:
    """A word for the hospital's code. A table of just `true` and `false` is a JSON boolean."""

    schema: Schema
    by_word: Mapping[Any, str]
    by_code: Mapping[str, Any]

    def outbound(self, value: Any, context: Context) -> str:
        return self.by_word[value]

    def inbound(self, text: str, context: Context) -> Any:
        try:
            return self.by_code[text]
        except KeyError:
            raise ValueFault("a code without a word", "未登记的代码") from None


@dataclass(frozen=True, slots=True)
class FenFromYuan:
    """The hospital's yuan, as decimal text, for integer fen."""

    schema: Schema

    def outbound(self, value: Any, context: Context) -> str:
        return f"{value // 100}.{value % 100:02d}"

    def inbound(self, text: str, context: Context) -> int:
        try:
            fen = Decimal(text).scaleb(2)
        except InvalidOperation:
            raise ValueFault("not an amount", "金额格式不正确") from None
        if not fen.is_finite() or fen != fen.to_integral_value() or abs(fen) > LARGEST_FEN:
            raise ValueFault("not a whole number of fen", "金额不是整分")
        return int(fen)


@dataclass(frozen=True, slots=True)
class Date:
    """A calendar date, ISO 8601 on the REST side, `pattern` (strftime) on the hospital's."""

    schema: Schema
    pattern: str
    within: int | None

    def outbound(self, value: Any, context: Context) -> str:
        day = _day(value)
        if self.within is not None and abs((day - context.today).days) > self.within:
            raise ValueFault(
                f"must lie within {self.within} days of today", f"须在今天前后 {self.within} 天内"
            )
        return day.strftime(self.pattern) if self.pattern != ISO_DATE else str(value)

    def inbound(self, text: str, context: Context) -> str:
        if self.pattern == ISO_DATE:
            return _day(text).isoformat()
        return _parsed(text, self.pattern).date().isoformat()


@dataclass(frozen=True, slots=True)
class LocalTime:
    """A moment: RFC 3339 with the hospital's offset here, its wall clock there."""

    schema: Schema
    pattern: str

    def outbound(self, value: Any, context: Context) -> str:
        try:
            moment = datetime.fromisoformat(value)
            local = moment.astimezone(HOSPITAL_ZONE).replace(tzinfo=None, microsecond=0)
        except (ValueError, OverflowError):
            raise ValueFault("no such moment", "时间不存在") from None
        return local.isoformat() if self.pattern == ISO_TIME else local.strftime(self.pattern)

    def inbound(self, text: str, context: Context) -> str:
        if self.pattern == ISO_TIME:
            try:
                moment = datetime.fromisoformat(text)
            except ValueError:
                raise ValueFault("no such moment", "时间不存在") from None
        else:
            moment = _parsed(text, self.pattern)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=HOSPITAL_ZONE)
        else:
            moment = moment.astimezone(HOSPITAL_ZONE)
        return moment.replace(microsecond=0).isoformat()


@dataclass(frozen=True, slots=True)
class Sealed:
    """The hospital's id on its side, a token bound to client and subject on the other."""

    schema: Schema
    kind: str
    of_card: bool

    def outbound(self, value: Any, context: Context) -> str:
        try:
            return context.sealer.open(self.kind, context.client, self._card(context), value)
        except SealBroken:
            raise NoSuchThing from None

    def inbound(self, text: str, context: Context) -> str:
        return context.sealer.seal(self.kind, context.client, self._card(context), text)

    def _card(self, context: Context) -> str:
        return (context.card or "") if self.of_card else ""


ISO_DATE = "%Y-%m-%d"
ISO_TIME = "%Y-%m-%dT%H:%M:%S"


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueFault("no such day", "日期不存在") from None


def _parsed(text: str, pattern: str) -> datetime:
    try:
        return datetime.strptime(text, pattern)  # noqa: DTZ007 - LocalTime adds the zone
    except ValueError:
        raise ValueFault("not a date as the policy says", "日期格式与策略不符") from None


def relative_day(default: str, today: date) -> str:
    """`today` or `today+7d` as an ISO date."""
    days = int(default[6:-1]) if default != "today" else 0
    return (today + timedelta(days=days)).isoformat()


# --- identity numbers ------------------------------------------------------------------------

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_IDENTITY = re.compile(r"[1-9][0-9]{16}[0-9X]")


def check_identity_number(number: str, today: date) -> None:
    """Hold a resident identity number against GB 11643-1999; raises `ValueFault`.

    Region codes are not looked up: retired ones (GB/T 2260) stay valid on the cards of the living.
    """
    fault = ValueFault("not a valid identity number (GB 11643)", "身份证号码不正确(GB 11643)")
    if not _IDENTITY.fullmatch(number):
        raise fault
    total = sum(int(digit) * weight for digit, weight in zip(number[:17], _WEIGHTS, strict=True))
    if _CHECKS[total % 11] != number[17]:
        raise fault
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        raise fault from None
    if not date(1850, 1, 1) <= born <= today:
        raise fault


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
    "fen-from-yuan": frozenset({"decimal", "string"}),
    "identity-number": frozenset({"string"}),
}
"""Each `as` of the policy language, and the XSD types that it can stand on without loss."""


def text_schema(simple: SimpleType) -> Schema:
    """The facets of an XSD string, as JSON Schema."""
    schema: Schema = {"type": "string"}
    if simple.enumeration:
        schema["enum"] = list(simple.enumeration)
        return schema
    shortest = simple.length if simple.length is not None else simple.min_length
    longest = simple.length if simple.length is not None else simple.max_length
    if shortest:
        schema["minLength"] = shortest
    if longest is not None:
        schema["maxLength"] = longest
    patterns = [f"^(?:{json_pattern(pattern)})$" for pattern in simple.patterns]
    if len(patterns) == 1:
        schema["pattern"] = patterns[0]
    elif patterns:
        schema["allOf"] = [{"pattern": pattern} for pattern in patterns]
    return schema


_XSD_TOKEN = re.compile(r"(\\.)|(\[(?:\\.|[^\]\\])*\])|([$^])")


def json_pattern(pattern: str) -> str:
    """An XSD pattern (XML Schema 1.0 part 2, appendix F) as an ECMA 262 one.

    Outside a character class XSD's `^` and `$` are plain characters. Its `\\d` is every Unicode
    digit and is narrowed to ASCII, since no identifier or amount is written in others.
    """

    def token(match: re.Match[str]) -> str:
        escape, character_class, anchor = match.groups()
        if anchor:
            return "\\" + anchor
        if character_class:
            return character_class.replace(r"\d", "0-9")
        return "[0-9]" if escape == r"\d" else escape

    return _XSD_TOKEN.sub(token, pattern)


def integer_schema(simple: SimpleType) -> Schema:
    """The bounds of an XSD integer, as JSON Schema."""
    schema: Schema = {"type": "integer"}
    if simple.min_inclusive is not None:
        schema["minimum"] = int(simple.min_inclusive)
    if simple.max_inclusive is not None:
        schema["maximum"] = int(simple.max_inclusive)
    if simple.min_exclusive is not None:
        schema["exclusiveMinimum"] = int(simple.min_exclusive)
    if simple.max_exclusive is not None:
        schema["exclusiveMaximum"] = int(simple.max_exclusive)
    if simple.enumeration:
        schema["enum"] = [int(value) for value in simple.enumeration]
    return schema


def fen_schema(simple: SimpleType) -> Schema:
    """The bounds of an amount in yuan, in fen."""
    schema: Schema = {"type": "integer", "minimum": 0, "maximum": LARGEST_FEN}
    if simple.min_inclusive is not None:
        schema["minimum"] = int(Decimal(simple.min_inclusive).scaleb(2))
    if simple.max_inclusive is not None:
        schema["maximum"] = int(Decimal(simple.max_inclusive).scaleb(2))
    return schema


def converter(
    kind: str, simple: SimpleType, *, pattern: str | None = None, within: int | None = None
) -> Converter:
    """The converter of one `as`, on one XSD type."""
    make: Mapping[str, Callable[[], Converter]] = {
        "text": lambda: Text(text_schema(simple)),
        "identity-number": lambda: Text(text_schema(simple)),
        "integer": lambda: Integer(integer_schema(simple)),
        "boolean": lambda: Boolean({"type": "boolean"}),
        "fen-from-yuan": lambda: FenFromYuan(fen_schema(simple)),
        "date": lambda: Date(
            {"type": "string", "format": "date", "pattern": _DATE}, pattern or ISO_DATE, within
        ),
        "time": lambda: LocalTime(
            {"type": "string", "format": "date-time", "pattern": _TIME}, pattern or ISO_TIME
        ),
    }
    return make[kind]()


def code_converter(table: Mapping[str, str]) -> Converter:
    """The converter of a code table, REST word to hospital code."""
    boolean = set(table) == {"true", "false"}
    words: dict[Any, str] = {
        (word == "true" if boolean else word): code for word, code in table.items()
    }
    schema: Schema = {"type": "boolean"} if boolean else {"type": "string", "enum": list(words)}
    return Code(schema, words, {code: word for word, code in words.items()})


def sealed_converter(kind: str, *, of_card: bool) -> Converter:
    """The converter of a sealed id."""
    return Sealed({"type": "string", "pattern": _SEALED}, kind, of_card)
