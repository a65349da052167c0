"""Bills through the edge and whichever replica it chooses, held against the hospital's rows.

The tests of this file tell one story and run in its order: each needs what the one before did.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.e2e import bills as truth
from tests.e2e.bills import effects, unsealed
from tests.e2e.cloud import Answer, Cloud
from tests.e2e.hospital import Hospital, Row, moment

WAIT_SECONDS = 30.0
PATIENCE_SECONDS = "10"


@dataclass
class Story:
    """One patient, and what the tests before have made."""

    card: str = ""
    card_no: str = ""
    payments: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def story(cloud: Cloud, hospital: Hospital, chance: random.Random) -> Story:
    """A synthetic patient with a card of their own."""
    number = f"B{chance.randrange(10**8):08d}"
    body = {
        "name": "账单试",
        "documentType": "passport",
        "documentNumber": number,
        "phone": "13800000000",
        "sex": "male",
        "birthDate": "1990-06-01",
        "verificationMethod": "real-name",
        "verifiedAt": "2026-01-05T09:30:00+08:00",
        "relation": "self",
    }
    made = cloud.call("POST", "/v1/patient-cards", body)
    assert made.status == 201, made.body
    row = hospital.row("SELECT card_no FROM card WHERE doc_no = ?", number)
    return Story(made.json["id"], row["card_no"])


@contextmanager
def faults(hospital: Hospital, *rules: Row) -> Iterator[None]:
    """Have these faults, then none."""
    hospital.control("POST", "/faults", list(rules))
    try:
        yield
    finally:
        hospital.control("DELETE", "/faults")


def new_bill(cloud: Cloud, hospital: Hospital, story: Story, category: str) -> tuple[str, Row]:
    """Have a doctor order something; the bill's number, and the bill as it is told."""
    before = [one["id"] for one in listed(cloud, story)]
    path = f"/cards/{story.card_no}/bills"
    number = hospital.control("POST", path, {"category": category})["bill"]
    (made,) = [one for one in listed(cloud, story) if one["id"] not in before]
    return number, made


def listed(cloud: Cloud, story: Story) -> list[Row]:
    """The patient's bills, as the list tells them."""
    items: list[Row] = cloud.get("/v1/bills", card=story.card)["items"]
    return items


def quoted(cloud: Cloud, story: Story, bill: Row) -> Row:
    """The hospital's quote for a bill."""
    answer = cloud.call("POST", "/v1/settlements", {"billId": bill["id"]}, card=story.card)
    assert answer.status == 200, answer.body
    settlement: Row = answer.json
    return settlement


def pay(
    cloud: Cloud, hospital: Hospital, story: Story, settlement: Row, key: str, **more: Any
) -> Answer:
    """Report the payment of a quote; the transaction is named after the key."""
    body = {
        "settlementId": settlement["id"],
        "channel": "wechat",
        "transaction": f"WX{key}",
        "paidAt": moment(hospital.now()),
        "amount": settlement["patientPays"],
    }
    patience = {"Request-Timeout": PATIENCE_SECONDS}
    return cloud.call(
        "POST", "/v1/payments", {**body, **more}, card=story.card, key=key, headers=patience
    )


def paid_bill(cloud: Cloud, hospital: Hospital, story: Story, transaction: str) -> tuple[str, Row]:
    """The bill that a transaction paid: its number, and the bill as it is told."""
    row = hospital.row("SELECT * FROM bill_payment WHERE trade_no = ?", transaction)
    for bill in listed(cloud, story):
        if "paymentId" in bill:
            paid = cloud.get(f"/v1/payments/{bill['paymentId']}", card=story.card)
            if paid.get("transaction") == transaction:
                return row["bill_no"], bill
    raise AssertionError(f"no bill of {transaction}")


def ask_back(cloud: Cloud, story: Story, bill: Row, key: str, body: Row) -> Answer:
    """Ask for items of a bill's payment back."""
    path = f"/v1/payments/{bill['paymentId']}/refunds"
    patience = {"Request-Timeout": PATIENCE_SECONDS}
    return cloud.call("POST", path, body, card=story.card, key=key, headers=patience)


def new_key() -> str:
    """An Idempotency-Key that nothing has used."""
    return f"pay-{random.randrange(10**16):016d}"


