"""The simple types of the service `registration`: codes, patterns, texts, money and times.

spyne makes every element optional and nillable unless told otherwise, and an empty reply would
then be valid. So each type here is required, not nillable, and enumerated, patterned or bounded;
`optional` is said where an element may be absent.

Codes: sex GB/T 2261.1, identity documents CV02.01.101. Money is yuan with two decimals, times are
the hospital's wall clock (Asia/Shanghai) without offset.
"""

from __future__ import annotations

from typing import Any

from spyne import Date, DateTime, Decimal, Integer, Unicode

NAMESPACE = "urn:internet-hospital:registration"


def _named(base: Any, name: str, **facets: Any) -> Any:
    """Return a required simple type of this namespace, called `name`, restricted by `facets`."""
    made = base.customize(type_name=name, min_occurs=1, nillable=False, **facets)
    made.__namespace__ = NAMESPACE
    return made


def _code(name: str, *values: str) -> Any:
    return _named(Unicode, name, values=list(values))


def _pattern(name: str, pattern: str) -> Any:
    return _named(Unicode, name, pattern=pattern)


def _text(name: str, longest: int, *, shortest: int = 1) -> Any:
    return _named(Unicode, name, min_len=shortest, max_len=longest)


def optional(kind: Any) -> Any:
    """Return `kind` as an element that may be absent but is never nil."""
    made = kind.customize(min_occurs=0, nillable=False, type_name=kind.get_type_name())
    made.__namespace__ = NAMESPACE
    return made


ResultCode = _pattern("ResultCode", "-?[0-9]{1,4}")
ResultMsg = _text("ResultMsg", 200, shortest=0)
ChannelCode = _pattern("ChannelCode", "[A-Z0-9]{2,8}")
PlatformSerial = _pattern("PlatformSerial", "[0-9A-Za-z]{24,32}")

PersonName = _text("PersonName", 50)
CardNo = _pattern("CardNo", "[0-9]{12}")
DocType = _code("DocType", "01", "02", "03", "04", "05", "06", "07", "99")
DocNo = _pattern("DocNo", "[0-9A-Za-z()/-]{4,30}")
Phone = _pattern("Phone", "[0-9+-]{5,20}")
SexCode = _code("SexCode", "0", "1", "2", "9")
VerifyMethod = _code("VerifyMethod", "1", "2", "3")
Relation = _code("Relation", "0", "1", "2", "3", "9")

DeptCode = _pattern("DeptCode", "[0-9A-Z]{4,8}")
DeptKind = _code("DeptKind", "1", "2", "3", "4", "5", "6", "7", "9")
CampusCode = _pattern("CampusCode", "[0-9]{2}")
DoctorCode = _pattern("DoctorCode", "[0-9A-Z]{4,8}")
TitleCode = _code("TitleCode", "1", "2", "3", "4")
ShortText = _text("ShortText", 100)
LongText = _text("LongText", 500)
YesNo = _code("YesNo", "Y", "N")

ScheduleCode = _pattern("ScheduleCode", "[0-9A-Z]{8,20}")
SlotCode = _pattern("SlotCode", "[0-9A-Z]{8,24}")
PeriodCode = _code("PeriodCode", "1", "2", "3")
ClinicType = _code("ClinicType", "1", "2", "3")
ScheduleState = _code("ScheduleState", "0", "1", "2", "3", "4")
QueueNo = _pattern("QueueNo", "[0-9]{1,4}")
HoldCode = _pattern("HoldCode", "[0-9A-Z]{10,20}")

OrderNo = _pattern("OrderNo", "[0-9]{14,20}")
OrderKind = _code("OrderKind", "1", "2")
Origin = _code("Origin", "1", "2", "3", "4")
OrderState = _code("OrderState", "2", "3", "4", "5", "6", "7")
CancelledBy = _code("CancelledBy", "1", "2", "3")
ActionCode = _code("ActionCode", "1", "2", "3")
ActionReason = _code("ActionReason", "01", "02", "03", "04", "05", "06")
PayChannel = _code("PayChannel", "1", "2", "3", "4")
PayTransNo = _pattern("PayTransNo", "[0-9A-Za-z_-]{8,64}")
RefundNo = _pattern("RefundNo", "[0-9A-Z]{10,32}")
BillNo = _pattern("BillNo", "[0-9A-Z]{8,20}")
PayNo = _pattern("PayNo", "[0-9A-Z]{8,20}")
InvoiceNo = _pattern("InvoiceNo", "[0-9A-Z]{8,32}")
ReportNo = _pattern("ReportNo", "[0-9A-Z]{8,32}")

TradeType = _code(
    "TradeType",
    "CreateCard",
    "LockSlot",
    "UnlockSlot",
    "Book",
    "PayRegistration",
    "CancelRegistration",
    "TakeNumber",
)
EventId = _pattern("EventId", "[0-9A-Z]{8,32}")
ChangeKind = _code("ChangeKind", "1", "2", "3", "4", "5", "6", "7", "8")
FunctionCode = _code("FunctionCode", "CARD", "SCHEDULE", "REGISTER", "PAY", "TAKE")
RecordNo = _pattern("RecordNo", "[0-9A-Z]{8,32}")
Direction = _code("Direction", "1", "2")
Business = _code("Business", "1", "2")

Yuan = _named(Decimal, "Yuan", ge=0, total_digits=12, fraction_digits=2)
LocalDate = _named(Date, "LocalDate", pattern="[0-9]{4}-[0-9]{2}-[0-9]{2}")
LocalTime = _named(
    DateTime, "LocalTime", pattern="[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}"
)
ClockTime = _pattern("ClockTime", "([01][0-9]|2[0-3]):[0-5][0-9]")
Count = _named(Integer, "Count", ge=0, le=999999)
Minutes = _named(Integer, "Minutes", ge=0, le=99999)
PageNo = _named(Integer, "PageNo", ge=1, le=99999)
PageSize = _named(Integer, "PageSize", ge=1, le=500)
