"""What the hospital changes by itself appears in the changes, for whom it concerns."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from tests.sandbox import flow
from tests.sandbox.world import CHANNEL, OPENED, World


def _changes(service: Any, schedule: str, channel: str = CHANNEL) -> list[Any]:
    reply = service.QueryChanges(
        ChannelCode=channel, StartTime=OPENED, EndTime=OPENED + timedelta(days=1)
    )
    told = reply.ChangeList.Change if reply.ChangeList else []
    return [one for one in told if one.ScheduleCode == schedule]


def _order(service: Any, order: Any) -> Any:
    return service.QueryOrder(ChannelCode=CHANNEL, CardNo=order.CardNo, OrderNo=order.OrderNo).Order


def test_stopping_a_session_cancels_refunds_and_tells(world: World, service: Any) -> None:
    """Paid orders come back with their money; others see the stop and not whose order it was."""
    order = flow.booked_in_own_session(world, service)
    flow.pay(service, order)
    held = flow.hold(service, order.SlotCode, world.patient())
    told = world.control("POST", f"/schedules/{order.ScheduleCode}/stop", {"reason": "医生外出"})
    assert order.OrderNo in told["orders"]
    after = _order(service, order)
    assert (after.State, after.CancelledBy, after.RefundAmount) == ("5", "2", order.RegFee)
    mine = _changes(service, order.ScheduleCode)
    assert sorted((one.Kind, one.OrderNo) for one in mine if one.OrderNo) == [
        ("4", order.OrderNo),
        ("5", order.OrderNo),
    ]
    assert [one.Kind for one in mine if one.OrderNo is None] == ["1"]
    elsewhere = _changes(service, order.ScheduleCode, "HOSPAPP")
    assert [(one.Kind, one.CardNo) for one in elsewhere] == [("1", None)]
    late = service.LockSlot(
        PlatformSerial="0" * 31 + "1",
        ChannelCode=CHANNEL,
        SlotCode=order.SlotCode,
        CardNo=held.CardNo,
    )
    assert late.ResultCode == "2003"


def test_a_stopped_order_is_replaced_where_there_is_a_replacement(
    world: World, service: Any
) -> None:
    """The old order names the new one, which is to be paid."""
    order = flow.booked_in_own_session(world, service)
    instead = world.row(
        "SELECT min(code) AS code FROM schedule WHERE dept_code = :dept AND NOT stopped"
        " AND clinic_date = '2026-03-16'",
        dept=order.DeptCode,
    )["code"]
    path = f"/schedules/{order.ScheduleCode}/stop"
    world.control("POST", path, {"reason": "调班", "replacement": instead})
    after = _order(service, order)
    assert (after.State, after.CancelledBy) == ("4", "2")
    replacement = service.QueryOrder(
        ChannelCode=CHANNEL, CardNo=order.CardNo, OrderNo=after.ReplacedBy
    ).Order
    assert (replacement.State, replacement.ScheduleCode) == ("2", instead)
    assert replacement.Origin == "1"


def test_moving_a_session_takes_its_orders_along(world: World, service: Any) -> None:
    """The order has the new date, period and time."""
    order = flow.booked_in_own_session(world, service)
    moved = {"date": "2026-03-17", "period": "2", "reason": "调整出诊时间"}
    assert order.PeriodCode in ("1", "2", "3")
    world.control("POST", f"/schedules/{order.ScheduleCode}/move", moved)
    after = _order(service, order)
    assert (after.ClinicDate, after.PeriodCode, after.State) == (date(2026, 3, 17), "2", "2")
    assert "13:30" <= after.StartTime < "17:30"
    (change,) = [
        one for one in _changes(service, order.ScheduleCode) if one.OrderNo == order.OrderNo
    ]
    assert (change.Kind, change.NewClinicDate, change.NewPeriodCode) == (
        "2",
        date(2026, 3, 17),
        "2",
    )


def test_a_replaced_doctor_is_told(world: World, service: Any) -> None:
    """The order has the new doctor's name."""
    order = flow.booked_in_own_session(world, service)
    other = world.row(
        "SELECT max(code) AS code FROM doctor WHERE dept_code = :d AND code <> :c",
        d=order.DeptCode,
        c=order.DoctorCode,
    )["code"]
    world.control("POST", f"/schedules/{order.ScheduleCode}/replace-doctor", {"doctor": other})
    assert _order(service, order).DoctorCode == other
    kinds = {one.Kind for one in _changes(service, order.ScheduleCode)}
    assert "3" in kinds


def test_what_would_change_nothing_is_refused_and_not_told(world: World, service: Any) -> None:
    """A session cannot be moved to where it is, nor be given to the doctor who has it."""
    order = flow.booked_in_own_session(world, service)
    path = f"/schedules/{order.ScheduleCode}"
    here = {"date": order.ClinicDate.isoformat()}
    for act, wish in (
        ("move", here),
        ("move", here | {"period": order.PeriodCode}),
        ("replace-doctor", {"doctor": order.DoctorCode}),
    ):
        refused = world.control("POST", f"{path}/{act}", wish)
        assert (refused["status"], refused["code"]) == (409, "2008")
    assert _changes(service, order.ScheduleCode) == []


def test_a_refund_at_the_window_is_told_and_cannot_be_had_twice(world: World, service: Any) -> None:
    """The order is refunded by the hospital, and cancelling it then is done without effect."""
    order = flow.booked_in_own_session(world, service)
    flow.pay(service, order)
    path = f"/orders/{order.OrderNo}/window-refund"
    assert world.control("POST", path, {})["orders"] == [order.OrderNo]
    after = _order(service, order)
    assert (after.State, after.CancelledBy) == ("5", "2")
    assert world.control("POST", path, {})["status"] == 409
    assert flow.cancel(service, order).Order == after
    refunds = world.rows(
        "SELECT channel FROM money_record WHERE order_no = :no AND direction = '2'",
        no=order.OrderNo,
    )
    assert [row["channel"] for row in refunds] == [CHANNEL]


def test_a_closed_function_refuses_and_says_when_it_opens(world: World, service: Any) -> None:
    """Closing holds back holds; reading goes on."""
    world.control("POST", "/functions/REGISTER", {"open": False, "reopen": "2026-03-10T12:00:00"})
    try:
        card, slot = world.patient(), world.slot()
        refused = service.LockSlot(
            PlatformSerial="0" * 31 + "2", ChannelCode=CHANNEL, SlotCode=slot, CardNo=card
        )
        assert refused.ResultCode == "2013"
        told = service.QueryStatus(ChannelCode=CHANNEL).FunctionList.Function
        (register,) = [one for one in told if one.FunctionCode == "REGISTER"]
        assert (register.Open, register.ReopenTime) == ("N", OPENED.replace(hour=12))
    finally:
        world.control("POST", "/functions/REGISTER", {"open": True})