def test_bills_are_those_of_the_database(cloud: Cloud, hospital: Hospital, story: Story) -> None:
    """Each bill with its items, category, actions and why not; one by its id is the same."""
    for category in ("1", "2", "3"):
        new_bill(cloud, hospital, story, category)
    items = listed(cloud, story)
    expected = truth.bills(hospital, story.card_no)
    assert [unsealed(one) for one in items] == expected
    assert {one["settlementCategory"] for one in items} == set(truth.CATEGORY.values())
    assert cloud.get(f"/v1/bills/{items[0]['id']}", card=story.card) == items[0]


def test_an_insured_bill_is_refused_with_its_reason(cloud: Cloud, story: Story) -> None:
    """It is told why it is not payable online, and a quote is refused in words for the patient."""
    (bill,) = [one for one in listed(cloud, story) if one["settlementCategory"] == "insured"]
    assert (bill["payableOnline"], bill["reason"]) == (False, "insured")
    answer = cloud.call("POST", "/v1/settlements", {"billId": bill["id"]}, card=story.card)
    assert answer.status == 409
    assert answer.json["type"].endswith("/window-only")
    assert "窗口" in answer.json["message"]


def test_a_bill_is_quoted_and_paid(cloud: Cloud, hospital: Hospital, story: Story) -> None:
    """Quote and payment are the rows', and there is one effect of the amount that was quoted."""
    bill_no, bill = new_bill(cloud, hospital, story, "2")
    settlement = quoted(cloud, story, bill)
    assert unsealed(settlement) == truth.quote(hospital, story.card_no)
    assert settlement["fundPays"] > 0
    key = new_key()
    paid = pay(cloud, hospital, story, settlement, key)
    assert paid.status == 201, paid.body
    assert unsealed(paid.json) == truth.payment(hospital, f"WX{key}")
    assert effects(hospital, bill_no) == [("bill-paid", settlement["patientPays"])]
    again = cloud.get(f"/v1/payments/{paid.json['id']}", card=story.card)
    assert again == paid.json
    story.payments.append(f"WX{key}")


def test_a_repeated_payment_has_one_effect(cloud: Cloud, hospital: Hospital, story: Story) -> None:
    """The same key answers as before; another transaction is refused, its money to go back."""
    bill_no, bill = new_bill(cloud, hospital, story, "1")
    settlement = quoted(cloud, story, bill)
    key, paid_at = new_key(), moment(hospital.now())
    first = pay(cloud, hospital, story, settlement, key, paidAt=paid_at)
    repeat = pay(cloud, hospital, story, settlement, key, paidAt=paid_at)
    assert (first.status, repeat.status) == (201, 201)
    assert first.json == repeat.json
    other = pay(cloud, hospital, story, settlement, new_key())
    assert other.status == 409
    assert other.json["type"].endswith("/already-paid")
    assert other.json["refundRequired"] is True
    assert effects(hospital, bill_no) == [("bill-paid", settlement["patientPays"])]
    story.payments.append(f"WX{key}")


def test_a_payment_that_was_made_and_not_answered_is_found_out(
    cloud: Cloud, hospital: Hospital, story: Story
) -> None:
    """The hospital commits and falls silent: it is asked, and the answer agrees with the ledger."""
    bill_no, bill = new_bill(cloud, hospital, story, "1")
    settlement = quoted(cloud, story, bill)
    key = new_key()
    silence = {"kind": "silence", "operation": "MZ2004", "commit": True, "times": 1}
    with faults(hospital, silence):
        paid = pay(cloud, hospital, story, settlement, key)
    assert paid.status == 201, paid.body
    assert unsealed(paid.json) == truth.payment(hospital, f"WX{key}")
    assert effects(hospital, bill_no) == [("bill-paid", settlement["patientPays"])]
    story.payments.append(f"WX{key}")


def test_a_payment_that_nobody_can_tell_of_is_unknown_until_it_is_asked(
    cloud: Cloud, hospital: Hospital, story: Story
) -> None:
    """Silent to the payment and to the question after it: 202, and the Location tells the end."""
    bill_no, bill = new_bill(cloud, hospital, story, "1")
    settlement = quoted(cloud, story, bill)
    key = new_key()
    answers: list[Answer] = []
    hospital.control("DELETE", "/counters")
    silence = {"kind": "silence", "operation": "MZ2004", "commit": True}
    with faults(hospital, silence):
        paying = threading.Thread(
            target=lambda: answers.append(pay(cloud, hospital, story, settlement, key))
        )
        paying.start()
        until = time.monotonic() + WAIT_SECONDS
        while not hospital.control("GET", "/counters")["calls"].get("MZ2004"):
            assert time.monotonic() < until
            time.sleep(0.05)
        # The question before it has been answered; from now on none is.
        hospital.control("POST", "/faults", [{"kind": "silence", "operation": "MZ2005"}])
        paying.join(WAIT_SECONDS)
    (answer,) = answers
    assert answer.status == 202, answer.body
    assert answer.json["outcome"] == "unknown"
    asked = cloud.get(answer.headers["location"], card=story.card)
    assert asked["outcome"] == "succeeded"
    assert unsealed(asked["response"]) == truth.payment(hospital, f"WX{key}")
    assert effects(hospital, bill_no) == [("bill-paid", settlement["patientPays"])]
    story.payments.append(f"WX{key}")


