"""What may be said of a failure: a table of failure by effect."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gateway.conclusion import NotComparable, WrongSubject
from gateway.delivery import Delivery
from gateway.problems import TYPES, Rejection
from gateway.resilience.errors import NotAdmitted, Overrun
from gateway.settlement import (
    FAILURES,
    delivery_of,
    ending_of,
    judge,
    reason_of,
    settle,
    unforeseen,
)
from gateway.soap.errors import CallFailed, RecordFault, ReplyInvalid, RequestInvalid, SoapFault
from gateway.translation.inbound import Untranslatable
from gateway.translation.outcomes import UnknownCode, UpstreamFailure
from tests.unit.world import route

READ, WRITE = route("list-departments"), route("hold-slot")


def call_failed(delivery: Delivery, reason: str) -> Callable[[], CallFailed]:
    return lambda: CallFailed(delivery, reason)


NOT_SENT, MAYBE, ANSWERED = Delivery.NOT_SENT, Delivery.MAYBE_SENT, Delivery.ANSWERED

TABLE: list[tuple[Callable[[], Exception], str, str, str, Delivery, str]] = [
    # failure, a read's problem, a write's problem and outcome, delivery, reason
    (lambda: NotAdmitted("breaker-open", 3.0), "circuit-open", "circuit-open", "not-sent",
     NOT_SENT, "breaker-open"),
    (lambda: NotAdmitted("bulkhead-full", 1.0), "overloaded", "overloaded", "not-sent",
     NOT_SENT, "bulkhead-full"),
    (lambda: NotAdmitted("deadline"), "overloaded", "overloaded", "not-sent",
     NOT_SENT, "deadline"),
    (call_failed(NOT_SENT, "connect-refused"), "not-sent", "not-sent", "not-sent",
     NOT_SENT, "connect-refused"),
    (call_failed(NOT_SENT, "deadline"), "not-sent", "not-sent", "not-sent", NOT_SENT, "deadline"),
    (call_failed(MAYBE, "deadline"), "upstream-timeout", "unknown", "unknown", MAYBE, "deadline"),
    (call_failed(MAYBE, "reset"), "upstream-timeout", "unknown", "unknown", MAYBE, "reset"),
    (call_failed(MAYBE, "truncated"), "upstream-reply-invalid", "unknown", "unknown",
     MAYBE, "truncated"),
    (Overrun, "upstream-timeout", "unknown", "unknown", MAYBE, "deadline"),
    (call_failed(ANSWERED, "redirect"), "upstream-reply-invalid", "unknown", "unknown",
     ANSWERED, "redirect"),
    (call_failed(ANSWERED, "status-404"), "upstream-failure", "unknown", "unknown",
     ANSWERED, "status-404"),
    (lambda: ReplyInvalid("doctype"), "upstream-reply-invalid", "unknown", "unknown",
     ANSWERED, "doctype"),
    (lambda: SoapFault("Server", "words"), "upstream-failure", "unknown", "unknown",
     ANSWERED, "soap-fault"),
    (lambda: SoapFault("Client", "words"), "upstream-failure", "unknown", "unknown",
     ANSWERED, "soap-fault"),
    (UpstreamFailure, "upstream-failure", "unknown", "unknown", ANSWERED, "upstream-said-so"),
    (UnknownCode, "upstream-reply-invalid", "unknown", "unknown", ANSWERED, "unknown-code"),
    (lambda: Untranslatable(("A",), "why"), "upstream-reply-invalid", "unknown", "unknown",
     ANSWERED, "untranslatable"),
    (NotComparable, "upstream-reply-invalid", "unknown", "unknown", ANSWERED, "not-comparable"),
    (WrongSubject, "not-found", "unknown", "unknown", ANSWERED, "wrong-subject"),
]  # fmt: skip
IDS = [f"{type(row[0]()).__name__}-{row[5]}" for row in TABLE]


@pytest.mark.parametrize("row", TABLE, ids=IDS)
def test_a_failure_is_told_by_its_effect(
    row: tuple[Callable[[], Exception], str, str, str, Delivery, str],
) -> None:
    """A read may be asked again; a write that was perhaps sent is never called a failure."""
    make, read, write, outcome, delivery, reason = row
    assert settle(READ, make()).slug == read
    told = settle(WRITE, make())
    assert (told.slug, told.outcome, told.reason) == (write, outcome, reason)
    assert (told.slug == "unknown") == (delivery is not NOT_SENT)
    assert (delivery_of(make()), reason_of(make())) == (delivery, reason)
    assert isinstance(make(), FAILURES)


def test_every_failure_stands_in_the_table() -> None:
    """Whoever adds a failure says what may be told of it."""
    assert {type(row[0]()) for row in TABLE} | {RequestInvalid} == set(FAILURES)


def test_waiting_is_advised_as_long_as_the_guard_says() -> None:
    """Or a second, where it is known that nothing was sent."""
    assert settle(READ, NotAdmitted("breaker-open", 3.5)).retry_after == 3.5
    assert settle(READ, NotAdmitted("deadline")).retry_after is None
    assert settle(READ, CallFailed(NOT_SENT, "connect-refused")).retry_after == 1.0


def test_arguments_off_the_contract_are_the_callers_to_mend() -> None:
    """Nothing was sent, and nothing failed."""
    fault = RequestInvalid((RecordFault(("SlotCode",), "does not fit"),))
    assert settle(WRITE, fault).slug == "not-found"
    fault = RequestInvalid((RecordFault(("ChannelCode",), "does not fit"),))
    assert settle(WRITE, fault).slug == "internal"


# --- what retry and breaker are told ---

AGAIN = [
    # failure, a read is made again, a write is, it counts against the upstream
    (CallFailed(NOT_SENT, "connect-refused"), True, True, True),
    (CallFailed(NOT_SENT, "connect-timeout"), True, True, True),
    (CallFailed(NOT_SENT, "deadline", lasted=30.0), False, False, True),
    (CallFailed(NOT_SENT, "deadline"), False, False, False),
    (CallFailed(MAYBE, "disconnected"), True, False, True),
    (CallFailed(MAYBE, "truncated"), True, False, True),
    (CallFailed(MAYBE, "deadline", lasted=30.0), False, False, True),
    (CallFailed(MAYBE, "deadline", lasted=0.02), False, False, False),
    (CallFailed(ANSWERED, "status-503"), False, False, True),
    (CallFailed(ANSWERED, "content-type"), False, False, True),
    (ReplyInvalid("off-schema"), False, False, False),
    (UnknownCode(), False, False, False),
    (UpstreamFailure(), False, False, True),
    (SoapFault("Server", ""), False, False, True),
    (SoapFault("Receiver", ""), False, False, True),
    (SoapFault("Client", ""), False, False, False),
    (ValueError(), False, False, False),
]


@pytest.mark.parametrize(("failure", "read", "write", "counts"), AGAIN)
def test_only_what_did_no_harm_is_made_again(
    failure: Exception, read: bool, write: bool, counts: bool
) -> None:
    """An answer is an answer; neither one operation off its contract nor one impatient caller
    closes off the hospital."""
    for one, again in ((READ, read), (WRITE, write)):
        verdict = judge(one)(failure)
        assert (verdict.retryable, verdict.failure) == (again, counts)


# --- what nobody foresaw ---


def test_a_failure_of_the_gateway_after_a_write_leaves_it_unknown() -> None:
    """Before the call, and for a read, it is the gateway's own failure."""
    assert unforeseen(WRITE, called=True).outcome == "unknown"
    assert unforeseen(WRITE, called=False).slug == "internal"
    assert unforeseen(READ, called=True).slug == "internal"
    assert unforeseen(None, called=False).slug == "internal"
    assert delivery_of(ValueError()) is MAYBE


@pytest.mark.parametrize("slug", TYPES)
def test_every_problem_is_counted_as_one_of_the_outcomes(slug: str) -> None:
    """By what became of the write where there was one, else by who has to act."""
    status = TYPES[slug].status
    turned_down = status < 500 or slug == "function-closed"
    expected = "failed" if not turned_down else "refused" if status == 409 else "rejected"
    assert ending_of(Rejection(slug)) == expected
    assert ending_of(Rejection(slug, outcome="unknown")) == "unknown"
    assert ending_of(Rejection(slug, outcome="not-sent")) == "not-sent"
