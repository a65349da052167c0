"""Print a member of the JSON object on standard input; of a list, of one of its items.

`pick.py id state=unpaid payableOnline=true` takes the first item of which both are so; `id!=17` is
one that is not. Without a condition it takes one of the last open ones, days ahead: nothing of it
ends meanwhile.
"""

from __future__ import annotations

import json
import random
import sys
from typing import Any


def chosen(answer: dict[str, Any], conditions: list[str]) -> dict[str, Any]:
    """The object itself, or an item of the list."""
    if "items" not in answer or "id" in answer:
        return answer
    wanted = conditions or ["state=open"]
    usable = [item for item in answer["items"] if all(is_so(item, one) for one in wanted)]
    if conditions:
        return usable[0] if usable else {}
    # Not always the same one: a hospital limits how often a card may book one period.
    return random.choice(usable[-20:]) if usable else {}  # noqa: S311 - not a secret


def is_so(item: dict[str, Any], condition: str) -> bool:
    """Whether an item says so, as JSON writes it; text goes without quotes."""
    name, value = condition.split("=", 1)
    said = plain(item.get(name.removesuffix("!")))
    return (said != value) if name.endswith("!") else (said == value)


def plain(value: Any) -> str:
    """A value as a shell can use it."""
    return value if isinstance(value, str) else json.dumps(value)


text = sys.stdin.read()
member, *conditions = sys.argv[1:]
found = chosen(json.loads(text or "{}"), conditions).get(member)
if found is None:
    sys.exit(f"there is no {member} to take from: {text}")
print(plain(found))
