# spyne ships no types, so its base class is Any.
# mypy: disallow-subclassing-any=False
"""The complex types of the service `registration`, in the order of its WSDL."""

from __future__ import annotations

from typing import Any

from spyne import ComplexModel

from sandbox.hospital import registration_codes as code
from sandbox.hospital.registration_codes import NAMESPACE, optional


def _many(kind: Any) -> Any:
    return kind.customize(min_occurs=0, max_occurs="unbounded", nillable=False)


def _one(kind: Any) -> Any:
    return kind.customize(min_occurs=1, nillable=False)


# Cards ------------------------------------------------------------------------------------------


class Guardian(ComplexModel):
    """The adult who answers for a child's card."""

    __namespace__ = NAMESPACE

    Name = code.PersonName
    DocType = code.DocType
    DocNo = code.DocNo


class Card(ComplexModel):
    """An electronic patient card."""

    __namespace__ = NAMESPACE

    CardNo = code.CardNo
    Name = code.PersonName
    DocType = code.DocType
    DocNo = code.DocNo
    Phone = code.Phone
    SexCode = code.SexCode
    BirthDate = code.LocalDate
    VerifyMethod = code.VerifyMethod
    VerifyTime = code.LocalTime
    Relation = code.Relation
    Guardian = optional(Guardian)
    CreateTime = code.LocalTime


# Departments, doctors, schedules ----------------------------------------------------------------


class Department(ComplexModel):
    """A department that sees outpatients."""

    __namespace__ = NAMESPACE

    DeptCode = code.DeptCode
    DeptName = code.ShortText
    DeptKind = code.DeptKind
    CampusCode = code.CampusCode
    CampusName = code.ShortText
    Location = optional(code.ShortText)
    Intro = optional(code.LongText)


class DepartmentList(ComplexModel):
    """Departments, by code."""

    __namespace__ = NAMESPACE

    Department = _many(Department)


class Doctor(ComplexModel):
    """A doctor of one department."""

    __namespace__ = NAMESPACE

    DoctorCode = code.DoctorCode
    DoctorName = code.PersonName
    DeptCode = code.DeptCode
    DeptName = code.ShortText
    DoctorSex = code.SexCode
    TitleCode = code.TitleCode
    Speciality = optional(code.LongText)
    OnDuty = code.YesNo


class DoctorList(ComplexModel):
    """Doctors, by code."""

    __namespace__ = NAMESPACE

    Doctor = _many(Doctor)


class Schedule(ComplexModel):
    """One session of a doctor, or of a department's general clinic."""

    __namespace__ = NAMESPACE

    ScheduleCode = code.ScheduleCode
    DeptCode = code.DeptCode
    DeptName = code.ShortText
    DoctorCode = optional(code.DoctorCode)
    DoctorName = optional(code.PersonName)
    DoctorSex = optional(code.SexCode)
    CampusCode = code.CampusCode
    CampusName = code.ShortText
    ClinicDate = code.LocalDate
    PeriodCode = code.PeriodCode
    ClinicType = code.ClinicType
    RegFee = code.Yuan
    Numbered = code.YesNo
    State = code.ScheduleState
    ReleaseTime = code.LocalTime
    TotalCount = code.Count
    RemainCount = code.Count


class ScheduleList(ComplexModel):
    """Schedules, by date, period and code."""

    __namespace__ = NAMESPACE

    Schedule = _many(Schedule)


class Slot(ComplexModel):
    """A stretch of a session, with the places left in it for the asking channel."""

    __namespace__ = NAMESPACE

    SlotCode = code.SlotCode
    ScheduleCode = code.ScheduleCode
    PeriodCode = code.PeriodCode
    StartTime = code.ClockTime
    EndTime = code.ClockTime
    Capacity = code.Count
    Remain = code.Count
    State = code.ScheduleState
    ReleaseTime = optional(code.LocalTime)


class SlotList(ComplexModel):
    """Slots, by start."""

    __namespace__ = NAMESPACE

    Slot = _many(Slot)


# Holds and orders -------------------------------------------------------------------------------


class Hold(ComplexModel):
    """A place kept for one card until it expires."""

    __namespace__ = NAMESPACE

    HoldCode = code.HoldCode
    SlotCode = code.SlotCode
    ScheduleCode = code.ScheduleCode
    CardNo = code.CardNo
    QueueNo = optional(code.QueueNo)
    ExpireTime = code.LocalTime
    RegFee = code.Yuan


class Action(ComplexModel):
    """What may be done with an order now, until when, or why not."""

    __namespace__ = NAMESPACE

    ActionCode = code.ActionCode
    Allowed = code.YesNo
    From = optional(code.LocalTime)
    Until = optional(code.LocalTime)
    Reason = optional(code.ActionReason)


class ActionList(ComplexModel):
    """The actions of an order: pay, cancel, take number."""

    __namespace__ = NAMESPACE

    Action = _many(Action)


