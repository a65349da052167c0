"""What a check has to say: where it is, what is wrong, what to do."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """A place in a file; line and column count from 1, as editors do."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One fault of a policy. `kind` is stable (documented in docs/policies/findings.md)."""

    mark: Mark
    kind: str
    where: str
    problem: str
    remedy: str

    def __str__(self) -> str:
        where = f"{self.where}: " if self.where else ""
        return f"{self.mark}: {where}{self.problem}; {self.remedy} [{self.kind}]"


class PolicyError(Exception):
    """The packs cannot be served. Carries every finding, in the order of the files."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__(f"{len(findings)} finding(s)")
        self.findings = findings
