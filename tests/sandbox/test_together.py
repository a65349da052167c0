"""Many writers for one thing at the same moment: one effect, and the others are told why not."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date
from functools import partial
from typing import Any

import pytest

from sandbox.hospital import identity
from tests.sandbox import flow
from tests.sandbox.cashdesk import Cashdesk, bill, code, paid
from tests.sandbox.together import together
from tests.sandbox.world import CHANNEL, World, serial

_WRITERS = 8


@pytest.fixture(scope="module")
def services(world: World) -> list[Any]:
    """A service for each writer."""
    return [world.service for _ in range(_WRITERS)]


def _effects(world: World, column: str, of: str) -> Counter[str]:
    rows = world.rows(f"SELECT kind FROM ledger WHERE {column} = :of", of=of)
    return Counter(row["kind"] for row in rows)


def test_a_hold_is_booked_once(world: World, services: list[Any]) -> None:
    """Under as many serials: who comes second is told that it is booked."""
    slot, card = world.slot(), world.patient()
    held = flow.hold(services[0], slot, card)
    replies = together(
        [
            partial(
                one.Book,
                PlatformSerial=serial(),
                ChannelCode=CHANNEL,
                HoldCode=held.HoldCode,
                CardNo=card,
            )
            for one in services
        ]
    )
    assert Counter(reply.ResultCode for reply in replies) == {"0": 1, "2013": _WRITERS - 1}
    assert _effects(world, "slot_code", slot) == {"slot-held": 1, "booked": 1}


def test_an_order_is_paid_cancelled_and_refunded_once(world: World, services: list[Any]) -> None:
    """One payment; of the cancellations, each of which is done, one pays it back."""
    order = flow.booked(world, services[0])
    payments = together([partial(flow.pay, one, order) for one in services])
    assert Counter(reply.ResultCode for reply in payments) == {"0": 1, "2015": _WRITERS - 1}
    cancellations = together([partial(flow.cancel, one, order) for one in services])
    assert {reply.ResultCode for reply in cancellations} == {"0"}
    assert len({reply.Order.RefundNo for reply in cancellations}) == 1
    once = {"booked": 1, "paid": 1, "cancelled": 1, "refunded": 1}
    assert _effects(world, "order_no", order.OrderNo) == once


def test_the_window_and_the_patient_cancel_once(world: World, services: list[Any]) -> None:
    """Whoever comes first, the money goes back once, and the session's stop takes nobody along."""
    order = flow.booked_in_own_session(world, services[0])
    flow.pay(services[0], order)
    stop, refund = f"/schedules/{order.ScheduleCode}/stop", f"/orders/{order.OrderNo}/window-refund"
    together(
        [
            partial(world.control, "POST", stop, {"reason": "停诊"}),
            partial(world.control, "POST", refund, {}),
            *(partial(flow.cancel, one, order) for one in services),
        ]
    )
    effects = _effects(world, "order_no", order.OrderNo)
    assert (effects["cancelled"], effects["refunded"]) == (1, 1)
    invoices = world.rows("SELECT 1 FROM invoice WHERE reference = :no", no=order.OrderNo)
    assert invoices == []


def test_a_patient_has_no_more_than_the_limit(world: World, services: list[Any]) -> None:
    """Holds of one period in different sessions: each decides on what the others have done."""
    card = world.patient()
    slots = world.rows(
        "SELECT min(slot.code) AS code FROM slot JOIN schedule ON schedule.code = schedule_code"
        " JOIN department ON department.code = dept_code WHERE kind IN ('1', '2') AND NOT stopped"
        " AND clinic_date = '2026-03-14' AND period = '1' GROUP BY schedule.code"
        " ORDER BY schedule.code DESC LIMIT :many",
        many=_WRITERS,
    )
    replies = together(
        [
            partial(
                one.LockSlot,
                PlatformSerial=serial(),
                ChannelCode=CHANNEL,
                SlotCode=row["code"],
                CardNo=card,
            )
            for one, row in zip(services, slots, strict=True)
        ]
    )
    assert Counter(reply.ResultCode for reply in replies) == {"0": 2, "2004": _WRITERS - 2}
    assert len(world.rows("SELECT 1 FROM place WHERE card_no = :no", no=card)) == 2


