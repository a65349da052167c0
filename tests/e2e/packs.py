"""Packs of a test's own: a stack that serves a copy of the hospital's, to be changed at will."""

from __future__ import annotations

import shutil
from pathlib import Path

from sandbox.stack import CHECKOUT
from sandbox.stack.stack import SETTINGS


def settings_of_a_copy(folder: Path) -> Path:
    """The sandbox's settings, written to `folder`, with a copy of the packs beside them."""
    packs = folder / "contracts"
    shutil.copytree(CHECKOUT / "contracts", packs)
    return replaced(SETTINGS, "packs: contracts", f"packs: {packs}", folder / "settings.yaml")


def replaced(source: Path, old: str, new: str, target: Path | None = None) -> Path:
    """A file with another text in the place of one that stands there once.

    Written where it was read, unless a target is named; returns where.
    """
    text = source.read_text("utf-8")
    assert text.count(old) == 1, (source, old)
    target = target or source
    target.write_text(text.replace(old, new), "utf-8")
    return target
