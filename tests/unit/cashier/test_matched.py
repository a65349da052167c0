"""A write without a serial: asked about before it is sent, and again when it did not end."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from gateway.delivery import Delivery
from gateway.packs import check_packs
from gateway.policies.compile import compile_snapshot
from gateway.policies.snapshot import Snapshot
from gateway.record import Record
from gateway.soap.errors import CallFailed
from gateway.translation.outbound import MOST_CARRIED
from tests.replies import CARD, OTHER_CARD, envelope
from tests.unit.translation.contexts import NOW, context
from tests.unit.world import KEY, Script, Told, tell

BILL, TRADE = "B7001", "WX20310314000001"
NOT_SENT = CallFailed(Delivery.NOT_SENT, "connect-refused")
SILENT = CallFailed(Delivery.MAYBE_SENT, "deadline")
CUT = CallFailed(Delivery.MAYBE_SENT, "disconnected")


@cache
def cashier() -> Snapshot:
    """The made-up pack of this folder."""
    checked = check_packs((Path(__file__).parent,))
    assert checked.findings == ()
    return compile_snapshot(checked.packs, {})


def payment(**said: str) -> str:
    """What the hospital keeps of a payment; of the one that is asked for unless it is said."""
    told = {
        "PayNo": "P1", "BillNo": BILL, "CardNo": CARD, "TradeNo": TRADE, "Amount": "12.50",
        "State": "1", **said,
    }  # fmt: skip
    return (
        f"<Payment>{''.join(f'<{name}>{text}</{name}>' for name, text in told.items())}</Payment>"
    )


def reply(operation: str, content: str = "", code: str = "0") -> bytes:
    return envelope(
        f'<{operation}Response xmlns="urn:cashier"><ResultCode>{code}</ResultCode>'
        f"{content}</{operation}Response>"
    )


def has(*payments: str) -> bytes:
    """The answer to the question: these payments, or the code for none."""
    found = f"<PaymentList>{''.join(payments)}</PaymentList>"
    return reply("QueryPayments", found if payments else "", "0" if payments else "1")


def paid(**said: str) -> bytes:
    return reply("Pay", payment(**said))


def refused(code: str) -> bytes:
    return reply("Pay", code=code)


def pay(*script: Script, **request: Any) -> Told:
    body = {"transaction": TRADE, "amount": 1250}
    given: dict[str, Any] = {"body": body, "key": KEY, "served": cashier(), **request}
    return tell("POST", f"/v1/bills/{BILL}/payments", *script, **given)


def ask(location: str, *script: Script, later: float = 0.0, **request: Any) -> Told:
    path, _, query = location.partition("?")
    now = NOW + timedelta(seconds=later)
    return tell("GET", path, *script, query=query, now=now, served=cashier(), **request)


def operations(told: Told) -> list[str]:
    """What the hospital was asked to do, in order."""
    return [etree.QName(etree.fromstring(sent)[-1][0]).localname for sent in told.sent]


ASKED, BOTH, ALL = (
    ["QueryPayments"],
    ["QueryPayments", "Pay"],
    ["QueryPayments", "Pay", "QueryPayments"],
)
DONE = {"number": "P1", "transaction": TRADE, "amount": 1250, "state": "paid"}

CASES: dict[str, tuple[tuple[Script, ...], list[str], int, str | None]] = {
    # what the hospital does: its answers; what it is asked; status, problem
    "pays": ((has(), paid()), BOTH, 201, None),
    "has it paid already as asked": ((has(payment()),), ASKED, 201, None),
    "writes the amount in another way": ((has(payment(Amount="12.5")),), ASKED, 201, None),
    "has it paid by another": ((has(payment(TradeNo="OTHER")),), ASKED, 409, "already-paid"),
    "has our money in another amount": (
        (has(payment(Amount="10.00")),), ASKED, 422, "key-reused",
    ),
    "has our money in another amount after all": (
        (has(), refused("2"), has(payment(Amount="10.00"))), ALL, 422, "key-reused",
    ),
    "has a revoked payment": ((has(payment(State="9")), paid()), BOTH, 201, None),
    "has one under way": ((has(payment(State="0")),), ASKED, 202, None),
    "has payments of other bills": ((has(payment(BillNo="B1")), paid()), BOTH, 201, None),
    "refuses": ((has(), refused("3")), BOTH, 409, "bill-changed"),
    "says it is paid, and it is by us": ((has(), refused("2"), has(payment())), ALL, 201, None),
    "says it is paid, and it is by another": (
        (has(), refused("2"), has(payment(TradeNo="OTHER"))), ALL, 409, "already-paid",
    ),
    "says it is paid, and has no payment": ((has(), refused("2"), has()), ALL, 202, None),
    "says it is paid, and falls silent": ((has(), refused("2"), SILENT), ALL, 202, None),
    "is silent and had it done": ((has(), SILENT, has(payment())), ALL, 201, None),
    "hangs up and had it done": ((has(), CUT, has(payment())), ALL, 201, None),
    "hangs up and has not done it": ((has(), CUT, has()), ALL, 202, None),
    "hangs up, and another has paid": (
        (has(), CUT, has(payment(TradeNo="OTHER"))), ALL, 202, None,
    ),
    "pays, and is not done with it": (
        (has(), paid(State="0"), has(payment(State="0"))), ALL, 202, None,
    ),
    "pays, and is done with it by now": ((has(), paid(State="0"), has(payment())), ALL, 201, None),
    "pays, and has revoked it": (
        (has(), paid(State="9"), has(payment(State="9"))), ALL, 202, None,
    ),
    "hangs up twice": ((has(), CUT, CUT, CUT, CUT), [*BOTH, *ASKED * 3], 202, None),
    "says that it failed": ((has(), refused("-1"), has()), ALL, 202, None),
    "says a code that nobody knows": ((has(), refused("7"), has(payment())), ALL, 201, None),
    "answers no XML": ((has(), b"OK", has(payment())), ALL, 201, None),
    "says another amount": ((has(), paid(Amount="1.00"), has()), ALL, 202, None),
    "says another card": ((has(), paid(CardNo="999"), has(payment())), ALL, 201, None),
    "cannot be asked": ((SILENT,), ASKED, 503, "not-sent"),
    "answers the question with no XML": ((b"OK",), ASKED, 503, "not-sent"),
    "tells of another card": ((has(payment(CardNo=OTHER_CARD)),), ASKED, 503, "not-sent"),
    "refuses connections": ((has(), *(NOT_SENT,) * 3), [*BOTH, "Pay", "Pay"], 503, "not-sent"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_matched_write_ends_honestly_when_the_hospital(case: str) -> None:
    """It is sent at most once, only when it is not there, and told as done only when it is."""
    script, asked, status, problem = CASES[case]
    told = pay(*script)
    assert operations(told) == asked
    assert told.answer.status == status
    assert told.event.problem == (problem or ("unknown" if status == 202 else None))
    if status == 201:
        assert told.body == DONE
    if status == 202:
        assert told.body["outcome"] == "unknown"
        assert "Location" in told.headers
    if status == 422:
        assert "refundRequired" not in told.body
    if status == 409:
        assert told.body["refundRequired"] is True
    if status == 503:
        assert told.body["outcome"] == "not-sent"


@pytest.mark.parametrize(
    ("script", "attempts", "delivery"),
    [
        ((has(payment()),), [("QueryPayments", 1)], None),
        ((has(), paid()), [("QueryPayments", 1), ("Pay", 1)], "answered"),
        (
            (has(), CUT, has()),
            [("QueryPayments", 1), ("Pay", 1), ("QueryPayments", 1)],
            "maybe-sent",
        ),
        ((has(), *(NOT_SENT,) * 3), [("QueryPayments", 1), ("Pay", 3)], "not-sent"),
    ],
)
def test_listeners_are_told_of_each_call_and_how_far_the_write_itself_got(
    script: tuple[Script, ...], attempts: list[tuple[str, int]], delivery: str | None
) -> None:
    """An answered question does not make an answered write of one that was lost."""
    event = pay(*script).event
    assert [(call.operation, call.attempts) for call in event.calls] == attempts
    assert event.delivery == delivery
    assert event.attempts == sum(number for _, number in attempts)


def test_the_location_says_what_was_asked_and_to_its_client_alone() -> None:
    """On any replica, sealed: nothing of it can be read or changed."""
    location = pay(has(), CUT, has()).headers["Location"]
    assert not [word for word in (CARD, BILL, TRADE, "1250", "12.50") if word in location]
    found = ask(location, has(payment()))
    assert found.body == {"outcome": "succeeded", "response": DONE}
    assert operations(found) == ASKED
    texts = list(etree.fromstring(found.sent[0]).itertext())
    assert {BILL, CARD} <= set(texts)
    changed = location[:-2] + ("A" if location[-2] != "A" else "B") + location[-1]
    assert ask(changed).answer.status == 404


def test_what_another_did_is_a_refusal_that_the_money_goes_back_for() -> None:
    """Asked when the sending is over: until then it may yet be done, if the other is undone."""
    location = pay(has(), CUT, has()).headers["Location"]
    early = ask(location, has(payment(TradeNo="OTHER")), later=59)
    assert early.body == {"outcome": "unknown"}
    told = ask(location, has(payment(TradeNo="OTHER")), later=60)
    assert told.body["outcome"] == "refused"
    assert told.body["problem"]["type"] == "/problems/already-paid"
    assert told.body["problem"]["refundRequired"] is True


def test_our_own_money_for_something_else_is_no_refund() -> None:
    """The hospital keeps it: what was done with it first stands."""
    location = pay(has(), CUT, has()).headers["Location"]
    told = ask(location, has(payment(Amount="10.00")), later=60)
    assert told.body["outcome"] == "refused"
    assert told.body["problem"]["type"] == "/problems/key-reused"
    assert "refundRequired" not in told.body["problem"]


def test_what_the_hospital_does_not_have_was_not_done_after_a_time_only() -> None:
    """Until then the sending may still be on its way."""
    location = pay(has(), CUT, has()).headers["Location"]
    assert ask(location, has(), later=59).body == {"outcome": "unknown"}
    assert ask(location, has(), later=60).body == {"outcome": "not-sent"}
    assert ask(location, has(payment(State="0")), later=600).body == {"outcome": "unknown"}


def test_nothing_but_the_location_says_what_to_ask_about() -> None:
    """Without a serial a key alone leads nowhere."""
    told = ask(f"/v1/operations/pay-bill/{KEY}")
    assert told.answer.status == 422
    assert told.body["errors"][0]["pointer"] == "/since"


def test_what_could_not_be_asked_about_later_is_not_sent() -> None:
    """All that is asked by has to fit into a URL."""
    told = pay(body={"transaction": "T" * 1100, "amount": 1250})
    assert (told.answer.status, told.sent) == (422, [])


def test_all_that_is_sent_can_be_asked_about_later() -> None:
    """The longest that is let through comes back whole from its Location, a URL for any proxy."""
    (route,) = (one for one in cashier().routes if one.id == "pay-bill")
    rest: Record = {"BillNo": BILL, "CardNo": CARD, "TradeNo": "", "Amount": "12.50"}
    most = (MOST_CARRIED - len(route.outbound.carry(rest).encode())) // 3
    over = pay(body=long(most + 1))
    assert (over.answer.status, over.sent) == (422, [])
    assert "too long" in over.body["errors"][0]["detail"]
    location = pay(has(), CUT, has(), body=long(most)).headers["Location"]
    assert len(location) < 2100
    found = has(payment(TradeNo="付" * most))
    assert ask(location, found).body["outcome"] == "succeeded"


def long(count: int) -> dict[str, Any]:
    """A payment whose transaction has so many characters, of three bytes each."""
    return {"transaction": "付" * count, "amount": 1250}


def test_what_the_contract_refuses_is_told_before_anything_is_asked() -> None:
    """A number that no bill has is of none, whatever else the hospital could say."""
    body = {"transaction": TRADE, "amount": 1250}
    told = tell("POST", "/v1/bills/no-bill/payments", body=body, key=KEY, served=cashier())
    assert (told.answer.status, told.sent) == (404, [])
    assert told.event.validations == (("request-json", True), ("request-xsd", False))


RECEIPT = """<xs:complexType name="Receipt">
        <xs:sequence>
          <xs:element name="PayNo" type="tns:Number"/>
          <xs:element name="CardNo" type="tns:Number"/>
          <xs:element name="Amount" type="tns:Money"/>
        </xs:sequence>
      </xs:complexType>
      <xs:element name="Pay">"""


@pytest.fixture(scope="module")
def brief(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """The pack of a cashier who gives a receipt that says neither bill, transaction nor state."""
    pack = tmp_path_factory.mktemp("packs") / "cashier"
    pack.mkdir()
    here = Path(__file__).parent
    wsdl = (here / "cashier.wsdl").read_text("utf-8").replace('<xs:element name="Pay">', RECEIPT)
    wsdl = wsdl.replace('"tns:Payment" minOccurs="0"/>', '"tns:Receipt" minOccurs="0"/>')
    policy, _, response = (here / "policy.yaml").read_text("utf-8").partition("    response:\n")
    kept = [line for line in response.splitlines() if "TradeNo" not in line and "State" not in line]
    (pack / "cashier.wsdl").write_text(wsdl, "utf-8")
    (pack / "policy.yaml").write_text(
        "\n".join([f"{policy}    response:", *kept]).replace(
            'codes:\n  payment: {under-way: "0", paid: "1", revoked: "9"}\n', ""
        ),
        "utf-8",
    )
    checked = check_packs((pack,))
    assert checked.findings == ()
    return compile_snapshot(checked.packs, {})


RECEIVED = reply(
    "Pay", f"<Payment><PayNo>P1</PayNo><CardNo>{CARD}</CardNo><Amount>12.50</Amount></Payment>"
)


@pytest.mark.parametrize(
    ("found", "status", "body"),
    [
        (has(payment(PayNo="P2")), 201, {"number": "P2", "amount": 1250}),
        (has(payment(TradeNo="OTHER")), 202, None),
        (has(payment(State="0")), 202, None),
        (has(), 202, None),
        (CUT, 202, None),
    ],
    ids=["as asked", "another's", "under way", "nothing", "no answer"],
)
def test_a_success_that_does_not_say_of_what_is_asked_about(
    brief: Snapshot, found: Script, status: int, body: object
) -> None:
    """And answered with what is found, for only that is known to be what was asked."""
    tries = [found] * (3 if found is CUT else 1)
    told = pay(has(), RECEIVED, *tries, served=brief)
    assert told.answer.status == status
    assert operations(told) == [*BOTH, *ASKED * len(tries)]
    if body is not None:
        assert told.body == body


def test_a_payment_that_is_there_and_cannot_be_told_was_not_left_unsent(tmp_path: Path) -> None:
    """Its record lacks the number that the response must have: what is known is that it is paid."""
    pack = tmp_path / "cashier"
    pack.mkdir()
    here = Path(__file__).parent
    number = '<xs:element name="PayNo" type="tns:Number"/>'
    optional = number.replace("/>", ' minOccurs="0"/>')
    wsdl = (here / "cashier.wsdl").read_text("utf-8").replace(number, optional)
    (pack / "cashier.wsdl").write_text(wsdl, "utf-8")
    must = "number: {hospital: PayNo, optional: false}"
    policy = (here / "policy.yaml").read_text("utf-8").replace("number: PayNo", must)
    (pack / "policy.yaml").write_text(policy, "utf-8")
    served = compile_snapshot(check_packs((pack,)).packs, {})
    told = pay(has(payment().replace("<PayNo>P1</PayNo>", "")), served=served)
    assert operations(told) == ASKED
    assert (told.answer.status, told.body["outcome"]) == (202, "unknown")


def test_a_location_of_an_earlier_policy_is_never_told_as_not_sent() -> None:
    """What it does not carry is not known; no record that lacks it is the write's."""
    (route,) = (one for one in cashier().routes if one.id == "operations-pay-bill")
    without: Record = {"BillNo": BILL, "TradeNo": TRADE}
    for carried in (None, without):
        long_ago = context(first_sent=NOW - timedelta(days=1))
        asked = replace(long_ago, asked=carried)
        for told in (route.inbound({}, asked), route.inbound.empty({}, asked)):
            assert told == {"outcome": "unknown"}


@pytest.mark.parametrize("amount", ["12.50", "12.5", "012.500"])
def test_a_repeat_is_one_effect_however_the_hospital_writes_it(amount: str) -> None:
    """The same key and body again: found, and answered as the first time."""
    told = pay(has(payment(Amount=amount)))
    assert (told.answer.status, told.body["amount"]) == (201, 1250)
    assert operations(told) == ASKED
