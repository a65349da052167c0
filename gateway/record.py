"""The neutral form between the two languages.

A `Record` holds one XML element's children, or the equal of them in another payload style, by
local name. Text stays text: what it means is for `gateway.translation` to say. An absent element
has no key, a nil one is `None`, and an element that may repeat is always a list.
"""

from __future__ import annotations

from typing import TypeAlias, Union

Value: TypeAlias = Union[str, "Record", "list[Value]", None]
Record: TypeAlias = dict[str, Value]
