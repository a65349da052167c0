"""The checks of a route that is answered with a document: it is one text of the reply."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.policies.check.scope import Scope, written
from gateway.policies.findings import Finding
from gateway.policies.model import DocumentPolicy
from gateway.soap.elements import Element
from gateway.soap.lexical import allows
from gateway.strict_base64 import SAMPLE

_BASES = ("base64Binary", "string")


def check_document(scope: Scope, document: DocumentPolicy, start: Element) -> Iterator[Finding]:
    """Every finding of a document; its paths begin in `start`."""
    at = (*document.at, "hospital")
    simple = yield from scope.single(start, document.hospital, at)
    if simple is not None and (simple.base not in _BASES or not allows(simple, SAMPLE)):
        yield scope.find(
            "type",
            at,
            f'"{written(document.hospital)}" is of type {simple.name}, which holds no document',
            "name an element of type base64Binary, or of text that may be Base64",
        )
    if _is_encrypted(scope, document):
        yield scope.find(
            "payload",
            at,
            f'"{written(document.hospital)}" is in an encrypted message, which is read whole',
            "name an element beside the message",
        )
    if document.name is None:
        return
    at = (*document.at, "name")
    named = yield from scope.single(start, document.name, at)
    if named is not None and named.base != "string":
        yield scope.find(
            "type",
            at,
            f'"{written(document.name)}" is of type {named.name}, and a file name is text',
            "name an element of text, or leave it out",
        )


def _is_encrypted(scope: Scope, document: DocumentPolicy) -> bool:
    """Whether the document stands in a message that is encrypted: it cannot be taken out of that
    while it comes in.
    """
    payload, route = scope.policy.payload, scope.route
    if payload is None or payload.encryption is None or route.operation not in payload.trades:
        return False
    path = (*route.reply, *document.hospital)
    return not any(path[: len(steps)] == steps for steps in payload.reply.beside)
