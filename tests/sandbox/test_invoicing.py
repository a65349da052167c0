"""Invoices follow the money: due by a payment, issued later, taken back by a refund."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sandbox.hospital import invoicing
from sandbox.hospital.invoicing import Line
from sandbox.hospital.platform import Desk
from tests.sandbox import flow
from tests.sandbox.world import CHANNEL, OPENED, World


def _of(world: World, reference: str, colour: str) -> list[Any]:
    return world.rows(
        "SELECT * FROM invoice WHERE reference = :reference AND colour = :colour"
        " ORDER BY replaces IS NOT NULL",
        reference=reference,
        colour=colour,
    )


def _bill(world: World, reference: str, *lines: Line) -> str:
    """Pay a made-up bill through our channel; its card."""
    card = world.patient()

    def pay(desk: Desk) -> None:
        here = Desk(desk.session, desk.now, desk.rules, CHANNEL, desk.closed)
        invoicing.due(
            here, business="2", reference=reference, card_no=card, lines=lines, fund_fen=100
        )

    world.hospital.act(pay)
    return card


def _refund(world: World, reference: str, *left: Line) -> None:
    world.hospital.act(
        lambda desk: invoicing.refunded(desk, business="2", reference=reference, left=left)
    )


def test_paying_a_fee_makes_an_invoice_due(world: World, service: Any) -> None:
    """Of the fee, to the patient's name, issued some time later."""
    order = flow.booked(world, service)
    assert _of(world, order.OrderNo, "blue") == []
    flow.pay(service, order)
    (due,) = _of(world, order.OrderNo, "blue")
    name = world.row("SELECT name FROM card WHERE card_no = :no", no=order.CardNo)["name"]
    assert (due["total_fen"], due["payer"], due["channel"]) == (order.RegFee * 100, name, CHANNEL)
    assert due["issue_at"] > due["paid_at"]


def test_a_refund_before_the_invoice_leaves_none(world: World, service: Any) -> None:
    """What was never issued need not be taken back."""
    order = flow.booked(world, service)
    flow.pay(service, order)
    flow.cancel(service, order)
    assert _of(world, order.OrderNo, "blue") == _of(world, order.OrderNo, "red") == []


def test_a_refund_takes_the_invoice_back_and_tells(world: World, service: Any) -> None:
    """A red one of the negative amount names the blue one, and the channel learns of it."""
    order = flow.booked(world, service)
    flow.pay(service, order)
    with world.time(OPENED + timedelta(minutes=5)):
        flow.cancel(service, order)
    (blue,), (red,) = _of(world, order.OrderNo, "blue"), _of(world, order.OrderNo, "red")
    assert (blue["reversed_by"], red["reverses"]) == (red["invoice_no"], blue["invoice_no"])
    assert red["total_fen"] == -blue["total_fen"]
    event = world.row("SELECT * FROM change_event WHERE invoice_no = :no", no=blue["invoice_no"])
    assert (event["kind"], event["channel"]) == ("6", CHANNEL)


def test_what_was_not_refunded_gets_a_new_invoice(world: World) -> None:
    """A partial refund takes the whole invoice back and issues one for the rest."""
    kept, returned = Line("西药费", 2350), Line("检查费", 12000)
    _bill(world, "B1", kept, returned)
    with world.time(OPENED + timedelta(minutes=5)):
        _refund(world, "B1", kept)
    old, new = _of(world, "B1", "blue")
    (red,) = _of(world, "B1", "red")
    assert old["reversed_by"] == red["invoice_no"]
    assert (new["replaces"], new["total_fen"]) == (old["invoice_no"], 2350)
    assert (old["fund_fen"], red["fund_fen"], new["fund_fen"]) == (100, -100, 0)
    lines = world.rows(
        "SELECT name, amount_fen FROM invoice_item WHERE invoice_no = :no ORDER BY line",
        no=red["invoice_no"],
    )
    assert [tuple(one.values()) for one in lines] == [("西药费", -2350), ("检查费", -12000)]
    with world.time(OPENED + timedelta(minutes=10)):
        _refund(world, "B1")
    assert all(one["reversed_by"] for one in _of(world, "B1", "blue"))


def test_a_partial_refund_before_the_invoice_lowers_it(world: World) -> None:
    """One invoice of the rest, and nothing taken back."""
    kept = Line("西药费", 2350)
    _bill(world, "B2", kept, Line("检查费", 12000))
    _refund(world, "B2", kept)
    (only,) = _of(world, "B2", "blue")
    assert (only["total_fen"], only["replaces"]) == (2350, None)
    assert _of(world, "B2", "red") == []
