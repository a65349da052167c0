"""The client for a person at a terminal."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

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
