"""What time does: holds and unpaid bookings end, who stays away has not turned up."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from tests.sandbox import flow
from tests.sandbox.world import CHANNEL, World, serial


def test_an_expired_hold_frees_its_place_and_cannot_be_booked(world: World, service: Any) -> None:
    """Ten minutes later another patient has the same number."""
    first, second, slot = world.patient(), world.patient(), world.slot()
    held = flow.hold(service, slot, first)
    with world.time(held.ExpireTime):
        late = service.Book(
            PlatformSerial=serial(), ChannelCode=CHANNEL, HoldCode=held.HoldCode, CardNo=first
        )
        assert late.ResultCode == "2017"
        let_go = service.UnlockSlot(
            PlatformSerial=serial(), ChannelCode=CHANNEL, HoldCode=held.HoldCode, CardNo=first
        )
        assert let_go.ResultCode == "2017"
        assert flow.hold(service, slot, second).QueueNo == held.QueueNo


def test_an_unpaid_booking_ends_by_itself(world: World, service: Any) -> None:
    """Half an hour later it is cancelled by the system and its place is free."""
    order = flow.booked(world, service)
    with world.time(order.ExpireTime - timedelta(seconds=5)):
        assert _state(service, order) == ("2", None)
    with world.time(order.ExpireTime):
        assert _state(service, order) == ("4", "3")
        assert flow.pay(service, order).ResultCode == "2014"
        cancelled = flow.cancel(service, order)
        assert (cancelled.ResultCode, cancelled.Order.CancelledBy) == ("0", "3")
        assert flow.hold(service, order.SlotCode, world.patient()).QueueNo == order.QueueNo


def test_a_paid_number_not_taken_becomes_a_no_show(world: World, service: Any) -> None:
    """After its slot has ended it can be neither taken nor cancelled."""
    order = flow.booked(world, service)
    flow.pay(service, order)
    with world.time(_at(order, order.EndTime)):
        assert _state(service, order) == ("7", None)
        assert flow.take(service, order).ResultCode == "2007"
        assert flow.cancel(service, order).ResultCode == "2007"


def test_cancelling_ends_an_hour_before_the_slot(world: World, service: Any) -> None:
    """Past the cut-off the refusal has its code and the actions say so."""
    order = flow.booked(world, service)
    flow.pay(service, order)
    with world.time(_at(order, order.StartTime) - timedelta(minutes=59)):
        assert flow.cancel(service, order).ResultCode == "2007"
        assert flow.take(service, order).Order.State == "3"
        assert flow.cancel(service, order).ResultCode == "2013"


def test_the_calendar_goes_on(world: World, service: Any) -> None:
    """When the clock is set a day on, there is a new last day."""
    before = world.hospital.clock.now()
    try:
        world.control("POST", "/clock", {"now": "2026-03-11T09:00:00"})
        reply = service.QuerySchedules(
            ChannelCode=CHANNEL, DeptCode="0101", StartDate="2026-03-18", EndDate="2026-03-18"
        )
        assert reply.ScheduleList.Schedule[0].State == "1"
    finally:
        world.hospital.clock.set(before)


def _at(order: Any, clock_time: str) -> datetime:
    return datetime.combine(order.ClinicDate, time.fromisoformat(clock_time))


def _state(service: Any, order: Any) -> tuple[str, str | None]:
    found = service.QueryOrder(
        ChannelCode=CHANNEL, CardNo=order.CardNo, OrderNo=order.OrderNo
    ).Order
    return found.State, found.CancelledBy
