"""The checks of shapes: each use names one, none holds itself, none grows without bounds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from gateway.policies.findings import Finding
from gateway.policies.load import Keys
from gateway.policies.model import MOST_FIELDS, MOST_LEVELS, Policy
from gateway.policies.near import meant_name, near_name


def check_shapes(policy: Policy) -> Iterator[Finding]:
    """Every finding of the shapes and of the places that name them; not of what they hold."""
    yield from _uses(policy)
    for at in policy.sprawling:
        yield Finding(
            policy.source.mark(at, of_key=True),
            "shape-size",
            _where(policy, at),
            f"has more than {MOST_FIELDS} fields or {MOST_LEVELS} levels, with the shapes in it",
            "write out the fields that are wanted here",
        )
    for at, name in policy.twice:
        yield Finding(
            policy.source.mark(at, of_key=True),
            "same-field",
            _where(policy, at),
            f'the field "{name}" would stand here twice',
            "rename one of the two, or take it out of the shape",
        )
    used = {meant_name(name, policy.shapes) for name in policy.shape_uses.values()}
    for name in policy.shapes:
        if name not in used and not policy.partial:
            mark = policy.source.mark(("shapes", name), of_key=True)
            problem = f'nothing answers with the shape "{name}"'
            yield Finding(mark, "unused-shape", "", problem, "use it or remove it")


def _uses(policy: Policy) -> Iterator[Finding]:
    """Each place names a shape that is there, and not one that the place itself is in."""
    inside: dict[str, set[str]] = defaultdict(set)
    for at, name in policy.shape_uses.items():
        if at[0] == "shapes":
            inside[str(at[1])].add(name)
    for at, name in policy.shape_uses.items():
        if name not in policy.shapes:
            yield Finding(
                policy.source.mark(at),
                "unknown-shape",
                _where(policy, at),
                f'there is no shape "{name}"',
                near_name(name, policy.shapes, "add it under shapes"),
            )
        elif at[0] == "shapes" and str(at[1]) in _within(name, inside):
            yield Finding(
                policy.source.mark(at),
                "shape-cycle",
                _where(policy, at),
                f'the shape "{name}" would hold itself',
                "write out the fields that are wanted here",
            )


def _where(policy: Policy, at: Keys) -> str:
    """The route or shape that a place belongs to."""
    if at[0] == "shapes":
        return f"shape {at[1]}"
    return next(route.id for route in policy.routes if route.at == at[:2])


def _within(shape: str, inside: Mapping[str, set[str]]) -> set[str]:
    """The shape, and every shape that it is made of, however deep."""
    found: set[str] = set()
    waiting = [shape]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += inside.get(name, ())
    return found
