"""The checks of how a write is settled: what asks about it, and what a success is compared with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from gateway.policies.check.scope import Scope, allowed_texts, written
from gateway.policies.findings import Finding
from gateway.policies.model import (
    ByMatch,
    BySerial,
    FieldPolicy,
    SettlePolicy,
    Steps,
    flat,
    outcome_of,
)
from gateway.policies.resolve import leaf, needed, variables
from gateway.soap.elements import Element, always, follow
from gateway.soap.lexical import allows

if TYPE_CHECKING:
    from gateway.soap.operation import Operation

_UNDER_WAY = 30.0
"""Seconds that a hospital may go on with a call that nobody waits for any more."""
_REPEATED = "name the element that repeats what was sent"


def check_by_serial(
    scope: Scope, settle: BySerial, operation: Operation | None, asked: Operation | None
) -> Iterator[Finding]:
    """Every finding of how a keyed write is asked about; `asked` is the read that does it.

    Without one of the two operations, those that need none.
    """
    yield from _common(scope, settle)
    if operation is not None:
        yield from _held(scope, settle, operation, operation.output)
    if operation is None or asked is None:
        return
    serial, at = settle.serial, (*settle.at, "serial")
    sent = yield from scope.single(asked.input, serial.request, (*at, "request"))
    if sent is not None:
        yield from _known(scope, settle, asked, {serial.request}, "the serial")
    # A reply that repeats is found at the reply, once.
    kept = follow(asked.output, settle.reply) or ()
    in_lists = serial.reply[: len(kept)] == settle.reply and any(one.repeats for one in kept)
    at = (*at, "reply")
    repeated = yield from scope.single(asked.output, serial.reply, at, in_lists=in_lists)
    yield from scope.alike(sent, repeated, at, _REPEATED)
    if any(element.repeats for element in kept):
        yield scope.find(
            "list",
            (*settle.at, "reply"),
            f'"{written(settle.reply)}" repeats, and one reply is wanted',
            "name an element that occurs once",
        )
        return
    route = scope.route
    wanted = {outcome_of(scope.policy, route).code, *settle.same.values()}
    wanted.update(_read_from(route.response, route.reply))
    if route.subject is not None and route.subject.reply is not None:
        wanted.add(route.subject.reply)
    yield from _kept(scope, settle, operation.output, asked, wanted)


def check_by_match(
    scope: Scope, settle: ByMatch, operation: Operation | None, asked: Operation | None
) -> Iterator[Finding]:
    """Every finding of how a matched write is asked about; `asked` is the read that does it.

    Without one of the two operations, those that need none.
    """
    yield from _common(scope, settle)
    yield from _done_and_void(scope, settle)
    if operation is None:
        return
    start = (operation.output, *(follow(operation.output, scope.route.reply) or ()))[-1]
    yield from _held(scope, settle, operation, start, optional=True)
    yield from _matches(scope, settle, operation)
    if asked is None:
        return
    record = (asked.output, *(follow(asked.output, settle.reply) or ()))
    for theirs, ours in settle.ask.items():
        at = (*settle.at, "ask", written(theirs))
        takes = yield from scope.single(asked.input, theirs, at)
        yield from scope.alike(leaf(operation.input, ours), takes, at, "ask by the same thing")
        required = always(follow(asked.input, theirs) or ())
        if required and ours in _sent(scope) and not _each_time(scope, operation, ours):
            yield scope.find(
                "missing-argument",
                at,
                f'{asked.name} requires "{written(theirs)}", and "{written(ours)}" may be left out',
                "ask by what is sent each time",
            )
    yield from _known(scope, settle, asked, settle.ask, "what was sent")
    if follow(asked.output, settle.reply) is None:
        yield scope.unknown(asked.output, settle.reply, (*settle.at, "reply"))
        return
    for argument, path in settle.same.items():
        yield from _repeated(scope, settle, operation, argument, record[-1], path)
    for name, states in (("done", settle.done), ("void", settle.void)):
        yield from _states(scope, (*settle.at, name), states, record[-1])
    wanted = set(_read_from(scope.route.response, ()))
    subject = scope.route.subject
    if subject is not None and subject.reply is not None:
        depth = len(scope.route.reply)
        if subject.reply[:depth] != scope.route.reply:
            yield scope.find(
                "unbound-subject",
                (*subject.at, "reply"),
                "the card is not in the part of the reply that the answer to the question keeps",
                f"name the card number below {written(scope.route.reply)}",
            )
        wanted.add(subject.reply[depth:])
    yield from _kept(scope, settle, start, asked, wanted)


def _common(scope: Scope, settle: SettlePolicy) -> Iterator[Finding]:
    """A sending has time to end, and what is compared is sent."""
    least = scope.route.deadline + _UNDER_WAY
    if settle.certain_after < least:
        yield scope.find(
            "deadline",
            (*settle.at, "certain_after"),
            "a sending may still be under way when it would be called undone",
            f"wait for the deadline and {_UNDER_WAY:g}s more: at least {least:g}s",
        )
    sent = _sent(scope)
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


def _held(
    scope: Scope,
    settle: SettlePolicy,
    operation: Operation,
    start: Element,
    *,
    optional: bool = False,
) -> Iterator[Finding]:
    """What changes the effect is compared with `start`.

    `optional`: the write's own reply need not repeat it.
    """
    yield from _compared(scope, settle, operation)
    yield from _filled(scope, settle, operation)
    for argument, path in settle.same.items():
        if optional and follow(start, path) is None:
            continue
        yield from _repeated(scope, settle, operation, argument, start, path)


def _repeated(
    scope: Scope,
    settle: SettlePolicy,
    operation: Operation,
    argument: Steps,
    start: Element,
    path: Steps,
) -> Iterator[Finding]:
    """What repeats an argument is of its type, and a list only where the argument is one."""
    at = (*settle.at, "same", written(argument))
    many = any(element.repeats for element in follow(operation.input, argument) or ())
    theirs = yield from scope.single(start, path, at, in_lists=many)
    yield from scope.alike(leaf(operation.input, argument), theirs, at, _REPEATED)


def _known(
    scope: Scope, settle: SettlePolicy, asked: Operation, given: Iterable[Steps], what: str
) -> Iterator[Finding]:
    """The question needs no argument that is not known when it is asked."""
    for path in needed(asked.input, {*given, *scope.constants()}):
        yield scope.find(
            "missing-argument",
            (*settle.at, "operation"),
            f'the argument "{written(path)}" of {asked.name} is required and has no source',
            f"only {what} and constants are known when asking",
        )


def _sent(scope: Scope) -> list[Steps]:
    """The arguments that a request of the route changes."""
    route = scope.route
    sent = [field.hospital for field in flat(route.request) if field.is_argument]
    if route.subject is not None and route.subject.request is not None:
        sent.append(route.subject.request)
    return sent


def _compared(scope: Scope, settle: SettlePolicy, operation: Operation) -> Iterator[Finding]:
    """Every argument that changes the effect is compared, or is not for a stated reason."""
    for argument in _sent(scope):
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


def _matches(scope: Scope, settle: ByMatch, operation: Operation) -> Iterator[Finding]:
    """What names the thing is sent each time, and is compared."""
    sent = _sent(scope)
    for theirs, ours in settle.ask.items():
        if ours not in sent:
            yield scope.find(
                "dead-field",
                (*settle.at, "ask", written(theirs)),
                f'the argument "{written(ours)}" is not sent by this route',
                "ask by what the write is about",
            )
    says = {"match": "says which record is meant", "whose": "says whose a record is"}
    for name, arguments in (("match", settle.match), ("whose", settle.whose)):
        for index, argument in enumerate(arguments):
            if argument not in settle.same:
                yield scope.find(
                    "not-compared",
                    (*settle.at, name, index),
                    f'"{written(argument)}" {says[name]}, and is not compared',
                    "add it to same",
                )
            elif argument in sent and not _each_time(scope, operation, argument):
                yield scope.find(
                    "missing-argument",
                    (*settle.at, name, index),
                    f'"{written(argument)}" {says[name]}, and may be left out',
                    "name what is sent each time",
                )


def _each_time(scope: Scope, operation: Operation, argument: Steps) -> bool:
    """Whether no caller can leave an argument out."""
    route = scope.route
    if route.subject is not None and argument == route.subject.request:
        return True
    field = next(one for one in flat(route.request) if one.hospital == argument)
    if field.default is not None or (
        field in route.request and field.name in variables(route.template)
    ):
        return True
    return field.empty is None and always(follow(operation.input, argument) or ())


def _done_and_void(scope: Scope, settle: ByMatch) -> Iterator[Finding]:
    """No record is void by what it says when it is done."""
    shared = {path: texts & settle.done.get(path, set()) for path, texts in settle.void.items()}
    if shared and all(shared.values()):
        path, texts = next(iter(shared.items()))
        yield scope.find(
            "option",
            (*settle.at, "void", written(path)),
            f'"{min(texts)}" at "{written(path)}" is done and void at once',
            "keep it in one of the two",
            of_key=True,
        )


def _states(
    scope: Scope, at: tuple[str | int, ...], states: Mapping[Steps, frozenset[str]], record: Element
) -> Iterator[Finding]:
    for path, texts in states.items():
        simple = yield from scope.single(record, path, (*at, written(path)))
        for text in sorted(texts):
            if simple is not None and not allows(simple, text):
                yield scope.find(
                    "constant",
                    (*at, written(path)),
                    f'the contract does not allow "{text}" for "{written(path)}"',
                    allowed_texts(simple),
                )


def _kept(
    scope: Scope, settle: SettlePolicy, start: Element, asked: Operation, wanted: set[Steps]
) -> Iterator[Finding]:
    """What the question's answer keeps must hold all that the first reply is read for, alike."""
    at = (*settle.at, "reply")
    chain = follow(asked.output, settle.reply)
    if chain is None:
        yield scope.unknown(asked.output, settle.reply, at)
        return
    kept = chain[-1] if chain else asked.output
    unlike = [
        written(steps)
        for steps in sorted(wanted)
        if (ours := follow(start, steps)) and not _alike(ours, follow(kept, steps))
    ]
    if unlike:
        more = f" and {len(unlike) - 1} more" if len(unlike) > 1 else ""
        yield scope.find(
            "settle-reply",
            at,
            f'{asked.name} does not keep all of the first reply alike: "{unlike[0]}"{more}',
            "name where it keeps the first reply, or ask the hospital to keep all of it",
        )


def _read_from(fields: tuple[FieldPolicy, ...], start: Steps) -> Iterator[Steps]:
    for field in fields:
        if field.kind == "value":
            yield (*start, *field.hospital)
            if field.card is not None:
                yield (*start, *field.card)
        inner = (*start, *field.hospital)
        yield from ((*inner, *path) for path in (*field.only, *field.withhold))
        yield from _read_from(field.fields, inner)


def _alike(ours: tuple[Element, ...], theirs: tuple[Element, ...] | None) -> bool:
    """Whether what is read of the one can be read of the other in the same way."""
    if theirs is None or ours[-1].type != theirs[-1].type:
        return False
    return all(
        mine.repeats == other.repeats and (always((other,)) or not always((mine,)))
        for mine, other in zip(ours, theirs, strict=True)
    )
