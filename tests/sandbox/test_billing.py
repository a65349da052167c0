"""Bills: quoted, paid once, paid back in part; each answer held against the rows."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from zeep.exceptions import TransportError, XMLParseError

from tests.sandbox.cashdesk import Cashdesk, bill, code, fen, paid
from tests.sandbox.world import CHANNEL, OPENED, World

_LATER = timedelta(hours=1)


@pytest.fixture(scope="module")
def cashdesk(world: World) -> Cashdesk:
    """The trades, every message checked against the pack's schemas both ways."""
    return Cashdesk(world)


def _bill(cashdesk: Cashdesk, card: str, number: str) -> Any:
    return cashdesk.call("MZ2002", ("CARDNO", card), ("BILLNO", number)).find("BILL")


def _refunds(cashdesk: Cashdesk, payment: Any) -> list[Any]:
    reply = cashdesk.call(
        "MZ2008",
        ("CARDNO", payment.findtext("CARDNO")),
        ("PAYNO", payment.findtext("PAYNO")),
    )
    return list(reply.iterfind("REFUNDLIST/REFUND"))


def _item_fees(world: World, payment: Any) -> dict[str, int]:
    rows = world.rows(
        "SELECT item_no, amount_fen - fund_fen AS fee FROM bill_item WHERE bill_no = :no"
        " ORDER BY item_no",
        no=payment.findtext("BILLNO"),
    )
    return {row["item_no"]: row["fee"] for row in rows}


def _yuan(amount: int) -> str:
    return f"{amount // 100}.{amount % 100:02d}"


def test_the_bills_of_a_card_are_those_in_the_table(world: World, cashdesk: Cashdesk) -> None:
    """Each bill, the latest first, with the total of its items; none is code 1."""
    card = world.row("SELECT min(card_no) AS card FROM bill WHERE create_time < '2026-03-10'")[
        "card"
    ]
    told = cashdesk.call("MZ2001", ("CARDNO", card))
    rows = world.rows(
        "SELECT b.bill_no, sum(i.amount_fen) AS total FROM bill b JOIN bill_item i"
        " ON i.bill_no = b.bill_no WHERE b.card_no = :card AND b.create_time <= :now"
        " GROUP BY b.bill_no ORDER BY b.create_time DESC",
        card=card,
        now=OPENED,
    )
    assert [
        (one.findtext("BILLNO"), fen(one.findtext("TOTALFEE")))
        for one in told.iterfind("BILLLIST/BILL")
    ] == [(row["bill_no"], row["total"]) for row in rows]
    before = ("STARTDATE", "2020-01-01"), ("ENDDATE", "2020-01-02")
    assert code(cashdesk.call("MZ2001", ("CARDNO", card), *before)) == "1"


def test_a_quote_says_what_the_fund_pays(world: World, cashdesk: Cashdesk) -> None:
    """A self-paying patient pays all, a publicly funded one the rest; it holds for a while."""
    own = cashdesk.quote(*bill(world, "1"))
    assert own.findtext("PATFEE") == own.findtext("TOTALFEE")
    row = world.row("SELECT * FROM settlement WHERE settle_no = :no", no=own.findtext("SETTLENO"))
    until = datetime.fromisoformat(str(row["create_time"])) + timedelta(minutes=15)
    assert datetime.fromisoformat(own.findtext("VALIDTIME")) == until
    card, number = bill(world, "2")
    funded = cashdesk.quote(card, number)
    row = world.row(
        "SELECT sum(amount_fen) AS total, sum(fund_fen) AS fund FROM bill_item WHERE bill_no = :no",
        no=number,
    )
    assert [fen(funded.findtext(name)) for name in ("TOTALFEE", "FUNDFEE", "PATFEE")] == [
        row["total"],
        row["fund"],
        row["total"] - row["fund"],
    ]
    assert row["fund"] > 0


