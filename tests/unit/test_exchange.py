"""Every way that an exchange can end, told to the caller, the listeners and the hospital."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from lxml import etree

from gateway.delivery import Delivery
from gateway.problems import TYPES
from gateway.rest.messages import Answer
from gateway.rest.validation import JsonSchema
from gateway.soap.contract import load_contract
from gateway.soap.credentials import Credentials
from gateway.soap.errors import CallFailed
from gateway.soap.security import Security
from gateway.translation.sealing import serial
from tests import replies
from tests.replies import CARD, HOLD, ORDER, OTHER_CARD, OTHER_SLOT, SLOT
from tests.unit.closing.switches import off
from tests.unit.rest.requests import EDGE_HEADERS, incoming
from tests.unit.translation.contexts import NOW
from tests.unit.world import (
    CONTRACTS,
    KEY,
    FakeTransport,
    Script,
    Told,
    World,
    altered,
    sealed,
    snapshot,
    tell,
)

NOT_SENT = CallFailed(Delivery.NOT_SENT, "connect-refused")
NO_TIME = CallFailed(Delivery.NOT_SENT, "deadline")
SILENT = CallFailed(Delivery.MAYBE_SENT, "deadline")
CUT = CallFailed(Delivery.MAYBE_SENT, "disconnected")
HALF = CallFailed(Delivery.MAYBE_SENT, "truncated")
PAGE = CallFailed(Delivery.ANSWERED, "content-type")
BUSY = CallFailed(Delivery.ANSWERED, "status-503")
KIOSK = {**EDGE_HEADERS, "Client-Certificate-Fingerprint": "cd" * 32}
SERIAL = serial("booking", "hold-slot", KEY)
LOCATION = f"/v1/operations/hold-slot/{KEY}"


def departments(*script: Script, **request: Any) -> Told:
    return tell("GET", "/v1/departments", *script, card=None, **request)


def practitioner(*script: Script, **request: Any) -> Told:
    return tell("GET", "/v1/practitioners/0101", *script, card=None, **request)


def appointment(*script: Script, **request: Any) -> Told:
    token = sealed("appointment", ORDER, card=CARD)
    return tell("GET", f"/v1/appointments/{token}", *script, **request)


def hold(*script: Script, **request: Any) -> Told:
    return tell("POST", f"/v1/slots/{SLOT}/holds", *script, **{"key": KEY, **request})


def ask(*script: Script, since: timedelta | None = None, **request: Any) -> Told:
    query = ""
    if since is not None:
        moment = str(int((NOW - since).timestamp()))
        query = "since=" + sealed("since", moment, card=f"hold-slot/{KEY}")
    return tell("GET", LOCATION, *script, **{"query": query, **request})


# --- closed functions ---


def test_a_closed_write_is_told_so_before_anything_is_looked_at() -> None:
    """Nothing is sent, and it says when to come back."""
    told = hold(switches=(off("hold-*"),), extra=(("Accept-Language", "zh"),))
    assert (told.answer.status, told.headers["Retry-After"]) == (503, "3600")
    assert told.body == {
        "type": "/problems/function-closed",
        "title": TYPES["function-closed"].title_zh,
        "status": 503,
        "detail": TYPES["function-closed"].detail_zh,
        "instance": "request-1",
        "retryable": True,
        "outcome": "not-sent",
        "reopensAt": "2031-03-14T10:30:00+08:00",
    }
    event = told.event
    assert (event.outcome, event.problem, event.reason, event.attempts) == (
        "not-sent", "function-closed", "closed-by-switch", 0,
    )  # fmt: skip


def test_who_may_not_call_a_function_is_not_told_that_it_is_closed() -> None:
    """A closed function is nobody's way to learn what there is."""
    told = tell("GET", "/v1/status", card=None, headers=KIOSK, switches=(off("get-status"),))
    assert told.answer.status == 403


def test_the_end_of_a_write_is_told_while_its_function_is_closed() -> None:
    """Settling stays open."""
    told = ask(replies.reply("QueryBySerial", code="1"), switches=(off("*"),))
    assert (told.answer.status, told.body) == (200, {"outcome": "unknown"})


