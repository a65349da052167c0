"""The service `registration`: typed SOAP 1.1, document/literal wrapped.

Each operation says its words on the wire and hands the work on; what the words mean is in
`registration_types`, what is done in `cards`, `catalogue`, `booking` and their neighbours.
Result code 0 is done, 1 is done and nothing found, 2xxx a refusal, -99 a failure of the system.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sandbox.hospital import booking, cards, catalogue, changes, lookup, statements, status
from sandbox.hospital import registration_codes as code
from sandbox.hospital import registration_types as wire
from sandbox.hospital.operations import Operations, Reply
from sandbox.hospital.platform import Hospital
from sandbox.hospital.registration_codes import optional

NAMESPACE = code.NAMESPACE
OPERATIONS = Operations(
    "Registration",
    port="RegistrationSoap",
    head={"ResultCode": code.ResultCode, "ResultMsg": code.ResultMsg},
)

_CARD = {"Card": optional(wire.Card)}
_HOLD = {"Hold": optional(wire.Hold)}
_ORDER = {"Order": optional(wire.Order)}


# Cards ------------------------------------------------------------------------------------------


@OPERATIONS.publish(
    _CARD,
    platform_serial=code.PlatformSerial,
    channel_code=code.ChannelCode,
    name=code.PersonName,
    doc_type=code.DocType,
    doc_no=code.DocNo,
    phone=code.Phone,
    sex_code=optional(code.SexCode),
    birth_date=optional(code.LocalDate),
    verify_method=code.VerifyMethod,
    verify_time=code.LocalTime,
    relation=code.Relation,
    guardian=optional(wire.Guardian),
)
def create_card(
    hospital: Hospital,
    platform_serial: str,
    channel_code: str,
    name: str,
    doc_type: str,
    doc_no: str,
    phone: str,
    sex_code: str | None,
    birth_date: date | None,
    verify_method: str,
    verify_time: datetime,
    relation: str,
    guardian: wire.Guardian | None,
) -> Reply:
    """Make an electronic patient card."""
    application = cards.Application(
        name=name,
        doc_type=doc_type,
        doc_no=doc_no,
        phone=phone,
        sex_code=sex_code,
        birth_date=birth_date,
        verify_method=verify_method,
        verify_time=verify_time,
        relation=relation,
        guardian=(
            cards.Guardian(guardian.Name, guardian.DocType, guardian.DocNo) if guardian else None
        ),
    )
    return hospital.write(
        "CreateCard", platform_serial, channel_code, lambda desk: cards.create(desk, application)
    )


@OPERATIONS.publish(
    _CARD,
    channel_code=code.ChannelCode,
    name=code.PersonName,
    doc_type=code.DocType,
    doc_no=code.DocNo,
    phone=code.Phone,
)
def find_card(
    hospital: Hospital, channel_code: str, name: str, doc_type: str, doc_no: str, phone: str
) -> Reply:
    """Find a card by name, document and phone; all of them must fit."""
    return hospital.read(channel_code, lambda desk: cards.find(desk, name, doc_type, doc_no, phone))


@OPERATIONS.publish(_CARD, channel_code=code.ChannelCode, card_no=code.CardNo)
def query_card(hospital: Hospital, channel_code: str, card_no: str) -> Reply:
    """Tell a card by its number."""
    return hospital.read(channel_code, lambda desk: cards.query(desk, card_no))


# Departments, doctors, schedules ----------------------------------------------------------------


@OPERATIONS.publish(
    {"DepartmentList": optional(wire.DepartmentList)}, channel_code=code.ChannelCode
)
def query_departments(hospital: Hospital, channel_code: str) -> Reply:
    """List the departments that see outpatients."""
    return hospital.read(channel_code, catalogue.departments)


@OPERATIONS.publish(
    {"DoctorList": optional(wire.DoctorList)},
    channel_code=code.ChannelCode,
    dept_code=code.DeptCode,
)
def query_doctors(hospital: Hospital, channel_code: str, dept_code: str) -> Reply:
    """List the doctors of a department."""
    return hospital.read(channel_code, lambda desk: catalogue.doctors(desk, dept_code))


@OPERATIONS.publish(
    {"Doctor": optional(wire.Doctor)}, channel_code=code.ChannelCode, doctor_code=code.DoctorCode
)
def query_doctor(hospital: Hospital, channel_code: str, doctor_code: str) -> Reply:
    """Tell a doctor by code."""
    return hospital.read(channel_code, lambda desk: catalogue.doctor(desk, doctor_code))


@OPERATIONS.publish(
    {"ScheduleList": optional(wire.ScheduleList)},
    channel_code=code.ChannelCode,
    dept_code=optional(code.DeptCode),
    doctor_code=optional(code.DoctorCode),
    start_date=code.LocalDate,
    end_date=code.LocalDate,
)
def query_schedules(
    hospital: Hospital,
    channel_code: str,
    dept_code: str | None,
    doctor_code: str | None,
    start_date: date,
    end_date: date,
) -> Reply:
    """List the sessions of a department or a doctor between two dates, both included."""
    return hospital.read(
        channel_code,
        lambda desk: catalogue.schedules(desk, dept_code, doctor_code, start_date, end_date),
    )


@OPERATIONS.publish(
    {"SlotList": optional(wire.SlotList)},
    channel_code=code.ChannelCode,
    schedule_code=code.ScheduleCode,
)
def query_slots(hospital: Hospital, channel_code: str, schedule_code: str) -> Reply:
    """List the slots of a session."""
    return hospital.read(channel_code, lambda desk: catalogue.slots(desk, schedule_code))


# Holding, booking, paying, cancelling, taking a number ------------------------------------------


@OPERATIONS.publish(
    _HOLD,
    platform_serial=code.PlatformSerial,
    channel_code=code.ChannelCode,
    slot_code=code.SlotCode,
    card_no=code.CardNo,
)
def lock_slot(
    hospital: Hospital, platform_serial: str, channel_code: str, slot_code: str, card_no: str
) -> Reply:
    """Keep a place of a slot for a card until the hold expires."""
    return hospital.write(
        "LockSlot",
        platform_serial,
        channel_code,
        lambda desk: booking.lock_slot(desk, slot_code, card_no),
    )


@OPERATIONS.publish(
    _HOLD,
    platform_serial=code.PlatformSerial,
    channel_code=code.ChannelCode,
    hold_code=code.HoldCode,
    card_no=code.CardNo,
)
def unlock_slot(
    hospital: Hospital, platform_serial: str, channel_code: str, hold_code: str, card_no: str
) -> Reply:
    """Let a held place go; the reply is the hold as it was."""
    return hospital.write(
        "UnlockSlot",
        platform_serial,
        channel_code,
        lambda desk: booking.unlock_slot(desk, hold_code, card_no),
    )


@OPERATIONS.publish(
    _ORDER,
    platform_serial=code.PlatformSerial,
    channel_code=code.ChannelCode,
    hold_code=code.HoldCode,
    card_no=code.CardNo,
)
def book(
    hospital: Hospital, platform_serial: str, channel_code: str, hold_code: str, card_no: str
) -> Reply:
    """Turn a hold into a registration, to be paid before it expires."""
    return hospital.write(
        "Book",
        platform_serial,
        channel_code,
        lambda desk: booking.book(desk, hold_code, card_no),
    )


@OPERATIONS.publish(
    _ORDER,
    platform_serial=code.PlatformSerial,
    channel_code=code.ChannelCode,
    order_no=code.OrderNo,
    card_no=code.CardNo,
    pay_channel=code.PayChannel,
    pay_trans_no=code.PayTransNo,
    pay_time=code.LocalTime,
    amount=code.Yuan,
)
def pay_registration(
    hospital: Hospital,
    platform_serial: str,
    channel_code: str,
    order_no: str,
    card_no: str,
    pay_channel: str,
    pay_trans_no: str,
    pay_time: datetime,
    amount: Decimal,
) -> Reply:
    """Record that the fee of a registration was paid."""
    payment = booking.Payment(pay_channel, pay_trans_no, pay_time, amount)
    return hospital.write(
        "PayRegistration",
        platform_serial,
        channel_code,
        lambda desk: booking.pay(desk, order_no, card_no, payment),
    )


@OPERATIONS.publish(
    _ORDER,
    platform_serial=code.PlatformSerial,
    channel_code=code.ChannelCode,
    order_no=code.OrderNo,
    card_no=code.CardNo,
    reason=optional(code.ShortText),
)
def cancel_registration(
    hospital: Hospital,
    platform_serial: str,
    channel_code: str,
    order_no: str,
    card_no: str,
    reason: str | None,
) -> Reply:
    """Cancel a registration, with refund when it was paid; again when already cancelled is done."""
    return hospital.write(
        "CancelRegistration",
        platform_serial,
        channel_code,
        lambda desk: booking.cancel(desk, order_no, card_no, reason),
    )


@OPERATIONS.publish(
    _ORDER,
    platform_serial=code.PlatformSerial,
    channel_code=code.ChannelCode,
    order_no=code.OrderNo,
    card_no=code.CardNo,
)
def take_number(
    hospital: Hospital, platform_serial: str, channel_code: str, order_no: str, card_no: str
) -> Reply:
    """Take the number of a registration, of whatever channel; a fee that is due comes first."""
    return hospital.write(
        "TakeNumber",
        platform_serial,
        channel_code,
        lambda desk: booking.take_number(desk, order_no, card_no),
    )


# Looking things up ------------------------------------------------------------------------------


@OPERATIONS.publish(
    {"OrderList": optional(wire.OrderList)},
    channel_code=code.ChannelCode,
    card_no=code.CardNo,
    start_date=optional(code.LocalDate),
    end_date=optional(code.LocalDate),
)
def query_orders(
    hospital: Hospital,
    channel_code: str,
    card_no: str,
    start_date: date | None,
    end_date: date | None,
) -> Reply:
    """List a card's registrations of every channel, by date of the clinic."""
    return hospital.read(
        channel_code, lambda desk: lookup.orders(desk, card_no, start_date, end_date)
    )


