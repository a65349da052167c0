"""The charsets that a message in a string may be said to be in, and what they cannot carry.

The string travels as part of the envelope, in UTF-8; its charset is what the far end turns it
into, so that a character outside of it would be lost there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from gateway.record import Value
from gateway.soap.errors import RecordFault


@dataclass(frozen=True, slots=True)
class Charset:
    """A charset by its IANA `name`; `declared` names it and its parts, in lower case."""

    name: str
    declared: frozenset[str]

    def carries(self, text: str) -> bool:
        """Whether every character of `text` is in the charset."""
        try:
            text.encode(self.name)
        except UnicodeEncodeError:
            return False
        return True

    def faults(self, value: Value, path: tuple[str, ...] = ()) -> Iterator[RecordFault]:
        """One fault for each text below `value` that the charset cannot carry."""
        if isinstance(value, str):
            if not self.carries(value):
                yield RecordFault(path, f"has a character that {self.name} cannot carry")
        elif isinstance(value, dict):
            for name, member in value.items():
                yield from self.faults(member, (*path, name))
        elif isinstance(value, list):
            for item in value:
                yield from self.faults(item, path)


CHARSETS: Mapping[str, Charset] = MappingProxyType(
    {
        name: Charset(name, frozenset(declared))
        for name, declared in {
            "UTF-8": ("utf-8",),
            "GBK": ("gbk", "gb2312"),
            "GB18030": ("gb18030", "gbk", "gb2312"),
        }.items()
    }
)
"""By name. What is in GB2312 is in GBK, and what is in GBK is in GB18030."""
