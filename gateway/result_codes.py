"""How each result code of a route is answered, told for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gateway.policies.snapshot import Route
from gateway.problems import TYPES
from gateway.translation.context import Context
from gateway.translation.inbound import Path
from gateway.translation.inquiries import Inquiry
from gateway.translation.matching import KEY_REUSED, Matching
from gateway.translation.outcomes import Refusal

_UNLESS_FOUND = ", unless it is found done when asked again"


def told(route: Route, context: Context) -> Iterator[str]:
    """A heading, and one line for each code."""
    yield "result codes"
    if isinstance(route.inbound, Inquiry | Matching):
        yield from _of_the_question(route, route.inbound)
    if isinstance(route.inbound, Inquiry):
        yield from _of_the_write(route, route.inbound)
    elif isinstance(route.inbound, Matching):
        yield from _of_the_record(route, route.inbound)
    else:
        yield from _of_the_operation(route, context)


def _of_the_operation(route: Route, context: Context) -> Iterator[str]:
    outcomes = route.outcomes
    what = "the response" if route.document is None else "the document"
    yield _line(", ".join(sorted(outcomes.success)), f"{route.status}, {what}")
    for code in sorted(outcomes.empty):
        yield _line(code, _empty(route, context))
    for code, refusal in sorted(outcomes.refused.items()):
        status = TYPES[refusal.type].status
        own = route.question is not None and refusal.type == route.question.otherwise
        maybe = _UNLESS_FOUND if own else ""
        yield _line(code, f"{status} {refusal.type}{_message(refusal)}{maybe}")
    unknown = f"202 unknown{_UNLESS_FOUND if route.question else ''}"
    failed = unknown if route.writes else "502 upstream-failure"
    for code in sorted(outcomes.upstream_failure):
        yield _line(code, f"{failed}, counted by the breaker")
    yield _line("any other", unknown if route.writes else "502 upstream-reply-invalid")


def _empty(route: Route, context: Context) -> str:
    if route.writes:
        return "202 unknown: a write that finds nothing says nothing"
    return "404 not-found" if route.inbound.empty({}, context) is None else "200, nothing to show"


def _of_the_question(route: Route, inquiry: Inquiry | Matching) -> Iterator[str]:
    outcomes = route.outcomes
    by = "result code of the write" if isinstance(inquiry, Inquiry) else "record of what was done"
    yield _line(", ".join(sorted(outcomes.success)), f"200, by the {by}, below")
    certain = f"{inquiry.certain_after.total_seconds():g} s"
    for code in sorted(outcomes.empty):
        yield _line(code, f"200 not-sent, once it is {certain} since it was sent; 200 unknown else")
    if outcomes.refused:
        refused = "502 upstream-failure: the question was refused, not the write"
        yield _line("a refusal", refused)
    for code in sorted(outcomes.upstream_failure):
        yield _line(code, "502 upstream-failure, counted by the breaker")
    yield _line("any other", "502 upstream-reply-invalid")


def _of_the_write(route: Route, inquiry: Inquiry) -> Iterator[str]:
    outcomes = inquiry.outcomes
    yield f"result codes of {route.inquiry_of}, at {'/'.join((*inquiry.prefix, *outcomes.code))}"
    yield _line(", ".join(sorted(outcomes.success)), "200 succeeded, with the response")
    for code, refusal in sorted(outcomes.refused.items()):
        yield _line(code, f"200 refused: {refusal.type}{_message(refusal)}")
    yield _line("any other", "200 unknown")


def _of_the_record(route: Route, matching: Matching) -> Iterator[str]:
    yield f"record of {route.inquiry_of}, at {'/'.join(matching.at)}"
    yield _line(_states(matching.done), "200 succeeded, with the response, done as it was asked")
    yield _line("", f"200 refused: {matching.otherwise}, done otherwise")
    if matching.whose is not None:
        yield _line("", f"200 refused: {KEY_REUSED}, done otherwise by the caller's own doing")
    if matching.void:
        yield _line(_states(matching.void), "as if there were no such record")
    yield _line("any other", "200 unknown")


def _states(states: Mapping[Path, frozenset[str]]) -> str:
    return ", ".join(f"{'/'.join(at)}={'|'.join(sorted(of))}" for at, of in states.items())


def _message(refusal: Refusal) -> str:
    return ", with the hospital's message" if refusal.show_message else ""


def _line(code: str, answer: str) -> str:
    return f"  {code:12} {answer}"