def test_an_insured_bill_is_shown_and_payable_at_the_window_only(
    world: World, cashdesk: Cashdesk
) -> None:
    """The bill says so with its reason, a quote is refused, the window takes the money."""
    card, number = bill(world, "3")
    told = _bill(cashdesk, card, number)
    assert (told.findtext("ONLINEPAY"), told.findtext("REASONCODE")) == ("0", "01")
    assert told.find("ACTIONLIST/ACTION").findtext("ALLOWED") == "0"
    assert code(cashdesk.call("MZ2003", ("CARDNO", card), ("BILLNO", number))) == "15"
    world.control("POST", f"/bills/{number}/window-pay")
    assert _bill(cashdesk, card, number).findtext("STATE") == "1"
    row = world.row("SELECT * FROM bill_payment WHERE bill_no = :no", no=number)
    assert (row["channel"], row["trade_no"]) == ("WINDOW", None)
    assert row["fund_fen"] > 0


def test_paying_is_one_effect_and_repeats_what_was_asked(world: World, cashdesk: Cashdesk) -> None:
    """Payment, books, ledger and invoice agree; the query by quote finds the payment."""
    settle = cashdesk.quote(*bill(world, "2"))
    payment = cashdesk.pay(settle).find("PAYMENT")
    for name in ("SETTLENO", "CARDNO", "BILLNO"):
        assert payment.findtext(name) == settle.findtext(name)
    assert (payment.findtext("TRADENO"), payment.findtext("STATE")) == ("WX20260310001", "1")
    amount = fen(settle.findtext("PATFEE"))
    number = settle.findtext("BILLNO")
    for query in (
        "SELECT amount_fen FROM bill_payment WHERE bill_no = :no",
        "SELECT amount_fen FROM money_record WHERE bill_no = :no AND direction = '1'",
        "SELECT amount_fen FROM ledger WHERE bill_no = :no AND kind = 'bill-paid'",
        "SELECT total_fen - fund_fen AS amount_fen FROM invoice WHERE reference = :no",
    ):
        assert world.row(query, no=number)["amount_fen"] == amount
    asked = cashdesk.call(
        "MZ2005",
        ("CARDNO", settle.findtext("CARDNO")),
        ("SETTLENO", settle.findtext("SETTLENO")),
    )
    assert asked.find("PAYLIST/PAYMENT").findtext("PAYNO") == payment.findtext("PAYNO")


def test_a_bill_is_paid_once(world: World, cashdesk: Cashdesk) -> None:
    """The same quote again and another quote of the same bill are refused; one effect stays."""
    card, number = bill(world)
    settle, other = cashdesk.quote(card, number), cashdesk.quote(card, number)
    assert code(cashdesk.pay(settle)) == "0"
    assert code(cashdesk.pay(settle)) == "14"
    assert code(cashdesk.pay(other, trade_no="WX20260310002")) == "14"
    assert code(cashdesk.call("MZ2003", ("CARDNO", card), ("BILLNO", number))) == "14"
    asked = cashdesk.call("MZ2005", ("CARDNO", card), ("SETTLENO", other.findtext("SETTLENO")))
    told = asked.find("PAYLIST/PAYMENT")
    assert told.findtext("SETTLENO") == settle.findtext("SETTLENO")
    effects = world.rows("SELECT kind FROM ledger WHERE bill_no = :no", no=number)
    assert [row["kind"] for row in effects] == ["bill-paid"]


