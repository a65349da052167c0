"""The checks of a request: every field leads somewhere, every argument has one source."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

from gateway.policies.check.constants import sent
from gateway.policies.check.scope import Scope, allowed_texts, meant, written
from gateway.policies.check.values import check_stated, check_value
from gateway.policies.choices import undecided
from gateway.policies.findings import Finding
from gateway.policies.model import FieldPolicy, Steps, flat
from gateway.policies.resolve import kind, needed, variables
from gateway.rest.methods import WITH_BODY
from gateway.soap.elements import SimpleType, follow
from gateway.soap.lexical import allows
from gateway.translation.identity import IDENTITY_CARD
from gateway.translation.values import relative_day

if TYPE_CHECKING:
    from gateway.soap.operation import Operation

IN_PATH = ("text", "integer", "date")
"""What a path's raw text can be, besides a sealed id."""


def check_request(scope: Scope, operation: Operation | None) -> Iterator[Finding]:
    """Every finding of a route's request; without an operation, those that need none."""
    route = scope.route
    named = {field.name: field for field in route.request}
    for name in variables(route.template):
        if name not in named:
            yield scope.find(
                "dead-field",
                (*route.at, "rest"),
                f'"{{{name}}}" leads nowhere',
                "say under request which argument it is",
            )
    for field in route.request:
        in_path = field.name in variables(route.template)
        if field.kind != "value" and (in_path or route.method not in WITH_BODY):
            what = "an object" if field.kind == "object" else "a list"
            yield scope.find(
                "dead-field",
                field.at,
                f'"{field.name}" is {what}, and only a body has such',
                "map single values, or take it in the body of a POST",
                of_key=True,
            )
    for field in flat(route.request):
        yield from check_stated(scope, field)
    if operation is None:
        return
    for field in flat(route.request):
        if field.kind == "each" or field.kind == "values":
            yield from _list(scope, operation, field)
        if field.is_argument:
            yield from _value(scope, operation, field)
    yield from _sources(scope, operation)


def _value(scope: Scope, operation: Operation, field: FieldPolicy) -> Iterator[Finding]:
    at = (*field.at, "each" if field.kind == "values" else "hospital")
    chain = follow(operation.input, field.start)
    if chain is None:
        return
    start = (operation.input, *chain)[-1]
    steps = field.hospital[len(field.start) :]
    simple = yield from scope.single(start, steps, at, in_lists=field.kind == "values")
    if simple is None:
        return
    found = tuple(check_value(scope, field, simple, outbound=True))
    yield from found
    if found:
        return
    yield from _days(scope, field, simple)
    yield from _unsaid(scope, field, simple)
    yield from _document_type(scope, field)
    yield from _in_url(scope, field, simple)


def _days(scope: Scope, field: FieldPolicy, simple: SimpleType) -> Iterator[Finding]:
    if field.within is None and field.default is None:
        return
    if field.code or field.sealed or kind(field, simple) != "date":
        yield scope.find(
            "option", field.at, "within and default are for dates", "remove them", of_key=True
        )
    elif field.within is not None and _days_ahead(field.default) > field.within:
        yield scope.find(
            "option",
            (*field.at, "default"),
            f"the default lies outside of within ({field.within}d)",
            "choose a nearer day",
        )


def _list(scope: Scope, operation: Operation, field: FieldPolicy) -> Iterator[Finding]:
    """A list ends at the one element that repeats."""
    chain = follow(operation.input, field.hospital)
    if chain is None:
        if field.kind == "each":
            yield scope.unknown(operation.input, field.hospital, (*field.at, "each"))
        return
    inner = chain[len(field.start) :]
    if [element for element in inner if element.repeats] != [chain[-1]]:
        yield scope.find(
            "list",
            (*field.at, "each"),
            f'"{written(field.hospital)}" is not a list of one level',
            "end the path at the element that repeats, and at no other",
        )


def _unsaid(scope: Scope, field: FieldPolicy, simple: SimpleType) -> Iterator[Finding]:
    """What is sent for a value that the caller does not give."""
    if field.empty is None:
        return
    at = (*field.at, "empty")
    if field.default is not None or _in_path(scope, field):
        yield scope.find(
            "option", at, "there is a value each time, so that this is never sent", "remove it"
        )
    elif not allows(simple, field.empty):
        yield scope.find(
            "constant",
            at,
            f'the contract does not allow this text for "{written(field.hospital)}"',
            allowed_texts(simple),
        )