def test_the_status_lists_what_the_gateway_holds_closed() -> None:
    """Beside what the hospital says of itself."""
    reply = replies.reply("QueryStatus", "<HospitalTime>2031-03-14T09:30:00</HospitalTime>")
    told = tell("GET", "/v1/status", reply, card=None, switches=(off("hold-*"),))
    assert told.answer.status == 200
    assert told.body["closed"] == [{"route": "hold-slot", "reopensAt": "2031-03-14T10:30:00+08:00"}]


# --- reads ---


def test_a_read_that_succeeds_is_told_as_json() -> None:
    """One attempt, four validations, and the hospital's words for nothing."""
    told = departments(replies.departments("0101", "0102"))
    assert told.answer.status == 200
    assert [row["id"] for row in told.body["items"]] == ["0101", "0102"]
    assert (told.event.outcome, told.event.problem, told.event.delivery, told.event.attempts) == (
        "succeeded", None, "answered", 1,
    )  # fmt: skip
    stages = ("request-json", "request-xsd", "reply-xsd", "response-json")
    assert told.event.validations == tuple((stage, True) for stage in stages)
    assert told.event.snapshot == snapshot().digest


def test_a_read_without_data_is_an_empty_list_or_not_found() -> None:
    """As the response is a list or one thing."""
    nothing = departments(replies.reply("QueryDepartments", code="1"))
    assert (nothing.answer.status, nothing.body) == (200, {"items": []})
    nobody = practitioner(replies.reply("QueryDoctor", code="1"))
    assert (nobody.answer.status, nobody.event.reason) == (404, "hospital-has-none")


OTHER_OPERATION = replies.reply("QueryRules", code="1")
READS: dict[str, tuple[tuple[Script, ...], str, str | None, str, int]] = {
    # the hospital does: (replies), problem, reason, delivery, attempts
    "refuses": (
        (replies.reply("QueryDepartments", code="2003"),), "schedule-stopped", None, "answered", 1,
    ),
    "fails": (
        (replies.reply("QueryDepartments", code="-99"),),
        "upstream-failure", "upstream-said-so", "answered", 1,
    ),
    "faults": ((replies.fault(),), "upstream-failure", "soap-fault", "answered", 1),
    "says an unknown code": (
        (replies.reply("QueryDepartments", code="7"),),
        "upstream-reply-invalid", "unknown-code", "answered", 1,
    ),
    "says an empty code": (
        (replies.reply("QueryDepartments", code=""),),
        "upstream-reply-invalid", "off-schema", "answered", 1,
    ),
    "says a nil code": (
        (replies.nil_result("QueryDepartments"),),
        "upstream-reply-invalid", "off-schema", "answered", 1,
    ),
    "says nothing in its response": (
        (replies.empty_response("QueryDepartments"),),
        "upstream-reply-invalid", "off-schema", "answered", 1,
    ),
    "answers for another operation": (
        (OTHER_OPERATION,), "upstream-reply-invalid", "wrong-operation", "answered", 1,
    ),
    "sends no XML": ((b"OK",), "upstream-reply-invalid", "not-xml", "answered", 1),
    "sends a page": ((PAGE,), "upstream-reply-invalid", "content-type", "answered", 1),
    "is busy": ((BUSY,), "upstream-failure", "status-503", "answered", 1),
    "refuses connections": (
        (NOT_SENT, NOT_SENT, NOT_SENT), "not-sent", "connect-refused", "not-sent", 3,
    ),
    "cannot be reached in time": ((NO_TIME,), "not-sent", "deadline", "not-sent", 1),
    "is silent": ((SILENT,), "upstream-timeout", "deadline", "maybe-sent", 1),
    "hangs up": ((CUT, CUT, CUT), "upstream-timeout", "disconnected", "maybe-sent", 3),
    "stops half way": ((HALF, HALF, HALF), "upstream-reply-invalid", "truncated", "maybe-sent", 3),
}  # fmt: skip