def test_what_is_not_what_was_quoted_is_refused(world: World, cashdesk: Cashdesk) -> None:
    """Another amount, a changed, a withdrawn and a lapsed bill, an expired quote, another card."""
    card, number = bill(world)
    settle = cashdesk.quote(card, number)
    assert code(cashdesk.pay(settle, amount="0.01")) == "16"
    world.control("POST", f"/bills/{number}/change", {})
    assert code(cashdesk.pay(settle)) == "12"
    settle = cashdesk.quote(card, number)
    with world.time(OPENED + timedelta(hours=1)):
        assert code(cashdesk.pay(settle)) == "13"
    with world.time(OPENED + timedelta(days=3)):
        told = _bill(cashdesk, card, number)
        assert (told.findtext("STATE"), told.findtext("REASONCODE")) == ("4", "03")
        assert code(cashdesk.call("MZ2003", ("CARDNO", card), ("BILLNO", number))) == "13"
    world.control("POST", f"/bills/{number}/change", {"withdraw": True})
    assert code(cashdesk.pay(settle)) == "12"
    assert _bill(cashdesk, card, number).findtext("STATE") == "3"
    other = world.patient()
    assert code(cashdesk.call("MZ2003", ("CARDNO", other), ("BILLNO", number))) == "11"
    assert code(cashdesk.call("MZ2002", ("CARDNO", other), ("BILLNO", number))) == "1"
    assert not world.rows("SELECT * FROM ledger WHERE bill_no = :no", no=number)


def test_a_part_is_paid_back_by_and_by(world: World, cashdesk: Cashdesk) -> None:
    """Requested, approved, with the channel, returned; the books have it when it is returned."""
    payment = paid(world, cashdesk, "2")
    fees = _item_fees(world, payment)
    item = next(iter(fees))
    refund = cashdesk.refund(payment, [item], _yuan(fees[item])).find("REFUND")
    assert (refund.findtext("STATE"), refund.findtext("INITIATOR")) == ("1", "1")
    assert [one.text for one in refund.iterfind("ITEMLIST/ITEM/ITEMNO")] == [item]
    asked = datetime.fromisoformat(refund.findtext("APPLYTIME"))
    for seconds, state in ((25, "2"), (45, "5")):
        with world.time(asked + timedelta(seconds=seconds)):
            assert _refunds(cashdesk, payment)[0].findtext("STATE") == state
    with world.time(OPENED + _LATER):
        (told,) = _refunds(cashdesk, payment)
        assert (told.findtext("STATE"), fen(told.findtext("AMOUNT"))) == ("3", fees[item])
        number = ("REFUNDNO", refund.findtext("REFUNDNO"))
        one = cashdesk.call("MZ2009", ("CARDNO", payment.findtext("CARDNO")), number)
        assert one.find("REFUND").findtext("STATE") == "3"
        found = cashdesk.call(
            "MZ2006",
            ("CARDNO", payment.findtext("CARDNO")),
            ("PAYNO", payment.findtext("PAYNO")),
        ).find("PAYMENT")
        assert (found.findtext("STATE"), fen(found.findtext("REFUNDFEE"))) == ("2", fees[item])
    record = world.row(
        "SELECT * FROM money_record WHERE refund_no = :no", no=refund.findtext("REFUNDNO")
    )
    assert (record["amount_fen"], record["channel"]) == (fees[item], CHANNEL)
    left = world.row(
        "SELECT total_fen - fund_fen AS paid FROM invoice WHERE reference = :no"
        " AND colour = 'blue' AND reversed_by IS NULL",
        no=payment.findtext("BILLNO"),
    )
    assert left["paid"] == sum(fees.values()) - fees[item]


def test_a_refund_that_cannot_be_is_refused(world: World, cashdesk: Cashdesk) -> None:
    """What was performed, what is back already, another amount, another channel's payment."""
    payment = paid(world, cashdesk)
    fees = _item_fees(world, payment)
    first, second = list(fees)[:2]
    world.control("POST", f"/bills/{payment.findtext('BILLNO')}/perform", {"items": [first]})
    refused = cashdesk.refund(payment, [first], _yuan(fees[first]))
    assert code(refused) == "17"
    assert "不能退费" in refused.findtext("RESULTMSG")
    assert code(cashdesk.refund(payment, [second], "0.01")) == "16"
    assert code(cashdesk.refund(payment, ["99"], "0.01")) == "22"
    other = Cashdesk(world, "HOSPAPP")
    assert code(other.refund(payment, [second], _yuan(fees[second]))) == "19"
    assert code(cashdesk.refund(payment, [second], _yuan(fees[second]))) == "0"
    assert code(cashdesk.refund(payment, [second], _yuan(fees[second]))) == "18"
    world.control("POST", f"/payments/{payment.findtext('PAYNO')}/window-refund")
    both = _yuan(fees[first] + fees[second])
    assert code(cashdesk.refund(payment, [first, second], both)) == "21"


