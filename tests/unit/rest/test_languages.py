"""The language of problem texts."""

from __future__ import annotations

import pytest

from gateway.rest.languages import preferred_language


@pytest.mark.parametrize(
    ("accept", "language"),
    [
        (None, "en"),
        ("", "en"),
        ("zh", "zh"),
        ("ZH-Hans-CN", "zh"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-GB,en;q=0.9,zh;q=0.8", "en"),
        ("en;q=0.5, zh; q=0.9", "zh"),
        ("de, fr", "en"),
        ("zh;q=0", "en"),
        ("zh;q=nan", "en"),
        ("zh;q=7", "en"),
        ("zh;level=1", "en"),
        ("*", "en"),
        (",,;;==", "en"),
    ],
)
def test_language(accept: str | None, language: str) -> None:
    """Chinese when it is preferred to English, English otherwise."""
    assert preferred_language(accept) == language