def test_a_bill_that_changed_since_its_quote_is_not_paid(
    cloud: Cloud, hospital: Hospital, story: Story
) -> None:
    """Nothing happened at the hospital, and the money that was taken has to go back."""
    bill_no, bill = new_bill(cloud, hospital, story, "1")
    settlement = quoted(cloud, story, bill)
    hospital.control("POST", f"/bills/{bill_no}/change", {})
    answer = pay(cloud, hospital, story, settlement, new_key())
    assert answer.status == 409
    assert answer.json["type"].endswith("/bill-changed")
    assert answer.json["refundRequired"] is True
    assert effects(hospital, bill_no) == []


def test_a_bill_that_was_paid_by_another_quote_is_refused(
    cloud: Cloud, hospital: Hospital, story: Story
) -> None:
    """Here or at the window: the second payment is not made, and its money has to go back."""
    _, bill = new_bill(cloud, hospital, story, "1")
    first, second = quoted(cloud, story, bill), quoted(cloud, story, bill)
    assert pay(cloud, hospital, story, first, new_key()).status == 201
    at_window, other = new_bill(cloud, hospital, story, "2")
    third = quoted(cloud, story, other)
    hospital.control("POST", f"/bills/{at_window}/window-pay")
    for settlement in (second, third):
        refused = pay(cloud, hospital, story, settlement, new_key())
        assert refused.status == 409
        assert refused.json["type"].endswith("/already-paid")
        assert refused.json["refundRequired"] is True


def test_a_part_of_a_payment_is_paid_back(cloud: Cloud, hospital: Hospital, story: Story) -> None:
    """Requested once however often it is asked for; each state as time goes on."""
    transaction = story.payments[1]
    bill_no, bill = paid_bill(cloud, hospital, story, transaction)
    item = bill["items"][0]
    body = {"items": [item["number"]], "amount": item["patientPays"], "reason": "不再需要"}
    key = new_key()
    asked = ask_back(cloud, story, bill, key, body)
    again = ask_back(cloud, story, bill, key, body)
    assert (asked.status, again.status) == (201, 201), asked.body
    refund = asked.json
    assert (refund["state"], again.json["id"]) == ("requested", refund["id"])
    expected = truth.refund(hospital, transaction)
    assert {name: refund[name] for name in expected} == expected
    assert effects(hospital, bill_no)[1:] == [("bill-refunded", item["patientPays"])]
    for seconds, state in ((25, "approved"), (20, "channel-pending"), (30, "refunded")):
        later = datetime.fromisoformat(hospital.now()) + timedelta(seconds=seconds)
        hospital.control("POST", "/clock", {"now": later.isoformat()})
        told = cloud.get(f"/v1/refunds/{refund['id']}", card=story.card)
        assert told["state"] == state
    paid = cloud.get(f"/v1/payments/{bill['paymentId']}", card=story.card)
    assert unsealed(paid) == truth.payment(hospital, transaction)
    assert paid["refundedAmount"] == item["patientPays"]


def test_a_refund_that_was_made_and_not_answered_is_found_out(
    cloud: Cloud, hospital: Hospital, story: Story
) -> None:
    """By the items that it is of, beside another refund of the same payment."""
    transaction = story.payments[1]
    bill_no, bill = paid_bill(cloud, hospital, story, transaction)
    item = bill["items"][1]
    body = {"items": [item["number"]], "amount": item["patientPays"]}
    silence = {"kind": "silence", "operation": "MZ2007", "commit": True, "times": 1}
    with faults(hospital, silence):
        asked = ask_back(cloud, story, bill, new_key(), body)
    assert asked.status == 201, asked.body
    assert asked.json["items"] == [{"number": item["number"], "amount": item["patientPays"]}]
    assert effects(hospital, bill_no)[2:] == [("bill-refunded", item["patientPays"])]
    both = {"items": [bill["items"][0]["number"], item["number"]]}
    both["amount"] = bill["items"][0]["patientPays"] + item["patientPays"]
    refused = ask_back(cloud, story, bill, new_key(), both)
    assert refused.status == 409
    assert "已退费" in refused.json["message"]


