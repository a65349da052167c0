"""Slips of the pen: the known name that a written one is most like, and the remedy that says so."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable


def near_name(name: str, known: Iterable[str], otherwise: str) -> str:
    """A remedy: the known name that is most like this one."""
    near = nearest_name(name, known)
    return f'did you mean "{near}"?' if near else otherwise


def nearest_name(name: str, known: Iterable[str]) -> str | None:
    """The known name that is most like this one, if any is; capitals do not count."""
    folded = {one.casefold(): one for one in sorted(known, reverse=True)}
    near = difflib.get_close_matches(name.casefold(), sorted(folded), n=1)
    return folded[near[0]] if near else None


def meant_name(name: str, known: Collection[str]) -> str | None:
    """The name, or the known one that it stands for: a slip of the pen is one fault, not two."""
    return name if name in known else nearest_name(name, known)