@pytest.mark.parametrize("case", READS)
def test_a_read_ends_honestly_when_the_hospital(case: str) -> None:
    """With the problem that fits, its reason for operations, and nothing of what the reply said."""
    script, problem, reason, delivery, attempts = READS[case]
    told = departments(*script)
    assert told.answer.status == TYPES[problem].status
    assert told.body["type"] == f"/problems/{problem}"
    assert (told.event.problem, told.event.reason) == (problem, reason)
    assert (told.event.delivery, told.event.attempts, len(told.sent)) == (
        delivery, attempts, attempts,
    )  # fmt: skip
    assert replies.MESSAGE not in told.answer.body.decode()


@pytest.mark.parametrize("failure", [NOT_SENT, CUT])
def test_a_read_without_an_answer_is_made_again(failure: CallFailed) -> None:
    """It changes nothing, so that one more asks no harm."""
    told = departments(failure, replies.departments("0101"))
    assert (told.answer.status, told.event.attempts, told.event.outcome) == (200, 2, "succeeded")


class Remembering(FakeTransport):
    """A service that remembers nonces, as UsernameToken Profile 1.1.1 (3.1) asks, and refuses one
    that comes again: also when its own answer to the first was lost.
    """

    async def post(self, url: str, headers: Mapping[str, str], body: bytes, **terms: Any) -> Any:
        """The next of the script, or a fault."""
        nonce = etree.fromstring(body).findtext(".//{*}Nonce")
        if any(etree.fromstring(each).findtext(".//{*}Nonce") == nonce for each in self.sent):
            self.script = [replies.fault()]
        return await super().post(url, headers, body, **terms)


def test_a_read_is_made_again_at_a_service_that_remembers_who_asked() -> None:
    """Each attempt says it anew, about the same message."""
    codec = load_contract(CONTRACTS / "registration" / "registration.wsdl").codec(
        "QueryDepartments", Credentials(Security("gateway", "made-up", digest=True))
    )
    hospital = Remembering([NOT_SENT, CUT, replies.departments("0101")])
    world = World(hospital, served=altered(codec=codec))

    async def ask() -> Answer:
        return await world.exchange()(incoming(path="/v1/departments"))

    assert asyncio.run(ask()).status == 200
    bodies = [etree.fromstring(each)[-1] for each in hospital.sent]
    assert len(bodies) == 3
    assert len({etree.tostring(each, method="c14n", exclusive=True) for each in bodies}) == 1


def reported(reply: str, old: str, new: str) -> bytes:
    """An example's reply, of this patient's card and with another code."""
    text = (CONTRACTS / f"{reply}/reply.xml").read_text("utf-8")
    changed = text.replace("100000000017", CARD).replace(f">{old}<", f">{new}<")
    assert changed.count(f">{new}<") >= 1
    return replies.envelope(changed)


def test_a_code_without_a_word_takes_no_list_away_where_it_only_describes() -> None:
    """It is told as other, and operations see in which field, not what it was."""
    told = tell("GET", "/v1/bills", reported("billing/examples/list-bills/ok", "01", "77"))
    said = [one.get("reason") for bill in told.body["items"] for one in (bill, *bill["actions"])]
    assert "other" in said
    assert (told.event.outcome, told.event.unlisted) == ("succeeded", ("reason",))
    assert "77" not in repr(told.event.unlisted)
    named = tell("GET", "/v1/bills", reported("billing/examples/list-bills/ok", "01", "02"))
    assert (named.event.outcome, named.event.unlisted) == ("succeeded", ())


def test_a_report_of_a_category_that_nobody_judged_is_not_told() -> None:
    """Neither in the list, whose others are, nor by its id."""
    told = tell("GET", "/v1/reports", reported("reports/examples/list-reports/ok", "05", "77"))
    assert [item["category"] for item in told.body["items"]] == ["routine"]
    token = sealed("report", "E2026022700031", card=CARD)
    reply = reported("reports/examples/get-report/examination", "05", "77")
    told = tell("GET", f"/v1/reports/{token}", reply)
    assert (told.answer.status, told.event.reason) == (404, "kept-back")


