"""Code tables in files of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.examples import EXAMPLE_ENVIRONMENT
from gateway.packs import check_packs
from gateway.policies.compile import compile_snapshot
from gateway.policies.tables import read_table
from tests.policies.small import small, write

GOOD = 'word,code\r\nchief,1\r\n\r\nassociate-chief,"2,5"\r\nresident,"say ""4"""\r\n'


def read(folder: Path, content: str | bytes) -> tuple[dict[str, str], list[str]]:
    """The table, and its findings as they are printed."""
    file = folder / "titles.csv"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    table, findings = read_table(file, "titles.csv")
    return dict(table), [str(one) for one in findings]


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_table_is_read_as_it_is_saved(mark: str, tmp_path: Path) -> None:
    """With quotes, blank lines and, from a spreadsheet, a byte order mark."""
    assert read(tmp_path, mark + GOOD) == (
        {"chief": "1", "associate-chief": "2,5", "resident": 'say "4"'},
        [],
    )


def test_each_fault_is_found_in_its_line(tmp_path: Path) -> None:
    """And the other lines are read; a row may be of several lines."""
    table, found = read(
        tmp_path,
        "word,code\nchief,1\nChief,2\nchief,3\nsenior,1\njunior,\nnew, 4\nodd,5,x\n"
        'two,"6\n7"\nlast\n',
    )
    assert table == {"chief": "1", "two": "6\n7"}
    assert found == [
        (
            'titles.csv:3:1: "Chief" is not a name that can stand here; '
            "write it like male or identity-card [wrong-value]"
        ),
        'titles.csv:4:1: the word "chief" stands twice; keep one of them [duplicate-key]',
        (
            'titles.csv:5:1: "chief" and "senior" have the code "1"; '
            "a code has one word: keep one [code-clash]"
        ),
        (
            'titles.csv:6:1: the code of "junior" is empty, or has space around it; '
            "write the hospital's code as it is [wrong-value]"
        ),
        (
            'titles.csv:7:1: the code of "new" is empty, or has space around it; '
            "write the hospital's code as it is [wrong-value]"
        ),
        "titles.csv:8:1: has 3 columns; write a word and a code [wrong-value]",
        "titles.csv:11:1: has 1 columns; write a word and a code [wrong-value]",
    ]


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ("word;code\nchief;1\n", "the first line is not word,code; name the two columns"),
        ("word,code\n", "holds no word; add one a line"),
        ('word,code\nchief,"1\n', "no CSV: unexpected end of data; mend the quotes"),
        ("word,code\n主任,1\n".encode("gbk"), "the file is not UTF-8; save it as UTF-8"),
    ],
)
def test_what_is_no_table_is_found(content: str | bytes, found: str, tmp_path: Path) -> None:
    """Once, and nothing of it is taken."""
    assert read(tmp_path, content) == ({}, [f"titles.csv:1:1: {found} [code-file]"])


ROUTE = "response: {title: {hospital: Title, code: title}}"
PARTS = {"answer": "Code Text? Title", "pack": "codes: {title: {file: titles.csv}}"}


def test_a_policy_uses_a_table_like_its_own(tmp_path: Path) -> None:
    """And what it says is part of what a replica serves."""
    (tmp_path / "small").mkdir()
    (tmp_path / "small/titles.csv").write_text("word,code\nchief,01\n", "utf-8")
    service = small(tmp_path, route=ROUTE, **PARTS)
    assert service.tells("<Title>01</Title>") == {"title": "chief"}
    assert service.tells("<Title>1</Title>")["problem"] == "upstream-reply-invalid"


def test_another_table_is_another_snapshot(tmp_path: Path) -> None:
    """Replicas that serve different words show by their digest."""
    digests = set()
    for code in ("1", "2"):
        home = write(tmp_path / code, route=ROUTE, **PARTS)
        (home / "titles.csv").write_text(f"word,code\nchief,{code}\n", "utf-8")
        checked = check_packs((home,))
        assert checked.findings == ()
        digests.add(compile_snapshot(checked.packs, EXAMPLE_ENVIRONMENT).digest)
    assert len(digests) == 2
