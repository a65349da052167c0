"""What an answer that is valid by its contract means for the request that it answers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any, TypeAlias

from gateway.document import Document
from gateway.policies.snapshot import Question, Route
from gateway.problems import Rejection
from gateway.record import Record, Value
from gateway.soap.spool import Spool
from gateway.strict_base64 import NotBase64
from gateway.translation.context import Context
from gateway.translation.documents import DocumentRule
from gateway.translation.endings import Ended
from gateway.translation.inbound import Path, Untranslatable
from gateway.translation.outcomes import (
    Empty,
    Outcome,
    Refused,
    UnknownCode,
    UpstreamFailure,
)

Response: TypeAlias = dict[str, Any] | Document
"""A response's JSON, or the document that is answered in its place."""


class WrongSubject(Exception):
    """The reply is about another patient card than the request."""


class NotComparable(Exception):
    """A success does not say what was done, so that it cannot be held against what was asked."""


@dataclass(frozen=True, slots=True)
class Reply:
    """The hospital's answer: its record, what its result code says, and where its document is."""

    record: Record
    outcome: Outcome
    spool: Spool | None = None

    def close(self) -> None:
        """Give back the document that nobody took."""
        if self.spool is not None:
            self.spool.close()


def conclude(route: Route, arguments: Record, reply: Reply, context: Context) -> Response:
    """The response's body. The reply ends here; a document in the body is closed by its taker.

    Raises `Rejection` for what the hospital refused or does not have, or when a success is of
    something else than was asked; `WrongSubject`, `NotComparable`, `UnknownCode`,
    `UpstreamFailure` or `Untranslatable` when the answer cannot be believed.
    """
    with closing(reply):
        return _concluded(route, arguments, reply, context)


def ended(question: Question, arguments: Record, reply: Reply, context: Context) -> Ended:
    """What the answer to a question says became of the write; raises as `conclude` does."""
    with closing(reply):
        found = _is_found(question.route, arguments, reply, context)
        read = question.reads.ended if found else question.reads.absent
        return read(reply.record, context)


def _is_found(route: Route, arguments: Record, reply: Reply, context: Context) -> bool:
    """Whether there is something in a reply, which then is to be believed; or that there is not."""
    outcome, record = reply.outcome, reply.record
    if isinstance(outcome, Refused):
        if route.asks:
            # The question was refused, not the write: a refusal here would be taken for its end.
            raise UpstreamFailure
        raise Rejection(
            outcome.type,
            outcome="refused" if route.writes else None,
            message=outcome.message,
            refund_required=route.after_payment,
        )
    if isinstance(outcome, Empty):
        if route.writes:
            # A write that "found nothing" has neither happened nor been refused.
            raise UnknownCode
        return False
    _hold_subject(route, record, context)
    _hold_asked(route, arguments, record)
    return True


def _concluded(route: Route, arguments: Record, reply: Reply, context: Context) -> Response:
    record = reply.record
    if not _is_found(route, arguments, reply, context):
        nothing = route.inbound.empty(record, context)
        if nothing is None:
            raise Rejection("not-found", reason="hospital-has-none")
        return nothing
    body = route.inbound(record, context)
    if route.document is not None and reply.spool is not None:
        # What is kept back of a response is kept back of a document too: the one was read first.
        return _document(route.document, record, reply.spool)
    return body


def _document(rule: DocumentRule, record: Record, spool: Spool) -> Document:
    text = rule.text(record)
    name = rule.name_in(record)
    try:
        return Document(rule.media_type, name, spool.document(text))
    except NotBase64:
        raise Untranslatable(rule.at, "is no Base64") from None


def _hold_subject(route: Route, record: Record, context: Context) -> None:
    subject = route.subject
    if subject is None or subject.reply is None:
        return
    if any(card != context.card for card in _cards(record, subject.reply)):
        raise WrongSubject


def _cards(value: Value, path: Path) -> Iterator[Value]:
    """The card of each thing in a reply; a thing that names none is nobody's, and not skipped."""
    if isinstance(value, list):
        for entry in value:
            yield from _cards(entry, path)
    elif not path:
        yield value
    elif isinstance(value, dict) and (len(path) == 1 or path[0] in value):
        yield from _cards(value.get(path[0]), path[1:])


def _hold_asked(route: Route, arguments: Record, record: Record) -> None:
    if route.comparison is None:
        return
    differs = route.comparison.differs(arguments, record)
    if differs is None or (differs and route.effect != "keyed"):
        # Of another write's record nothing follows for the one that was asked about; and a write
        # without a serial has no earlier request that this could be the success of.
        raise NotComparable
    if differs:
        raise Rejection("key-reused", reason="success-of-something-else")


def hold_response(route: Route, body: Response) -> None:
    """The last check: what the cloud is told is what the OpenAPI document promises."""
    if isinstance(body, Document):
        _hold_document(route, body)
    elif not route.response.holds(body):
        raise Untranslatable((), "the response breaks its own schema")


def _hold_document(route: Route, body: Document) -> None:
    rule = route.document
    begin = next(body.content.pieces(), b"")
    if rule is None or not rule.holds(begin):
        body.content.close()
        raise Untranslatable((), "the document is not of its media type")
