"""The methods of HTTP (RFC 9110) that a route may have, and what is expected of each."""

from __future__ import annotations

from typing import Final

METHODS: Final = ("DELETE", "GET", "POST")
"""All of them; any other is answered 405."""
SAFE: Final = ("GET",)
"""Those that callers and proxies repeat freely, so that no write may stand behind them."""
WITH_BODY: Final = ("POST",)
"""Those that take a body; the others take their fields in the query."""