def test_a_refund_that_fails_may_be_asked_for_again(
    cloud: Cloud, hospital: Hospital, story: Story
) -> None:
    """The channel could not give it back: told as failed, and a new refund is another one."""
    bill_no, bill = paid_bill(cloud, hospital, story, story.payments[3])
    item = bill["items"][1]
    body = {"items": [item["number"]], "amount": item["patientPays"]}
    first = ask_back(cloud, story, bill, new_key(), body).json
    number = hospital.row(
        "SELECT refund_no FROM bill_item WHERE bill_no = ? AND item_no = ?",
        bill_no, item["number"],
    )["refund_no"]  # fmt: skip
    hospital.control("POST", f"/refunds/{number}/fail")
    assert cloud.get(f"/v1/refunds/{first['id']}", card=story.card)["state"] == "failed"
    second = ask_back(cloud, story, bill, new_key(), body)
    assert (second.status, second.json["state"]) == (201, "requested"), second.body
    assert second.json["id"] != first["id"]
    back = ("bill-refunded", item["patientPays"])
    failed = ("refund-failed", item["patientPays"])
    assert effects(hospital, bill_no)[1:] == [back, failed, back]


def test_what_was_dispensed_or_done_is_not_paid_back(
    cloud: Cloud, hospital: Hospital, story: Story
) -> None:
    """Refused in the hospital's words for the patient, and nothing happened."""
    bill_no, bill = paid_bill(cloud, hospital, story, story.payments[2])
    item = bill["items"][0]
    hospital.control("POST", f"/bills/{bill_no}/perform", {"items": [item["number"]]})
    body = {"items": [item["number"]], "amount": item["patientPays"]}
    refused = ask_back(cloud, story, bill, new_key(), body)
    assert refused.status == 409
    assert "不能退费" in refused.json["message"]
    assert [kind for kind, _ in effects(hospital, bill_no)] == ["bill-paid"]


def test_a_refund_at_the_window_is_learnt_from_the_changes(
    cloud: Cloud, hospital: Hospital, story: Story
) -> None:
    """With the bill, the payment and the refund that it is of, under ids that open them."""
    row = hospital.row("SELECT * FROM bill_payment WHERE trade_no = ?", story.payments[0])
    start = hospital.now()
    path = f"/payments/{row['pay_no']}/window-refund"
    hospital.control("POST", path, {"items": ["01"], "reason": "药品退回"})
    end = (datetime.fromisoformat(hospital.now()) + timedelta(minutes=1)).isoformat()
    window = f"from={start}%2B08:00&to={end}%2B08:00&kind=refund"
    changes = cloud.get(f"/v1/changes?{window}")["items"]
    payments = {one["paymentId"]: one for one in listed(cloud, story) if "paymentId" in one}
    (change,) = [one for one in changes if one.get("paymentId") in payments]
    assert change["reason"] == "药品退回"
    assert change["billId"] == payments[change["paymentId"]]["id"]
    refund = cloud.get(f"/v1/refunds/{change['refundId']}", card=story.card)
    assert (refund["state"], refund["amount"]) == ("refunded", change["refundAmount"])
    expected = truth.refund(hospital, story.payments[0])
    told = {name: refund[name] for name in expected}
    assert (told, refund["initiator"]) == (expected, "hospital")
    paid = cloud.get(f"/v1/payments/{change['paymentId']}", card=story.card)
    assert unsealed(paid) == truth.payment(hospital, story.payments[0])
    assert paid["state"] == "partly-refunded"


def test_the_statement_agrees_with_the_books(cloud: Cloud, hospital: Hospital) -> None:
    """Every movement of the day, of registrations and bills, and the totals, to the fen."""
    today = hospital.now()[:10]
    statement = cloud.get(f"/v1/statements/{today}?page=1")
    rows = truth.money(hospital, today)
    assert sorted(map(truth.told, statement["items"])) == sorted(map(truth.kept, rows))
    assert {one["business"] for one in statement["items"]} >= {"bill"}
    for direction, count, amount in (
        ("1", statement["paymentCount"], statement["paymentAmount"]),
        ("2", statement["refundCount"], statement["refundAmount"]),
    ):
        moved = [row["amount_fen"] for row in rows if row["direction"] == direction]
        assert (count, amount) == (len(moved), sum(moved))
