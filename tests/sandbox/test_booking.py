"""Booking, from departments to the number in hand, compared with the database."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.sandbox import flow
from tests.sandbox.world import CHANNEL, OPENED, World, serial


def test_departments_doctors_and_schedules_are_those_of_the_database(
    world: World, service: Any
) -> None:
    """What is offered is what the tables hold, in their order."""
    departments = service.QueryDepartments(ChannelCode=CHANNEL).DepartmentList.Department
    assert [one.DeptCode for one in departments] == [
        row["code"] for row in world.rows("SELECT code FROM department ORDER BY code")
    ]
    assert len(departments) >= 20
    doctors = service.QueryDoctors(ChannelCode=CHANNEL, DeptCode="0101").DoctorList.Doctor
    expected = world.rows("SELECT * FROM doctor WHERE dept_code = '0101' ORDER BY code")
    assert [(one.DoctorCode, one.DoctorName, one.TitleCode) for one in doctors] == [
        (row["code"], row["name"], row["title"]) for row in expected
    ]
    one = service.QueryDoctor(ChannelCode=CHANNEL, DoctorCode=doctors[0].DoctorCode).Doctor
    assert one == doctors[0]
    schedules = service.QuerySchedules(
        ChannelCode=CHANNEL, DeptCode="0101", StartDate="2026-03-10", EndDate="2026-03-31"
    ).ScheduleList.Schedule
    expected = world.rows(
        "SELECT code, fee_fen, total FROM schedule WHERE dept_code = '0101'"
        " AND clinic_date >= '2026-03-10' ORDER BY clinic_date, period, code"
    )
    assert [(s.ScheduleCode, int(s.RegFee * 100), s.TotalCount) for s in schedules] == [
        (row["code"], row["fee_fen"], row["total"]) for row in expected
    ]
    assert max(one.ClinicDate for one in schedules) == OPENED.date() + timedelta(days=7)


def test_a_held_booked_paid_number_is_taken_with_one_effect_each(
    world: World, service: Any
) -> None:
    """The whole way, each step told alike by its reply, by a query and by SQL."""
    card, slot = world.patient(), world.slot()
    serials = [serial() for _ in range(4)]
    held = service.LockSlot(
        PlatformSerial=serials[0], ChannelCode=CHANNEL, SlotCode=slot, CardNo=card
    ).Hold
    assert held.QueueNo is not None
    assert held.ExpireTime > OPENED
    order = service.Book(
        PlatformSerial=serials[1], ChannelCode=CHANNEL, HoldCode=held.HoldCode, CardNo=card
    ).Order
    assert (order.State, order.Origin, order.OrderKind) == ("2", "1", "2")
    assert (order.QueueNo, order.RegFee) == (held.QueueNo, held.RegFee)
    assert flow.actions(order) == {"1": ("Y", None), "2": ("Y", None), "3": ("N", "04")}
    paid = flow.pay(service, order, of=serials[2]).Order
    assert (paid.State, paid.PaidAmount, paid.ExpireTime) == ("6", order.RegFee, None)
    assert flow.actions(paid) == {"1": ("N", "01"), "2": ("Y", None), "3": ("N", "02")}
    starts = datetime.combine(order.ClinicDate, datetime.min.time()) + timedelta(
        hours=int(order.StartTime[:2]), minutes=int(order.StartTime[3:])
    )
    with world.time(starts - timedelta(minutes=30)):
        taken = service.TakeNumber(
            PlatformSerial=serials[3], ChannelCode=CHANNEL, OrderNo=order.OrderNo, CardNo=card
        ).Order
        again = flow.take(service, order)
        looked_up = service.QueryOrder(
            ChannelCode=CHANNEL, CardNo=card, OrderNo=order.OrderNo
        ).Order
    assert (taken.State, taken.QueueNo) == ("3", held.QueueNo)
    assert (again.ResultCode, again.Order) == ("0", taken)
    assert looked_up == taken
    row = world.row("SELECT * FROM registration WHERE order_no = :no", no=order.OrderNo)
    assert (row["state"], row["slot_code"], row["card_no"]) == ("3", slot, card)
    assert row["paid_fen"] == int(order.RegFee * 100)
    assert [world.effects(one) for one in serials] == [
        ["slot-held"],
        ["booked"],
        ["paid"],
        ["number-taken"],
    ]


def test_cancelling_refunds_and_cancelling_again_is_done(world: World, service: Any) -> None:
    """Money comes back once, the place is free again, and a second cancel says so too."""
    order = flow.booked(world, service)
    flow.pay(service, order)
    first = flow.cancel(service, order)
    second = flow.cancel(service, order)
    assert (first.Order.State, first.Order.CancelledBy) == ("5", "1")
    assert first.Order.RefundAmount == order.RegFee
    assert (second.ResultCode, second.Order) == ("0", first.Order)
    refunds = world.rows(
        "SELECT amount_fen FROM money_record WHERE order_no = :no AND direction = '2'",
        no=order.OrderNo,
    )
    assert [row["amount_fen"] for row in refunds] == [int(order.RegFee * 100)]
    assert world.rows("SELECT 1 FROM place WHERE slot_code = :s", s=order.SlotCode) == []
    assert flow.pay(service, order).ResultCode == "2014"


def test_a_hold_let_go_cannot_be_booked(world: World, service: Any) -> None:
    """Letting go frees the place, may be repeated, and ends the hold."""
    card, slot = world.patient(), world.slot()
    held = flow.hold(service, slot, card)
    for _ in range(2):
        let_go = service.UnlockSlot(
            PlatformSerial=serial(), ChannelCode=CHANNEL, HoldCode=held.HoldCode, CardNo=card
        )
        assert (let_go.ResultCode, let_go.Hold) == ("0", held)
    refused = service.Book(
        PlatformSerial=serial(), ChannelCode=CHANNEL, HoldCode=held.HoldCode, CardNo=card
    )
    assert (refused.ResultCode, refused.Order) == ("2017", None)
    assert world.rows("SELECT 1 FROM place WHERE slot_code = :s", s=slot) == []


def test_what_is_not_this_cards_does_not_exist(world: World, service: Any) -> None:
    """A stranger's hold or order is answered like one that never was."""
    order, stranger = flow.booked(world, service), world.patient()
    held = flow.hold(service, world.slot(), world.patient())
    order.CardNo = stranger
    assert flow.pay(service, order).ResultCode == "2009"
    assert flow.cancel(service, order).ResultCode == "2009"
    assert flow.take(service, order).ResultCode == "2009"
    assert (
        service.QueryOrder(ChannelCode=CHANNEL, CardNo=stranger, OrderNo=order.OrderNo).ResultCode
        == "1"
    )
    for hold_code in (held.HoldCode, "H000000000000000"):
        refused = service.Book(
            PlatformSerial=serial(), ChannelCode=CHANNEL, HoldCode=hold_code, CardNo=stranger
        )
        assert refused.ResultCode == "2009"