def _days_ahead(default: str | None) -> int:
    today = date(2000, 1, 1)
    return (date.fromisoformat(relative_day(default or "today", today)) - today).days


def _document_type(scope: Scope, field: FieldPolicy) -> Iterator[Finding]:
    """An identity number is checked when the field beside it says that it is one."""
    if field.as_ == "identity-number" and field.of is None:
        yield scope.find(
            "option",
            field.at,
            "identity-number needs to know which document it is of",
            "add of: and the name of the field that says so",
            of_key=True,
        )
    elif field.of is not None:
        beside = {one.name: one.code for one in _siblings(scope.route.request, field)}
        words = scope.policy.codes.get(beside.get(field.of) or "", {})
        if field.as_ != "identity-number" or IDENTITY_CARD not in words:
            yield scope.find(
                "option",
                (*field.at, "of"),
                f"of belongs to an identity-number, beside a field with the word {IDENTITY_CARD}",
                "name the field that says which document it is",
            )


def _siblings(fields: tuple[FieldPolicy, ...], field: FieldPolicy) -> tuple[FieldPolicy, ...]:
    """The fields among which `field` stands."""
    if field in fields:
        return fields
    return next((found for one in fields if (found := _siblings(one.fields, field))), ())


def _in_path(scope: Scope, field: FieldPolicy) -> bool:
    route = scope.route
    outermost = field.at == (*route.at, "request", field.name)
    return outermost and field.name in variables(route.template)


def _in_url(scope: Scope, field: FieldPolicy, simple: SimpleType) -> Iterator[Finding]:
    route = scope.route
    in_path = _in_path(scope, field)
    in_url = in_path or route.method not in WITH_BODY
    if field.sealed or not in_url:
        return
    if field.hospital[-1] in _personal(scope):
        yield scope.find(
            "personal-data",
            field.at,
            f'"{field.name}" would put patient data into the URL',
            "seal it, or take it in the body of a POST",
            of_key=True,
        )
    elif in_path and (field.code or kind(field, simple) not in IN_PATH):
        yield scope.find(
            "path-value",
            field.at,
            f'"{field.name}" cannot stand in a path: it is a code, a truth value, a time '
            "or an amount",
            "take it in the query or the body",
            of_key=True,
        )


def _personal(scope: Scope) -> set[str]:
    """The arguments that are known to be a patient's: cards and identity numbers."""
    routes = scope.policy.routes
    numbers = {
        field.hospital[-1]
        for route in routes
        for field in flat(route.request)
        if field.as_ == "identity-number" and field.kind == "value"
    }
    subjects = {route.subject.request for route in routes if route.subject is not None}
    return numbers | {steps[-1] for steps in subjects if steps}


def _sources(scope: Scope, operation: Operation) -> Iterator[Finding]:
    """Each argument that the contract requires has exactly one source."""
    route = scope.route
    fields = [field for field in flat(route.request) if field.is_argument]
    inputs = operation.input
    given: list[Steps] = [field.hospital for field in fields]
    if route.serial is not None:
        given.append(route.serial)
    if route.subject is not None and route.subject.request is not None:
        given.append(route.subject.request)
    given += sent(scope, operation)
    for path, times in Counter(given).items():
        if times > 1:
            again = [field.at for field in fields if field.hospital == path]
            yield scope.find(
                "two-sources",
                again[-1] if again else (*route.at, "serial"),
                f'the argument "{written(path)}" has {times} sources',
                "keep one",
                of_key=True,
            )
    sources = {meant(inputs, steps) for steps in given}
    for choice in undecided(inputs, sources):
        names = ", ".join(f'"{written((*choice.path, name))}"' for name in choice.names)
        yield scope.find(
            "two-sources" if choice.too_many else "missing-argument",
            (*route.at, "request"),
            f"{operation.name} takes one of {names}, and "
            f"{'more than that' if choice.too_many else 'none'} has a source",
            "keep the fields of one" if choice.too_many else "map a field to one",
            of_key=True,
        )
    for path in needed(inputs, sources):
        if any(steps[: len(path)] == path for steps in given):
            what = "is required, and all that is sent in it may be left out"
            remedy = "map an element of it that is required, or ask for one that is optional"
        else:
            what = "is required and has no source"
            remedy = "map a field to it, or make it a constant"
        yield scope.find(
            "missing-argument",
            (*route.at, "request"),
            f'the argument "{written(path)}" of {operation.name} {what}',
            remedy,
            of_key=True,
        )
