"""A serial acts once, whoever repeats it and whenever."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from zeep import helpers

from tests.sandbox import flow
from tests.sandbox.together import together
from tests.sandbox.world import CHANNEL, World, serial

_TWINS = 8


_told: Any = helpers.serialize_object  # zeep's types stop short of it


def test_a_repeat_answers_as_the_first_and_acts_no_more(world: World, service: Any) -> None:
    """Also when the order has changed since, and also when the body is another."""
    card, held = world.patient(), None
    held = flow.hold(service, world.slot(), card)
    mine = serial()
    request = {"PlatformSerial": mine, "ChannelCode": CHANNEL, "CardNo": card}
    first = service.Book(**request, HoldCode=held.HoldCode)
    flow.pay(service, first.Order)
    repeated = service.Book(**request, HoldCode=held.HoldCode)
    other_body = service.Book(**request, HoldCode="H000000000000000")
    assert _told(repeated) == _told(first)
    assert _told(other_body) == _told(first)
    assert world.effects(mine) == ["booked"]


def test_a_refusal_is_kept_too(world: World, service: Any) -> None:
    """What was refused stays refused under its serial, though it would now be possible."""
    order, mine = flow.booked(world, service), serial()
    request = {
        "PlatformSerial": mine,
        "ChannelCode": CHANNEL,
        "OrderNo": order.OrderNo,
        "CardNo": order.CardNo,
    }
    assert service.TakeNumber(**request).ResultCode == "2010"
    flow.pay(service, order)
    assert service.TakeNumber(**request).ResultCode == "2010"
    assert world.effects(mine) == []


def test_concurrent_twins_act_once_and_are_answered_alike(world: World) -> None:
    """Eight of the same call at once: one hold, one ledger row, eight equal answers."""
    card, slot, mine = world.patient(), world.slot(), serial()
    services = [world.service for _ in range(_TWINS)]
    request = {"PlatformSerial": mine, "ChannelCode": CHANNEL, "SlotCode": slot, "CardNo": card}
    replies = together([partial(one.LockSlot, **request) for one in services])
    told = [_told(reply) for reply in replies]
    assert told == [told[0]] * _TWINS
    assert told[0]["ResultCode"] == "0"
    assert world.effects(mine) == ["slot-held"]
    assert len(world.rows("SELECT 1 FROM place WHERE slot_code = :s", s=slot)) == 1


def test_a_slot_has_as_many_holders_as_places(world: World) -> None:
    """More patients than places: each place once, the others are told that it is taken."""
    slot = world.slot()
    capacity = world.row("SELECT capacity FROM slot WHERE code = :s", s=slot)["capacity"]
    wanting = capacity + 4
    cards = [world.patient() for _ in range(wanting)]
    services = [world.service for _ in range(wanting)]
    replies = together(
        [
            partial(
                one.LockSlot,
                PlatformSerial=serial(),
                ChannelCode=("VIDEO", "HOSPAPP")[index % 2],
                SlotCode=slot,
                CardNo=cards[index],
            )
            for index, one in enumerate(services)
        ]
    )
    codes = sorted(reply.ResultCode for reply in replies)
    assert codes == ["0"] * capacity + ["2001"] * 4
    numbers = [reply.Hold.QueueNo for reply in replies if reply.Hold]
    assert len(set(numbers)) == capacity


def test_a_channel_has_no_more_than_its_quota(world: World, service: Any) -> None:
    """When 114 has had its part of a session, this platform still has its own."""
    schedule = world.slot_of_own_session()[:-2]
    places = [
        row["code"]
        for row in world.rows(
            "SELECT code, capacity FROM slot WHERE schedule_code = :s ORDER BY code", s=schedule
        )
        for _ in range(row["capacity"])
    ]
    quota = world.row(
        "SELECT places FROM quota WHERE schedule_code = :s AND channel = 'P114'", s=schedule
    )["places"]
    used = len(
        world.rows("SELECT 1 FROM place WHERE schedule_code = :s AND channel = 'P114'", s=schedule)
    )
    codes = [
        service.LockSlot(
            PlatformSerial=serial(), ChannelCode="P114", SlotCode=one, CardNo=world.patient()
        ).ResultCode
        for one in places
    ]
    assert 0 < quota - used < len(places)
    assert codes.count("0") == quota - used
    assert codes[-1] == "2001"
    left = service.QuerySlots(ChannelCode="P114", ScheduleCode=schedule).SlotList.Slot
    assert {one.Remain for one in left} == {0}
    ours = service.QuerySlots(ChannelCode=CHANNEL, ScheduleCode=schedule).SlotList.Slot
    assert sum(one.Remain for one in ours) > 0


def test_a_trade_is_told_by_serial_as_it_was_answered(world: World, service: Any) -> None:
    """The trade carries the write's own answer; an unknown serial is no data."""
    card, slot, mine = world.patient(), world.slot(), serial()
    first = service.LockSlot(PlatformSerial=mine, ChannelCode=CHANNEL, SlotCode=slot, CardNo=card)
    found = service.QueryBySerial(ChannelCode=CHANNEL, Serial=mine)
    assert found.ResultCode == "0"
    assert (found.Trade.TradeType, found.Trade.ResultCode) == ("LockSlot", "0")
    assert _told(found.Trade.Hold) == _told(first.Hold)
    assert service.QueryBySerial(ChannelCode="HOSPAPP", Serial=mine).ResultCode == "1"
    assert service.QueryBySerial(ChannelCode=CHANNEL, Serial=serial()).ResultCode == "1"


def test_a_failure_of_the_system_keeps_nothing(
    world: World, service: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After -99 the serial is free, and the same call succeeds."""
    card, slot, mine = world.patient(), world.slot(), serial()
    request = {"PlatformSerial": mine, "ChannelCode": CHANNEL, "SlotCode": slot, "CardNo": card}
    with monkeypatch.context() as broken:
        broken.setattr("sandbox.hospital.booking.left_in_slots", lambda *_: 1 / 0)
        assert service.LockSlot(**request).ResultCode == "-99"
    assert service.QueryBySerial(ChannelCode=CHANNEL, Serial=mine).ResultCode == "1"
    assert service.LockSlot(**request).ResultCode == "0"
