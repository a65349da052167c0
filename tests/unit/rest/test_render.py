"""How an exchange's end looks as HTTP."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gateway.document import Content, Document
from gateway.problems import TYPES, FieldError, Rejection
from gateway.rest.messages import Answer
from gateway.rest.render import problem, success
from tests.unit.rest.requests import incoming

COMMON = {
    "Request-Id": "request-1",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


def told(answer: Answer) -> Any:
    return json.loads(answer.body)


def test_success_is_json_that_nobody_stores() -> None:
    """Every answer carries the request's id."""
    answer = success(200, {"items": []}, incoming())
    assert answer.status == 200
    assert answer.body == b'{"items":[]}'
    assert dict(answer.headers) == {"Content-Type": "application/json", **COMMON}


def test_a_document_is_told_as_itself() -> None:
    """Its name goes into a header, its bytes wait until they are sent."""
    content = Content(b"%PDF-")
    answer = success(200, Document("application/pdf", "a.pdf", content), incoming())
    assert (answer.status, answer.body, answer.document) == (200, b"", content)
    assert dict(answer.headers) == {
        "Content-Type": "application/pdf",
        "Content-Disposition": 'attachment; filename="a.pdf"',
        **COMMON,
    }


def test_success_without_a_body_has_no_content_type() -> None:
    """As a 204 must be."""
    answer = success(204, None, incoming())
    assert (answer.status, answer.body, dict(answer.headers)) == (204, b"", COMMON)


def test_given_cache_control_stands() -> None:
    """A shared read may be stored as long as its route says."""
    answer = success(200, {}, incoming(), [("cache-control", "max-age=2"), ("Age", "1")])
    names = [name.lower() for name, _ in answer.headers]
    assert names.count("cache-control") == 1
    assert dict(answer.headers)["Age"] == "1"


@pytest.mark.parametrize("slug", sorted(set(TYPES) - {"unknown"}))
def test_problem_has_the_members_of_its_type(slug: str) -> None:
    """RFC 9457's members, whether to retry, and the request's id; nothing that was not said."""
    kind = TYPES[slug]
    answer = problem(Rejection(slug, reason="for-the-log"), incoming(), "en")
    assert answer.status == kind.status
    assert dict(answer.headers)["Content-Type"] == "application/problem+json"
    assert dict(answer.headers).items() >= COMMON.items()
    assert told(answer) == {
        "type": f"/problems/{slug}",
        "title": kind.title,
        "status": kind.status,
        "detail": kind.detail,
        "instance": "request-1",
        "retryable": kind.retryable,
    }


def test_problem_in_chinese() -> None:
    """Title, detail and the faults' details, by the caller's language."""
    rejection = Rejection("invalid", errors=(FieldError("body", "/a", "is required", "必填"),))
    body = told(problem(rejection, incoming(), "zh"))
    assert body["title"] == TYPES["invalid"].title_zh
    assert body["detail"] == TYPES["invalid"].detail_zh
    assert body["errors"] == [{"location": "body", "pointer": "/a", "detail": "必填"}]


@pytest.mark.parametrize(
    ("language", "detail", "detail_zh", "said"),
    [
        ("en", "closed", "关闭", "closed"),
        ("zh", "closed", "关闭", "关闭"),
        ("zh", "closed", None, "closed"),
        ("en", None, "关闭", TYPES["circuit-open"].detail),
    ],
)
def test_rejections_own_words_replace_the_types(
    language: Any, detail: str | None, detail_zh: str | None, said: str
) -> None:
    """In the caller's language when they exist in it, else in English."""
    rejection = Rejection("circuit-open", detail=detail, detail_zh=detail_zh)
    assert told(problem(rejection, incoming(), language))["detail"] == said


def test_refusal_after_payment_says_all_that_is_known() -> None:
    """Outcome, the hospital's words and that money has to go back."""
    rejection = Rejection(
        "bill-changed", outcome="refused", message="请到窗口", refund_required=True
    )
    body = told(problem(rejection, incoming(), "en"))
    assert body["outcome"] == "refused"
    assert body["message"] == "请到窗口"
    assert body["refundRequired"] is True


@pytest.mark.parametrize(("seconds", "said"), [(0.0, "1"), (0.2, "1"), (1.0, "1"), (4.1, "5")])
def test_retry_after_is_whole_seconds_and_never_too_early(seconds: float, said: str) -> None:
    """RFC 9110 knows no fractions."""
    answer = problem(Rejection("rate-limited", retry_after=seconds), incoming(), "en")
    assert dict(answer.headers)["Retry-After"] == said


def test_a_used_key_says_in_the_body_too_where_to_ask() -> None:
    """Callers read bodies; what was done under the key is told there."""
    location = "/v1/operations/pay/0123456789abcdef?since=x"
    answer = problem(Rejection("key-reused"), incoming(), "en", location=location)
    assert told(answer)["location"] == dict(answer.headers)["Location"] == location


def test_unknown_outcome_is_a_202_that_says_where_to_ask() -> None:
    """It is no problem document: nothing is known to have failed."""
    location = "/v1/operations/pay/0123456789abcdef?since=x"
    answer = problem(Rejection("unknown"), incoming(), "en", location=location)
    assert answer.status == 202
    assert dict(answer.headers)["Content-Type"] == "application/json"
    assert dict(answer.headers)["Location"] == location
    assert told(answer) == {
        "outcome": "unknown",
        "detail": TYPES["unknown"].detail,
        "location": location,
    }


def test_401_carries_a_challenge_and_405_what_is_allowed() -> None:
    """RFC 9110 asks both."""
    assert "WWW-Authenticate" in dict(
        problem(Rejection("unauthenticated"), incoming(), "en").headers
    )
    rejection = Rejection("method-not-allowed", headers={"Allow": "GET"})
    assert dict(problem(rejection, incoming(), "en").headers)["Allow"] == "GET"
