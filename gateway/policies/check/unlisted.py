"""The checks of a word for codes that no table names: it describes, and decides nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from gateway.policies.check.scope import Scope
from gateway.policies.findings import Finding
from gateway.policies.model import ByMatch, FieldPolicy, Steps, outcome_of
from gateway.policies.resolve import leaf
from gateway.translation.values import TRUTH_VALUES

if TYPE_CHECKING:
    from gateway.soap.operation import Operation


def check_unlisted(scope: Scope, operation: Operation | None) -> Iterator[Finding]:
    """Every finding of such words in a route's response, one for each; without an operation, those
    that need none.
    """
    decides = dict(_deciding(scope))
    for field, path in _placed(scope.route.response, scope.route.reply):
        at = (*field.at, "unlisted")
        if field.unlisted is None:
            continue
        if field.code is None:
            problem = "unlisted is for codes that a table does not name, and there is no code"
            yield scope.find("option", at, problem, "add code, or remove it")
        elif scope.policy.codes.get(field.code, {}).keys() == TRUTH_VALUES:
            problem = f'"{field.code}" is true or false, and there is no third word'
            yield scope.find("option", at, problem, "remove it")
        elif path in decides:
            problem = f'"{field.name}" {decides[path]}, and a code without a word would be guessed'
            yield scope.find("option", at, problem, "remove it, and add a word for each code")
        elif operation is not None and _lists_all(scope, field.code, operation, path):
            problem = f'the hospital may send no code for which "{field.code}" has no word'
            yield scope.find("option", at, problem, "remove it")


def _lists_all(scope: Scope, name: str, operation: Operation, path: Steps) -> bool:
    """Whether the contract names all codes, and each of them has its word in the table."""
    simple = leaf(operation.output, path)
    table = scope.policy.codes.get(name, {})
    return (
        simple is not None
        and bool(simple.enumeration)
        and set(simple.enumeration) <= set(table.values())
    )


def _deciding(scope: Scope) -> Iterator[tuple[Steps, str]]:
    """The elements of the reply that something follows from, each with what."""
    route = scope.route
    yield outcome_of(scope.policy, route).code, "says how the call ended"
    for steps in (*route.only, *route.withhold):
        yield (*route.reply, *steps), "says whether there is an answer (only, withhold)"
    for field, path in _placed(route.response, route.reply):
        for steps in (*field.only, *field.withhold):
            yield (*path, *steps), "says which rows are shown (only, withhold)"
    if route.settle is None:
        return
    start = route.reply if isinstance(route.settle, ByMatch) else ()
    for steps in route.settle.same.values():
        yield (*start, *steps), "is compared with what was asked (settle)"
    if isinstance(route.settle, ByMatch):
        for steps in (*route.settle.done, *route.settle.void):
            yield (*start, *steps), "says what became of the write (settle)"


def _placed(fields: tuple[FieldPolicy, ...], start: Steps) -> Iterator[tuple[FieldPolicy, Steps]]:
    """Each field, with its element's path from the operation's reply on."""
    for field in fields:
        path = (*start, *field.hospital)
        yield field, path
        yield from _placed(field.fields, path)