def test_a_refund_may_fail(world: World, cashdesk: Cashdesk) -> None:
    """Its items can be asked for again, the books never have it, and an invoice is due anew."""
    payment = paid(world, cashdesk)
    fees = _item_fees(world, payment)
    whole = list(fees), _yuan(sum(fees.values()))
    refund = cashdesk.refund(payment, *whole).find("REFUND")
    world.control("POST", f"/refunds/{refund.findtext('REFUNDNO')}/fail")
    (told,) = _refunds(cashdesk, payment)
    assert told.findtext("STATE") == "4"
    assert not world.rows(
        "SELECT * FROM money_record WHERE refund_no = :no", no=refund.findtext("REFUNDNO")
    )
    due = "SELECT total_fen FROM invoice WHERE reference = :no AND colour = 'blue'"
    assert world.row(f"{due} AND reversed_by IS NULL", no=payment.findtext("BILLNO"))[
        "total_fen"
    ] == sum(fees.values())
    assert code(cashdesk.refund(payment, *whole)) == "0"


def test_the_window_pays_back_what_was_performed_and_tells(
    world: World, cashdesk: Cashdesk, service: Any
) -> None:
    """At once, through the channel that paid, which learns it from the changes."""
    payment = paid(world, cashdesk)
    fees = _item_fees(world, payment)
    bill_no, pay_no = payment.findtext("BILLNO"), payment.findtext("PAYNO")
    world.control("POST", f"/bills/{bill_no}/perform", {"items": list(fees)})
    wish = {"items": [next(iter(fees))], "reason": "药品退回"}
    refund_no = world.control("POST", f"/payments/{pay_no}/window-refund", wish)["refund"]
    (told,) = _refunds(cashdesk, payment)
    assert (told.findtext("STATE"), told.findtext("INITIATOR")) == ("3", "2")
    reply = service.QueryChanges(
        ChannelCode=CHANNEL, StartTime=OPENED, EndTime=OPENED + _LATER, Kind="5"
    )
    (change,) = [one for one in reply.ChangeList.Change if one.RefundNo == refund_no]
    assert (change.BillNo, change.PayNo, change.Reason) == (bill_no, pay_no, "药品退回")
    assert change.RefundAmount * 100 == next(iter(fees.values()))
    world.control("POST", f"/payments/{pay_no}/window-refund")
    assert _bill(cashdesk, payment.findtext("CARDNO"), bill_no).findtext("STATE") == "2"


def test_a_quoted_bill_that_is_paid_at_the_window_is_told(
    world: World, cashdesk: Cashdesk, service: Any
) -> None:
    """The channel that quoted it learns that there is nothing left to pay."""
    card, number = bill(world)
    settle = cashdesk.quote(card, number)
    pay_no = world.control("POST", f"/bills/{number}/window-pay")["payment"]
    reply = service.QueryChanges(
        ChannelCode=CHANNEL, StartTime=OPENED, EndTime=OPENED + _LATER, Kind="8"
    )
    assert [one.PayNo for one in reply.ChangeList.Change if one.BillNo == number] == [pay_no]
    assert code(cashdesk.pay(settle)) == "14"