def test_a_person_gets_one_card(world: World, services: list[Any]) -> None:
    """From everyone who asks at once, under one name and under two."""
    for place, names in enumerate((("测试甲",), ("测试甲", "测试乙"))):
        number = identity.compose("110105", date(1986, 3, 1 + place), 33)
        replies = together(
            [
                partial(
                    one.CreateCard,
                    PlatformSerial=serial(),
                    ChannelCode=CHANNEL,
                    Name=names[index % len(names)],
                    DocType="01",
                    DocNo=number,
                    Phone="13900000009",
                    Relation="0",
                    VerifyMethod="1",
                    VerifyTime="2026-03-10T08:59:00",
                )
                for index, one in enumerate(services)
            ]
        )
        told = Counter(reply.ResultCode for reply in replies)
        known = _WRITERS // len(names) - 1
        assert told == Counter({"0": 1, "2011": known, "2012": _WRITERS - 1 - known})
        assert len(world.rows("SELECT 1 FROM card WHERE doc_no = :no", no=number)) == 1


def test_a_bill_is_paid_once_by_as_many_quotes(world: World) -> None:
    """Nothing but the bill itself decides, whether here or at the window."""
    card, number = bill(world)
    desks = [Cashdesk(world) for _ in range(_WRITERS)]
    quotes = [desk.quote(card, number) for desk in desks]
    replies = together(
        [partial(desk.pay, quote) for desk, quote in zip(desks, quotes, strict=True)]
        + [partial(world.control, "POST", f"/bills/{number}/window-pay")]
    )
    told = Counter(code(reply) for reply in replies[:_WRITERS])
    at_window = "payment" in replies[_WRITERS]
    assert told == Counter({"0": 1 - at_window, "14": _WRITERS - 1 + at_window})
    assert _effects(world, "bill_no", number) == {"bill-paid": 1}


def test_an_item_is_paid_back_once(world: World) -> None:
    """The same item from everyone at once: one refund, one effect, one movement of money."""
    desks = [Cashdesk(world) for _ in range(_WRITERS)]
    payment = paid(world, desks[0])
    pay_no, number = payment.findtext("PAYNO"), payment.findtext("BILLNO")
    item = world.rows(
        "SELECT amount_fen - fund_fen AS fee FROM bill_item WHERE bill_no = :no AND item_no = '01'",
        no=number,
    )[0]
    amount = f"{item['fee'] // 100}.{item['fee'] % 100:02d}"
    replies = together([partial(one.refund, payment, ["01"], amount) for one in desks])
    told = Counter(code(reply) for reply in replies)
    assert told["0"] == 1
    assert set(told) <= {"0", "18", "21"}
    assert _effects(world, "bill_no", number) == {"bill-paid": 1, "bill-refunded": 1}
    moved = world.rows(
        "SELECT amount_fen FROM money_record WHERE pay_no = :no AND direction = '2'", no=pay_no
    )
    assert [row["amount_fen"] for row in moved] == [item["fee"]]


def test_a_crowd_leaves_the_tables_in_order(world: World, services: list[Any]) -> None:
    """All do anything with the same few slots and patients: nothing fails, nothing is doubled."""
    slots = [world.slot_of_own_session() for _ in range(2)]
    cards = [world.patient() for _ in range(4)]

    def live(service: Any, chance: random.Random) -> Counter[str]:
        told: Counter[str] = Counter()
        for _ in range(4):
            card, slot = chance.choice(cards), chance.choice(slots)
            held = service.LockSlot(
                PlatformSerial=serial(), ChannelCode=CHANNEL, SlotCode=slot, CardNo=card
            )
            told[held.ResultCode] += 1
            if held.Hold is None:
                continue
            booked = service.Book(
                PlatformSerial=serial(),
                ChannelCode=CHANNEL,
                HoldCode=held.Hold.HoldCode,
                CardNo=card,
            )
            told[booked.ResultCode] += 1
            for pays in chance.sample((True, True, False, False), 3):
                done = (flow.pay if pays else flow.cancel)(service, booked.Order)
                told[done.ResultCode] += 1
        return told

    lives = [partial(live, one, random.Random(n)) for n, one in enumerate(services)]
    assert set().union(*together(lives)) <= {"0", "2001", "2004", "2014", "2015"}
    for slot in slots:
        capacity = world.row("SELECT capacity FROM slot WHERE code = :s", s=slot)["capacity"]
        assert len(world.rows("SELECT 1 FROM place WHERE slot_code = :s", s=slot)) <= capacity
        for order in world.rows("SELECT * FROM registration WHERE slot_code = :s", s=slot):
            effects = _effects(world, "order_no", order["order_no"])
            assert max(effects.values()) == 1
            assert effects["paid"] == (order["paid_fen"] is not None)
            assert effects["refunded"] == (order["refund_fen"] is not None)