def test_a_read_about_another_card_is_not_found() -> None:
    """One patient's registration is never shown to another."""
    told = appointment(replies.reply("QueryOrder", replies.order(card=OTHER_CARD)))
    assert (told.answer.status, told.event.reason) == (404, "wrong-subject")
    assert (told.event.attempts, told.event.delivery) == (1, "answered")
    assert OTHER_CARD not in told.answer.body.decode()


def test_one_foreign_row_condemns_the_list() -> None:
    """A hospital that mixes cards up is not believed for the rest either."""
    rows = replies.order() + replies.order(card=OTHER_CARD, number="20310314000002")
    told = tell(
        "GET", "/v1/appointments",
        replies.reply("QueryOrders", f"<OrderList>{rows}</OrderList>"),
    )  # fmt: skip
    assert (told.answer.status, told.event.reason) == (404, "wrong-subject")


# --- writes ---


def test_a_write_that_succeeds_is_told_with_its_status() -> None:
    """Compared with what was asked; the serial is of client, route and key."""
    told = hold(replies.held())
    assert told.answer.status == 201
    assert told.body["slotId"] == SLOT
    assert sealed("hold", HOLD, card=CARD) == told.body["id"]
    (sent,) = told.sent
    texts = {etree.QName(node).localname: node.text for node in etree.fromstring(sent)[0][0]}
    assert texts == {
        "PlatformSerial": SERIAL, "ChannelCode": "DY01", "SlotCode": SLOT, "CardNo": CARD,
    }  # fmt: skip


def test_a_refused_write_is_told_as_refused() -> None:
    """With the problem type that the policy gives the code."""
    told = hold(replies.reply("LockSlot", code="2001"))
    assert (told.answer.status, told.body["outcome"], told.event.outcome) == (
        409, "refused", "refused",
    )  # fmt: skip
    assert told.body["type"] == "/problems/slot-taken"
    assert "refundRequired" not in told.body


def test_a_refusal_after_payment_says_that_the_money_must_go_back() -> None:
    """The platform has taken it."""
    body = {
        "channel": "wechat", "transaction": "WX0000000001",
        "paidAt": "2031-03-14T09:30:00+08:00", "amount": 1250,
    }  # fmt: skip
    token = sealed("appointment", ORDER, card=CARD)
    told = tell(
        "POST", f"/v1/appointments/{token}/payments",
        replies.reply("PayRegistration", code="2015"), body=body, key=KEY,
    )  # fmt: skip
    assert (told.answer.status, told.body["refundRequired"]) == (409, True)


UNKNOWN: dict[str, tuple[Script, str]] = {
    "is silent": (SILENT, "deadline"),
    "hangs up": (CUT, "disconnected"),
    "stops half way": (HALF, "truncated"),
    "sends a page": (PAGE, "content-type"),
    "is busy": (BUSY, "status-503"),
    "faults": (replies.fault(), "soap-fault"),
    "fails": (replies.reply("LockSlot", code="-99"), "upstream-said-so"),
    "says an unknown code": (replies.reply("LockSlot", code="7"), "unknown-code"),
    "found nothing": (replies.reply("LockSlot", code="1"), "unknown-code"),
    "says an empty code": (replies.reply("LockSlot", code=""), "off-schema"),
    "says a nil code": (replies.nil_result("LockSlot"), "off-schema"),
    "says nothing in its response": (replies.empty_response("LockSlot"), "off-schema"),
    "answers for another operation": (OTHER_OPERATION, "wrong-operation"),
    "answers about another card": (replies.held(card=OTHER_CARD), "wrong-subject"),
    "does not say what it did": (replies.reply("LockSlot"), "not-comparable"),
    "breaks the gateway": (ZeroDivisionError("values of a patient"), "internal"),
}


