"""YAML as hospital IT writes it: text stays text, and every part knows its place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.policies.findings import Mark
from gateway.policies.load import DEEPEST, parse, read


def data_of(text: str) -> Any:
    """The data of a file without findings."""
    source, findings = parse(text, "policy.yaml")
    assert findings == ()
    return source.data


def findings_of(text: str) -> list[str]:
    """The findings of a file, as printed."""
    return [str(finding) for finding in parse(text, "policy.yaml")[1]]


@pytest.mark.parametrize(
    "text",
    ["no", "yes", "on", "off", "y", "NO", "True", "FALSE", "1e3", "01", "007", "0x1F", "0o17",
     "1_000", "1.0", "0.5", ".5", "+1", "-0", "12:30", "2026-03-02", "Null", "NaN", ".inf", "=",
     "9" * 19],
)  # fmt: skip
def test_what_yaml_would_change_stays_text(text: str) -> None:
    """A code that is written 01, no or 1e3 is that code."""
    assert data_of(f"value: {text}\n") == {"value": text}


@pytest.mark.parametrize(
    ("text", "value"),
    [("true", True), ("false", False), ("30", 30), ("-99", -99), ("0", 0), ("", None),
     ("null", None), ("~", None), ('"30"', "30"), ("'true'", "true"), ('""', "")],
)  # fmt: skip
def test_only_these_are_anything_but_text(text: str, value: object) -> None:
    """Plain true, false, whole numbers and nothing at all; quotes make each of them text."""
    assert data_of(f"value: {text}\n") == {"value": value}


def test_keys_are_text() -> None:
    """A result code as key needs no quotes."""
    assert data_of("1: a\n01: b\ntrue: c\n-99: d\n") == {
        "1": "a",
        "01": "b",
        "true": "c",
        "-99": "d",
    }


def test_every_part_knows_its_place() -> None:
    """Keys and values have their own marks; lines and columns count from 1."""
    source, _ = parse("a:\n  b: [x, y]\n  二: z\n", "policy.yaml")
    assert source.mark(("a", "b"), of_key=True) == Mark("policy.yaml", 2, 3)
    assert source.mark(("a", "b")) == Mark("policy.yaml", 2, 6)
    assert source.mark(("a", "b", 1)) == Mark("policy.yaml", 2, 10)
    assert source.mark(("a", "二")) == Mark("policy.yaml", 3, 6)


def test_what_is_missing_is_marked_at_what_is_around_it() -> None:
    """A fault of something that is not there is shown where it should be."""
    source, _ = parse("a:\n  b: c\n", "policy.yaml")
    assert source.mark(("a", "missing", 3)) == Mark("policy.yaml", 2, 3)
    assert source.mark(("missing",), of_key=True) == Mark("policy.yaml", 1, 1)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", "1:1: the file is empty; fill it, or remove it [yaml]"),
        ("# nothing\n", "1:1: the file is empty; fill it, or remove it [yaml]"),
        ("a: 1\na: 2\n", '2:1: the key "a" stands twice; keep one of them [duplicate-key]'),
        ('a: 1\n"a": 2\n', '2:1: the key "a" stands twice; keep one of them [duplicate-key]'),
        ("a: &x 1\n", "1:4: anchors and aliases are not read; write it out [yaml]"),
        ("a: !!int '1'\n", "1:4: the tag tag:yaml.org,2002:int is not read; remove it [yaml]"),
        ("a: !env X\n", "1:4: the tag !env is not read; remove it [yaml]"),
        ("a: 1\n---\nb: 2\n", "2:1: a second document begins here; keep one of them [yaml]"),
        ("[a]: 1\n", "1:1: a key is a map or a list; use text as key [yaml]"),
        ("a:\n\tb: 1\n", ("2:1: not YAML: found character '\\t' that cannot start any token; "
         "mend the syntax [yaml]")),
        ("a: b\nc: d: e\n", ("2:5: not YAML: mapping values are not allowed here; mend the syntax "
         "[yaml]")),
        ("a: b\x07\n", ("1:5: not YAML: a character that it does not allow; remove the character "
         "[yaml]")),
        ('a: "\\ud800"\n', ("1:4: half of a character (a lone surrogate); write the character "
         "itself [yaml]")),
        (
            "[" * (DEEPEST + 1),
            f"1:{DEEPEST + 1}: nested deeper than {DEEPEST} levels; no policy is that deep [yaml]",
        ),
    ],
)  # fmt: skip
def test_what_is_not_read_is_found(text: str, found: str) -> None:
    """Each surprise of YAML is one finding, with its place and its remedy."""
    assert findings_of(text) == [f"policy.yaml:{found}"]


def test_a_finding_does_not_hide_the_rest() -> None:
    """What can be read is read, and several findings are all told."""
    source, findings = parse("a: &x 1\nb: 2\nb: 3\nc: !t 4\n", "policy.yaml")
    assert source.data == {"a": 1, "b": 2, "c": 4}
    assert [finding.mark.line for finding in findings] == [1, 3, 4]


def test_aliases_do_not_grow() -> None:
    """Nine lines of aliases of aliases are findings, and not a thousand million nodes."""
    lines = ["a0: &a0 [x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    assert len(findings_of("\n".join(lines))) == 9 + 80


def test_a_file_that_cannot_be_read_is_a_finding(tmp_path: Path) -> None:
    """Neither a missing file nor one in another charset is a crash."""
    (tmp_path / "gbk.yaml").write_bytes("service: 挂号".encode("gbk"))
    _, missing = read(tmp_path / "missing.yaml", "missing.yaml")
    _, gbk = read(tmp_path / "gbk.yaml", "gbk.yaml")
    assert [str(finding) for finding in (*missing, *gbk)] == [
        "missing.yaml:1:1: cannot be read (No such file or directory); check the file [yaml]",
        "gbk.yaml:1:1: the file is not UTF-8; save it as UTF-8 [yaml]",
    ]


def test_a_byte_order_mark_is_no_part_of_the_file(tmp_path: Path) -> None:
    """Windows editors write one."""
    (tmp_path / "policy.yaml").write_bytes(b"\xef\xbb\xbfservice: x\n")
    source, findings = read(tmp_path / "policy.yaml", "policy.yaml")
    assert findings == ()
    assert source.data == {"service": "x"}


@settings(deadline=None)
@given(st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "Zs")), max_size=20))
def test_quoted_text_is_kept_as_it_is(text: str) -> None:
    """Double quotes, with a backslash before quotes and backslashes, keep any text."""
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    assert data_of(f'value: "{quoted}"\n') == {"value": text}
