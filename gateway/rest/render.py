"""How an exchange ended, as HTTP: nothing else picks a status or writes a problem body."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, Final

import orjson

from gateway.document import Document
from gateway.problems import Rejection
from gateway.rest.disposition import attachment
from gateway.rest.languages import Language
from gateway.rest.messages import Answer, Headers, Incoming

_JSON: Final = ("Content-Type", "application/json")
_PROBLEM: Final = ("Content-Type", "application/problem+json")
_NOSNIFF: Final = ("X-Content-Type-Options", "nosniff")
_NO_STORE: Final = ("Cache-Control", "no-store")
# RFC 9110 asks a challenge of every 401; mutual TLS has no registered scheme.
_CHALLENGE: Final = ("WWW-Authenticate", "ClientCertificate")


def success(
    status: int,
    body: Mapping[str, Any] | Document | None,
    incoming: Incoming,
    headers: Iterable[tuple[str, str]] = (),
) -> Answer:
    """A definite answer; `body` is told as JSON or as itself, or None for a status without one.

    `headers` may give their own Cache-Control; without one nobody may store the answer.
    """
    given = tuple(headers)
    fields = _common(incoming, given)
    if body is None:
        return Answer(status, fields, b"")
    if isinstance(body, Document):
        named = () if body.name is None else (("Content-Disposition", attachment(body.name)),)
        kind = ("Content-Type", body.media_type)
        return Answer(status, (kind, *named, *fields), b"", body.content)
    return Answer(status, (_JSON, *fields), orjson.dumps(body))


def problem(
    rejection: Rejection, incoming: Incoming, language: Language, *, location: str | None = None
) -> Answer:
    """The problem (RFC 9457) that `rejection` names, in `language`.

    `location` is where the outcome of a write is asked for. A write whose outcome is unknown is
    no error: it is a 202 with a plain JSON body.
    """
    given = list(rejection.headers.items())
    if rejection.retry_after is not None:
        given.append(("Retry-After", str(max(1, math.ceil(rejection.retry_after)))))
    if location is not None:
        given.append(("Location", location))
    if rejection.type.status == 401:
        given.append(_CHALLENGE)
    fields = _common(incoming, tuple(given))
    if rejection.slug == "unknown":
        told: dict[str, Any] = {"outcome": "unknown", "detail": _detail(rejection, language)}
        if location is not None:
            told["location"] = location
        return Answer(202, (_JSON, *fields), orjson.dumps(told))
    body = orjson.dumps(_members(rejection, incoming, language, location))
    return Answer(rejection.type.status, (_PROBLEM, *fields), body)


def _members(
    rejection: Rejection, incoming: Incoming, language: Language, location: str | None
) -> dict[str, Any]:
    kind = rejection.type
    chinese = language == "zh"
    members: dict[str, Any] = {
        "type": kind.uri,
        "title": kind.title_zh if chinese else kind.title,
        "status": kind.status,
        "detail": _detail(rejection, language),
        "instance": incoming.request_id,
        "retryable": kind.retryable,
    }
    if rejection.outcome is not None:
        members["outcome"] = rejection.outcome
    if location is not None:
        members["location"] = location
    if rejection.reopens_at is not None:
        members["reopensAt"] = rejection.reopens_at
    if rejection.message is not None:
        members["message"] = rejection.message
    if rejection.refund_required:
        members["refundRequired"] = True
    if rejection.errors:
        members["errors"] = [
            {
                "location": error.location,
                "pointer": error.pointer,
                "detail": error.detail_zh if chinese else error.detail,
            }
            for error in rejection.errors
        ]
    return members


def _detail(rejection: Rejection, language: Language) -> str:
    """The rejection's own words in the caller's language, else in English, else the type's."""
    kind = rejection.type
    if language == "zh":
        return rejection.detail_zh or rejection.detail or kind.detail_zh
    return rejection.detail or kind.detail


def _common(incoming: Incoming, given: Headers) -> Headers:
    fields = (*given, ("Request-Id", incoming.request_id), _NOSNIFF)
    if any(name.lower() == "cache-control" for name, _ in given):
        return fields
    return (*fields, _NO_STORE)