@pytest.mark.parametrize("case", UNKNOWN)
def test_a_write_is_unknown_when_the_hospital(case: str) -> None:
    """Sent once, never again, and a Location that tells how it ended."""
    script, reason = UNKNOWN[case]
    told = hold(script)
    assert (told.answer.status, told.body["outcome"]) == (202, "unknown")
    assert (told.event.outcome, told.event.reason, told.event.attempts) == ("unknown", reason, 1)
    assert len(told.sent) == 1
    path, _, since = told.headers["Location"].partition("?since=")
    assert path == LOCATION
    assert since
    assert replies.MESSAGE not in told.answer.body.decode()


def test_a_write_that_was_not_sent_is_made_again_and_then_given_up() -> None:
    """`not-sent` is the only failure that may be repeated."""
    told = hold(NOT_SENT, NOT_SENT, NOT_SENT)
    assert (told.answer.status, told.body["outcome"]) == (503, "not-sent")
    assert (told.event.outcome, told.event.attempts) == ("not-sent", 3)
    assert "Retry-After" in told.headers
    assert "Location" not in told.headers
    told = hold(NOT_SENT, replies.held())
    assert (told.answer.status, told.event.attempts) == (201, 2)


def test_a_write_that_was_perhaps_sent_at_the_second_attempt_is_unknown() -> None:
    """What came before it does not matter."""
    told = hold(NOT_SENT, SILENT)
    assert (told.answer.status, told.event.attempts) == (202, 2)


def test_a_key_used_for_something_else_says_that_the_first_stands() -> None:
    """It must not be read as "nothing happened", and tells where to see what did."""
    told = hold(replies.held(slot=OTHER_SLOT))
    assert (told.answer.status, told.body["type"]) == (422, "/problems/key-reused")
    assert "that stands" in told.body["detail"]
    assert told.headers["Location"].startswith(LOCATION)
    assert told.event.outcome == "rejected"


# --- how a write ended ---


def test_the_location_of_an_unknown_write_is_answered_from_the_hospitals_record() -> None:
    """By the same serial, on any replica."""
    location = hold(SILENT).headers["Location"]
    path, _, query = location.partition("?")
    told = tell("GET", path, replies.trade(SERIAL, replies.hold()), query=query)
    assert told.answer.status == 200
    assert told.body["outcome"] == "succeeded"
    assert told.body["response"]["slotId"] == SLOT
    assert SERIAL.encode() in told.sent[0]


def test_a_refused_write_is_asked_for_and_told() -> None:
    """As the first reply would have said it."""
    told = ask(replies.trade(SERIAL, code="2001"))
    assert told.body == {
        "outcome": "refused",
        "problem": {"type": "/problems/slot-taken", "title": "The slot is taken"},
    }


@pytest.mark.parametrize(
    ("since", "outcome"),
    [(None, "unknown"), (timedelta(seconds=59), "unknown"), (timedelta(seconds=60), "not-sent")],
)
def test_a_serial_that_the_hospital_does_not_know_becomes_not_sent_with_time(
    since: timedelta | None, outcome: str
) -> None:
    """Only after the policy's `certain_after`, from the time that is sealed in the Location."""
    told = ask(replies.reply("QueryBySerial", code="1"), since=since)
    assert (told.answer.status, told.body) == (200, {"outcome": outcome})


def test_a_refused_question_is_no_refused_write() -> None:
    """A 409 here would be read as the end of the write."""
    told = ask(replies.reply("QueryBySerial", code="2017"))
    assert (told.answer.status, told.body["type"]) == (502, "/problems/upstream-failure")


def test_a_refused_payment_says_that_the_money_must_go_back_also_when_asked_for() -> None:
    """The caller may have heard of the refusal in no other way."""
    made = serial("booking", "pay-appointment", KEY)
    told = tell(
        "GET", f"/v1/operations/pay-appointment/{KEY}",
        replies.trade(made, code="2015", kind="PayRegistration"),
    )  # fmt: skip
    assert (told.body["outcome"], told.body["problem"]["refundRequired"]) == ("refused", True)


def test_the_record_of_another_serial_is_not_believed() -> None:
    """It says how some other write ended."""
    told = ask(replies.trade(serial("booking", "hold-slot", KEY + "x"), replies.hold()))
    assert (told.answer.status, told.event.reason) == (502, "not-comparable")


