"""The checks of a write: its serial, how it is settled, what a success is compared with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, assert_never

from gateway.policies.check.constants import told_apart
from gateway.policies.check.scope import Scope, written
from gateway.policies.findings import Finding
from gateway.policies.model import (
    Constants,
    FieldPolicy,
    RoutePolicy,
    SettlePolicy,
    Steps,
    constants_of,
    flat,
)
from gateway.policies.resolve import always, leaf, needed
from gateway.soap.elements import Element, follow

if TYPE_CHECKING:
    from gateway.soap.operation import Operation

_UNDER_WAY = 30.0
"""Seconds that a hospital may go on with a call that nobody waits for any more."""
_REPEATED = "name the element that repeats what was sent"


def check_effect(scope: Scope, operation: Operation) -> Iterator[Finding]:
    """Every finding of what calling a route does."""
    route = scope.route
    match route.effect:
        case "unconfirmed":
            yield scope.find(
                "unconfirmed",
                (*route.at, "effect"),
                "nobody has said what calling it does",
                "ask the hospital, then write read or keyed",
            )
        case "read":
            yield from _read(scope)
        case "keyed":
            yield from _keyed(scope, operation)
        case unknown:
            assert_never(unknown)


def _read(scope: Scope) -> Iterator[Finding]:
    route = scope.route
    given = {"key": route.key, "settle": route.settle, "after_payment": route.after_payment}
    for name, value in given.items():
        if value:
            yield scope.find(
                "option", (*route.at, name), f"a read has no {name}", "remove it", of_key=True
            )
    sends = constants_of(scope.policy, route)
    writer = _writer(scope, route.operation, sends)
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
    writers = (one for one in policy.routes if one.effect == "keyed" and one.operation == operation)
    return next((one for one in writers if not told_apart(sends, constants_of(policy, one))), None)


def _keyed(scope: Scope, operation: Operation) -> Iterator[Finding]:
    route = scope.route
    for name, given in (("key", route.key), ("settle", route.settle)):
        if given is None:
            yield scope.find(
                "no-settle",
                (*route.at, "effect"),
                f"a keyed write has no {name}",
                "say where the serial goes (key), and which operation asks by it (settle)",
            )
    if route.key is not None:
        yield from scope.single(operation.input, route.key, (*route.at, "key"))
    if route.settle is not None:
        yield from _settle(scope, route.settle, operation)


def _settle(scope: Scope, settle: SettlePolicy, operation: Operation) -> Iterator[Finding]:
    yield from _certain(scope, settle)
    yield from _compared(scope, settle, operation)
    asked = yield from scope.operation(settle.operation, (*settle.at, "operation"))
    if asked is None:
        return
    writer = _writer(scope, settle.operation, scope.policy.constants)
    if writer is not None:
        yield scope.find(
            "settle-not-read",
            (*settle.at, "operation"),
            f"{settle.operation} is a write ({writer.id}), and asking must not do anything",
            "name an operation that only reads",
        )
        return
    yield from _asked_by_serial(scope, settle, asked)
    yield from _kept(scope, settle, operation, asked)


def _certain(scope: Scope, settle: SettlePolicy) -> Iterator[Finding]:
    """A write is not called undone while one of its sendings may still be on its way."""
    least = scope.route.deadline + _UNDER_WAY
    if settle.certain_after < least:
        yield scope.find(
            "deadline",
            (*settle.at, "certain_after"),
            "a sending may still be under way when it would be called undone",
            f"wait for the deadline and {_UNDER_WAY:g}s more: at least {least:g}s",
        )


def _asked_by_serial(scope: Scope, settle: SettlePolicy, asked: Operation) -> Iterator[Finding]:
    """The inquiry takes the serial and nothing that is not known, and repeats it."""
    sent = yield from scope.single(asked.input, settle.key, (*settle.at, "key"))
    if sent is not None:
        for path in needed(asked.input, {settle.key, *scope.constants()}):
            yield scope.find(
                "missing-argument",
                (*settle.at, "operation"),
                f'the argument "{written(path)}" of {asked.name} is required and has no source',
                "only the serial and constants are known when asking",
            )
    at = (*settle.at, "serial")
    # A reply that repeats is found at the reply, once.
    kept = follow(asked.output, settle.reply) or ()
    in_lists = settle.serial[: len(kept)] == settle.reply and any(one.repeats for one in kept)
    repeated = yield from scope.single(asked.output, settle.serial, at, in_lists=in_lists)
    yield from scope.alike(sent, repeated, at, _REPEATED)


def _compared(scope: Scope, settle: SettlePolicy, operation: Operation) -> Iterator[Finding]:
    """Every argument that changes the effect is compared, or is not for a stated reason."""
    route = scope.route
    sent = [field.hospital for field in flat(route.request) if field.kind == "value"]
    if route.subject is not None and route.subject.request is not None:
        sent.append(route.subject.request)
    for name, arguments in (("same", settle.same), ("unchecked", settle.unchecked)):
        for argument in arguments:
            if argument not in sent:
                yield scope.find(
                    "dead-field",
                    (*settle.at, name, written(argument)),
                    f'the argument "{written(argument)}" is not sent by this route',
                    "remove it, or mend its name",
                    of_key=True,
                )
    for argument in sent:
        told = (argument in settle.same) + (argument in settle.unchecked)
        if told == 0 and leaf(operation.input, argument) is not None:
            yield scope.find(
                "not-compared",
                (*settle.at, "same"),
                f'the argument "{written(argument)}" changes the effect and is not compared',
                "add it to same, or to unchecked with the reason",
                of_key=True,
            )
        elif told > 1:
            yield scope.find(
                "option",
                (*settle.at, "unchecked", written(argument)),
                f'"{written(argument)}" is compared and unchecked at once',
                "keep it in one of the two",
                of_key=True,
            )
    yield from _filled(scope, settle, operation)
    for argument, path in settle.same.items():
        at = (*settle.at, "same", written(argument))
        ours = leaf(operation.input, argument)
        theirs = yield from scope.single(operation.output, path, at)
        yield from scope.alike(ours, theirs, at, _REPEATED)


def _filled(scope: Scope, settle: SettlePolicy, operation: Operation) -> Iterator[Finding]:
    """What the hospital fills in is compared otherwise, and need not be sent."""
    for argument in settle.filled:
        chain = follow(operation.input, argument)
        if argument not in settle.same:
            problem = "is not compared, so that it does not matter who fills it in"
        elif chain and always(chain):
            problem = "is sent each time, so that nobody fills it in"
        else:
            continue
        yield scope.find(
            "dead-field",
            (*settle.at, "filled", written(argument)),
            f'the argument "{written(argument)}" {problem}',
            "remove it, or mend its name",
            of_key=True,
        )


def _kept(
    scope: Scope, settle: SettlePolicy, operation: Operation, asked: Operation
) -> Iterator[Finding]:
    """What the inquiry keeps must hold all that the first reply is read for, alike."""
    at = (*settle.at, "reply")
    chain = follow(asked.output, settle.reply)
    if chain is None:
        yield scope.unknown(asked.output, settle.reply, at)
        return
    if any(element.repeats for element in chain):
        yield scope.find(
            "list",
            at,
            f'"{written(settle.reply)}" repeats, and one reply is wanted',
            "name an element that occurs once",
        )
        return
    kept = chain[-1] if chain else asked.output
    unlike = [
        written(steps)
        for steps in sorted(_wanted(scope, settle))
        if (ours := follow(operation.output, steps)) and not _alike(ours, follow(kept, steps))
    ]
    if unlike:
        more = f" and {len(unlike) - 1} more" if len(unlike) > 1 else ""
        yield scope.find(
            "settle-reply",
            at,
            f'{asked.name} does not keep all of the first reply alike: "{unlike[0]}"{more}',
            "name where it keeps the first reply, or ask the hospital to keep all of it",
        )


def _wanted(scope: Scope, settle: SettlePolicy) -> set[Steps]:
    route = scope.route
    wanted = {scope.policy.outcome.code, *settle.same.values()}
    wanted.update(_read_from(route.response, route.reply))
    if route.subject is not None and route.subject.reply is not None:
        wanted.add(route.subject.reply)
    return wanted


def _read_from(fields: tuple[FieldPolicy, ...], start: Steps) -> Iterator[Steps]:
    for field in fields:
        if field.kind == "value":
            yield (*start, *field.hospital)
            if field.card is not None:
                yield (*start, *field.card)
        yield from _read_from(field.fields, (*start, *field.hospital))


def _alike(ours: tuple[Element, ...], theirs: tuple[Element, ...] | None) -> bool:
    """Whether what is read of the one can be read of the other in the same way."""
    if theirs is None or ours[-1].type != theirs[-1].type:
        return False
    return all(
        mine.repeats == other.repeats and (always((other,)) or not always((mine,)))
        for mine, other in zip(ours, theirs, strict=True)
    )
