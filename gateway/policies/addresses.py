"""The addresses of upstreams: where they are written, and which of them can be called."""

from __future__ import annotations

import re
from ipaddress import AddressValueError, IPv4Address, IPv6Address

_ADDRESS = re.compile(
    r"https?://(?:\[(?P<ipv6>[0-9A-Fa-f:.]+)\]|(?P<host>[A-Za-z0-9._-]+))"
    r"(?::(?P<port>[0-9]{1,5}))?"
    r"(?:/(?:[!\"$&-~]|%[0-9A-Fa-f]{2})*)?"
)
_LABEL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?")
_LONGEST_NAME = 253


def variable(endpoint: str) -> str | None:
    """The variable of the environment that holds the address, if one does."""
    return endpoint[2:-1] if endpoint.startswith("${") else None


def is_address(text: str) -> bool:
    """Whether a call can be made there: an absolute URL in ASCII, without user or fragment.

    Its host is a name (RFC 1123, and `_` as some hospitals write it) or an address, its port one
    of 1 to 65535 or left out. What only the resolver would refuse is refused here, for a call
    would fail on it each time.
    """
    url = _ADDRESS.fullmatch(text)
    if url is None or not 1 <= int(url["port"] or 80) <= 65535:
        return False
    return _is_ip(IPv6Address, url["ipv6"]) if url["ipv6"] else _is_host(url["host"])


def _is_host(text: str) -> bool:
    labels = text.split(".")
    if labels[-1].isdigit():
        # Resolvers read it as an IPv4 address; one of fewer parts, or in octal, means another host.
        return _is_ip(IPv4Address, text)
    return len(text) <= _LONGEST_NAME and all(_LABEL.fullmatch(label) for label in labels)


def _is_ip(version: type[IPv4Address | IPv6Address], text: str) -> bool:
    try:
        version(text)
    except AddressValueError:
        return False
    return True
