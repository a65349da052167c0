"""The checks of constants: each has its argument, which takes its text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from gateway.policies.addresses import variable
from gateway.policies.check.scope import Scope, allowed_texts, meant, single, unread, written
from gateway.policies.check.values import SAMPLES
from gateway.policies.findings import Finding
from gateway.policies.load import Keys
from gateway.policies.model import ConstantPolicy, Constants, Policy, Steps
from gateway.policies.resolve import leaf
from gateway.policies.secrets import EXAMPLE_SECRET
from gateway.soap.elements import SimpleType
from gateway.soap.lexical import allows
from gateway.translation.formats import format_of

if TYPE_CHECKING:
    from gateway.soap.contract import Contract
    from gateway.soap.operation import Operation


def check_constants(policy: Policy, contract: Contract) -> Iterator[Finding]:
    """Every finding of a pack's constants."""
    for target, constant in policy.constants.items():
        types = {
            simple
            for operation in contract.operations.values()
            if (simple := single(operation.input, target)) is not None
        }
        if not types and not unread(policy, contract):
            yield Finding(
                policy.source.mark(constant.at, of_key=True),
                "unknown-path",
                "",
                f'no operation has the argument "{written(target)}"',
                "remove it, or mend its name",
            )
        for at, problem, remedy in _refused(target, constant, types):
            yield Finding(policy.source.mark(at), "constant", "", problem, remedy)


def check_own_constants(scope: Scope, operation: Operation) -> Iterator[Finding]:
    """Every finding of a route's own constants."""
    for target, constant in scope.route.constants.items():
        simple = yield from scope.single(operation.input, target, constant.at)
        if simple is not None:
            for at, problem, remedy in _refused(target, constant, {simple}):
                yield scope.find("constant", at, problem, remedy)


def check_secrets(
    policy: Policy, contract: Contract, secrets: Mapping[str, str]
) -> Iterator[Finding]:
    """A finding for each constant whose secret, by the variable's name, the contract refuses.

    For a policy without any other finding.
    """
    inputs = [operation.input for operation in contract.operations.values()]
    stated = [(policy.constants, inputs)]
    stated += [
        (route.constants, [contract.operations[route.operation].input]) for route in policy.routes
    ]
    for constants, starts in stated:
        for target, constant in constants.items():
            text = secrets.get(variable(constant.secret or "") or "")
            types = [simple for start in starts if (simple := single(start, target)) is not None]
            if text is None or all(allows(simple, text) for simple in types):
                continue
            yield Finding(
                policy.source.mark((*constant.at, "secret")),
                "environment",
                "",
                f'the contract does not allow what the file holds for "{written(target)}"',
                "write the secret into it that the hospital gave you",
            )


def sent(scope: Scope, operation: Operation) -> set[Steps]:
    """The arguments of an operation that constants fill, slips of the pen forgiven."""
    own = {meant(operation.input, target) for target in scope.route.constants}
    return own | {steps for steps in scope.constants() if leaf(operation.input, steps)}


def told_apart(one: Constants, other: Constants) -> bool:
    """Whether two calls of one operation always differ in a constant, so that they are two."""
    ours, theirs = _fixed(one), _fixed(other)
    return any(ours[target] != theirs[target] for target in ours.keys() & theirs.keys())


def _fixed(constants: Constants) -> dict[Steps, str]:
    return {
        target: constant.text for target, constant in constants.items() if constant.text is not None
    }


def _refused(
    target: Steps, constant: ConstantPolicy, types: Iterable[SimpleType]
) -> Iterator[tuple[Keys, str, str]]:
    """Place, problem and remedy of each text that a type does not take."""
    name = written(target)
    for client, text in constant.texts.items():
        refusing = next((simple for simple in types if not allows(simple, text)), None)
        if refusing is not None:
            at = (*constant.at, "by_client", client) if client else constant.at
            yield at, f'the contract does not allow this text for "{name}"', allowed_texts(refusing)
    if constant.secret is not None:
        refusing = next((one for one in types if not allows(one, EXAMPLE_SECRET)), None)
        if refusing is not None:
            problem = (
                f'the contract does not allow a secret such as "{EXAMPLE_SECRET}" for "{name}"'
            )
            yield (*constant.at, "secret"), problem, allowed_texts(refusing)
    if constant.now is None:
        return
    at = (*constant.at, "now")
    format_ = format_of(constant.now)
    if format_ is None:
        yield at, "this is no format of a time", 'write one such as "%Y%m%d%H%M%S"'
        return
    texts = [format_.write(moment) for moment in SAMPLES]
    refusing = next((one for one in types if not any(allows(one, text) for text in texts)), None)
    if refusing is not None:
        problem = f'the contract does not allow a time that is written so for "{name}"'
        yield at, problem, allowed_texts(refusing)
