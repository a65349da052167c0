"""The client for a person at a terminal."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import pytest

from gateway.commands import call


def called(monkeypatch: pytest.MonkeyPatch, status: int, body: bytes, *more: str) -> int:
    """What `call` ends with when the edge answers so."""

    def send(*_: object) -> tuple[int, Sequence[tuple[str, str]], bytes]:
        return status, [], body

    monkeypatch.setattr(call, "_context", lambda *_: None)
    monkeypatch.setattr(call, "_send", send)
    parser = argparse.ArgumentParser()
    call.add_arguments(parser)
    return call.run(parser.parse_args(["GET", "/v1/letters/L1", *more]))


def test_a_document_is_written_as_it_is(
    monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    """So that it can go to a file."""
    document = b"%PDF-1.7\r\n\xff\xfe\0\x80"
    assert called(monkeypatch, 200, document) == 0
    assert capfdbinary.readouterr().out == document


@pytest.mark.parametrize(
    ("name", "why"), [("none.json", "No such file or directory"), (".", "Is a directory")]
)
def test_a_body_that_cannot_be_read_is_told(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    name: str,
    why: str,
) -> None:
    """Which file, and why; nothing is sent."""
    given = f"@{tmp_path / name}"
    assert called(monkeypatch, 200, b"{}", "--data", given) == 2
    assert capsys.readouterr() == ("", f"--data {given} cannot be read: {why}\n")