@pytest.mark.parametrize(
    ("amount", "code"), [(Decimal("0.01"), "2016"), (Decimal("9999.00"), "2016")]
)
def test_another_amount_is_not_taken(
    world: World, service: Any, amount: Decimal, code: str
) -> None:
    """The fee is the fee."""
    order = flow.booked(world, service)
    assert flow.pay(service, order, amount=amount).ResultCode == code
    assert flow.pay(service, order).ResultCode == "0"
    assert flow.pay(service, order).ResultCode == "2015"


def test_bookings_of_other_channels_are_listed_and_their_fee_can_be_paid(
    world: World, service: Any
) -> None:
    """A 114 booking with a fee due is paid here, its number taken, but not cancelled here."""
    due = world.rows(
        "SELECT order_no, card_no FROM registration JOIN schedule"
        " ON schedule.code = registration.schedule_code"
        " WHERE channel = 'P114' AND state = '2' AND clinic_date > '2026-03-10'"
    )[0]
    orders = service.QueryOrders(ChannelCode=CHANNEL, CardNo=due["card_no"]).OrderList.Order
    (order,) = [one for one in orders if one.OrderNo == due["order_no"]]
    assert (order.Origin, order.State, order.HoldCode) == ("2", "2", None)
    assert flow.actions(order) == {"1": ("Y", None), "2": ("N", "06"), "3": ("N", "04")}
    assert flow.take(service, order).ResultCode == "2010"
    assert flow.cancel(service, order).ResultCode == "2013"
    assert flow.pay(service, order).Order.State == "6"


def test_the_hospital_refuses_whom_a_department_does_not_see(world: World, service: Any) -> None:
    """No man at gynaecology, no adult at paediatrics."""
    man = world.rows("SELECT card_no FROM card WHERE sex = '1' AND birth_date < '1990-01-01'")[0][
        "card_no"
    ]
    for kind in ("3", "4"):
        slot = world.rows(
            "SELECT slot.code AS code FROM slot JOIN schedule ON schedule.code = schedule_code"
            " JOIN department ON department.code = dept_code WHERE kind = :kind"
            " AND NOT stopped AND clinic_date = '2026-03-12'",
            kind=kind,
        )[0]["code"]
        refused = service.LockSlot(
            PlatformSerial=serial(), ChannelCode=CHANNEL, SlotCode=slot, CardNo=man
        )
        assert refused.ResultCode == "2006"


