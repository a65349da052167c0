"""The checks of a response: every field comes from somewhere, lists are lists."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from gateway.policies.check.document import check_document
from gateway.policies.check.scope import Scope, allowed_texts, written
from gateway.policies.check.unlisted import check_unlisted
from gateway.policies.check.values import check_stated, check_value
from gateway.policies.findings import Finding
from gateway.policies.model import FieldPolicy, RoutePolicy, flat
from gateway.soap.elements import Element, SimpleType
from gateway.soap.lexical import allows

if TYPE_CHECKING:
    from gateway.soap.operation import Operation


def check_response(scope: Scope, operation: Operation | None) -> Iterator[Finding]:
    """Every finding of a route's response; without an operation, those that need none."""
    route = scope.route
    if (route.only or route.withhold) and route.effect != "read":
        yield scope.find(
            "option",
            (*route.at, "only" if route.only else "withhold"),
            "a write that is done is told, whatever it did",
            "remove it",
            of_key=True,
        )
    for field in flat(route.response):
        yield from _stated(scope, field)
    yield from check_unlisted(scope, operation)
    if operation is None:
        return
    start = operation.output
    if route.reply:
        at = (*route.at, "reply")
        chain = yield from scope.chain(start, route.reply, at)
        if not chain:
            return
        if any(element.repeats for element in chain):
            yield scope.find(
                "list",
                at,
                f'"{written(route.reply)}" repeats, and paths start in one element',
                "use each under response",
            )
            return
        start = chain[-1]
    if route.document is not None:
        yield from check_document(scope, route.document, start)
    yield from _kept_back(scope, route, start)
    yield from _fields(scope, route.response, start)


def _stated(scope: Scope, field: FieldPolicy) -> Iterator[Finding]:
    yield from check_stated(scope, field)
    if field.card is not None and field.sealed is None:
        yield scope.find(
            "option", (*field.at, "card"), "card is for a sealed id", "remove it, or seal the field"
        )


def _fields(scope: Scope, fields: tuple[FieldPolicy, ...], start: Element) -> Iterator[Finding]:
    for field in fields:
        if field.kind == "value":
            yield from _value(scope, field, start)
        elif field.kind in ("each", "object"):
            yield from _members(scope, field, start)


def _kept_back(scope: Scope, where: RoutePolicy | FieldPolicy, start: Element) -> Iterator[Finding]:
    """What is held back leads somewhere, and could come."""
    for name, stated in (("only", where.only), ("withhold", where.withhold)):
        for steps, texts in stated.items():
            at = (*where.at, name, written(steps))
            simple = yield from scope.single(start, steps, at, of_key=True)
            for text in sorted(texts):
                if simple is not None and not allows(simple, text):
                    yield scope.find(
                        "kept-back",
                        at,
                        f'the hospital cannot send "{text}" at "{written(steps)}"',
                        allowed_texts(simple),
                    )


def _members(scope: Scope, field: FieldPolicy, start: Element) -> Iterator[Finding]:
    """An object, or a list of objects, and all that is in it."""
    at = (*field.at, "each" if field.kind == "each" else "in")
    chain = yield from scope.chain(start, field.hospital, at, many=field.kind == "each")
    if chain is None:
        return
    inner = chain[-1] if chain else start
    repeats = [element for element in chain if element.repeats]
    path = written(field.hospital)
    if field.kind == "each" and repeats != [inner]:
        yield scope.find(
            "list",
            at,
            f'"{path}" is not a list of one level',
            "end the path at the element that repeats, and at no other",
        )
    elif field.kind == "object" and repeats:
        yield scope.find("list", at, f'"{path}" repeats', "use each instead of in")
    elif isinstance(inner.type, SimpleType):
        yield scope.find(
            "unknown-path",
            at,
            f'"{path}" is a value and has no fields',
            "map it as a value",
        )
    else:
        yield from _kept_back(scope, field, inner)
        yield from _fields(scope, field.fields, inner)


def _value(scope: Scope, field: FieldPolicy, start: Element) -> Iterator[Finding]:
    simple = yield from scope.single(start, field.hospital, (*field.at, "hospital"))
    if simple is not None:
        yield from check_value(scope, field, simple, outbound=False)
    if field.card is not None and field.sealed is not None:
        yield from scope.single(start, field.card, (*field.at, "card"))
