"""The commands of the documents: every fenced `sh` block of the README and below docs/.

A `text` block right after one is what it prints; a line `...` in it stands for any lines or none,
and `...` within a line for any text. A comment `<!-- not run: why -->` right before a block keeps
it from being run, which the tests list.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

_BLOCK = re.compile(
    r"(?:^<!-- not run: (?P<reason>.+) -->\n)?"
    r"^```sh\n(?P<text>.*?)^```\n"
    r"(?:\n```text\n(?P<output>.*?)^```\n)?",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Block:
    """One block, `line` counted from 1; `output` and `reason` are None where there is none."""

    document: str
    line: int
    text: str
    output: str | None
    reason: str | None

    def __str__(self) -> str:
        return f"{self.document}:{self.line}"

    @property
    def targets(self) -> list[str]:
        """The targets of a block that only calls make; empty for any other."""
        lines = [line.split("#")[0].split() for line in self.text.splitlines()]
        if any(words[:1] != ["make"] for words in lines):
            return []
        return [word for words in lines for word in words[1:]]

    @property
    def is_run(self) -> bool:
        """Whether a test runs it."""
        return self.reason is None and not self.targets


def documents() -> list[Path]:
    """The README and everything below docs/."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def blocks() -> list[Block]:
    """Every block of every document, in order."""
    return [block for path in documents() for block in _blocks_of(path)]


def _blocks_of(path: Path) -> Iterator[Block]:
    text = path.read_text("utf-8")
    for match in _BLOCK.finditer(text):
        yield Block(
            document=str(path.relative_to(ROOT)),
            line=text.count("\n", 0, match.start("text")) + 1,
            text=match["text"],
            output=match["output"],
            reason=match["reason"],
        )


def prints(expected: str, printed: str) -> bool:
    """Whether the output is what the document shows."""
    lines = [
        r"(?:.*\n)*" if line == "..." else re.escape(line).replace(r"\.\.\.", ".*") + r"\n"
        for line in expected.splitlines()
    ]
    return re.fullmatch("".join(lines), printed.rstrip("\n") + "\n") is not None