def test_a_person_has_so_many_bookings_in_a_period(world: World, service: Any) -> None:
    """The third hold of one period is over the limit."""
    card = world.patient()
    slots = world.rows(
        "SELECT min(slot.code) AS code FROM slot JOIN schedule ON schedule.code = schedule_code"
        " JOIN department ON department.code = dept_code WHERE kind = '2' AND NOT stopped"
        " AND clinic_date = '2026-03-13' AND period = '1' AND doctor_code IS NULL"
        " GROUP BY schedule.code"
    )
    codes = [
        service.LockSlot(
            PlatformSerial=serial(), ChannelCode=CHANNEL, SlotCode=row["code"], CardNo=card
        ).ResultCode
        for row in slots[:3]
    ]
    assert codes == ["0", "0", "2004"]


def test_who_did_not_turn_up_three_times_is_blocked(world: World, service: Any) -> None:
    """The seeded patient with three no-shows gets no hold."""
    notorious = world.row(
        "SELECT card_no FROM registration WHERE state = '7' GROUP BY card_no HAVING count(*) >= 3"
    )["card_no"]
    refused = service.LockSlot(
        PlatformSerial=serial(), ChannelCode=CHANNEL, SlotCode=world.slot(), CardNo=notorious
    )
    assert refused.ResultCode == "2005"


def test_a_session_opens_at_its_release_time(world: World, service: Any) -> None:
    """The last day ahead is closed before seven and open after."""
    last = world.row(
        "SELECT min(slot.code) AS code FROM slot JOIN schedule ON schedule.code = schedule_code"
        " WHERE clinic_date = '2026-03-17' AND dept_code = '0101' AND NOT stopped"
    )["code"]
    card = world.patient()
    with world.time(OPENED.replace(hour=6, minute=59)):
        early = service.LockSlot(
            PlatformSerial=serial(), ChannelCode=CHANNEL, SlotCode=last, CardNo=card
        )
        schedules = service.QuerySchedules(
            ChannelCode=CHANNEL, DeptCode="0101", StartDate="2026-03-17", EndDate="2026-03-17"
        ).ScheduleList.Schedule
        slots = service.QuerySlots(
            ChannelCode=CHANNEL, ScheduleCode=schedules[0].ScheduleCode
        ).SlotList.Slot
    assert early.ResultCode == "2002"
    assert {one.State for one in schedules} <= {"0", "3"}
    assert {one.ReleaseTime for one in slots} == {OPENED.replace(hour=7)}
    assert flow.hold(service, last, card).CardNo == card


def test_the_daily_statement_adds_up(world: World, service: Any) -> None:
    """Records of all pages are the day's money of this channel, totals and all."""
    order = flow.booked(world, service)
    flow.pay(service, order)
    flow.cancel(service, order)
    day, page = OPENED.date(), 1
    records: list[Any] = []
    while True:
        with world.time(OPENED.replace(hour=20)):  # when no refund of the day is under way
            reply = service.QueryDailyRecords(
                ChannelCode=CHANNEL, RecordDate=day, PageNo=page, PageSize=2
            )
        records += reply.RecordList.Record if reply.RecordList else []
        if page >= reply.PageCount:
            break
        page += 1
    expected = world.rows(
        "SELECT record_no, amount_fen, direction FROM money_record"
        " WHERE channel = :channel AND record_date = :day",
        channel=CHANNEL,
        day=day.isoformat(),
    )
    assert {one.RecordNo for one in records} == {row["record_no"] for row in expected}
    assert len(records) == len(expected) == reply.Summary.PayCount + reply.Summary.RefundCount
    assert reply.Summary.PayAmount * 100 == sum(
        row["amount_fen"] for row in expected if row["direction"] == "1"
    )
    assert reply.Summary.Final == "N"


def test_rules_and_status_are_told(service: Any) -> None:
    """The hospital states its rules, its time and what is open."""
    rules = service.QueryRules(ChannelCode=CHANNEL).Rules
    assert (rules.ReleaseTime, rules.DaysAhead, rules.HoldMinutes) == ("07:00", 7, 10)
    status = service.QueryStatus(ChannelCode=CHANNEL)
    assert status.HospitalTime.date() == OPENED.date()
    assert {one.FunctionCode: one.Open for one in status.FunctionList.Function} == dict.fromkeys(
        ("CARD", "SCHEDULE", "REGISTER", "PAY", "TAKE"), "Y"
    )
