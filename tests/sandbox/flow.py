"""The steps that tests of booking begin with."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tests.sandbox.world import CHANNEL, World, serial


def hold(service: Any, slot: str, card: str, channel: str = CHANNEL) -> Any:
    """Hold a place; the reply's hold."""
    reply = service.LockSlot(
        PlatformSerial=serial(), ChannelCode=channel, SlotCode=slot, CardNo=card
    )
    assert reply.ResultCode == "0", reply.ResultMsg
    return reply.Hold


def book(service: Any, slot: str, card: str, channel: str = CHANNEL) -> Any:
    """Hold and book; the reply's order."""
    held = hold(service, slot, card, channel)
    reply = service.Book(
        PlatformSerial=serial(), ChannelCode=channel, HoldCode=held.HoldCode, CardNo=card
    )
    assert reply.ResultCode == "0", reply.ResultMsg
    return reply.Order


def pay(service: Any, order: Any, *, amount: Decimal | None = None, of: str | None = None) -> Any:
    """Pay an order's fee, or what is said; the whole reply."""
    return service.PayRegistration(
        PlatformSerial=of or serial(),
        ChannelCode=CHANNEL,
        OrderNo=order.OrderNo,
        CardNo=order.CardNo,
        PayChannel="1",
        PayTransNo=f"WX{serial()}",
        PayTime="2026-03-10T09:05:00",
        Amount=order.RegFee if amount is None else amount,
    )


def cancel(service: Any, order: Any, channel: str = CHANNEL) -> Any:
    """Cancel an order; the whole reply."""
    return service.CancelRegistration(
        PlatformSerial=serial(), ChannelCode=channel, OrderNo=order.OrderNo, CardNo=order.CardNo
    )


def take(service: Any, order: Any) -> Any:
    """Take an order's number; the whole reply."""
    return service.TakeNumber(
        PlatformSerial=serial(), ChannelCode=CHANNEL, OrderNo=order.OrderNo, CardNo=order.CardNo
    )


def actions(order: Any) -> dict[str, tuple[str, str | None]]:
    """Return what may be done: action code to allowed and reason."""
    return {one.ActionCode: (one.Allowed, one.Reason) for one in order.ActionList.Action}


def booked(world: World, service: Any) -> Any:
    """Book an unused slot for an unused patient; the order."""
    return book(service, world.slot(), world.patient())


def booked_in_own_session(world: World, service: Any) -> Any:
    """Book in a session that nobody else has booked in; the order."""
    return book(service, world.slot_of_own_session(), world.patient())
