"""Code tables in files of their own, for those that are long: CSV (RFC 4180), in UTF-8."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from gateway.policies.findings import Finding, Kind, Mark

HEADER = ["word", "code"]
"""The two columns, which the first line names."""
WORD = "^[a-z0-9][a-z0-9-]*$"
"""How a word of ours is written."""

_WORD = re.compile(WORD)


def read_table(path: Path, shown_as: str) -> tuple[Mapping[str, str], tuple[Finding, ...]]:
    """Word: code, of the rows that are right, and a finding for each that is not.

    `shown_as` is the file's name in findings. Without a table there is one finding.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        return {}, (
            _finding(shown_as, 1, "code-file", "the file is not UTF-8", "save it as UTF-8"),
        )
    except OSError as error:
        problem = f"cannot be read ({error.strerror})"
        return {}, (_finding(shown_as, 1, "code-file", problem, "put the table beside the policy"),)
    table: dict[str, str] = {}
    findings: list[Finding] = []
    holders: dict[str, str] = {}
    try:
        for line, row in _rows(text):
            if line == 1 and row != HEADER:
                problem, remedy = "the first line is not word,code", "name the two columns"
                return {}, (_finding(shown_as, 1, "code-file", problem, remedy),)
            fault = _fault(row, table, holders) if line > 1 else None
            if fault is not None:
                findings.append(_finding(shown_as, line, *fault))
            elif line > 1:
                word, code = row
                table[word] = code
                holders[code] = word
    except csv.Error as error:
        findings.append(_finding(shown_as, 1, "code-file", f"no CSV: {error}", "mend the quotes"))
    if not table and not findings:
        findings.append(_finding(shown_as, 1, "code-file", "holds no word", "add one a line"))
    return table, tuple(findings)


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Each row that is not blank, with the line that it begins in."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    begins = 1
    for row in reader:
        if row:
            yield begins, row
        begins = reader.line_num + 1


def _fault(
    row: list[str], table: Mapping[str, str], holders: Mapping[str, str]
) -> tuple[Kind, str, str] | None:
    if len(row) != len(HEADER):
        return "wrong-value", f"has {len(row)} columns", "write a word and a code"
    word, code = row
    if not _WORD.fullmatch(word):
        remedy = "write it like male or identity-card"
        return "wrong-value", f'"{word}" is not a name that can stand here', remedy
    if not code or code != code.strip():
        problem = f'the code of "{word}" is empty, or has space around it'
        return "wrong-value", problem, "write the hospital's code as it is"
    if word in table:
        return "duplicate-key", f'the word "{word}" stands twice', "keep one of them"
    if code in holders:
        problem = f'"{holders[code]}" and "{word}" have the code "{code}"'
        return "code-clash", problem, "a code has one word: keep one"
    return None


def _finding(file: str, line: int, kind: Kind, problem: str, remedy: str) -> Finding:
    return Finding(Mark(file, line, 1), kind, "", problem, remedy)
