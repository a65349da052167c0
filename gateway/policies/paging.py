"""Lists that come page by page: `?page=`, and the relative URL of the next one (RFC 3986, 4.2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote, urlencode

PAGE: Final = "page"
"""The query parameter: pages count from 1, which is the one that a caller who says nothing gets."""
PAGE_TOLD: Final = "Which page of the list; 1 by default."
NEXT: Final = "next"
"""The member of a response that has a page after it."""
FIRST: Final = 1
NEXT_SCHEMA: Final[Mapping[str, Any]] = {
    "type": "string",
    "format": "uri-reference",
    "minLength": 1,
    "description": "Where the next page is, relative to this server; absent on the last one.",
}


def page_of(values: Mapping[str, object]) -> int:
    """The page that a request asks for."""
    page = values.get(PAGE, FIRST)
    return page if isinstance(page, int) else FIRST


def url_of(template: str, names: tuple[str, ...], values: Mapping[str, object], page: int) -> str:
    """The URL of another page of what a request asks for; `names` of its values are the path's."""
    path = template
    for name in names:
        path = path.replace(f"{{{name}}}", quote(str(values[name]), safe=""))
    query = {name: _written(value) for name, value in values.items() if name not in names}
    return f"{path}?{urlencode({**query, PAGE: str(page)}, quote_via=quote)}"


def _written(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
