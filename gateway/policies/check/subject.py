"""The checks of a subject: the patient card of a request is sent, received or sealed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from gateway.policies.check.scope import Scope, written
from gateway.policies.findings import Finding
from gateway.policies.model import SubjectPolicy, flat
from gateway.policies.resolve import CARD, leaves
from gateway.soap.elements import SimpleType

if TYPE_CHECKING:
    from gateway.soap.operation import Operation


def check_subject(scope: Scope, operation: Operation | None) -> Iterator[Finding]:
    """Every finding of a route's subject; without an operation, those that need none."""
    subject = scope.route.subject
    if subject is None:
        yield from _unbound_ids(scope)
        return
    opens = any(field.sealed not in (None, CARD) for field in flat(scope.route.request))
    if subject.request is None and subject.reply is None and not opens:
        yield scope.find(
            "unbound-subject",
            subject.at,
            "the card is neither sent, nor received, nor sealed into an id of the request",
            "say where the hospital takes or gives the card number",
            of_key=True,
        )
    if operation is None:
        return
    sent = told = None
    if subject.request is not None:
        at = (*subject.at, "request")
        sent = yield from scope.single(operation.input, subject.request, at)
    if subject.reply is not None:
        # Several rows may each say whose they are.
        at = (*subject.at, "reply")
        told = yield from scope.single(operation.output, subject.reply, at, in_lists=True)
        yield from scope.alike(sent, told, at, "name the element that holds the card number")
    elif subject.request is not None and sent is not None:
        yield from _unheld(scope, subject, operation, subject.request[-1], sent)


def _unheld(
    scope: Scope, subject: SubjectPolicy, operation: Operation, name: str, sent: SimpleType
) -> Iterator[Finding]:
    """A reply that says whose it is, and would be told to the caller whosever it is."""
    says = next(
        (
            steps
            for steps, element in leaves(operation.output)
            if element.name == name or (element.type == sent and _own(sent))
        ),
        None,
    )
    if says is not None:
        yield scope.find(
            "unbound-subject",
            subject.at,
            f'the reply says whose it is ("{written(says)}"), and it would not be looked at',
            f"add reply: {written(says)}, or the path of the card number that is meant",
            of_key=True,
        )


def _own(simple: SimpleType) -> bool:
    """Whether a type is one for card numbers, and not one that any text or number has."""
    return bool(simple.patterns or simple.enumeration or simple.length or simple.max_length)


def _unbound_ids(scope: Scope) -> Iterator[Finding]:
    route = scope.route
    unbound = [
        field
        for field in (*flat(route.request), *flat(route.response))
        if field.sealed not in (None, CARD) and field.card is None
    ]
    remedy = "give the route a subject, or the field a card"
    for field in unbound:
        if field.at[0] == "routes":
            problem = f'there is no card to bind the id "{field.name}" to'
            yield scope.find("unbound-id", (*field.at, "sealed"), problem, remedy)
    # A shape's ids are bound in one route and not in the other: the route is at fault.
    names = ", ".join(field.name for field in unbound if field.at[0] == "shapes")
    if names:
        problem = f"there is no card to bind the ids of its response to: {names}"
        yield scope.find("unbound-id", (*route.at, "response"), problem, remedy)