def test_a_write_of_another_card_is_not_found() -> None:
    """Though the client and the key are the same."""
    told = ask(replies.trade(SERIAL, replies.hold(card=OTHER_CARD)))
    assert told.answer.status == 404


@pytest.mark.parametrize(
    "query",
    [
        "since=" + "A" * 40,
        "since=" + sealed("since", "1", card="hold-slot/another-key-of-this-client"),
        "since=" + sealed("since", "1", card=f"hold-slot/{KEY}", client="clinic-kiosk"),
        "since=" + sealed("card", CARD),
    ],
)
def test_a_made_up_time_of_sending_is_not_found(query: str) -> None:
    """Or a caller could be told too early that nothing was sent."""
    assert ask(query=query).answer.status == 404


def test_a_key_that_can_be_no_key_is_not_found() -> None:
    """Without a call."""
    assert tell("GET", "/v1/operations/hold-slot/short").answer.status == 404


# --- what holds for every route ---


def test_an_attempt_after_a_failed_one_goes_to_the_next_endpoint() -> None:
    """And after the last to the first again: one that is down is not all that there is."""
    first, second = "http://one.example/registration", "http://two.example/registration"
    served = altered(endpoints=(first, second))
    told = departments(NOT_SENT, NOT_SENT, replies.departments(), served=served)
    assert (told.answer.status, told.urls) == (200, [first, second, first])


def test_a_response_off_its_schema_is_never_told() -> None:
    """Of a read it is a wrong answer, of a write an unknown end."""
    served = altered(response=JsonSchema({"required": ["what nobody has"]}))
    read = departments(replies.departments(), served=served)
    assert (read.answer.status, read.event.validations[-1]) == (502, ("response-json", False))
    write = hold(replies.held(), served=served)
    assert (write.answer.status, write.body["outcome"]) == (202, "unknown")


# --- what never reaches the hospital ---


def test_a_subject_route_without_a_card_says_which_header_is_missing() -> None:
    """The caller's request is malformed; nobody is asked about."""
    told = hold(card=None)
    assert (told.answer.status, told.body["errors"][0]["pointer"]) == (400, "/Patient-Card")


@pytest.mark.parametrize(
    "header",
    [
        ("Patient-Card", "A" * 30),
        ("Patient-Card", sealed("card", CARD, client="clinic-kiosk")),
        ("Patient-Card", sealed("appointment", CARD)),
        ("Patient-Card", CARD),
    ],
)
def test_a_card_that_was_not_sealed_for_this_client_is_not_found(header: tuple[str, str]) -> None:
    """Another client's, another kind's, a made-up and a bare one."""
    told = hold(card=None, extra=(header,))
    assert (told.answer.status, told.event.reason) == (404, "card-not-sealed-here")


@pytest.mark.parametrize("card", [OTHER_CARD, ""])
def test_an_id_of_another_card_is_not_found(card: str) -> None:
    """Nor is it asked for."""
    token = sealed("appointment", ORDER, card=card)
    told = tell("GET", f"/v1/appointments/{token}")
    assert (told.answer.status, told.event.reason) == (404, "id-not-sealed-here")


def test_every_fault_of_a_body_is_told_at_once() -> None:
    """With a pointer for each, and no value."""
    body = {"name": "", "documentType": "none", "phone": 5, "secret-名": "x", "verifiedAt": "now"}
    told = tell("POST", "/v1/patient-cards", body=body, key=KEY, card=None)
    assert told.answer.status == 422
    pointers = {error["pointer"] for error in told.body["errors"]}
    assert pointers >= {"/name", "/documentType", "/phone", "/documentNumber", "/verifiedAt"}
    assert "secret" not in told.answer.body.decode()
    assert told.event.validations == (("request-json", False),)


def test_what_only_the_contract_knows_is_told_at_the_field_too() -> None:
    """The XSD refuses a date that is none, before anything is sent."""
    told = tell("GET", "/v1/statements/2031-02-30", card=None)
    assert told.answer.status in (404, 422)
    told = tell("GET", "/v1/practitioners/%E5%BC%A0", card=None)
    assert (told.answer.status, told.event.reason) == (404, "no-such-id")