def test_the_statement_has_registrations_and_bills(
    world: World, cashdesk: Cashdesk, service: Any
) -> None:
    """Totals and records of the channel's day are the books' up to now, to the fen."""
    payment = paid(world, cashdesk)
    fees = _item_fees(world, payment)
    item = next(iter(fees))
    refund = cashdesk.refund(payment, [item], _yuan(fees[item])).find("REFUND")
    day = {"RecordDate": OPENED.date(), "PageNo": 1, "PageSize": 500}
    early = service.QueryDailyRecords(ChannelCode=CHANNEL, **day)
    assert refund.findtext("REFUNDNO") not in [one.RefundNo for one in early.RecordList.Record]
    with world.time(OPENED + _LATER):
        reply = service.QueryDailyRecords(ChannelCode=CHANNEL, **day)
    rows = world.rows(
        "SELECT record_no, business, direction, amount_fen FROM money_record"
        " WHERE channel = :channel AND record_date = :day",
        channel=CHANNEL,
        day=OPENED.date(),
    )
    told = [
        (one.RecordNo, one.Business, one.Direction, one.Amount * 100)
        for one in reply.RecordList.Record
    ]
    assert sorted(told) == sorted(tuple(row.values()) for row in rows)
    for direction, total in (("1", reply.Summary.PayAmount), ("2", reply.Summary.RefundAmount)):
        amounts = [row["amount_fen"] for row in rows if row["direction"] == direction]
        assert total * 100 == sum(amounts)


@pytest.mark.parametrize(
    ("trade", "message", "named"),
    [
        ("MZ2001", "no xml", "InXml"),
        ("MZ2001", "<REQUEST/>", "HEAD/CHANNEL"),
        ("MZ2001", "<REQUEST><HEAD><CHANNEL>VIDEO</CHANNEL></HEAD></REQUEST>", "CARDNO"),
        (
            "MZ2001",
            (
                "<REQUEST><HEAD><CHANNEL>VIDEO</CHANNEL></HEAD><CARDNO>000000000001</CARDNO>"
                "<STARTDATE>2026-02-31</STARTDATE></REQUEST>"
            ),
            "STARTDATE",
        ),
    ],
)
def test_a_request_that_makes_no_sense_is_told_so(
    cashdesk: Cashdesk, trade: str, message: str, named: str
) -> None:
    """Code 2, with the field and never its value."""
    reply = cashdesk.send(trade, message)
    assert (code(reply), reply.findtext("RESULTMSG")) == ("2", f"入参错误：{named}")


def test_a_closed_cashier_takes_no_payment(world: World, cashdesk: Cashdesk) -> None:
    """Neither a quote nor a payment; bills are still told."""
    card, number = bill(world)
    settle = cashdesk.quote(card, number)
    world.control("POST", "/functions/PAY", {"open": False})
    try:
        assert code(cashdesk.pay(settle)) == "20"
        assert code(cashdesk.call("MZ2003", ("CARDNO", card), ("BILLNO", number))) == "20"
        assert _bill(cashdesk, card, number).findtext("STATE") == "0"
    finally:
        world.control("POST", "/functions/PAY", {"open": True})


def test_faults_are_by_trade_and_told_in_its_own_words(world: World, cashdesk: Cashdesk) -> None:
    """A rule for one trade leaves the others alone, and the failure is a RESPONSE with -1."""
    card, number = bill(world)
    settle = cashdesk.quote(card, number)
    with world.faults({"kind": "error", "operation": "MZ2004", "times": 1, "commit": True}):
        assert _bill(cashdesk, card, number).findtext("STATE") == "0"
        reply = cashdesk.pay(settle)
    assert code(reply) == "-1"
    assert _bill(cashdesk, card, number).findtext("STATE") == "1"
    assert world.control("GET", "/counters")["calls"]["MZ2004"] >= 1


@pytest.mark.parametrize("body", ["truncated", "other-operation"])
def test_garbage_is_no_answer_of_this_service(world: World, cashdesk: Cashdesk, body: str) -> None:
    """Half of a RESPONSE in its envelope, or the reply of an operation that is not there."""
    with world.faults({"kind": "garbage", "operation": "MZ2001", "body": body, "times": 1}):
        with pytest.raises((TransportError, XMLParseError)):
            cashdesk.call("MZ2001", ("CARDNO", world.patient()))
        cashdesk.call("MZ2001", ("CARDNO", world.patient()))
