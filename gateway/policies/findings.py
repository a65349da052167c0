"""What a check has to say: where it is, what is wrong, what to do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Literal, TypeAlias, get_args

Kind: TypeAlias = Literal[
    # the file
    "yaml", "duplicate-key", "unknown-field", "missing-field", "wrong-value",
    # the pack
    "contract", "payload", "environment", "service-name", "limits", "same-route", "settings",
    "example",
    # names
    "unknown-path", "unknown-operation", "unknown-codes", "unknown-shape", "unknown-seal",
    "unknown-route",
    "shape-cycle", "shape-size", "same-field", "unused-codes", "unused-shape", "unused-default",
    # result codes, code tables, constants
    "code-file", "code-clash", "code-missing", "code-words", "constant", "result-code",
    # closings
    "window",
    # the glossary
    "undescribed", "unused-entry",
    # the route
    "deadline", "method", "personal-data", "dead-field", "missing-argument", "two-sources",
    "list", "type", "pattern", "option", "path-value", "kept-back",
    # subjects and writes
    "unbound-id", "unbound-subject", "unconfirmed", "effect-clash", "no-settle",
    "settle-not-read", "settle-reply", "not-compared",
]  # fmt: skip
KINDS: tuple[Kind, ...] = get_args(Kind)
"""Every kind of finding; each has its entry in docs/policies/findings.md."""


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """A place in a file; line and column count from 1, as editors do."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


def shown(path: Path) -> str:
    """The file's name as findings show it: from here, where that is shorter."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One fault of a policy; `where` names the route or shape, "" for the whole pack."""

    mark: Mark
    kind: Kind
    where: str
    problem: str
    remedy: str

    def __str__(self) -> str:
        where = f"{self.where}: " if self.where else ""
        return f"{self.mark}: {where}{self.problem}; {self.remedy} [{self.kind}]"


def once_each(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings in order; what several routes share, such as a default, is told once.

    It is told as the first of them has it, and how many more do. Where a shape stands on several
    operations, of their remedies one is told: the name that is meant, before "see the contract".
    """
    one_remedy = {replace(one, remedy=""): one for one in sorted(findings, reverse=True)}
    places = groupby(sorted(one_remedy.values()), key=lambda finding: (finding.mark, finding.kind))
    return tuple(finding for _, several in places for finding in _told(tuple(several)))


def _told(at_one_place: tuple[Finding, ...]) -> Iterator[Finding]:
    first, *others = dict.fromkeys(finding.where for finding in at_one_place if finding.where) or [
        ""
    ]
    for finding in at_one_place:
        if not finding.where or not others:
            yield finding
        elif finding.where == first:
            yield replace(finding, where=f"{first} and {len(others)} more")


def counted(number: int, noun: str) -> str:
    """So many of them, in words: `1 finding`, `2 findings`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


class PolicyError(Exception):
    """The packs cannot be served. Carries every finding, in the order of the files."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__(counted(len(findings), "finding"))
        self.findings = findings
