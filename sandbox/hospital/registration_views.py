"""How the tables' rows are told on the wire of `registration`."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sandbox.hospital import model
from sandbox.hospital import registration_types as wire
from sandbox.hospital import visits as v
from sandbox.hospital.availability import state
from sandbox.hospital.operations import Reply
from sandbox.hospital.platform import Desk
from sandbox.hospital.visits import Visit

OK, NO_DATA = "0", "1"

_PAY, _CANCEL, _TAKE = "1", "2", "3"
_DONE, _EARLY, _LATE, _DUE, _VOID, _OTHER_CHANNEL = "01", "02", "03", "04", "05", "06"
_ORIGINS = {"P114": "2", "CLINIC": "3"}


def found(**data: Any) -> Reply:
    """Answer with data, or with code 1 when there is none."""
    present = {name: value for name, value in data.items() if value is not None}
    return Reply(OK, "成功", present) if present else Reply(NO_DATA, "无数据")


def yuan(fen: int) -> Decimal:
    """Return an amount of fen in yuan, with two decimals."""
    return Decimal(fen).scaleb(-2)


def yes_no(value: bool) -> str:
    """Return Y or N."""
    return "Y" if value else "N"


def card(row: model.Card) -> wire.Card:
    """Tell a card."""
    guardian = None
    if row.guardian_name is not None:
        guardian = wire.Guardian(
            Name=row.guardian_name, DocType=row.guardian_doc_type, DocNo=row.guardian_doc_no
        )
    return wire.Card(
        CardNo=row.card_no,
        Name=row.name,
        DocType=row.doc_type,
        DocNo=row.doc_no,
        Phone=row.phone,
        SexCode=row.sex,
        BirthDate=row.birth_date,
        VerifyMethod=row.verify_method,
        VerifyTime=row.verify_time,
        Relation=row.relation,
        Guardian=guardian,
        CreateTime=row.create_time,
    )


def department(row: model.Department, campus: model.Campus) -> wire.Department:
    """Tell a department."""
    return wire.Department(
        DeptCode=row.code,
        DeptName=row.name,
        DeptKind=row.kind,
        CampusCode=campus.code,
        CampusName=campus.name,
        Location=row.location,
        Intro=row.intro,
    )


def doctor(row: model.Doctor, of: model.Department) -> wire.Doctor:
    """Tell a doctor."""
    return wire.Doctor(
        DoctorCode=row.code,
        DoctorName=row.name,
        DeptCode=of.code,
        DeptName=of.name,
        DoctorSex=row.sex,
        TitleCode=row.title,
        Speciality=row.speciality,
        OnDuty=yes_no(row.on_duty),
    )


def schedule(
    row: model.Schedule,
    of: model.Department,
    campus: model.Campus,
    by: model.Doctor | None,
    remaining: int,
    now: datetime,
) -> wire.Schedule:
    """Tell a session, with what is left in it for the asking channel."""
    return wire.Schedule(
        ScheduleCode=row.code,
        DeptCode=of.code,
        DeptName=of.name,
        DoctorCode=by.code if by else None,
        DoctorName=by.name if by else None,
        DoctorSex=by.sex if by else None,
        CampusCode=campus.code,
        CampusName=campus.name,
        ClinicDate=row.clinic_date,
        PeriodCode=row.period,
        ClinicType=row.clinic_type,
        RegFee=yuan(row.fee_fen),
        Numbered=yes_no(row.numbered),
        State=state(row, row.end_time, remaining, now),
        ReleaseTime=row.release_time,
        TotalCount=row.total,
        RemainCount=remaining,
    )


def slot(row: model.Slot, of: model.Schedule, remaining: int, now: datetime) -> wire.Slot:
    """Tell a slot; its release time is told as long as it lies ahead."""
    return wire.Slot(
        SlotCode=row.code,
        ScheduleCode=of.code,
        PeriodCode=of.period,
        StartTime=row.start_time,
        EndTime=row.end_time,
        Capacity=row.capacity,
        Remain=remaining,
        State=state(of, row.end_time, remaining, now),
        ReleaseTime=of.release_time if now < of.release_time else None,
    )


def hold(row: model.Hold) -> wire.Hold:
    """Tell a hold."""
    return wire.Hold(
        HoldCode=row.code,
        SlotCode=row.slot_code,
        ScheduleCode=row.schedule_code,
        CardNo=row.card_no,
        QueueNo=row.queue_no,
        ExpireTime=row.expire_time,
        RegFee=yuan(row.fee_fen),
    )


def order(visit: Visit, desk: Desk) -> wire.Order:
    """Tell an order as it is now, to the channel that asks."""
    row, by = visit.order, visit.doctor
    current, cancelled_by = visit.state(desk.now)
    return wire.Order(
        OrderNo=row.order_no,
        CardNo=row.card_no,
        OrderKind="1" if visit.schedule.clinic_date == row.create_time.date() else "2",
        Origin="1" if row.channel == desk.channel else _ORIGINS.get(row.channel, "4"),
        State=current,
        CancelledBy=cancelled_by,
        ReplacedBy=row.replaced_by,
        SlotCode=row.slot_code,
        ScheduleCode=row.schedule_code,
        DeptCode=visit.department.code,
        DeptName=visit.department.name,
        DoctorCode=by.code if by else None,
        DoctorName=by.name if by else None,
        CampusName=visit.campus.name,
        ClinicDate=visit.schedule.clinic_date,
        PeriodCode=visit.schedule.period,
        StartTime=visit.slot.start_time,
        EndTime=visit.slot.end_time,
        QueueNo=row.queue_no,
        RegFee=yuan(row.fee_fen),
        PaidAmount=_optional_yuan(row.paid_fen),
        PayTransNo=row.pay_trans_no,
        RefundAmount=_optional_yuan(row.refund_fen),
        RefundNo=row.refund_no,
        HoldCode=row.hold_code,
        CreateTime=row.create_time,
        ExpireTime=row.expire_time if current == v.UNPAID else None,
        ActionList=wire.ActionList(Action=_actions(visit, current, desk)),
    )


def trade(row: model.Trade, answer: Reply) -> wire.Trade:
    """Tell a trade with its first answer."""
    return wire.Trade(
        Serial=row.serial,
        TradeType=row.trade_type,
        ResultCode=answer.code,
        ResultMsg=answer.message,
        TradeTime=row.trade_time,
        **answer.data,
    )


def change(row: model.ChangeEvent) -> wire.Change:
    """Tell a change."""
    return wire.Change(
        EventId=row.event_id,
        Kind=row.kind,
        EventTime=row.event_time,
        ScheduleCode=row.schedule_code,
        OrderNo=row.order_no,
        BillNo=row.bill_no,
        PayNo=row.pay_no,
        RefundNo=row.refund_no,
        InvoiceNo=row.invoice_no,
        ReportNo=row.report_no,
        CardNo=row.card_no,
        NewClinicDate=row.new_clinic_date,
        NewPeriodCode=row.new_period,
        NewDoctorCode=row.new_doctor_code,
        RefundAmount=_optional_yuan(row.refund_fen),
        Reason=row.reason,
    )


def record(row: model.MoneyRecord) -> wire.Record:
    """Tell a movement of money."""
    return wire.Record(
        RecordNo=row.record_no,
        Direction=row.direction,
        Business=row.business,
        PlatformSerial=row.serial,
        OrderNo=row.order_no,
        BillNo=row.bill_no,
        PayNo=row.pay_no,
        CardNo=row.card_no,
        PayTransNo=row.pay_trans_no,
        RefundNo=row.refund_no,
        Amount=yuan(row.amount_fen),
        RecordTime=row.record_time,
    )


def _optional_yuan(fen: int | None) -> Decimal | None:
    return None if fen is None else yuan(fen)


def _actions(visit: Visit, current: str, desk: Desk) -> list[wire.Action]:
    if current in (v.CANCELLED, v.REFUNDED):
        return [_refused(action, _VOID) for action in (_PAY, _CANCEL, _TAKE)]
    return [
        _pay_action(visit, current),
        _cancel_action(visit, current, desk),
        _take_action(visit, current, desk),
    ]


def _pay_action(visit: Visit, current: str) -> wire.Action:
    if current != v.UNPAID:
        return _refused(_PAY, _DONE)
    return wire.Action(ActionCode=_PAY, Allowed="Y", Until=visit.pay_until())


def _cancel_action(visit: Visit, current: str, desk: Desk) -> wire.Action:
    if visit.order.channel != desk.channel:
        return _refused(_CANCEL, _OTHER_CHANNEL)
    if current == v.UNPAID:
        return wire.Action(ActionCode=_CANCEL, Allowed="Y", Until=visit.pay_until())
    until = visit.cancel_until(desk.rules)
    if current == v.PAID and desk.now <= until:
        return wire.Action(ActionCode=_CANCEL, Allowed="Y", Until=until)
    return _refused(_CANCEL, _LATE)


def _take_action(visit: Visit, current: str, desk: Desk) -> wire.Action:
    if current == v.TAKEN:
        return _refused(_TAKE, _DONE)
    if current == v.UNPAID:
        return _refused(_TAKE, _DUE)
    opens, closes = visit.take_from(desk.rules), visit.take_until(desk.rules)
    if current == v.NO_SHOW or desk.now > closes:
        return _refused(_TAKE, _LATE)
    if desk.now < opens:
        return wire.Action(ActionCode=_TAKE, Allowed="N", From=opens, Until=closes, Reason=_EARLY)
    return wire.Action(ActionCode=_TAKE, Allowed="Y", From=opens, Until=closes)


def _refused(action: str, reason: str) -> wire.Action:
    return wire.Action(ActionCode=action, Allowed="N", Reason=reason)
