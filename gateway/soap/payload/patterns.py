"""Patterns of JSON Schema (ECMA-262) as those of XML Schema, which are of the whole text.

JSON Schema finds a pattern anywhere in a text. Only those that say where the text begins and ends
are taken: looking for the others takes time by the square of the text's length, and mostly the
anchors were forgotten.
"""

from __future__ import annotations

_CLASSES = {"d": "0-9", "w": "A-Za-z0-9_"}
_CONTROLS = "nrt"
_ALIKE = set("\\.-()[]{}|*+?^sS") | set(_CONTROLS)


def xml_pattern(pattern: str) -> str:
    """The pattern in XML Schema's dialect.

    `ValueError` says what of it that dialect does not have: look-around, groups that are named or
    do not count, back-references, word boundaries, lazy repeats; or that it is not anchored.
    """
    if not (pattern.startswith("^") and _ends(pattern)):
        raise ValueError("no ^ at its beginning or no $ at its end")
    found = _Translator(pattern[1:-1]).translate()
    if found.branches:
        raise ValueError("a choice beside ^ or $; put it in brackets")
    return found.text


def _ends(pattern: str) -> bool:
    """Whether the last character is an anchor, and not a dollar sign."""
    before = pattern.removesuffix("$")
    escapes = len(before) - len(before.rstrip("\\"))
    return before != pattern and escapes % 2 == 0


class _Translator:
    """Goes through a pattern once, character by character."""

    def __init__(self, pattern: str) -> None:
        self._rest = iter(pattern)
        self._last = ""
        self._depth = 0
        self.branches = False
        self.text = ""

    def translate(self) -> _Translator:
        for char in self._rest:
            self.text += self._one(char)
            self._last = char
        return self

    def _one(self, char: str) -> str:
        if char == "\\":
            return self._escape(in_class=False)
        if char == "[":
            return self._class()
        if char in "^$":
            raise ValueError(f"{char} inside")
        if char == "?" and self._last in ("(", "*", "+", "?", "}"):
            raise ValueError(f"{self._last}?")
        self._depth += {"(": 1, ")": -1}.get(char, 0)
        self.branches |= char == "|" and self._depth == 0
        return char

    def _class(self) -> str:
        found = "["
        for char in self._rest:
            if char == "]":
                return found + char
            if char == "\\":
                found += self._escape(in_class=True)
            elif char == "[":
                found += r"\["
            else:
                found += char
        raise ValueError("a class without its end")

    def _escape(self, *, in_class: bool) -> str:
        char = next(self._rest, "")
        # What stands before a "?" is a whole escape, whatever its letter.
        self._last = ""
        if char in _CLASSES:
            return _CLASSES[char] if in_class else f"[{_CLASSES[char]}]"
        if char in ("/", "$", '"', "'", "@", "#", ":", ",", "=", "_", "&", "%", "~", " "):
            return char
        if char in _ALIKE and char:
            return f"\\{char}"
        raise ValueError(f"\\{char}")
