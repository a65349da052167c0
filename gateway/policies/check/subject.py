"""The checks of a subject: the patient card of a request is sent, received or sealed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from gateway.policies.check.scope import Scope
from gateway.policies.findings import Finding
from gateway.policies.model import flat
from gateway.policies.resolve import CARD, leaf

if TYPE_CHECKING:
    from gateway.soap.contract import Operation


def check_subject(scope: Scope, operation: Operation) -> Iterator[Finding]:
    """Every finding of a route's subject."""
    subject = scope.route.subject
    if subject is None:
        return
    if subject.request is not None:
        yield from scope.single(operation.input, subject.request, (*subject.at, "request"))
    # Several rows may each say whose they are, so this one may lie within lists.
    if subject.reply is not None and leaf(operation.output, subject.reply) is None:
        yield scope.unknown(operation.output, subject.reply, (*subject.at, "reply"))
    opens = any(field.sealed not in (None, CARD) for field in flat(scope.route.request))
    if subject.request is None and subject.reply is None and not opens:
        yield scope.find(
            "unbound-subject",
            subject.at,
            "the card is neither sent, nor received, nor sealed into an id of the request",
            "say where the hospital takes or gives the card number",
            of_key=True,
        )
