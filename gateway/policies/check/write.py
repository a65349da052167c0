"""The checks of what calling a route does: a read, or a write that can be settled."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, assert_never

from gateway.policies.check.constants import told_apart
from gateway.policies.check.scope import Scope
from gateway.policies.check.settle import check_by_match, check_by_serial
from gateway.policies.findings import Finding
from gateway.policies.model import (
    ByMatch,
    BySerial,
    Constants,
    RoutePolicy,
    SettlePolicy,
    constants_of,
)

if TYPE_CHECKING:
    from gateway.soap.operation import Operation


def check_effect(scope: Scope, operation: Operation | None) -> Iterator[Finding]:
    """Every finding of what calling a route does; without an operation, those that need none."""
    route = scope.route
    match route.effect:
        case "unconfirmed":
            yield scope.find(
                "unconfirmed",
                (*route.at, "effect"),
                "nobody has said what calling it does",
                "ask the hospital, then write read, keyed or matched",
            )
        case "read":
            yield from _read(scope)
        case "keyed":
            yield from _keyed(scope, operation)
        case "matched":
            yield from _matched(scope, operation)
        case unknown:
            assert_never(unknown)


def _read(scope: Scope) -> Iterator[Finding]:
    route = scope.route
    given = {"serial": route.serial, "settle": route.settle, "after_payment": route.after_payment}
    for name, value in given.items():
        if value:
            yield scope.find(
                "option", (*route.at, name), f"a read has no {name}", "remove it", of_key=True
            )
    writer = _writer(scope, route.operation, constants_of(scope.policy, route))
    if writer is not None:
        yield scope.find(
            "effect-clash",
            (*route.at, "effect"),
            f"{route.operation} is a read here and a write in {writer.id}",
            "an operation has one effect: ask the hospital which",
        )


def _writer(scope: Scope, operation: str, sends: Constants) -> RoutePolicy | None:
    """A route that may write where an operation is called with these constants."""
    policy = scope.policy
    writers = (
        one
        for one in policy.routes
        if one.effect in ("keyed", "matched") and one.operation == operation
    )
    return next((one for one in writers if not told_apart(sends, constants_of(policy, one))), None)


def _keyed(scope: Scope, operation: Operation | None) -> Iterator[Finding]:
    route = scope.route
    remedy = "say which argument carries our serial, and under settle what asks by it"
    if route.serial is None:
        yield _lacks(scope, "a keyed write has no serial", remedy)
    elif operation is not None:
        yield from scope.single(operation.input, route.serial, (*route.at, "serial"))
    settle = route.settle
    if settle is None:
        yield _lacks(scope, "a keyed write has no settle", remedy)
    elif isinstance(settle, BySerial):
        asked = yield from _asked(scope, settle)
        yield from check_by_serial(scope, settle, operation, asked)
    else:
        problem = "a keyed write is asked about by its serial, not by what it is about"
        yield scope.find("no-settle", settle.at, problem, "write serial", of_key=True)


def _matched(scope: Scope, operation: Operation | None) -> Iterator[Finding]:
    route = scope.route
    settle = route.settle
    if route.serial is not None:
        problem = "a matched write sends no serial"
        yield scope.find("option", (*route.at, "serial"), problem, "remove it", of_key=True)
    if isinstance(settle, ByMatch):
        asked = yield from _asked(scope, settle)
        yield from check_by_match(scope, settle, operation, asked)
        return
    remedy = "say under settle how to ask about the thing: ask, match, done, same, otherwise"
    yield _lacks(scope, "a matched write is asked about by what it is about", remedy)


def _lacks(scope: Scope, problem: str, remedy: str) -> Finding:
    return scope.find("no-settle", (*scope.route.at, "effect"), problem, remedy)


def _asked(scope: Scope, settle: SettlePolicy) -> Generator[Finding, None, Operation | None]:
    """The operation that asks, if there is one that only reads."""
    asked = yield from scope.operation(settle.operation, (*settle.at, "operation"))
    writer = _writer(scope, settle.operation, scope.policy.constants)
    if asked is None or writer is None:
        return asked
    yield scope.find(
        "settle-not-read",
        (*settle.at, "operation"),
        f"{settle.operation} is a write ({writer.id}), and asking must not do anything",
        "name an operation that only reads",
    )
    return None