@OPERATIONS.publish(
    _ORDER, channel_code=code.ChannelCode, card_no=code.CardNo, order_no=code.OrderNo
)
def query_order(hospital: Hospital, channel_code: str, card_no: str, order_no: str) -> Reply:
    """Tell one registration of a card."""
    return hospital.read(channel_code, lambda desk: lookup.order(desk, card_no, order_no))


@OPERATIONS.publish(
    {"Trade": optional(wire.Trade)}, channel_code=code.ChannelCode, serial=code.PlatformSerial
)
def query_by_serial(hospital: Hospital, channel_code: str, serial: str) -> Reply:
    """Tell what became of a write, by its serial."""
    return hospital.read(channel_code, lambda desk: lookup.by_serial(desk, serial))


@OPERATIONS.publish(
    {"ChangeList": optional(wire.ChangeList)},
    channel_code=code.ChannelCode,
    start_time=code.LocalTime,
    end_time=code.LocalTime,
    kind=optional(code.ChangeKind),
)
def query_changes(
    hospital: Hospital,
    channel_code: str,
    start_time: datetime,
    end_time: datetime,
    kind: str | None,
) -> Reply:
    """List what the hospital changed by itself, from the start up to but not at the end."""
    return hospital.read(channel_code, lambda desk: changes.query(desk, start_time, end_time, kind))


@OPERATIONS.publish({"Rules": optional(wire.Rules)}, channel_code=code.ChannelCode)
def query_rules(hospital: Hospital, channel_code: str) -> Reply:
    """Tell the booking rules."""
    return hospital.read(channel_code, status.rules)


@OPERATIONS.publish(
    {
        "HospitalTime": optional(code.LocalTime),
        "FunctionList": optional(wire.FunctionList),
    },
    channel_code=code.ChannelCode,
)
def query_status(hospital: Hospital, channel_code: str) -> Reply:
    """Tell the hospital's time and which functions are open."""
    return hospital.read(channel_code, status.functions)


@OPERATIONS.publish(
    {
        "Summary": optional(wire.Summary),
        "PageCount": optional(code.Count),
        "RecordList": optional(wire.RecordList),
    },
    channel_code=code.ChannelCode,
    record_date=code.LocalDate,
    page_no=code.PageNo,
    page_size=code.PageSize,
)
def query_daily_records(
    hospital: Hospital, channel_code: str, record_date: date, page_no: int, page_size: int
) -> Reply:
    """List a day's payments and refunds of this channel, paged, with the day's totals."""
    return hospital.read(
        channel_code, lambda desk: statements.daily(desk, record_date, page_no, page_size)
    )
