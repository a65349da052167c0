"""The checks of result codes: where they stand, that each has one meaning, and can come."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

from gateway.policies.check.scope import allowed_texts, near_path, single, written
from gateway.policies.findings import Finding, Kind
from gateway.policies.load import Keys, Source
from gateway.policies.model import Policy
from gateway.soap.elements import SimpleType
from gateway.soap.lexical import allows
from gateway.translation.outcomes import Outcomes, Span, span

if TYPE_CHECKING:
    from gateway.soap.contract import Contract
    from gateway.soap.operation import Operation


_WHOLE = re.compile("-?[0-9]{1,15}")


def check_outcomes(policy: Policy, contract: Contract) -> Iterator[Finding]:
    """Every finding of a pack's result codes, and of those that a route has of its own."""
    names = {route.operation for route in policy.routes if route.outcome is None}
    names |= {route.settle.operation for route in policy.routes if route.settle}
    asked = [contract.operations[name] for name in sorted(names & set(contract.operations))]
    yield from _Stated(policy.source, ("outcome",), "", policy.outcome).check(asked)
    for route in policy.routes:
        operation = contract.operations.get(route.operation)
        if route.outcome is not None and operation is not None:
            stated = _Stated(policy.source, (*route.at, "outcome"), route.id, route.outcome)
            yield from stated.check([operation])


@dataclass(frozen=True, slots=True)
class _Stated:
    """One `outcome`, at its place."""

    source: Source
    at: Keys
    where: str
    outcomes: Outcomes

    def check(self, asked: list[Operation]) -> Iterator[Finding]:
        yield from self._clashes()
        types: set[SimpleType] = set()
        for name, steps in (("code", self.outcomes.code), ("message", self.outcomes.message)):
            if steps is None:
                continue
            lacking = [one for one in asked if single(one.output, steps) is None]
            if lacking:
                more = f" and of {len(lacking) - 1} more" if len(lacking) > 1 else ""
                yield self._find(
                    "unknown-path",
                    (*self.at, name),
                    f'"{written(steps)}" is no single value in the reply of '
                    f"{lacking[0].name}{more}",
                    near_path(lacking[0].output, steps),
                )
            elif name == "code":
                types = {found for one in asked if (found := single(one.output, steps)) is not None}
        for _, at, code in self._listed():
            refusing = next((simple for simple in types if not _may_come(simple, code)), None)
            if refusing is not None:
                problem = f'the hospital cannot send the result code "{code}"'
                yield self._find("result-code", at, problem, allowed_texts(refusing))

    def _clashes(self) -> Iterator[Finding]:
        for (one, _, code), (name, at, other) in combinations(self._listed(), 2):
            if code == other:
                problem = f'the result code "{code}" is listed under {one} and under {name}'
                remedy = "a code has one meaning: keep it in one list"
            elif _meet(code, other):
                problem = f'some codes are in both "{code}" under {one} and "{other}" under {name}'
                remedy = "a code has one meaning: let the two not overlap"
            else:
                continue
            yield self._find("code-clash", at, problem, remedy, of_key=True)

    def _listed(self) -> Iterator[tuple[str, Keys, str]]:
        """Each code that is listed: under what, at which place."""
        data: Any = self.source.data
        for step in self.at:
            data = data[step]
        for name in ("success", "empty", "refused", "upstream_failure"):
            codes = data.get(name, ())
            for index, code in enumerate(codes):
                key = code if isinstance(codes, dict) else index
                yield name, (*self.at, name, key), code

    def _find(
        self, kind: Kind, at: Keys, problem: str, remedy: str, *, of_key: bool = False
    ) -> Finding:
        return Finding(self.source.mark(at, of_key=of_key), kind, self.where, problem, remedy)


def _meet(one: str, other: str) -> bool:
    ours, theirs = span(one), span(other)
    return ours is not None and theirs is not None and ours.meets(theirs)


def _may_come(simple: SimpleType, code: str) -> bool:
    numbers = span(code)
    if numbers is None:
        return allows(simple, code)
    return any(allows(simple, str(number)) for number in _some_of(numbers, simple.enumeration))


def _some_of(numbers: Span, known: Iterable[str]) -> Iterator[int]:
    """Numbers of a range: those that are known to come, and some from its end on."""
    yield from (int(code) for code in known if _WHOLE.fullmatch(code) and int(code) in numbers)
    end, away = (numbers.most, -1) if numbers.least == -math.inf else (numbers.least, 1)
    yield from (int(end) + away * step for step in (0, 1, 9, 99, 999, 9999))
