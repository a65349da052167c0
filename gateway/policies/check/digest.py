"""The checks of a digest: its arguments are texts that each operation that takes it has."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from gateway.policies.check.scope import allowed_texts, single, written
from gateway.policies.findings import Finding
from gateway.policies.load import Keys
from gateway.policies.model import Policy, Steps
from gateway.policies.near import nearest_name
from gateway.policies.resolve import leaves
from gateway.soap.elements import Element, follow
from gateway.soap.lexical import allows

if TYPE_CHECKING:
    from gateway.soap.contract import Contract
    from gateway.soap.digest import Digest

_LENGTHS = {"MD5": 32, "SHA-1": 40}


def check_digest(policy: Policy, digest: Digest, contract: Contract) -> tuple[Finding, ...]:
    """Every finding of the digest, held against the WSDL alone."""
    inputs = [operation.input for operation in contract.operations.values()]
    taking = [each for each in inputs if follow(each, digest.into)]
    found = set(_over(policy, digest, taking or inputs))
    if taking:
        found.update(_into(policy, digest, taking))
    else:
        near = _near(digest.into, inputs, digest.over)
        found.add(_unknown(policy, ("digest", "into"), digest.into, near))
    return tuple(sorted(found))


def meant_digest(digest: Digest, contract: Contract) -> Digest:
    """The digest with the argument that `into` stands for: a slip of the pen is one fault."""
    inputs = [operation.input for operation in contract.operations.values()]
    if any(follow(each, digest.into) for each in inputs):
        return digest
    near = _near(digest.into, inputs, digest.over)
    return digest if near is None else replace(digest, into=tuple(near.split("/")))


def _into(policy: Policy, digest: Digest, taking: list[Element]) -> Iterator[Finding]:
    sample = "0" * _LENGTHS[digest.algorithm]
    for start in taking:
        simple = single(start, digest.into)
        if simple is not None and allows(simple, sample):
            continue
        yield Finding(
            policy.source.mark(("digest", "into")),
            "type",
            "",
            f'the contract does not allow a digest of {len(sample)} digits for "{start.name}"',
            allowed_texts(simple) if simple else "name an element that holds a text",
        )


def _over(policy: Policy, digest: Digest, taking: list[Element]) -> Iterator[Finding]:
    for index, steps in enumerate(digest.over):
        mark = policy.source.mark(("digest", "over", index))
        if steps == digest.into:
            problem = f'"{written(steps)}" takes the digest'
            yield Finding(mark, "two-sources", "", problem, "leave it out of over")
        having = [start for start in taking if follow(start, steps)]
        if not having:
            yield _unknown(policy, ("digest", "over", index), steps, _near(steps, taking))
        for start in having:
            if single(start, steps) is None:
                problem = f'"{written(steps)}" of {start.name} holds no single text'
                yield Finding(mark, "list", "", problem, "name an argument that does")


def _unknown(policy: Policy, at: Keys, steps: Steps, near: str | None) -> Finding:
    problem = f'no operation that could take the digest has the argument "{written(steps)}"'
    remedy = f'did you mean "{near}"?' if near else "see the contract"
    return Finding(policy.source.mark(at), "unknown-path", "", problem, remedy)


def _near(steps: Steps, inputs: list[Element], but: tuple[Steps, ...] = ()) -> str | None:
    """The value in one of the inputs whose path is most like this one, and is none of those."""
    values = {path for each in inputs for path, _ in leaves(each)}
    return nearest_name(written(steps), {written(path) for path in values.difference(but)})
