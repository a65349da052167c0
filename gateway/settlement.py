"""What may honestly be said of a call that did not end as it should.

A failed attempt is `not-sent` (it may be made again), a read's (the caller may ask again), or a
write's whose effect is unknown: that is never made again, and never called a failure. How it
ended the caller learns by asking, at the Location that it is told.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from gateway.conclusion import NotComparable, WrongSubject
from gateway.delivery import Delivery
from gateway.operations.events import Ending
from gateway.policies.snapshot import Route
from gateway.problems import Rejection
from gateway.resilience.errors import NotAdmitted, Overrun
from gateway.resilience.guard import Verdict
from gateway.soap.errors import CallFailed, ReplyInvalid, RequestInvalid, SoapFault
from gateway.translation.inbound import Untranslatable
from gateway.translation.outcomes import UnknownCode, UpstreamFailure

OFF_CONTRACT: Final = (ReplyInvalid, Untranslatable, UnknownCode, NotComparable)
FAILURES: Final = (
    NotAdmitted, Overrun, CallFailed, SoapFault, UpstreamFailure, WrongSubject, RequestInvalid,
    *OFF_CONTRACT,
)  # fmt: skip
"""Everything that the hospital side can end with, short of an answer."""

TOLD_AT_LOCATION: Final = frozenset({"unknown", "key-reused"})
"""Problems of a write that has an end of its own, told where the Location leads."""

_NOT_ADMITTED = {
    "breaker-open": "circuit-open",
    "bulkhead-full": "overloaded",
    "deadline": "overloaded",
}


_WRITE_AGAIN: Final = (Delivery.NOT_SENT,)
_READ_AGAIN: Final = (Delivery.NOT_SENT, Delivery.MAYBE_SENT)
_FAIR_SHARE: Final = 0.5
"""The share of a route's deadline that the hospital must have had before silence is its failure."""


def judge(route: Route) -> Callable[[Exception], Verdict]:
    """What a failed attempt of this route means to retry and breaker.

    A write is made again only when no byte of it was sent, a read also when no answer came.
    """
    again_after = _WRITE_AGAIN if route.writes else _READ_AGAIN
    fair = route.deadline * _FAIR_SHARE

    def verdict(failure: Exception) -> Verdict:
        if not isinstance(failure, CallFailed):
            return Verdict(retryable=False, failure=_counts(failure))
        if failure.reason == "deadline":
            # No time is left for another attempt. And a caller's short patience, or a long wait
            # for a place, says nothing of the hospital: it must not be closed off for all.
            return Verdict(retryable=False, failure=failure.lasted >= fair)
        return Verdict(retryable=failure.delivery in again_after, failure=True)

    return verdict


def _counts(failure: Exception) -> bool:
    # A reply off contract is a fault of one operation; it must not close off the whole hospital.
    if isinstance(failure, SoapFault):
        return failure.code in ("Server", "Receiver")
    return isinstance(failure, UpstreamFailure)


def settle(route: Route, failure: Exception) -> Rejection:
    """What the caller is told of `failure`, one of `FAILURES`."""
    if isinstance(failure, RequestInvalid):
        return route.outbound.refused(
            tuple((one.path, one.reason, one.indexes) for one in failure.faults)
        )
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
    if isinstance(failure, OFF_CONTRACT) or _off_contract(failure):
        return Rejection("upstream-reply-invalid", reason=reason_of(failure))
    if delivery_of(failure) is Delivery.MAYBE_SENT:
        return Rejection("upstream-timeout", reason=reason_of(failure))
    return Rejection("upstream-failure", reason=reason_of(failure))


def ending_of(rejection: Rejection) -> Ending:
    """How the exchange ended, as the listeners are told."""
    if rejection.outcome == "unknown":
        return "unknown"
    if rejection.outcome == "not-sent":
        return "not-sent"
    if rejection.slug == "function-closed":
        # The gateway turned it down: nothing failed, and no alert of failures is to be raised.
        return "rejected"
    status = rejection.type.status
    if status == 409 or rejection.outcome == "refused":
        return "refused"
    return "failed" if status >= 500 else "rejected"


def _off_contract(failure: Exception) -> bool:
    # An answer that is no SOAP at all breaks the contract, and so does one that ends half way; a
    # status of 503, say, is a failure.
    if not isinstance(failure, CallFailed) or failure.reason.startswith("status-"):
        return False
    return failure.delivery is Delivery.ANSWERED or failure.reason == "truncated"


def delivery_of(failure: Exception) -> Delivery:
    """How far the last attempt got; of what nobody foresaw only the least is known."""
    if isinstance(failure, NotAdmitted | Overrun | CallFailed):
        return failure.delivery
    return Delivery.ANSWERED if isinstance(failure, FAILURES) else Delivery.MAYBE_SENT


def unforeseen(route: Route | None, *, called: bool) -> Rejection:
    """What the caller is told when the gateway itself fails; `called`: the hospital may have heard.

    A write that may have been carried out has not failed only because its answer was not read.
    """
    if called and route is not None and route.writes:
        return Rejection("unknown", outcome="unknown", reason="internal")
    return Rejection("internal", reason="internal")


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
