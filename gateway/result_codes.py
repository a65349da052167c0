"""How each result code of a route is answered, told for people."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.policies.snapshot import Route
from gateway.problems import TYPES
from gateway.translation.context import Context
from gateway.translation.inquiries import Inquiry
from gateway.translation.outcomes import Refusal


def told(route: Route, context: Context) -> Iterator[str]:
    """A heading, and one line for each code."""
    yield "result codes"
    if isinstance(route.inbound, Inquiry):
        yield from _of_the_question(route, route.inbound)
        yield from _of_the_write(route, route.inbound)
    else:
        yield from _of_the_operation(route, context)


def _of_the_operation(route: Route, context: Context) -> Iterator[str]:
    outcomes = route.outcomes
    yield _line(", ".join(sorted(outcomes.success)), f"{route.status}, the response")
    for code in sorted(outcomes.empty):
        yield _line(code, _empty(route, context))
    for code, refusal in sorted(outcomes.refused.items()):
        yield _line(code, f"{TYPES[refusal.type].status} {refusal.type}{_message(refusal)}")
    failed = "202 unknown" if route.writes else "502 upstream-failure"
    for code in sorted(outcomes.upstream_failure):
        yield _line(code, f"{failed}, counted by the breaker")
    yield _line("any other", "202 unknown" if route.writes else "502 upstream-reply-invalid")


def _empty(route: Route, context: Context) -> str:
    if route.writes:
        return "202 unknown: a write that finds nothing says nothing"
    return "404 not-found" if route.inbound.empty({}, context) is None else "200, nothing to show"


def _of_the_question(route: Route, inquiry: Inquiry) -> Iterator[str]:
    outcomes = route.outcomes
    yield _line(", ".join(sorted(outcomes.success)), "200, by the result code of the write, below")
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


def _message(refusal: Refusal) -> str:
    return ", with the hospital's message" if refusal.show_message else ""


def _line(code: str, answer: str) -> str:
    return f"  {code:12} {answer}"
