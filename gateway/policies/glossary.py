"""What callers are told of a pack: its routes, its fields, the words of its code tables.

A field is known by its path: the id of its route, or the name of the shape that it is written in,
and the names that lead to it. An entry means every field whose path ends so; of several the longest
does, so that a name is told once and what means something else somewhere is told there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.policies.load import Keys, Source

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Glossary:
    """The texts of one glossary file; `fields` by the end of a path, `words` by code table."""

    source: Source
    routes: Mapping[str, str]
    fields: Mapping[Path, str]
    words: Mapping[str, Mapping[str, str]]

    def entry(self, path: Path) -> Path | None:
        """The entry that means the field at `path`, if one does."""
        ends = (path[start:] for start in range(len(path)))
        return next((end for end in ends if end in self.fields), None)

    def field(self, path: Path) -> str | None:
        """What is told of the field at `path`."""
        entry = self.entry(path)
        return None if entry is None else self.fields[entry]


def glossary_of(source: Source) -> Glossary:
    """The glossary of a source that has its language's shape."""
    data = source.data
    return Glossary(
        source,
        data.get("routes", {}),
        {tuple(key.split("/")): said for key, said in data["fields"].items()},
        data.get("words", {}),
    )


def path_of(policy: Source, at: Keys) -> Path:
    """The path of the field that stands at a place of the policy."""
    owner, name, *inside = at
    if owner == "routes":
        # What follows is "request" or "response", which callers know no difference of in a name.
        return (policy.data["routes"][name]["id"], *map(str, inside[1::2]))
    return (str(name), *map(str, inside[::2]))