@pytest.mark.parametrize(
    ("method", "path", "status", "more"),
    [
        ("GET", "/v1/nothing", 404, {}),
        ("DELETE", "/v1/departments", 405, {}),
        ("PUT", "/v1/departments", 405, {"raw": b"{}"}),
        ("TRACE", "/v1/departments", 405, {}),
        ("PATCH", "/v1/nothing", 404, {}),
        ("POST", f"/v1/slots/{SLOT}/holds", 428, {}),
        ("POST", f"/v1/slots/{SLOT}/holds", 400, {"key": "short"}),
        ("GET", "/v1/departments", 422, {"query": "unknown=1"}),
        ("GET", "/v1/departments", 400, {"raw": b"{}"}),
        ("POST", "/v1/patient-cards/search", 400, {"raw": b"{"}),
        ("GET", "/v1/departments", 401, {"extra": (("Edge-Proof", "x"),)}),
        ("GET", "/v1/practitioners/%EF%BF%BE", 422, {}),
        ("GET", "/v1/schedules", 422, {"query": "departmentId=%0b"}),
    ],
)
def test_what_is_not_as_it_should_be_never_reaches_the_hospital(
    method: str, path: str, status: int, more: dict[str, Any]
) -> None:
    """And is one line of the log like any other."""
    told = tell(method, path, **more)
    assert (told.answer.status, told.sent, told.event.attempts) == (status, [], 0)
    assert told.event.delivery is None
    assert told.event.outcome == "rejected"


def test_a_path_that_the_api_does_not_have_is_told_as_that() -> None:
    """Alike to all: what a client may call is no question where there is nothing to call."""
    everyone, kiosk = tell("GET", "/v1/nothing"), tell("GET", "/v1/nothing", headers=KIOSK)
    assert "API document has no such path" in everyone.body["detail"]
    assert kiosk.body == everyone.body
    chinese = tell("GET", "/v1/nothing", extra=(("Accept-Language", "zh"),))
    assert "接口文档中没有此路径" in chinese.body["detail"]


def test_a_client_without_the_scope_is_forbidden() -> None:
    """By the certificate, not by what it says."""
    told = tell("GET", "/v1/booking-rules", card=None, headers=KIOSK)
    assert (told.answer.status, told.event.client) == (403, "clinic-kiosk")


@pytest.mark.parametrize("timeout", [(), (("Request-Timeout", "0.5"),)])
def test_an_expired_deadline_makes_no_call(timeout: tuple[tuple[str, str], ...]) -> None:
    """The caller's own, or the route's."""
    told = departments(extra=timeout, waited=0.6 if timeout else 8.1)
    assert told.answer.status == 503
    assert (told.event.delivery, told.event.attempts, told.sent) == ("not-sent", 0, [])


def test_an_expired_write_was_not_sent() -> None:
    """And says so."""
    told = hold(waited=10.1)
    assert (told.answer.status, told.body["outcome"], told.sent) == (503, "not-sent", [])


# --- what nobody foresaw ---


def test_a_read_that_breaks_the_gateway_is_an_internal_failure() -> None:
    """Reported with the exception, told without a word of it."""
    told = departments(ZeroDivisionError("values of a patient"))
    assert (told.answer.status, told.event.outcome, told.event.reason) == (
        500, "failed", "internal",
    )  # fmt: skip
    assert [type(report) for report in told.reports] == [ZeroDivisionError]
    assert "values" not in told.answer.body.decode()


def test_what_was_foreseen_is_not_reported() -> None:
    """Operations look at reports."""
    assert not departments(replies.fault()).reports
    assert not hold(SILENT).reports


def test_the_trace_goes_on_to_the_hospital() -> None:
    """The same trace id, a new parent."""
    told = departments(replies.departments())
    version, trace, parent, flags = told.sent_headers[0]["traceparent"].split("-")
    assert (version, trace, flags) == ("00", told.event.trace_id, "00")
    assert len(parent) == 16