class Order(ComplexModel):
    """A registration, of whatever channel."""

    __namespace__ = NAMESPACE

    OrderNo = code.OrderNo
    CardNo = code.CardNo
    OrderKind = code.OrderKind
    Origin = code.Origin
    State = code.OrderState
    CancelledBy = optional(code.CancelledBy)
    ReplacedBy = optional(code.OrderNo)
    SlotCode = code.SlotCode
    ScheduleCode = code.ScheduleCode
    DeptCode = code.DeptCode
    DeptName = code.ShortText
    DoctorCode = optional(code.DoctorCode)
    DoctorName = optional(code.PersonName)
    CampusName = code.ShortText
    ClinicDate = code.LocalDate
    PeriodCode = code.PeriodCode
    StartTime = code.ClockTime
    EndTime = code.ClockTime
    QueueNo = optional(code.QueueNo)
    RegFee = code.Yuan
    PaidAmount = optional(code.Yuan)
    PayTransNo = optional(code.PayTransNo)
    RefundAmount = optional(code.Yuan)
    RefundNo = optional(code.RefundNo)
    HoldCode = optional(code.HoldCode)
    CreateTime = code.LocalTime
    ExpireTime = optional(code.LocalTime)
    ActionList = _one(ActionList)


class OrderList(ComplexModel):
    """Orders, newest first."""

    __namespace__ = NAMESPACE

    Order = _many(Order)


class Trade(ComplexModel):
    """What became of a write, told by its serial: exactly what the write answered."""

    __namespace__ = NAMESPACE

    Serial = code.PlatformSerial
    TradeType = code.TradeType
    ResultCode = code.ResultCode
    ResultMsg = code.ResultMsg
    TradeTime = code.LocalTime
    Card = optional(Card)
    Hold = optional(Hold)
    Order = optional(Order)


# What the hospital says about itself ------------------------------------------------------------


class Change(ComplexModel):
    """Something that the hospital changed by itself."""

    __namespace__ = NAMESPACE

    EventId = code.EventId
    Kind = code.ChangeKind
    EventTime = code.LocalTime
    ScheduleCode = optional(code.ScheduleCode)
    OrderNo = optional(code.OrderNo)
    BillNo = optional(code.BillNo)
    PayNo = optional(code.PayNo)
    RefundNo = optional(code.RefundNo)
    InvoiceNo = optional(code.InvoiceNo)
    ReportNo = optional(code.ReportNo)
    CardNo = optional(code.CardNo)
    NewClinicDate = optional(code.LocalDate)
    NewPeriodCode = optional(code.PeriodCode)
    NewDoctorCode = optional(code.DoctorCode)
    RefundAmount = optional(code.Yuan)
    Reason = optional(code.ShortText)


class ChangeList(ComplexModel):
    """Changes, oldest first."""

    __namespace__ = NAMESPACE

    Change = _many(Change)


class Rules(ComplexModel):
    """The booking rules; minutes count back from a slot's start unless said otherwise."""

    __namespace__ = NAMESPACE

    ReleaseTime = code.ClockTime
    DaysAhead = code.Count
    CancelBeforeMinutes = code.Minutes
    TakeNumberOpensMinutes = code.Minutes
    TakeNumberClosesMinutes = code.Minutes
    HoldMinutes = code.Minutes
    PayMinutes = code.Minutes
    MaxOrdersPerDay = code.Count
    MaxOrdersPerPeriod = code.Count
    NoShowLimit = code.Count
    NoShowBlockDays = code.Count


class Function(ComplexModel):
    """One function of the hospital, open or closed."""

    __namespace__ = NAMESPACE

    FunctionCode = code.FunctionCode
    Open = code.YesNo
    ReopenTime = optional(code.LocalTime)


class FunctionList(ComplexModel):
    """The functions, in a fixed order."""

    __namespace__ = NAMESPACE

    Function = _many(Function)


class Summary(ComplexModel):
    """The totals of one day, for this channel."""

    __namespace__ = NAMESPACE

    RecordDate = code.LocalDate
    Final = code.YesNo
    PayCount = code.Count
    PayAmount = code.Yuan
    RefundCount = code.Count
    RefundAmount = code.Yuan


class Record(ComplexModel):
    """One movement of money, for a registration or for a bill."""

    __namespace__ = NAMESPACE

    RecordNo = code.RecordNo
    Direction = code.Direction
    Business = code.Business
    PlatformSerial = optional(code.PlatformSerial)
    OrderNo = optional(code.OrderNo)
    BillNo = optional(code.BillNo)
    PayNo = optional(code.PayNo)
    CardNo = optional(code.CardNo)
    PayTransNo = optional(code.PayTransNo)
    RefundNo = optional(code.RefundNo)
    Amount = code.Yuan
    RecordTime = code.LocalTime


class RecordList(ComplexModel):
    """Records, oldest first."""

    __namespace__ = NAMESPACE

    Record = _many(Record)
