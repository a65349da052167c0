"""What may honestly be said of a call that did not end as it should.

A failed attempt is `not-sent` (it may be made again), a read's (the caller may ask again), or a
write's whose effect is unknown: that is never made again, and never called a failure. Asking the
hospital about such a write within the deadline belongs here too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from gateway.delivery import Delivery
from gateway.operations.events import Outcome
from gateway.policies.snapshot import Route
from gateway.problems import Rejection
from gateway.resilience.errors import NotAdmitted, Overrun
from gateway.resilience.guard import Verdict
from gateway.soap.errors import CallFailed, ReplyInvalid, RequestInvalid, SoapFault
from gateway.translation.inbound import Untranslatable
from gateway.translation.outcomes import UnknownCode, UpstreamFailure


class WrongSubject(Exception):
    """The reply is about another patient card than the request."""


class NotComparable(Exception):
    """A success does not say what was done, so that it cannot be held against what was asked."""


OFF_CONTRACT: Final = (ReplyInvalid, Untranslatable, UnknownCode, NotComparable)
FAILURES: Final = (
    NotAdmitted, Overrun, CallFailed, SoapFault, UpstreamFailure, WrongSubject, RequestInvalid,
    *OFF_CONTRACT,
)  # fmt: skip
"""Everything that the hospital side can end with, short of an answer."""

_NOT_ADMITTED = {
    "breaker-open": "circuit-open",
    "bulkhead-full": "overloaded",
    "draining": "draining",
    "deadline": "overloaded",
}


def judge(route: Route) -> Callable[[Exception], Verdict]:
    """What a failed attempt of this route means to retry and breaker."""
    return _judge_write if route.writes else _judge_read


def _judge_read(failure: Exception) -> Verdict:
    if isinstance(failure, CallFailed):
        # A deadline that has passed leaves no time for another attempt.
        return Verdict(retryable=failure.reason != "deadline", failure=True)
    return Verdict(retryable=False, failure=_counts(failure))


def _judge_write(failure: Exception) -> Verdict:
    if isinstance(failure, CallFailed):
        again = failure.delivery is Delivery.NOT_SENT and failure.reason != "deadline"
        return Verdict(retryable=again, failure=True)
    return Verdict(retryable=False, failure=_counts(failure))


def _counts(failure: Exception) -> bool:
    # A reply off contract is a fault of one operation; it must not close off the whole hospital.
    return isinstance(failure, UpstreamFailure | Overrun) or (
        isinstance(failure, SoapFault) and failure.code in ("Server", "Receiver")
    )


def settle(route: Route | None, failure: Exception) -> Rejection:
    """What the caller is told of `failure`."""
    if route is None:
        raise failure
    if isinstance(failure, RequestInvalid):
        return route.outbound.refused(tuple((one.path, one.reason) for one in failure.faults))
    outcome = "not-sent" if route.writes else None
    if isinstance(failure, NotAdmitted):
        slug = _NOT_ADMITTED[failure.reason]
        after = failure.retry_after
        return Rejection(slug, outcome=outcome, retry_after=after, reason=failure.reason)
    if delivery_of(failure) is Delivery.NOT_SENT:
        return Rejection("not-sent", outcome="not-sent", retry_after=1.0, reason=reason_of(failure))
    if route.writes:
        return Rejection("unknown", outcome="unknown", reason=reason_of(failure))
    if isinstance(failure, WrongSubject):
        return Rejection("not-found", reason=reason_of(failure))
    if delivery_of(failure) is Delivery.MAYBE_SENT:
        return Rejection("upstream-timeout", reason=reason_of(failure))
    if isinstance(failure, OFF_CONTRACT) or _off_contract(failure):
        return Rejection("upstream-reply-invalid", reason=reason_of(failure))
    return Rejection("upstream-failure", reason=reason_of(failure))


def outcome_of(rejection: Rejection) -> Outcome:
    """How the exchange ended, as the listeners are told."""
    if rejection.outcome == "unknown":
        return "unknown"
    if rejection.outcome == "not-sent":
        return "not-sent"
    status = rejection.type.status
    if status == 409:
        return "refused"
    return "failed" if status >= 500 else "rejected"


def _off_contract(failure: Exception) -> bool:
    # Answers that are no SOAP at all break the contract; a status of 503, say, is a failure.
    return isinstance(failure, CallFailed) and not failure.reason.startswith("status-")


def delivery_of(failure: Exception) -> Delivery:
    """How far the last attempt got."""
    if isinstance(failure, NotAdmitted | Overrun | CallFailed):
        return failure.delivery
    return Delivery.NOT_SENT if isinstance(failure, RequestInvalid) else Delivery.ANSWERED


def reason_of(failure: Exception) -> str:
    """A slug for the log and the metrics."""
    if isinstance(failure, NotAdmitted | Overrun | CallFailed | ReplyInvalid):
        return failure.reason
    return _REASONS.get(type(failure), "internal")


_REASONS: Final = {
    RequestInvalid: "request-off-contract",
    SoapFault: "soap-fault",
    UpstreamFailure: "upstream-said-so",
    UnknownCode: "unknown-code",
    Untranslatable: "untranslatable",
    WrongSubject: "wrong-subject",
    NotComparable: "not-comparable",
}
